"""People of the demo's world who order in the shop and are served at its console: real processes, HTTP, books."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
from demo import desk
from demo.world import World
from reseller import books
from tests import factories
from tests.demo.conftest import Served, world_file
from tests.test_whole_way import free_port, wait_for
from tests.webapp.assortment import sell
from webapp import accounts

EPOCH = datetime(2026, 5, 1, tzinfo=UTC)


def orders(work: Session) -> list[sa.Row]:
    query = "select o.reference, o.state, o.placed_at from shop.customer_order o order by o.placed_at, o.reference"
    work.rollback()
    return list(work.execute(sa.text(query)).all())


@dataclass
class Street:
    """A market on its day 10, our shop at its clock with ten goods a tenth below the market's price."""

    work: Session
    market: str
    shop: str
    folder: Path

    def people(self, *arguments: str) -> subprocess.Popen[str]:
        port = self.market.rpartition(":")[2]
        command = [sys.executable, "-m", "demo", "shoppers", "--shop", self.shop, "--known", "0.15", *arguments]
        environment = {**os.environ, "DATA_DIR": str(self.folder), "DEMO_JUMIA_PORT": port}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=config.ROOT, env=environment, text=True, stdout=pipe, stderr=pipe)

    def live_through(self, days: int) -> list[str]:
        process = self.people("--days", str(days))
        said, wrong = process.communicate(timeout=120)
        assert process.returncode == 0, wrong
        return said.splitlines()

    def set_clock(self, day: int, hour: int) -> None:
        now = (EPOCH + timedelta(days=day, hours=hour)).isoformat()
        httpx.put(f"{self.market}/_market/clock", json={"now": now}, trust_env=False).raise_for_status()


@pytest.fixture
def street(work: Session, tmp_path: Path) -> Iterator[Street]:
    folder = tmp_path / "data"
    world_file(folder / "demo", epoch=EPOCH.date().isoformat())
    market = Served(folder)
    world = World(7, epoch=EPOCH.date())
    wanted, shelves = world.wanted(10), world.day(10)
    best = sorted(range(len(wanted)), key=lambda index: -wanted[index])
    factories.create_marts(work)
    for index in [index for index in best if shelves[index].on_sale and shelves[index].stock][40:50]:
        made = factories.listing(work, external_id=world.products[index].sku, title=world.products[index].title)
        factories.mart_offer(work, made, price=Decimal(shelves[index].price))
        sell(work, made, str(round(shelves[index].price * 0.9)), units=40)
    accounts.create(work, desk.STAFF[0], name=desk.STAFF[1], password=desk.PASSWORD, role="staff")
    work.commit()
    port = free_port()
    command = [sys.executable, "-m", "webapp", "--clock", f"{market.shop}/_market/clock"]
    web = subprocess.Popen(command, cwd=config.ROOT, env={**os.environ, "WEB_PORT": str(port)})
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield Street(work, market.shop, f"http://127.0.0.1:{port}", folder)
    finally:
        web.terminate()
        web.wait(20)
        market.stop()


def test_people_order_by_the_markets_days_and_staff_and_carrier_bring_each_order_to_its_end(street: Street) -> None:
    said = street.live_through(12)
    assert [line.split(":")[0] for line in said] == [f"day {day}" for day in range(11, 23)]
    placed = orders(street.work)
    days = {(row.placed_at - EPOCH).days for row in placed}
    assert len(days) >= 8
    assert days <= set(range(11, 23)), "our shop goes by the market's clock"
    states = {row.state for row in placed}
    assert {"delivered", "placed", "shipped"} <= states
    assert states & {"refused", "returned", "coming_back", "cancelled"}, "not everybody takes what they ordered"
    took = street.work.execute(sa.text("select who, to_state from shop.order_event")).all()
    assert {who for who, to in took if to not in ("placed",)} == {desk.STAFF[0]}
    assert books.balance(street.work, "cash") > 0, "the carrier has brought what it collected"
    kept = json.loads((street.folder / "demo" / "town.json").read_text())
    assert kept["town"]["ordered"] == len(placed)

    before = {row.reference for row in placed}
    street.live_through(2)
    after = orders(street.work)
    assert before < {row.reference for row in after}
    assert {(row.placed_at - EPOCH).days for row in after if row.reference not in before} <= {23, 24}


def test_people_whose_process_was_killed_order_nothing_twice(street: Street) -> None:
    process = street.people("--days", "6")
    deadline = time.monotonic() + 60
    while len(orders(street.work)) < 12 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    half = orders(street.work)
    assert len(half) >= 12
    street.set_clock(10, 12)
    street.live_through(6)
    every = orders(street.work)
    assert {row.reference for row in half} <= {row.reference for row in every}
    kept = json.loads((street.folder / "demo" / "town.json").read_text())
    assert kept["town"]["ordered"] == len(every), "each order is known to the town once"


def test_people_come_as_the_clock_goes(street: Street) -> None:
    street.set_clock(11, 12)
    process = street.people()
    try:
        noon = eventually(lambda: orders(street.work))
        assert {row.state for row in noon} == {"placed"}
        street.set_clock(12, 16)
        _, wrong = street.people("--days", "1").communicate(timeout=60)
        assert "coming already" in wrong
        references = {row.reference for row in noon}
        called = {"shipped", "cancelled"}
        eventually(lambda: {row.state for row in orders(street.work) if row.reference in references} <= called)
    finally:
        process.send_signal(signal.SIGTERM)
        _, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong) == (0, "")


def eventually(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 40
    while not (result := found()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert result
    return result


def test_a_market_or_a_shop_that_does_not_answer_is_named(street: Street) -> None:
    street.shop = f"http://127.0.0.1:{free_port()}"
    process = street.people("--days", "1")
    _, wrong = process.communicate(timeout=60)
    assert process.returncode == 1
    assert street.shop in wrong
    assert "Traceback" not in wrong


def test_a_town_that_cannot_be_read_is_named(street: Street) -> None:
    (street.folder / "demo" / "town.json").write_text("{}")
    process = street.people("--days", "1")
    _, wrong = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "town.json" in wrong
    assert "Traceback" not in wrong


def test_a_console_without_the_demos_staff_is_named(street: Street) -> None:
    street.live_through(1)
    street.work.execute(sa.text("update shop.account set disabled_at = now()"))
    street.work.commit()
    process = street.people("--days", "1")
    _, wrong = process.communicate(timeout=60)
    assert process.returncode == 1
    assert desk.STAFF[0] in wrong
    assert "Traceback" not in wrong
