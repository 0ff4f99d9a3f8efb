"""Today: what needs a person now, then the money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.agent import Proposal, PurchaseOrder
from database.orders import Order
from reseller import money
from reseller.overview.crawls import CrawlRow, latest_crawls, troubled
from reseller.overview.paging import Page
from reseller.overview.proposals import ProposalRow, proposals
from reseller.overview.purchases import WITH_A_PERSON, PurchaseRow, purchases
from reseller.overview.stock import held

FAILURES_SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MoneyNow:
    """DZD: what is reserved under the budgets, and what lies in stock at cost."""

    reserved_today: Decimal
    budget_per_day: Decimal
    tied_up: Decimal
    budget_total: Decimal
    stock_at_cost: Decimal
    units: int


@dataclass(frozen=True, slots=True)
class Today:
    """What waits for a person, and the money.

    Attributes:
        proposals: the open proposals, best first; a page of them with the total.
        handed_over: purchases that a person carries out, last changed first.
        failed_purchases: orders that failed in the last 7 days.
        failed_crawls: spiders whose last crawl failed or was lost.
    """

    proposals: Page[ProposalRow]
    handed_over: Page[PurchaseRow]
    failed_purchases: Sequence[PurchaseRow]
    failed_crawls: Sequence[CrawlRow]
    last_crawl_at: datetime | None
    marts_built: bool
    money: MoneyNow

    @property
    def calm(self) -> bool:
        """Whether nothing waits for a person."""
        waiting = self.proposals.total + self.handed_over.total
        return not (waiting or self.failed_purchases or self.failed_crawls)


def today(work: Session, now: datetime, size: int = 5) -> Today:
    """What a person sees first, at `now`."""
    latest = latest_crawls(work)
    budget = money.budget(work, now)
    units, at_cost = held(work)
    since = now - FAILURES_SHOWN_FOR
    failed = [row for row in purchases(work, "failed", size=size).rows if row.changed_at >= since]
    return Today(
        proposals=proposals(work, "proposed", size=size),
        handed_over=purchases(work, "waiting", size=size),
        failed_purchases=failed,
        failed_crawls=troubled(latest, now),
        last_crawl_at=max((row.started_at for row in latest), default=None),
        marts_built=marts.built(work),
        money=MoneyNow(
            reserved_today=budget.reserved_today,
            budget_per_day=budget.per_day,
            tied_up=budget.tied_up,
            budget_total=budget.total,
            stock_at_cost=at_cost,
            units=units,
        ),
    )


def waiting(work: Session) -> dict[str, int]:
    """How many proposals, handed-over purchases and shoppers' orders wait: the counts beside the console's links."""
    open_proposals = sa.select(sa.func.count()).where(Proposal.state == "proposed")
    handed_over = sa.select(sa.func.count(PurchaseOrder.id)).where(WITH_A_PERSON)
    to_do = sa.select(sa.func.count(Order.id)).where(Order.state.in_(("placed", "confirmed")))
    return {
        "proposals": work.scalar(open_proposals) or 0,
        "purchases": work.scalar(handed_over) or 0,
        "orders": work.scalar(to_do) or 0,
    }
