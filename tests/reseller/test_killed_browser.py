"""A process that buys in the browser is killed with SIGKILL at twelve points; started again, it has bought once."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from config import ROOT
from database.agent import BudgetEntry, PurchaseOrder
from reseller import cycle, money, purchasing
from tests.factories import NOON
from tests.reseller.buying import (
    CHROMIUM,
    Approved,
    bought,
    last,
    path_of,
)
from tests.reseller.market_process import MarketProcess
from tests.reseller.test_killed import backends, blocked, kill, until

pytest_plugins = ["tests.reseller.buying_fixtures"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium"),
    pytest.mark.xdist_group("jumia_browser"),
]
LATER = NOON + timedelta(minutes=5)
LOCK = "lock table agent.purchase_order in share row exclusive mode"
HELD_SECONDS = 8


def start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "reseller", "purchases", "--follow", "--now", NOON.isoformat()]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill_at(market: MarketProcess, work: Session, **request: Any) -> None:
    """Lets the process come to where the shop has had this request and not answered, and kills it there."""
    work.rollback()
    market.fault(**{"delay_after_seconds": HELD_SECONDS, **request})
    process = start()
    market.wait_for_faults(lambda: process.poll() is not None)
    assert process.poll() is None, "it came to an end before it was killed"
    kill(process)
    until(lambda: not turns_taken())


def turns_taken() -> int:
    """How many processes still hold their turn to place an order."""
    with database.engine().connect() as connection:
        held = sa.text(
            "select count(*) from pg_locks where locktype = 'advisory'"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        return int(connection.scalar(held) or 0)


def kill_while_it_writes(work: Session, database_url: str) -> None:
    """Kills the process in the transaction in which it next changes the order."""
    work.rollback()
    with blocked(database_url, LOCK):
        process = start()
        until(lambda: backends("wait_event_type = 'Lock'"), 120)
        kill(process)


def states(work: Session) -> tuple[str, bool]:
    work.rollback()
    state, sent_at = work.execute(sa.select(PurchaseOrder.state, PurchaseOrder.sent_at)).one()
    return state, sent_at is not None


def test_killed_at_each_step_before_the_last_click_nothing_is_bought_and_then_once(
    market: MarketProcess, work: Session, approved: Approved, database_url: str
) -> None:
    order = approved()
    kill_while_it_writes(work, database_url)
    assert states(work) == ("approved", False)
    kill_at(market, work, path=path_of(work, order))
    assert states(work) == ("approved", False)
    for request in (
        {"path": "/customer/account/login/", "method": "GET"},
        {"path": "/customer/account/login/", "method": "POST"},
        {"path": "/cart/products/"},
        {"path": "/checkout/address/", "method": "GET"},
        {"path": "/checkout/summary/"},
    ):
        kill_at(market, work, **request)
        assert states(work) == ("ordering", False), request
    kill_while_it_writes(work, database_url)
    assert states(work) == ("ordering", False)
    assert bought(market, work, order) == []
    assert_bought_once(market, work, order)


@pytest.mark.parametrize(
    "request_held",
    [{"path": "/checkout/place-order/"}, {"path": "/checkout/success/"}, {"path": "/customer/order/3"}],
    ids=["the order is taken, its answer is not here", "before the order number is read", "before it is read back"],
)
def test_killed_after_the_last_click_it_finds_its_order_in_the_history(
    market: MarketProcess, work: Session, approved: Approved, request_held: dict[str, str]
) -> None:
    order = approved()
    kill_at(market, work, **request_held)
    assert states(work) == ("ordering", True)
    until(lambda: bought(market, work, order) == [order.quantity])
    assert_bought_once(market, work, order)


def test_killed_between_the_answer_and_its_commit(
    market: MarketProcess, work: Session, approved: Approved, database_url: str
) -> None:
    order = approved()
    market.fault(path="/customer/order/3", delay_after_seconds=2)
    work.rollback()
    process = start()
    market.wait_for_faults(lambda: process.poll() is not None)
    with blocked(database_url, LOCK):
        until(lambda: backends("wait_event_type = 'Lock'"), 120)
        kill(process)
    assert states(work) == ("ordering", True)
    assert_bought_once(market, work, order)


def test_killed_with_the_click_under_way_it_is_left_to_a_person_though_the_order_comes_late(
    market: MarketProcess, work: Session, approved: Approved
) -> None:
    order = approved()
    kill_at(market, work, path="/checkout/place-order/", delay_seconds=HELD_SECONDS, delay_after_seconds=0)
    assert bought(market, work, order) == []
    assert cycle.follow(LATER) == []
    assert "It is not sent again" in last(work).why
    until(lambda: bought(market, work, order) == [order.quantity])
    assert cycle.follow(LATER) == []
    with market.customer() as person:
        number = person.get("/customer/order/index/").text.split('data-number="')[1].split('"')[0]
    purchasing.mark_ordered(work, order.id, number, who="karima", now=LATER)
    work.commit()
    assert_bought_once(market, work, order)


def assert_bought_once(market: MarketProcess, work: Session, order: PurchaseOrder) -> None:
    """The shop has one order of it, the book has one, ordered, paid once."""
    for _ in range(2):
        cycle.follow(LATER)
    work.rollback()
    found = work.scalars(sa.select(PurchaseOrder).execution_options(populate_existing=True)).one()
    assert (found.state, bought(market, work, order)) == ("ordered", [order.quantity]), last(work).why
    assert found.supplier_reference
    assert work.scalars(sa.select(BudgetEntry.amount)).all() == [order.total] == [money.tied_up(work)]
