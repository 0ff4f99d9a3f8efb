"""Fifty agents, each on a connection of its own, against one budget, while a person throws the stop switch."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import create_engine
from database.agent import BudgetEntry
from reseller import control, money, proposals
from reseller.refusals import Refused
from tests.factories import NOON
from tests.reseller.test_money import allow, proposal, put_in

AGENTS = 50
EACH = 2
"""Proposals that each agent tries; all agents together want far more than the budget."""
BUDGET = Decimal(30_000)


@pytest.fixture
def own(database_url: str) -> Iterator[sa.Engine]:
    engine = create_engine(database_url, pool_size=AGENTS + 2, max_overflow=0)
    yield engine
    engine.dispose()


class Market:
    """The agents at work; `most` is the greatest sum that anybody saw reserved meanwhile."""

    def __init__(self, engine: sa.Engine, waiting: list[int], who: str) -> None:
        self.engine, self.waiting, self.who = engine, waiting, who
        self.gate, self.done = threading.Barrier(AGENTS), threading.Event()
        self.few_bought = threading.Semaphore(0)
        self.most = Decimal(0)

    def run(self, stop_after: int | None = None) -> Counter[str]:
        with ThreadPoolExecutor(AGENTS + 2) as pool:
            watching = pool.submit(self._watch)
            stopping = pool.submit(self._stop, stop_after) if stop_after else None
            agents = [pool.submit(self._agent, number) for number in range(AGENTS)]
            outcomes = sum((agent.result(120) for agent in agents), Counter[str]())
            self.done.set()
            watching.result(60)
            self.at_stop = stopping.result(60) if stopping else None
        return outcomes

    def _agent(self, number: int) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        self.gate.wait(60)
        for one in self.waiting[number * EACH : (number + 1) * EACH]:
            with Session(self.engine) as mine:
                try:
                    proposals.approve(mine, one, who=self.who, reason="", now=NOON)
                    mine.commit()
                    outcomes["approved"] += 1
                    self.few_bought.release()
                except Refused as refused:
                    outcomes[refused.code] += 1
        return outcomes

    def _watch(self) -> None:
        while not self.done.wait(0.01):
            with Session(self.engine) as mine:
                self.most = max(self.most, money.tied_up(mine))

    def _stop(self, after: int) -> int:
        for _ in range(after):
            self.few_bought.acquire(timeout=60)
        with Session(self.engine) as mine:
            control.stop(mine, "owner", "enough")
            bought = mine.scalar(sa.select(sa.func.count()).select_from(BudgetEntry))
            mine.commit()
        return bought or 0


def waiting(work: Session) -> list[int]:
    ids = [proposal(work).id for _ in range(AGENTS * EACH)]
    work.commit()
    return ids


@pytest.mark.parametrize("limit", ["budget_per_day", "budget_total", "no_cash"])
def test_together_they_spend_the_budget_to_the_last_dinar_and_never_more(
    work: Session, own: sa.Engine, limit: str
) -> None:
    if limit == "no_cash":
        allow(work)
        put_in(work, str(BUDGET))
    else:
        allow(work, **{limit: BUDGET})
    market = Market(own, waiting(work), control.AGENT)
    code = {"budget_per_day": "budget_day", "budget_total": "budget_total"}.get(limit, "no_cash")
    assert market.run() == Counter({"approved": 30, code: 70})
    assert money.tied_up(work) == BUDGET
    assert 0 < market.most <= BUDGET


@pytest.mark.parametrize(("mode", "who"), [("auto", "agent"), ("approve", "owner")])
def test_a_stop_thrown_in_the_middle_lets_nothing_through_after_it(
    work: Session, own: sa.Engine, mode: str, who: str
) -> None:
    allow(work, mode=mode, budget_total=BUDGET)
    market = Market(own, waiting(work), who)
    outcomes = market.run(stop_after=5)
    assert outcomes["approved"] == market.at_stop == work.scalar(sa.select(sa.func.count()).select_from(BudgetEntry))
    assert 5 <= outcomes["approved"] <= 30
    assert outcomes["stopped"] > 0
    assert market.most <= money.tied_up(work) == outcomes["approved"] * 1000


@pytest.mark.parametrize(
    ("mode", "who", "code"),
    [("dry-run", "owner", "dry_run"), ("approve", "agent", "approval_needed")],
)
def test_where_the_mode_forbids_it_none_of_them_reserves_anything(
    work: Session, own: sa.Engine, mode: str, who: str, code: str
) -> None:
    allow(work, mode=mode, budget_total=BUDGET)
    market = Market(own, waiting(work), who)
    assert market.run() == Counter({code: AGENTS * EACH})
    assert (market.most, money.tied_up(work)) == (0, 0)
