from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.agent import BudgetEntry, Proposal, PurchaseEvent, PurchaseOrder
from database.market import Listing, RejectedItem
from database.shop import Listing as ShopListing
from database.shop import Product, StockMovement
from reseller import control, overview
from reseller.overview.crawls import LOST_AFTER, troubled
from tests import factories
from tests.factories import NOON


def proposal(work: Session, listing: Listing, **values: Any) -> Proposal:
    defaults: dict[str, Any] = {
        "listing_id": listing.id,
        "state": "proposed",
        "mode": "approve",
        "quantity": 2,
        "offer_price": Decimal(4750),
        "offer_currency": "DZD",
        "unit_price": Decimal(4750),
        "landed_cost": Decimal(5000),
        "sale_price": Decimal(7000),
        "expected_profit": Decimal(1500),
        "margin": Decimal("0.2143"),
        "score": Decimal(70),
        "confidence": Decimal("0.8"),
        "arithmetic": {"steps": [{"key": "sale_price", "amount": "7000"}, {"key": "profit", "amount": "1500"}]},
        "reasons": {"fr": "se vend", "en": "sells"},
        "supplier": "manual",
        "created_at": NOON,
    }
    made = Proposal(**defaults | values)
    work.add(made)
    work.flush()
    return made


def purchase(work: Session, of: Proposal, state: str = "ordering", **values: Any) -> PurchaseOrder:
    made = PurchaseOrder(
        **{
            "proposal_id": of.id,
            "listing_id": of.listing_id,
            "supplier": "manual",
            "idempotency_key": str(uuid.uuid4()),
            "state": state,
            "quantity": of.quantity,
            "unit_price": of.landed_cost,
            "total": of.quantity * of.landed_cost,
            "created_at": NOON,
            "changed_at": NOON,
        }
        | values
    )
    work.add(made)
    work.flush()
    work.add(BudgetEntry(purchase_order_id=made.id, kind="reserve", amount=made.total, at=NOON))
    work.add(PurchaseEvent(purchase_order_id=made.id, from_state=None, to_state="approved", at=NOON, who="a", why="b"))
    work.flush()
    return made


def product(work: Session, sku: str, *receipts: tuple[int, int], sold: int = 0) -> Product:
    """A product with receipts of (units, unit cost) and `sold` units gone."""
    made = Product(sku=sku, title=f"Produit {sku}", created_at=NOON)
    work.add(made)
    work.flush()
    moves = [("receipt", units, Decimal(cost)) for units, cost in receipts]
    moves += [("sale", -sold, None)] if sold else []
    for kind, units, cost in moves:
        work.add(
            StockMovement(
                product_id=made.id, kind=kind, quantity=units, unit_cost=cost, idempotency_key=uuid.uuid4().hex,
                reason=kind, who="a", at=NOON,
            )
        )  # fmt: skip
        work.flush()
    return made


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the block sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sa.event.listen(database.engine(), "before_cursor_execute", note)
    yield sent
    sa.event.remove(database.engine(), "before_cursor_execute", note)


def test_a_page_past_the_end_is_the_last_one(work: Session) -> None:
    for _ in range(5):
        factories.crawl(work)
    page = overview.crawls(work, page=99, size=2)
    assert (page.number, page.pages, page.total, len(page.rows)) == (3, 3, 5, 1)
    assert overview.crawls(work, state="failed").pages == 1


def test_crawls_come_newest_first_with_how_long_they_took(work: Session) -> None:
    old = factories.crawl(work, started_at=NOON, finished_at=NOON + timedelta(minutes=2))
    new = factories.crawl(work, started_at=NOON + timedelta(hours=1), state="running")
    first, second = overview.crawls(work).rows
    assert (first.id, first.duration) == (new.id, None)
    assert (second.id, second.duration) == (old.id, timedelta(minutes=2))


def test_what_the_offers_say_stands_beside_what_the_crawl_was_judged_by(work: Session) -> None:
    factories.crawl(work, coverage={"rating": 0.0}, started_at=NOON)
    judged = {"usual": {"rating": 0.85, "price": 1.0, "brand": 0.9, "likes": 0.05}, "fallen": ["rating", "brand"]}
    told = {"rating": 0.4, "price": 1.0, "views": 0.0, "likes": 0.01}
    now = factories.crawl(work, state="failed", coverage=told, stats=judged, started_at=NOON + timedelta(days=1))
    page = overview.crawl(work, now.id)
    assert page is not None
    assert [(field.name, field.share, field.usual, field.fell) for field in page.coverage] == [
        *(("rating", 0.4, 0.85, True), ("brand", 0.0, 0.9, True), ("price", 1.0, 1.0, False)),
        *(("likes", 0.01, 0.05, False), ("views", 0.0, None, False)),
    ]


def test_a_crawl_that_was_compared_with_none_has_nothing_usual(work: Session) -> None:
    now = factories.crawl(work, coverage={"rating": 0.4}, complete=True, started_at=NOON)
    page = overview.crawl(work, now.id)
    assert page is not None
    assert page.complete
    assert [(field.name, field.usual, field.fell) for field in page.coverage] == [("rating", None, False)]


def test_only_the_last_crawl_of_a_spider_and_country_can_trouble(work: Session) -> None:
    factories.crawl(work, state="failed", started_at=NOON - timedelta(hours=2))
    factories.crawl(work, state="finished", started_at=NOON)
    bad = factories.crawl(work, country="ma", state="failed", started_at=NOON)
    assert [row.id for row in troubled(overview.latest_crawls(work), NOON)] == [bad.id]


def test_a_crawl_that_never_ended_troubles_once_it_must_have_been_killed(work: Session) -> None:
    factories.crawl(work, state="running", started_at=NOON)
    latest = overview.latest_crawls(work)
    assert troubled(latest, NOON + LOST_AFTER) == []
    assert len(troubled(latest, NOON + LOST_AFTER + timedelta(seconds=1))) == 1


def test_rejected_items_are_counted_by_reason_and_shown_as_they_came(work: Session) -> None:
    crawl = factories.crawl(work)
    for reason in ("price is negative", "title is missing", "price is negative"):
        work.add(RejectedItem(crawl_id=crawl.id, reason=reason, raw={"price": "-1"}, url="https://x"))
    work.flush()
    page = overview.crawl(work, crawl.id)
    assert page
    assert page.reasons == [("price is negative", 2), ("title is missing", 1)]
    rows = overview.rejected(work, crawl.id, reason="title is missing")
    assert [row.raw for row in rows.rows] == [{"price": "-1"}]
    assert overview.crawl(work, 999) is None


def test_before_the_marts_are_built_everything_is_empty_not_broken(work: Session) -> None:
    assert overview.trends(work).total == overview.offers(work).total == 0
    assert overview.trend_departments(work) == []
    today = overview.today(work, NOON)
    assert today.calm
    assert not today.marts_built


def test_a_trend_carries_its_month_of_prices_its_proposal_and_our_product(work: Session) -> None:
    factories.create_marts(work)
    listing = factories.listing(work)
    factories.mart_offer(work, listing)
    for back in range(40):
        factories.mart_day(work, listing, (NOON - timedelta(days=back)).date(), Decimal(5000 + back))
    open_one = proposal(work, listing)
    work.add(Product(sku="HN-1", listing_id=listing.id, title="x", created_at=NOON))
    work.flush()
    (row,) = overview.trends(work).rows
    assert row.spark == [Decimal(5000 + back) for back in range(29, -1, -1)]
    assert row.proposal_id == open_one.id
    assert row.product_id is not None
    assert row.reason("ar") == "12 تقييمًا إضافيًا خلال 7 أيام، السعر −9 %"


def test_trends_are_searched_by_words_in_any_order_accents_ignored(work: Session) -> None:
    factories.create_marts(work)
    for title in ("Écouteurs sans fil", "Casque 100% coton", "Casque filaire"):
        factories.mart_offer(work, factories.listing(work, title=title))
    assert [row.title for row in overview.trends(work, query="FIL ecouteurs").rows] == ["Écouteurs sans fil"]
    assert [row.title for row in overview.trends(work, query="100%").rows] == ["Casque 100% coton"]
    assert overview.trends(work, query="_").total == 0


def test_what_cannot_be_resold_stays_out_of_trends_unless_asked_for(work: Session) -> None:
    factories.create_marts(work)
    factories.mart_offer(work, factories.listing(work), is_resellable=False)
    assert overview.trends(work).total == 0
    assert overview.trends(work, resellable=False).total == 1


def test_open_proposals_come_by_expected_profit_weighed_by_confidence(work: Session) -> None:
    small = proposal(work, factories.listing(work), expected_profit=Decimal(2000), quantity=1)
    lot = proposal(work, factories.listing(work), expected_profit=Decimal(1500), quantity=3)
    doubtful = proposal(work, factories.listing(work), expected_profit=Decimal(5000), confidence=Decimal("0.1"))
    assert [row.id for row in overview.proposals(work, "proposed").rows] == [lot.id, small.id, doubtful.id]
    row = overview.proposals(work, "proposed").rows[0]
    assert (row.total, row.profit) == (Decimal(15000), Decimal(4500))
    assert row.reason("ar") == "sells", "a language without a reason falls back to English"


def test_a_proposal_knows_what_was_proposed_before_and_the_price_now(work: Session) -> None:
    factories.create_marts(work)
    listing = factories.listing(work)
    factories.mart_offer(work, listing, price_dzd=Decimal(4100))
    before = proposal(work, listing, state="rejected", decided_at=NOON, decided_by="a")
    page = overview.proposal(work, proposal(work, listing).id)
    assert page
    assert [row.id for row in page.earlier] == [before.id]
    assert page.price_now == Decimal(4100)
    assert [step.amount for step in page.row.steps] == [Decimal(7000), Decimal(1500)]
    assert overview.proposal(work, 999) is None


def test_purchases_handed_over_to_a_person_are_those_by_hand_on_their_way(work: Session) -> None:
    states = ("approved", "ordering", "ordered", "received", "failed")
    made = {state: purchase(work, proposal(work, factories.listing(work)), state) for state in states}
    by_machine = purchase(work, proposal(work, factories.listing(work)), "ordered", supplier="demo")
    waiting = {row.id for row in overview.purchases(work, "waiting").rows}
    assert waiting == {made["ordering"].id, made["ordered"].id}
    assert all(row.waits_for_a_person for row in overview.purchases(work, "waiting").rows)
    assert {row.id for row in overview.purchases(work, "open").rows} == waiting | {made["approved"].id, by_machine.id}
    assert overview.waiting(work) == {"proposals": 6, "purchases": 2, "orders": 0}


def test_a_purchase_shows_its_trail_and_what_it_still_ties_up(work: Session) -> None:
    order = purchase(work, proposal(work, factories.listing(work)), "failed")
    work.add(BudgetEntry(purchase_order_id=order.id, kind="release", amount=-order.total, at=NOON))
    work.flush()
    page = overview.purchase(work, order.id)
    assert page
    assert page.row.reserved == 0
    assert [entry.amount for entry in page.entries] == [Decimal(10000), Decimal(-10000)]
    assert [event.to_state for event in page.events] == ["approved"]


def test_stock_at_cost_is_what_is_left_at_the_mean_cost_received(work: Session) -> None:
    held = product(work, "HN-1", (2, 4000), (2, 5000), sold=1)
    gone = product(work, "HN-2", (1, 900), sold=1)
    first, second = overview.stock(work).rows
    assert (first.product_id, first.on_hand, first.unit_cost) == (held.id, 3, Decimal(4500))
    assert first.at_cost == Decimal(13500)
    assert (second.product_id, second.on_hand, second.at_cost) == (gone.id, 0, Decimal(0))
    assert overview.stock(work, held_only=True).total == 1
    money = overview.today(work, NOON).money
    assert (money.units, money.stock_at_cost) == (3, Decimal(13500))


def test_movements_carry_the_balance_after_each_newest_first(work: Session) -> None:
    made = product(work, "HN-1", (5, 4000), sold=2)
    page = overview.stock_item(work, made.id)
    assert page
    assert [(move.kind, move.quantity, move.balance) for move in page.movements] == [("sale", -2, 3), ("receipt", 5, 5)]
    assert overview.stock_item(work, 999) is None


def test_an_offer_is_ours_only_while_it_is_published_and_held(work: Session) -> None:
    factories.create_marts(work)
    listing = factories.listing(work)
    factories.mart_offer(work, listing)
    ours = product(work, "HN-1", (1, 4000))
    ours.listing_id = listing.id
    stand = ShopListing(
        product_id=ours.id, state="published", title="x", price=Decimal(6900), published_at=NOON, changed_at=NOON
    )
    work.add(stand)
    work.flush()
    (row,) = overview.offers(work, ours=True).rows
    assert (row.our_price, row.on_hand) == (Decimal(6900), 1)
    stand.state = "withdrawn"
    work.flush()
    assert overview.offers(work, ours=True).total == 0
    found = overview.offer(work, listing.id)
    assert found
    assert found.our_price is None


def test_today_tells_failures_of_the_last_week_only(work: Session) -> None:
    purchase(work, proposal(work, factories.listing(work)), "failed", changed_at=NOON - timedelta(days=8))
    recent = purchase(work, proposal(work, factories.listing(work)), "failed")
    assert [row.id for row in overview.today(work, NOON).failed_purchases] == [recent.id]


def test_health_tells_how_far_the_marts_are_behind_the_crawls(work: Session) -> None:
    factories.create_marts(work)
    factories.mart_offer(work, factories.listing(work, last_seen_at=NOON))
    factories.crawl(work, offers=1, served_at=NOON)
    assert overview.health(work).behind == timedelta(0)
    factories.crawl(work, offers=40, served_at=NOON + timedelta(hours=7))
    factories.crawl(work, offers=0, state="failed", served_at=NOON + timedelta(hours=9))
    health = overview.health(work)
    assert health.behind == timedelta(hours=7)
    assert [(mart.marketplace, mart.listings) for mart in health.marts] == [("jumia", 1)]


READS: dict[str, Callable[[Session], object]] = {
    "today": lambda work: overview.today(work, NOON),
    "trends": overview.trends,
    "offers": overview.offers,
    "proposals": lambda work: overview.proposals(work, "proposed"),
    "purchases": overview.purchases,
    "stock": overview.stock,
    "crawls": overview.crawls,
    "health": overview.health,
}


@pytest.mark.parametrize("name", READS)
def test_more_rows_take_no_more_statements(work: Session, name: str) -> None:
    factories.create_marts(work)
    control.get(work)

    def add_rows(start: int, count: int) -> None:
        for number in range(start, start + count):
            listing = factories.listing(work)
            factories.mart_offer(work, listing)
            factories.mart_day(work, listing, NOON.date(), Decimal(5000))
            purchase(work, proposal(work, listing, state="approved"))
            proposal(work, factories.listing(work))
            product(work, f"HN-{number}", (2, 4000))
            factories.crawl(work)

    add_rows(0, 1)
    with counted() as few:
        READS[name](work)
    add_rows(1, 7)
    with counted() as many:
        READS[name](work)
    assert len(few) == len(many) > 0
