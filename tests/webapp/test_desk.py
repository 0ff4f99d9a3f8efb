"""The demo's staff at the real console: they press what a person finds there, and go on from what a person has done."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy.orm import Session

from demo.desk import Console, NoEntry
from reseller import books, sales
from tests.webapp import working_day
from tests.webapp.working_day import PASSWORD, STAFF, Day


@pytest.fixture
def shop(app: OpenAPI) -> Iterator[httpx.Client]:
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1") as client:
        yield client


def test_the_staff_goes_on_from_what_a_person_has_done(work: Session, day: Day, shop: httpx.Client) -> None:
    _, product = working_day.stock_up(work, day)
    order = working_day.order(work, day, product)
    sales.confirm(work, order.id, who="samira", why="", now=day.now)
    work.commit()
    key, desk = order.idempotency_key, Console(shop, STAFF, PASSWORD)
    assert not desk.take(key, "confirm", "confirmé par téléphone")
    assert desk.take(key, "ship", "remis au livreur")
    assert not desk.take(key, "confirm", "confirmé par téléphone")
    assert desk.take(key, "deliver", "livré et payé")
    work.rollback()
    assert books.balance(work, "carrier") > 0
    desk.hand_over()
    work.rollback()
    assert books.balance(work, "carrier") == 0
    desk.hand_over()


def test_what_comes_back_is_counted_as_the_form_has_it(work: Session, day: Day, shop: httpx.Client) -> None:
    _, product = working_day.stock_up(work, day)
    there = sales.available(work, product)
    order = working_day.order(work, day, product)
    desk = Console(shop, STAFF, PASSWORD)
    for step in ("confirm", "ship", "refuse", "take_back"):
        assert desk.take(order.idempotency_key, step, "refusé")
    work.rollback()
    assert sales.available(work, product) == there


def test_an_order_that_the_shop_does_not_have_is_left_alone(day: Day, shop: httpx.Client) -> None:
    assert not Console(shop, STAFF, PASSWORD).take(str(uuid.uuid4()), "confirm", "")


def test_a_wrong_password_is_named(work: Session, day: Day, shop: httpx.Client) -> None:
    _, product = working_day.stock_up(work, day)
    order = working_day.order(work, day, product)
    with pytest.raises(NoEntry, match=STAFF):
        Console(shop, STAFF, "wrong").take(order.idempotency_key, "confirm", "")
