"""Buying in a real Chromium at the demo's shop, over real HTTP, with what shops do to those who buy there."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import settings
from database import agent, shop
from database.agent import PurchaseOrder
from reseller import control, money, purchasing
from reseller.refusals import Refused
from tests.factories import NOON
from tests.reseller.buying import (
    CHROMIUM,
    Approved,
    bought,
    last,
    listing_of,
    path_of,
)
from tests.reseller.market_process import MarketProcess, csrf_of

pytest_plugins = ["tests.reseller.buying_fixtures"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium"),
    pytest.mark.xdist_group("jumia_browser"),
]
LATER = NOON + timedelta(minutes=5)


def test_a_purchase_is_ordered_in_the_browser_and_received_when_the_shop_says_delivered(
    market: MarketProcess, work: Session, approved: Approved
) -> None:
    with market.customer() as forgotten:
        other = market.product(500, 2_500)
        simple = f"{other['sku']}-{other['url'].rsplit('-', 1)[1].removesuffix('.html')}"
        forgotten.post(f"/cart/products/{simple}/quantity/", data={"action": "in"})
    order = purchasing.place(approved().id, NOON)
    assert order.state == "ordered", last(work).why
    assert bought(market, work, order) == [order.quantity]
    assert other["sku"] not in [sku for sku, _ in market.bought()]
    assert order.agreed_total == order.quantity * (order.confirmed_price or 0) + (order.delivery_fee or 0)
    market.set_clock(NOON + timedelta(days=2))
    [received] = purchasing.poll(NOON + timedelta(days=2))
    assert received.state == "received"
    movement = work.scalars(sa.select(shop.StockMovement)).one()
    paid = movement.unit_cost * movement.quantity  # type: ignore[operator]
    assert abs(paid - (order.agreed_total or 0)) < Decimal("0.01") * movement.quantity


CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "a captcha before signing in": ({"path": "/customer/account/login/", "challenge": True}, "proof of a person"),
    "a captcha in the cart": ({"path": "/cart/", "method": "GET", "challenge": True}, "proof of a person"),
    "a captcha at the last page": ({"path": "/checkout/summary/", "challenge": True}, "proof of a person"),
    "a field renamed": (
        {"path": "/checkout/address/", "rewrite": {'name="phone"': 'name="mobile"'}},
        "0 elements '#address input",
    ),
    "a total one dinar dearer": (
        {"path": "/checkout/summary/", "rewrite": {r'(id="total">[\d,]*)\d DA': r"\g<1>1 DA"}},
        "the total changed",
    ),
    "another product in the cart": (
        {"path": "/checkout/summary/", "rewrite": {'data-sku="\\w+"': 'data-sku="ANOTHER"'}},
        "lists ['ANOTHER']",
    ),
    "another product on the page": (
        {"rewrite": {'"displayName":"[^"]*"': '"displayName":"Coque 12"', "(<h1[^>]*>)[^<]*": r"\g<1>Coque 12"}},
        "another product",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_a_program_cannot_judge_is_left_to_a_person_with_a_screenshot_and_nothing_is_bought(
    market: MarketProcess, work: Session, approved: Approved, what: str
) -> None:
    order = approved()
    fault, reason = CHANGED[what]
    market.fault(**{"path": path_of(work, order), **fault})
    order = purchasing.place(order.id, NOON)
    event = last(work)
    assert (order.state, order.sent_at, order.handed_over_at) == ("ordering", None, NOON), event.why
    assert reason in event.why
    if what != "another product on the page":
        assert event.screenshot
        assert (settings().data_dir / "screenshots" / event.screenshot).read_bytes().startswith(b"\x89PNG")
    assert "demo-achats" not in event.why
    assert bought(market, work, order) == []
    assert money.tied_up(work) == order.total
    assert purchasing.poll(LATER) == []


def test_a_500_after_the_order_was_taken_is_looked_up_in_the_history_and_not_ordered_again(
    market: MarketProcess, work: Session, approved: Approved
) -> None:
    market.fault(path="/checkout/place-order/", status=500, after=True)
    order = purchasing.place(approved().id, NOON)
    assert (order.state, order.sent_at) == ("ordering", NOON)
    [found] = purchasing.poll(LATER)
    assert (found.state, found.handed_over_at) == ("ordered", None)
    assert bought(market, work, order) == [order.quantity]


def test_an_order_that_never_arrived_is_handed_over_and_never_sent_again(
    market: MarketProcess, work: Session, approved: Approved
) -> None:
    market.fault(path="/checkout/place-order/", status=500)
    order = purchasing.place(approved().id, NOON)
    assert order.state == "ordering"
    assert purchasing.poll(LATER) == []
    order = purchasing.place(order.id, LATER)
    assert order.handed_over_at == LATER
    assert "It is not sent again" in last(work).why
    assert bought(market, work, order) == []
    done = purchasing.mark_not_ordered(work, order.id, who="karima", why="not in the history", now=LATER)
    assert (done.state, money.tied_up(work)) == ("failed", 0)


def test_an_order_that_another_purchase_has_claimed_is_not_taken_for_this_one(
    market: MarketProcess, work: Session, approved: Approved
) -> None:
    first = purchasing.place(approved().id, NOON)
    assert first.state == "ordered"
    number = first.supplier_reference
    work.rollback()
    second = approved()
    second_row = sa.update(PurchaseOrder).where(PurchaseOrder.id == second.id)
    work.execute(second_row.values(state="ordering", handed_over_at=NOON, listing_id=first.listing_id))
    work.commit()
    with pytest.raises(Refused, match="another purchase"):
        purchasing.mark_ordered(work, second.id, str(number), who="karima", now=NOON)
    work.execute(second_row.values(handed_over_at=None, sent_at=NOON))
    work.commit()
    assert purchasing.place(second.id, LATER).handed_over_at == LATER


def test_what_sells_out_at_the_checkout_frees_the_money(
    market: MarketProcess, work: Session, approved: Approved
) -> None:
    order = approved()
    real = purchasing._sending

    def somebody_was_faster(order_id: int, total: Decimal, now: Any) -> None:
        real(order_id, total, now)
        auth = {"Authorization": "Bearer demo", "Idempotency-Key": f"faster-{order_id}"}
        sku = listing_of(work, order).external_id
        with httpx.Client(base_url=f"{market.address}/supplier/v1", trust_env=False, headers=auth) as client:
            stock = client.get(f"/products/{sku}").json()["stock"]
            taken = client.post("/orders", json={"sku": sku, "quantity": stock, "max_unit_price": "999999"})
            assert taken.status_code == 201

    purchasing._sending = somebody_was_faster
    try:
        order = purchasing.place(order.id, NOON)
    finally:
        purchasing._sending = real
    assert (order.state, money.tied_up(work)) == ("failed", 0)
    assert "sold out at the checkout" in last(work).why


def test_the_stop_switch_works_until_the_last_click(market: MarketProcess, work: Session, approved: Approved) -> None:
    order = approved()
    real = purchasing._sending

    def stop_first(order_id: int, total: Decimal, now: Any) -> None:
        control.stop(work, "owner", "")
        work.commit()
        real(order_id, total, now)

    purchasing._sending = stop_first
    try:
        with pytest.raises(Refused) as refused:
            purchasing.place(order.id, NOON)
    finally:
        purchasing._sending = real
    assert refused.value.code == "stopped"
    assert bought(market, work, order) == []


def test_a_wrong_password_is_a_person_s_task_and_is_told_nowhere(
    market: MarketProcess, work: Session, approved: Approved, configure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    configure(JUMIA_EMAIL="nobody@hanout.example", JUMIA_PASSWORD="secret-4711")
    order = purchasing.place(approved().id, NOON)
    assert "does not let us sign in" in last(work).why
    assert order.handed_over_at == NOON
    told = caplog.text + "".join(work.scalars(sa.select(agent.PurchaseEvent.why))) + repr(settings())
    assert "secret-4711" not in told


def test_the_shop_takes_the_same_order_twice_if_it_is_sent_twice(market: MarketProcess) -> None:
    """Nothing of the shop saves us: what does is asked of its history."""
    product = market.product()
    simple = f"{product['sku']}-{product['url'].rsplit('-', 1)[1].removesuffix('.html')}"
    with market.customer() as client:
        for left in re.findall(r'data-svar="([\w-]+)"', client.get("/cart/").text):
            client.post(f"/cart/products/{left}/quantity/", data={"action": "out"})
        client.post(f"/cart/products/{simple}/quantity/", data={"action": "set", "quantity": "1"})
        csrf = csrf_of(client.get("/checkout/address/").text)
        to = {"name": "A", "phone": "0550123456", "wilaya": "16", "commune": "Alger", "street": "1", "csrfToken": csrf}
        client.post("/checkout/address/", data=to)
        form = {"csrfToken": csrf, "payment": "cash_on_delivery"}
        answers = [client.post("/checkout/place-order/", data=form, follow_redirects=False) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [units for sku, units in market.bought() if sku == product["sku"]] == [1, 1]
