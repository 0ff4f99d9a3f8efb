"""Ways of choosing what to buy. All have the same money, rules, supplier, shop and customers."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session
from typing_extensions import override

import database
from database.agent import Proposal
from database.shop import Listing, PriceChange
from reseller import (
    control,
    cycle,
    lots,
    money,
    price_rules,
    pricing,
    proposals,
    purchasing,
    repricing,
    returns,
    suppliers,
)
from reseller.refusals import Refused

UNITS = 3
"""Units that a simple policy buys of a product: fewer cannot pay for the trouble, more are a bet on one thing."""


@dataclass(frozen=True, slots=True)
class Evening:
    """An evening of a season. `day`: of the world; `buying`: whether it is time to buy."""

    day: int
    now: datetime
    buying: bool


class Policy(Protocol):
    """What happens in our shop on an evening, once the pages of the day are read."""

    needs_marts: bool

    def evening(self, evening: Evening) -> None:
        """Prices and, where it is time, buys. Commits for itself."""


class Agent(Policy):
    """The product: marts, sourcing, plan, prices."""

    needs_marts = True

    @override
    def evening(self, evening: Evening) -> None:
        """One cycle, as the scheduler runs it."""
        cycle.run(evening.now)


class Hold(Policy):
    """Buys nothing."""

    needs_marts = False

    @override
    def evening(self, evening: Evening) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An offer as tonight's page shows it, DZD."""

    listing_id: int
    marketplace: str
    country: str
    sku: str
    price: Decimal
    old_price: Decimal | None
    ratings: int
    stock_left: int | None

    @property
    def discount(self) -> Decimal:
        """What the page says that is taken off, as a fraction of the old price."""
        return 1 - self.price / self.old_price if self.old_price and self.old_price > self.price else Decimal(0)


TONIGHT = sa.text("""
select distinct on (l.id)
    l.id as listing_id, l.marketplace, l.country, l.external_id as sku, o.price, o.old_price,
    coalesce(o.rating_count, 0) as ratings, o.stock_left
from market.listing as l
inner join market.observation as o on o.listing_id = l.id
where l.marketplace = 'jumia' and l.last_seen_at >= :since and o.price_kind in ('fixed', 'negotiable')
    and not coalesce(l.shipped_from_abroad, false)
order by l.id, o.id desc
""")


def tonight(work: Session, since: datetime) -> list[Shown]:
    """What the pages show since a time."""
    return [Shown(**row) for row in work.execute(TONIGHT, {"since": since}).mappings()]


@dataclass(frozen=True, slots=True)
class Simple(Policy):
    """Buys a few of each of what stands first by one measure, as far as the money lasts, at the price that leaves the
    target margin; marks old stock down as the agent does."""

    order: Callable[[list[Shown], int], Iterable[Shown]]
    needs_marts = False

    @override
    def evening(self, evening: Evening) -> None:
        """Receives, reprices by age, and buys down the list."""
        purchasing.poll(evening.now)
        mark_down(evening.now)
        if evening.buying:
            with database.session() as work:
                offers = tonight(work, evening.now.replace(hour=0, minute=0))
            for one in self.order(offers, evening.day):
                quote = pricing.quote(one.price, from_abroad=False, within_reach=True)
                if not buy(one, quote, UNITS, evening.now):
                    break


def buy(one: Shown, quote: pricing.Quote, units: int, now: datetime) -> bool:
    """Buys so many units, or as many as caps and shelf allow, through the agent's own rules; False: the money is spent.

    What is refused for another reason is passed over.
    """
    with database.session() as work:
        row = control.get(work, lock=True)
        budget = money.budget(work, now)
        units = min(units, int(row.cap_per_product // quote.landed.total), one.stock_left or units)
        if budget.remaining < quote.landed.total:
            return budget.remaining > 2_000
        units = min(units, int(budget.remaining // quote.landed.total))
        if units < 1 or quote.margin < row.margin_floor or _has(work, one.listing_id):
            return True
        proposal = Proposal(
            listing_id=one.listing_id,
            state="proposed",
            mode=row.mode,
            quantity=units,
            offer_price=one.price,
            offer_currency="DZD",
            unit_price=quote.landed.price,
            landed_cost=quote.landed.total,
            sale_price=quote.sale_price,
            expected_profit=quote.profit,
            margin=quote.margin,
            score=Decimal(50),
            confidence=Decimal(0),
            arithmetic={"steps": [{"key": key, "amount": str(amount)} for key, amount in quote.steps]},
            reasons=dict.fromkeys(("fr", "ar", "en"), "-"),
            supplier=suppliers.for_listing(one.marketplace, one.country),
            created_at=now,
        )
        work.add(proposal)
        work.flush()
        try:
            order = proposals.approve(work, proposal.id, who=control.AGENT, reason="policy", now=now)
        except Refused as refusal:
            work.rollback()
            return refusal.code not in ("no_cash", "budget_day", "budget_total")
        work.commit()
        number = order.id
    purchasing.place(number, now)
    return True


def mark_down(now: datetime) -> None:
    """Prices of a keeper who looks at nobody: the target margin, and less for old stock as the agent has it.

    A person may not go below what the dearest unit on the shelf allows, be it old or new: there the price stays.
    """
    query = sa.select(Listing.id, Listing.product_id, Listing.price).where(Listing.state == "published")
    with database.session() as work:
        economics = returns.economics(work)
        for row in work.execute(query).all():
            stock = lots.on_hand(work, row.product_id)
            last = sa.select(sa.func.max(PriceChange.at)).where(PriceChange.listing_id == row.id)
            decision = price_rules.decide(
                price_rules.Situation(
                    now=now,
                    price=row.price,
                    batches=[
                        price_rules.Batch(lot.quantity, lot.unit_cost, (now - lot.received_at).days) for lot in stock
                    ],
                    margin_floor=control.get(work).margin_floor,
                    changed_at=work.scalar(last),
                    economics=economics,
                )
            )
            if decision.key == "markdown" and decision.price != row.price:
                with contextlib.suppress(Refused):
                    repricing.set_price(work, row.id, decision.price, who="keeper", reason="old stock", now=now)
        work.commit()


def _has(work: Session, listing_id: int) -> bool:
    """Whether some of it lies here or comes."""
    query = sa.text("""
        select exists (
            select 1 from agent.purchase_order where listing_id = :id and state in ('approved', 'ordering', 'ordered')
        ) or exists (
            select 1 from shop.product as p inner join shop.stock_on_hand as s on s.product_id = p.id
            where p.listing_id = :id and s.quantity > 0
        )
    """)
    return bool(work.scalar(query, {"id": listing_id}))


def by_discount(offers: list[Shown], _: int) -> list[Shown]:
    """The deepest announced reduction first."""
    return sorted((one for one in offers if one.discount > 0), key=lambda one: (-one.discount, one.sku))


def by_ratings(offers: list[Shown], _: int) -> list[Shown]:
    """What most have rated first."""
    return sorted(offers, key=lambda one: (-one.ratings, one.sku))


def at_random(offers: list[Shown], day: int) -> list[Shown]:
    """In any order."""
    shuffled = sorted(offers, key=lambda one: one.sku)
    random.Random(f"random/{day}/{len(offers)}").shuffle(shuffled)
    return shuffled


SIMPLE: dict[str, Callable[[], Policy]] = {
    "discount": lambda: Simple(by_discount),
    "popular": lambda: Simple(by_ratings),
    "random": lambda: Simple(at_random),
    "hold": Hold,
}
