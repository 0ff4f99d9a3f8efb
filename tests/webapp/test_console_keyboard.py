"""From a proposal to the ledger in real Chromium, by keyboard alone; and every page of the console in both scripts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.agent import Proposal, PurchaseOrder
from database.orders import Order
from reseller import books, repricing
from tests.webapp import working_day
from tests.webapp.working_day import OWNER, PASSWORD, Day

pytestmark = pytest.mark.browser
ROOMS = (
    "/console/considered",
    "/console/considered/{candidate}",
    "/console/test",
    "/console/orders?state=all",
    "/console/orders/{order}",
    "/console/ledger",
    "/console/ledger/profits",
    "/console/prices",
    "/console/prices/{listing}",
    "/console/stock",
    "/console/stock/{product}",
    "/console/jobs",
    "/console/settings",
)


def tab_to(page: Any, selector: str) -> None:
    """Tab until the field or button has the focus."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab on {page.url}")


def enter(page: Any) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def go(page: Any, key: str) -> None:
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state("networkidle")


def sign_in(visit: Any, width: int = 1280) -> Any:
    page = visit("/console/sign-in?lang=en", width=width)
    tab_to(page, "[name=email]")
    page.keyboard.type(OWNER)
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    enter(page)
    return page


def next_step(page: Any, typed: str = "") -> None:
    """`a` goes to the next step, or to the field that it needs; Enter takes it."""
    page.keyboard.press("a")
    if typed:
        page.keyboard.type(typed)
    enter(page)


def buy(page: Any) -> None:
    go(page, "p")
    page.keyboard.press("j")
    page.keyboard.press("a")
    enter(page)
    assert "Approved." in page.inner_text(".toasts")
    go(page, "b")
    page.keyboard.press("j")
    enter(page)
    next_step(page, "300481")
    assert "Noted as ordered." in page.inner_text(".toasts")
    next_step(page)
    assert "in stock and in the shop" in page.inner_text(".toasts")


def order_as_a_shopper(page: Any, listing: int) -> None:
    page.goto(page.url.split("/console")[0] + f"/order/{listing}?lang=en")
    answers = {"name": "Nadia Bouzid", "phone": "0550123456", "commune": "Bab Ezzouar", "address": "12 rue des Freres"}
    for field, text in answers.items():
        tab_to(page, f"[name={field}]")
        page.keyboard.type(text)
    tab_to(page, "form .button--big")
    enter(page)
    assert "/ordered/" in page.url


def sell(page: Any) -> None:
    page.goto(page.url.split("/ordered")[0] + "/console/?lang=en")
    go(page, "o")
    page.keyboard.press("j")
    enter(page)
    for said in ("To send", "On the way", "Delivered"):
        next_step(page)
        assert f"The order is now: {said}." in page.inner_text(".toasts")


def test_from_a_proposal_to_the_ledger_by_keyboard_alone(
    visit: Any, work: Session, day: Day, complaints: list[str]
) -> None:
    page = sign_in(visit)
    buy(page)
    bought = work.scalars(sa.select(PurchaseOrder)).one()
    assert (bought.state, bought.supplier_reference) == ("received", "300481")
    listing = work.get_one(Proposal, bought.proposal_id).listing_id
    order_as_a_shopper(page, listing)
    sell(page)
    go(page, "l")
    text = page.inner_text("main")
    assert "The books balance." in text
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.is_visible(".entry[open] .ledger")
    with database.session() as fresh:
        assert fresh.scalars(sa.select(Order.state)).one() == "delivered"
        profits = books.profit_by_product(fresh)
        assert [profit > 0 for profit in profits.values()] == [True]
        assert sum(row.amount for row in books.balances(fresh)) == Decimal(0)
    assert complaints == []


def test_u_goes_to_undo_and_enter_puts_the_price_back(visit: Any, work: Session, day: Day) -> None:
    working_day.stock_up(work, day)
    listing, before = work.execute(sa.text("select id, price from shop.listing")).one()
    repricing.set_price(work, listing, before + 500, who=OWNER, reason="it sells", now=day.now)
    work.commit()
    page = sign_in(visit)
    go(page, "i")
    page.keyboard.press("j")
    page.keyboard.press("u")
    enter(page)
    with database.session() as fresh:
        assert fresh.scalars(sa.text("select price from shop.listing")).one() == before


@pytest.mark.parametrize(("language", "width"), [("ar", 390), ("fr", 1280)])
def test_no_room_breaks_the_policy_or_scrolls_sideways(
    visit: Any, work: Session, day: Day, complaints: list[str], language: str, width: int
) -> None:
    _, product = working_day.stock_up(work, day)
    ids = {
        "product": product,
        "order": working_day.order(work, day, product).id,
        "listing": work.scalars(sa.text("select id from shop.listing")).one(),
        "candidate": work.scalars(sa.text("select min(id) from agent.candidate")).one(),
    }
    page = sign_in(visit, width)
    home = page.url.split("/console")[0]
    for path in ROOMS:
        page.goto(home + path.format(**ids) + ("&" if "?" in path else "?") + f"lang={language}")
        if path == "/console/stock":
            page.wait_for_load_state("networkidle")
        assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        broken = "[...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src)"
        assert page.evaluate(broken) == [], path
        assert complaints == [], path
