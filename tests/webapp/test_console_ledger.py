"""The ledger, prices, stock and limits as the console shows and changes them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import database
from database.agent import Control
from database.books import Entry, Posting
from database.shop import Listing, PriceChange
from reseller import books, lots, sales
from reseller.overview import jobs, ledger
from tests.webapp import working_day
from tests.webapp.working_day import OWNER, Day, send


@pytest.fixture
def product(work: Session, day: Day) -> int:
    """A product that was bought, sold once and delivered, and bought for capital that was put in."""
    bought = working_day.stock_up(work, day)[1]
    order = working_day.order(work, day, bought)
    for step in (sales.confirm, sales.ship, sales.deliver):
        step(work, order.id, who=OWNER, why="", now=day.now)
    work.commit()
    return bought


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u202f", " ")


def fresh(query: sa.Select) -> object:
    with database.session() as work:
        return work.scalar(query)


def test_the_ledger_says_that_the_books_balance_and_what_every_account_holds(
    owner: FlaskClient, work: Session, product: int
) -> None:
    page = plain(owner.get("/console/ledger?lang=en").text)
    assert "The books balance." in page
    for row in books.balances(work):
        assert f"{row.shown:,.2f}".replace("-", "\u2212") in page, row.account.key


def test_books_that_do_not_agree_are_said_to_be_so(owner: FlaskClient, work: Session, product: int) -> None:
    with work.begin_nested():
        work.execute(sa.text("alter table books.posting disable trigger user"))
        one = work.scalars(sa.select(Posting).where(Posting.account == "stock")).first()
        assert one is not None
        work.execute(sa.update(Posting).where(Posting.id == one.id).values(amount=one.amount + 7))
        work.execute(sa.text("alter table books.posting enable trigger user"))
    work.commit()
    assert "The books do not agree." in owner.get("/console/ledger?lang=en").text


def test_entries_are_found_by_account_product_and_day(owner: FlaskClient, work: Session, product: int) -> None:
    def ids(query: str) -> set[int]:
        return {
            int(found) for found in re.findall(r"n° (\d+)</bdi>", owner.get(f"/console/ledger?lang=en&{query}").text)
        }

    every = set(work.scalars(sa.select(Entry.id)))
    assert ids("") == every
    sold = set(work.scalars(sa.select(Posting.entry_id).where(Posting.account == "sales")))
    assert ids("account=sales") == sold != every
    of_it = set(work.scalars(sa.select(Posting.entry_id).where(Posting.product_id == product)))
    assert ids(f"product={product}") == of_it
    assert ids("to=2001-01-01") == set()
    assert ids("from=nonsense&account=nothing&product=0") == every


def test_profit_per_product_is_the_ledgers(owner: FlaskClient, work: Session, product: int) -> None:
    profit = books.profit_by_product(work)[product]
    assert {row.product_id: row.profit for row in ledger.profits(work)} == {product: profit}
    assert f"{profit:,.0f}" in plain(owner.get("/console/ledger/profits?lang=en").text)


def test_money_over_time_ends_at_what_the_accounts_hold(work: Session, day: Day, product: int) -> None:
    last = ledger.over_time(work, day.now)[-1]
    profit = sum(books.profit_by_product(work).values())
    assert (last.cash, last.stock) == (books.balance(work, "cash"), books.balance(work, "stock"))
    assert last.profit == profit


@pytest.mark.parametrize(
    "path", ["/console/ledger/chart.svg", "/console/stock/chart.svg", "/console/prices/1/chart.svg"]
)
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_charts_are_pictures_with_words(owner: FlaskClient, product: int, path: str, language: str) -> None:
    answer = owner.get(f"{path}?lang={language}&size=narrow")
    assert answer.mimetype == "image/svg+xml"
    assert re.search(r"<title>[^<]+</title><desc>[^<]+</desc>", answer.text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_only_an_owner_puts_money_in_and_the_same_form_counts_once(
    owner: FlaskClient, staff: FlaskClient, day: Day
) -> None:
    form = {"amount": "50 000", "direction": "in", "key": "6f9619ff8b86d011b42d00c04fc964ff"}
    assert "Only an owner" in send(staff, "/console/ledger/capital", **form).text
    for _ in range(2):
        assert "Booked" in send(owner, "/console/ledger/capital", **form).text
    with database.session() as work:
        assert books.balance(work, "capital") == Decimal(-50_000)
    refused = {"amount": "60 000", "direction": "out", "key": "6f9619ff8b86d011b42d00c04fc96400"}
    assert "Not booked" in send(owner, "/console/ledger/capital", **refused).text


def test_the_carrier_cannot_hand_over_more_than_it_owes(staff: FlaskClient, work: Session, product: int) -> None:
    owed = books.balance(work, "carrier")
    assert "Not booked" in send(staff, "/console/ledger/handed-over", amount=owed + 1).text
    assert "Booked" in send(staff, "/console/ledger/handed-over", amount=owed).text
    with database.session() as after:
        assert books.balance(after, "carrier") == 0


def test_a_price_is_set_taken_back_once_and_never_below_its_floor(
    owner: FlaskClient, work: Session, product: int
) -> None:
    listing = work.scalars(sa.select(Listing).where(Listing.product_id == product)).one()
    before = listing.price
    send(owner, f"/console/prices/{listing.id}", price=before + 500, reason="it sells")
    change = fresh(sa.select(sa.func.max(PriceChange.id)))
    page = owner.get(f"/console/prices/{listing.id}?lang=en").text
    assert "it sells" in page
    assert f"/console/prices/changes/{change}/undo" in page
    assert "rests for a week" in send(owner, f"/console/prices/changes/{change}/undo").text
    assert fresh(sa.select(Listing.price).where(Listing.id == listing.id)) == before
    assert "has moved on" in send(owner, f"/console/prices/changes/{change}/undo").text
    for price in ("0", "-3", "1", ""):
        assert "Not" in plain(send(owner, f"/console/prices/{listing.id}", price=price, reason="x").text)
    assert fresh(sa.select(Listing.price).where(Listing.id == listing.id)) == before


def test_lots_and_promised_units_are_shown_and_a_correction_below_zero_is_refused(
    owner: FlaskClient, work: Session, day: Day, product: int
) -> None:
    held = sum(lot.quantity for lot in lots.on_hand(work, product))
    working_day.order(work, day, product)
    page = plain(owner.get(f"/console/stock/{product}?lang=en").text)
    assert "Promised 1" in re.sub(r"\s+", " ", page)
    assert "leaves next" in page
    answer = send(owner, f"/console/stock/{product}/correct", quantity=-held - 1, reason="counted")
    assert "the stock would fall below zero" in answer.text
    assert sum(lot.quantity for lot in lots.on_hand(work, product)) == held


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("budget_per_day", "-1", "a budget is an amount of dinars"),
        ("budget_total", "lots", "is not a number"),
        ("cap_per_product", "9e99", "is not a number"),
        ("margin_floor", "100", "the least margin is a percentage"),
    ],
)
def test_a_bad_limit_is_refused_at_its_field_and_what_was_typed_stays(
    owner: FlaskClient, field: str, value: str, said: str
) -> None:
    before = fresh(sa.select(sa.func.to_jsonb(sa.text("control")).cast(sa.Text)).select_from(Control))
    answer = send(owner, "/console/settings", mode="auto", **{field: value})
    assert answer.status_code == 422
    found = re.search(rf'id="wrong-{field}"[^>]*>(.*?)</span>', answer.text, re.DOTALL)
    assert found
    assert said in found[1]
    assert f'name="{field}" value="{value}"' in answer.text
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)
    assert fresh(sa.select(sa.func.to_jsonb(sa.text("control")).cast(sa.Text)).select_from(Control)) == before


def test_a_job_is_late_an_hour_after_its_time_and_running_while_its_lock_is_held(
    owner: FlaskClient, work: Session, day: Day
) -> None:
    def of(name: str, days: int = 0) -> jobs.JobRow:
        return next(job for job in jobs.jobs(work, day.now + timedelta(days=days)) if job.name == name)

    assert not of("agent").late
    assert of("agent", days=2).late
    with database.engine().connect() as guard:
        guard.execute(sa.text("select pg_advisory_xact_lock(hashtext('hanout'), hashtext('marts'))"))
        assert of("marts").running
        assert not of("marts", days=2).late
        guard.rollback()
    assert not of("marts").running
    assert "On time" in owner.get("/console/jobs?lang=en").text
