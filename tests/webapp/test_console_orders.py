"""Shoppers' orders in the console, step by step."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import database
from database.orders import Order, OrderCost
from reseller import books, lots
from tests.webapp import working_day
from tests.webapp.working_day import Day, send


@pytest.fixture
def product(work: Session, day: Day) -> int:
    return working_day.stock_up(work, day)[1]


def state(order: int) -> str:
    with database.session() as work:
        return work.get_one(Order, order).state


def step(client: FlaskClient, order: int, name: str, **fields: object) -> str:
    return send(client, f"/console/orders/{order}/{name}", **fields).text.replace("\u202f", " ")


def test_an_order_goes_from_the_call_to_the_money_and_only_the_next_steps_are_offered(
    owner: FlaskClient, work: Session, day: Day, product: int
) -> None:
    order = working_day.order(work, day, product).id
    page = owner.get(f"/console/orders/{order}?lang=en").text
    assert "Nadia Bouzid" in page
    assert "+213550123456" in page
    assert f"/console/orders/{order}/confirm" in page
    assert f"/console/orders/{order}/deliver" not in page
    for name, after in (("confirm", "To send"), ("ship", "On the way"), ("deliver", "Delivered")):
        assert f"The order is now: {after}." in step(owner, order, name)
    assert state(order) == "delivered"
    with database.session() as fresh:
        assert books.balance(fresh, "sales", product) < 0


def test_a_step_out_of_turn_is_refused_and_said(owner: FlaskClient, work: Session, day: Day, product: int) -> None:
    order = working_day.order(work, day, product).id
    assert "has moved on meanwhile" in step(owner, order, "deliver")
    assert state(order) == "placed"


@pytest.mark.parametrize("name", ["cancel", "refuse", "take_back"])
def test_what_undoes_a_sale_needs_a_reason(
    owner: FlaskClient, work: Session, day: Day, product: int, name: str
) -> None:
    order = working_day.order(work, day, product).id
    assert "say why" in step(owner, order, name)
    assert state(order) == "placed"


def test_what_comes_back_is_counted_and_the_broken_written_off(
    owner: FlaskClient, work: Session, day: Day, product: int
) -> None:
    held = sum(lot.quantity for lot in lots.on_hand(work, product))
    order = working_day.order(work, day, product, held).id
    for name in ("confirm", "ship"):
        step(owner, order, name)
    step(owner, order, "refuse", reason="nobody at home", cost="300")
    too_many = {f"back-{product}": held + 1, f"lost-{product}": 0}
    assert "no more than are away" in step(owner, order, "take_back", reason="here", **too_many)
    counted = {f"back-{product}": held, f"lost-{product}": 1}
    step(owner, order, "take_back", reason="one is broken", **counted)
    with database.session() as fresh:
        assert sum(lot.quantity for lot in lots.on_hand(fresh, product)) == held - 1
        cost = fresh.scalar(sa.select(OrderCost.amount).where(OrderCost.kind == "delivery_back"))
    assert cost == Decimal(300)


@pytest.mark.parametrize("cost", ["-5", "1e9", "many"])
def test_a_cost_that_means_nothing_is_refused(
    owner: FlaskClient, work: Session, day: Day, product: int, cost: str
) -> None:
    order = working_day.order(work, day, product).id
    step(owner, order, "confirm")
    assert "Not changed" in step(owner, order, "ship", cost=cost)
    assert state(order) == "confirmed"


def test_the_list_names_no_person_and_today_names_the_calls(
    owner: FlaskClient, work: Session, day: Day, product: int
) -> None:
    order = working_day.order(work, day, product)
    for path in ("/console/orders?lang=en", "/console/?lang=en"):
        page = owner.get(path).text
        assert order.reference in page
        assert "Nadia" not in page
        assert "0550123456" not in page.replace(" ", "")
    assert "1 shopper to call" in owner.get("/console/?lang=en").text


def test_staff_see_to_whom_and_nobody_else_does(
    staff: FlaskClient, app: object, work: Session, day: Day, product: int
) -> None:
    order = working_day.order(work, day, product).id
    assert "Nadia Bouzid" in staff.get(f"/console/orders/{order}").text
    stranger = app.test_client().get(f"/console/orders/{order}")  # type: ignore[attr-defined]
    assert stranger.status_code == 303
    assert "Nadia" not in stranger.text
