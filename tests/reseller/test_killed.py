"""The agent is killed with SIGKILL at many points and started again: it neither buys twice nor forgets."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from config import ROOT
from database import agent, shop
from reseller import cycle
from tests.factories import NOON
from tests.reseller.conftest import Offer
from tests.reseller.supplier_server import SupplierServer

pytestmark = pytest.mark.usefixtures("buying")
TOMORROW = NOON + timedelta(days=1)


def start(now: datetime) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "reseller", "run", "--now", now.isoformat()]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert process.stderr
    process.stderr.close()


@contextlib.contextmanager
def blocked(database_url: str, statement: str) -> Iterator[None]:
    """Holds a lock while the block runs, and ends only when no other session waits any more."""
    holder = psycopg2.connect(database_url)
    with holder.cursor() as cursor:
        cursor.execute(statement)
        yield
    holder.rollback()
    until(lambda: not backends("state <> 'idle'"))
    holder.close()


def backends(condition: str) -> int:
    query = (
        "select count(*) from pg_stat_activity"
        f" where datname = current_database() and pid <> pg_backend_pid() and {condition}"
    )
    with database.engine().connect() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


def until(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def assert_bought_once(work: Session, supplier: SupplierServer, products: int = 1) -> None:
    """All that was proposed is in stock once, paid once, offered once."""
    work.rollback()
    orders = work.scalars(sa.select(agent.PurchaseOrder)).all()
    assert [order.state for order in orders] == ["received"] * products
    assert {order.idempotency_key for order in orders} == set(supplier.orders)
    reserved = dict(work.execute(sa.select(agent.BudgetEntry.purchase_order_id, agent.BudgetEntry.amount)).all())
    assert reserved == {order.id: order.total for order in orders}
    received = work.execute(sa.select(shop.StockMovement.purchase_order_id, shop.StockMovement.quantity)).all()
    assert sorted(received) == sorted((order.id, order.quantity) for order in orders)
    assert work.scalars(sa.select(shop.Listing.state)).all() == ["published"] * products
    assert len(work.scalars(sa.select(shop.PriceChange).where(shop.PriceChange.old_price.is_(None))).all()) == products
    for order in orders:
        mine = agent.PurchaseEvent.purchase_order_id == order.id
        states = work.scalars(sa.select(agent.PurchaseEvent.to_state).where(mine).order_by(agent.PurchaseEvent.id))
        assert list(dict.fromkeys(states)) == ["approved", "ordering", "ordered", "received"]


def finish(supplier: SupplierServer) -> None:
    cycle.run(NOON)
    supplier.deliver()
    cycle.run(TOMORROW)
    cycle.run(TOMORROW)


def hang_up() -> None:
    raise ConnectionError


@pytest.mark.parametrize(
    "table", ["agent.proposal", "agent.purchase_order", "agent.budget_entry", "agent.purchase_event"]
)
def test_killed_while_it_approves(
    work: Session, offer: Offer, supplier: SupplierServer, database_url: str, table: str
) -> None:
    offer()
    with blocked(database_url, f"lock table {table} in share row exclusive mode"):
        process = start(NOON)
        until(lambda: backends("wait_event_type = 'Lock'"))
        kill(process)
    assert not supplier.orders
    finish(supplier)
    assert_bought_once(work, supplier)


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_while_the_supplier_has_the_request(
    work: Session, offer: Offer, supplier: SupplierServer, side: str
) -> None:
    """`before`: the supplier never carries it out. `after`: it has, and nobody hears the answer."""
    offer()
    arrived, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        go_on.wait(60)
        if side == "before":
            hang_up()

    setattr(supplier, side, hold)
    process = start(NOON)
    assert arrived.wait(30)
    kill(process)
    go_on.set()
    setattr(supplier, side, lambda: None)
    until(lambda: not backends("state <> 'idle'"))
    assert work.scalars(sa.select(agent.PurchaseOrder.state)).one() == "ordering"
    assert len(supplier.orders) == (side == "after")
    finish(supplier)
    assert_bought_once(work, supplier)
    assert len(supplier.posts) == 1


def test_killed_between_the_answer_and_writing_it_down(
    work: Session, offer: Offer, supplier: SupplierServer, database_url: str
) -> None:
    offer()
    with contextlib.ExitStack() as stack:
        lock = "lock table agent.purchase_order in share row exclusive mode"
        supplier.after = lambda: stack.enter_context(blocked(database_url, lock))
        process = start(NOON)
        until(lambda: supplier.orders and backends("wait_event_type = 'Lock'"))
        kill(process)
        supplier.after = lambda: None
    finish(supplier)
    assert_bought_once(work, supplier)
    assert len(supplier.posts) == 1


@pytest.mark.parametrize(
    "table",
    ["agent.purchase_event", "shop.product", "shop.stock_movement", "shop.listing", "shop.price_change"],
)
def test_killed_while_it_takes_goods_in(
    work: Session, offer: Offer, supplier: SupplierServer, database_url: str, table: str
) -> None:
    offer()
    cycle.run(NOON)
    supplier.deliver()
    with blocked(database_url, f"lock table {table} in share row exclusive mode"):
        process = start(TOMORROW)
        until(lambda: backends("wait_event_type = 'Lock'"))
        kill(process)
    assert not work.scalars(sa.select(shop.StockMovement)).all()
    finish(supplier)
    assert_bought_once(work, supplier)


def test_killed_again_and_again_at_random(work: Session, offer: Offer, supplier: SupplierServer) -> None:
    for _ in range(6):
        offer(stock_left=1)
    chance = random.Random(11)
    running: list[subprocess.Popen[bytes]] = []

    def perhaps_kill() -> None:
        if running and chance.random() < 0.6:
            time.sleep(chance.random() * 0.02)
            os.kill(running[0].pid, signal.SIGKILL)
            if chance.random() < 0.5:
                hang_up()

    supplier.before = supplier.after = perhaps_kill
    kills = 0
    for _ in range(8):
        running[:] = [start(NOON)]
        _, errors = running[0].communicate(timeout=60)
        kills += running[0].returncode == -signal.SIGKILL
        assert running[0].returncode in (0, -signal.SIGKILL), errors.decode()
    assert kills >= 3
    running.clear()
    until(lambda: not backends("state <> 'idle'"))
    finish(supplier)
    assert_bought_once(work, supplier, products=6)
