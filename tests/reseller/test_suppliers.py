from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import ROOT
from database import agent, shop
from reseller import control, cycle, suppliers
from reseller.suppliers import Request, Supplier, SupplierRefused, SupplierUnavailable
from reseller.suppliers.demo import DemoSupplier
from reseller.suppliers.manual import ManualSupplier
from tests.reseller.conftest import Offer
from tests.reseller.supplier_server import SupplierServer


def request(**values: Any) -> Request:
    defaults: dict[str, Any] = {
        "key": str(uuid.uuid4()),
        "sku": "SKU1",
        "quantity": 2,
        "max_unit_price": Decimal("5000.00"),
    }
    return Request(**defaults | values)


def no_last_click(_total: Decimal) -> None:
    """For suppliers that know keys."""


@pytest.mark.parametrize("name", ["manual", "demo", "jumia_browser", "ouedkniss_contact"])
def test_every_supplier_keeps_the_interface(name: str) -> None:
    found: Supplier = suppliers.named(name)
    assert found.name == name
    for member in ("look", "order", "by_key", "by_reference", "by_hand", "keeps_keys"):
        assert hasattr(found, member)


def test_an_unknown_supplier_is_named() -> None:
    with pytest.raises(LookupError, match="nobody"):
        suppliers.named("nobody")


def test_the_manual_supplier_knows_and_sends_nothing() -> None:
    manual = ManualSupplier()
    assert (manual.by_hand, manual.by_key(request()), manual.by_reference("x")) == (True, None, None)
    with pytest.raises(SupplierUnavailable, match="a person"):
        manual.order(request(), no_last_click)


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'"text"', b"{}", b'{"reference": null}', b"\xff\xfe"])
def test_an_answer_that_cannot_be_read_is_no_answer(body: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, _answering(listener, body):
        supplier = DemoSupplier(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(SupplierUnavailable):
            supplier.order(request(), no_last_click)


def _answering(listener: socket.socket, body: bytes) -> Any:
    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + body)

    @contextlib.contextmanager
    def running() -> Iterator[None]:
        thread = threading.Thread(target=answer)
        thread.start()
        yield
        thread.join(10)

    return running()


def test_a_wrong_token_is_an_error_that_names_the_status(
    supplier: SupplierServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reseller.suppliers.demo.TOKEN", "wrong")
    with pytest.raises(SupplierUnavailable, match="401"):
        suppliers.named("demo").order(request(), no_last_click)


# The demo market itself, as a process.


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a demo market with a world of its own."""
    folder: Path = tmp_path_factory.mktemp("market")
    environment = {"DATA_DIR": str(folder), "DEMO_JUMIA_PORT": "0", "DEMO_OUEDKNISS_PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", "serve"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    found = re.search(r"ready on (http://127\.0\.0\.1:\d+)", line)
    try:
        assert found, line + process.stdout.read()
        yield found.group(1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def for_sale(market: str) -> dict[str, Any]:
    """A product of the market of which not the last units are left, as its own pages show it."""
    with httpx.Client(base_url=market, trust_env=False, timeout=30) as client:
        page = client.get("/telephone-tablette/").text
    state = json.JSONDecoder().raw_decode(page, re.search(r"window\.__STORE__\s*=\s*", page).end())[0]  # type: ignore[union-attr]
    return next(
        product
        for product in state["products"]
        if product["isBuyable"]
        and "stockInfo" not in product["simples"][0]
        and 3_000 < float(product["prices"]["rawPrice"]) < 60_000
    )


def set_clock(market: str, now: datetime) -> None:
    httpx.put(f"{market}/_market/clock", json={"now": now.isoformat()}, trust_env=False, timeout=30).raise_for_status()


def test_the_demo_market_sells_once_a_key(market: str) -> None:
    product = for_sale(market)
    price = Decimal(product["prices"]["rawPrice"])
    wanted = request(sku=product["sku"], quantity=1, max_unit_price=price)
    supplier = DemoSupplier(market)
    assert supplier.by_key(wanted) is None
    made = supplier.order(wanted, no_last_click)
    assert (made.sku, made.quantity, made.unit_price, made.state) == (product["sku"], 1, price, "ordered")
    assert (
        made
        == supplier.order(wanted, no_last_click)
        == supplier.by_key(wanted)
        == supplier.by_reference(made.reference)
    )


def test_the_demo_market_refuses_in_words_that_are_understood(market: str) -> None:
    product = for_sale(market)
    supplier = DemoSupplier(market)
    price = Decimal(product["prices"]["rawPrice"])
    for wanted, code in [
        (request(sku=product["sku"], quantity=1, max_unit_price=price - 1), "price_changed"),
        (request(sku=product["sku"], quantity=1000, max_unit_price=price), "out_of_stock"),
        (request(sku="NOT-THERE", quantity=1, max_unit_price=price), "unknown_sku"),
    ]:
        with pytest.raises(SupplierRefused) as refused:
            supplier.order(wanted, no_last_click)
        assert refused.value.code == code
        assert supplier.by_key(wanted) is None
    assert supplier.by_reference("DS-999999") is None


def test_a_key_used_for_another_order_waits_for_a_person(market: str) -> None:
    product = for_sale(market)
    price = Decimal(product["prices"]["rawPrice"])
    first = request(sku=product["sku"], quantity=1, max_unit_price=price)
    supplier = DemoSupplier(market)
    supplier.order(first, no_last_click)
    with pytest.raises(SupplierUnavailable, match="key_reused"):
        supplier.order(request(key=first.key, sku=product["sku"], quantity=2, max_unit_price=price), no_last_click)


def test_the_agent_buys_from_the_demo_market_and_receives_a_day_later(
    market: str, work: Session, offer: Offer, configure: Any
) -> None:
    configure(AGENT_SUPPLIER="demo", DEMO_JUMIA_PORT=market.rsplit(":", 1)[1], AGENT_WAIT_MINUTES=0)
    control.change(work, who="owner", mode="auto", cap_per_product=Decimal(100_000), budget_per_day=Decimal(100_000))
    product = for_sale(market)
    now = datetime.now(UTC)
    of = {"external_id": product["sku"], "title": product["displayName"], "price": product["prices"]["rawPrice"]}
    offer(**of, stock_left=1, now=now)
    set_clock(market, now)
    assert [order.state for order in cycle.run(now).moved] == ["ordered"]
    assert cycle.run(now + timedelta(hours=23)).moved == []
    set_clock(market, now + timedelta(hours=25))
    assert [order.state for order in cycle.run(now + timedelta(hours=25)).moved] == ["received"]
    assert work.scalars(sa.select(agent.PurchaseOrder.supplier_reference)).one().startswith("DS-")
    assert work.scalars(sa.select(shop.Listing.state)).one() == "published"
