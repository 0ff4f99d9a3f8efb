"""The invariants that cross rooms, or that nothing else would notice if they were broken."""

from __future__ import annotations

import ast
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from config import ROOT
from database import agent, shop
from database.market import Observation
from pipelines import store
from pipelines.outcome import judge
from pipelines.reject import Reject
from pipelines.scrub import MARK, ScrubPipeline
from pipelines.validate import ValidatePipeline
from reseller import control, cycle, proposals, purchasing, receiving
from reseller.refusals import Refused
from tests import factories
from tests.factories import NOON
from tests.pipelines.offers import batch, offer
from tests.webapp import working_day

LEDGERS = {
    "market.observation": "price",
    "agent.purchase_event": "why",
    "agent.budget_entry": "amount",
    "shop.stock_movement": "quantity",
    "shop.price_change": "new_price",
}


@pytest.fixture
def bought(work: Session) -> agent.PurchaseOrder:
    """A purchase by hand that was approved, ordered and received: each ledger holds a row of it."""
    order = approved(work)
    purchasing.place(order.id, NOON, who="owner")
    purchasing.mark_ordered(work, order.id, "1", who="owner", now=NOON)
    purchasing.receive(work, order.id, who="owner", now=NOON)
    work.commit()
    return order


def approved(work: Session, mode: str = "approve") -> agent.PurchaseOrder:
    factories.create_marts(work)
    listing = factories.listing(work)
    factories.observation(work, listing, factories.crawl(work))
    factories.reduced_offer(work, listing)
    control.change(work, who="owner", mode=mode)
    (proposal,) = proposals.propose(work, NOON)
    order = proposals.approve(work, proposal.id, who="owner", reason="", now=NOON)
    work.commit()
    return order


@pytest.mark.parametrize("table", LEDGERS)
def test_a_row_of_a_ledger_is_neither_changed_nor_deleted(
    work: Session, bought: agent.PurchaseOrder, table: str
) -> None:
    assert work.scalar(sa.text(f"select count(*) from {table}"))
    column = LEDGERS[table]
    for statement in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="append only"), work.begin_nested():
            work.execute(sa.text(statement))


def test_no_table_keeps_a_stock_or_a_sum_that_code_could_set() -> None:
    columns = [column.name for table in (shop.Product, shop.Listing) for column in table.__table__.columns]
    assert not [name for name in columns if re.search("stock|hand|quantity", name)]
    columns = [column.name for column in agent.Control.__table__.columns]
    assert not [name for name in columns if re.search("reserved|spent|tied", name)]


def at_once(times: int, call: Callable[[int], str]) -> list[str]:
    gate = threading.Barrier(times)

    def run(number: int) -> str:
        gate.wait(60)
        try:
            return call(number)
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(run, range(times)))


def count(work: Session, table: Any) -> int:
    return work.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_consoles_that_receive_the_same_goods_at_once_book_them_once(work: Session) -> None:
    order = approved(work)
    purchasing.place(order.id, NOON, who="owner")
    purchasing.mark_ordered(work, order.id, "1", who="owner", now=NOON)
    work.commit()

    def receive(number: int) -> str:
        with database.session() as mine:
            cost = order.unit_price + number
            state = purchasing.receive(mine, order.id, who=f"clerk {number}", now=NOON, unit_cost=cost).state
            mine.commit()
            return state

    assert at_once(8, receive) == ["received"] * 8
    assert [count(work, table) for table in (shop.StockMovement, shop.PriceChange, shop.Product)] == [1, 1, 1]


def test_goods_taken_in_twice_count_once(work: Session, bought: agent.PurchaseOrder) -> None:
    """Below the state of the order, the movement's own key holds too."""
    receiving.take_in(work, bought, unit_cost=bought.unit_price, who="owner", now=NOON)
    assert work.scalar(sa.select(sa.func.sum(shop.StockMovement.quantity))) == bought.quantity


def test_of_consoles_that_approve_reject_and_cancel_at_once_one_is_heard(work: Session) -> None:
    order = approved(work)

    def cancel(number: int) -> str:
        with database.session() as mine:
            state = purchasing.cancel(mine, order.id, who="owner", reason=str(number), now=NOON).state
            mine.commit()
            return state

    outcomes = at_once(6, lambda n: purchasing.place(order.id, NOON).state if n == 0 else cancel(n))
    assert outcomes.count("cancelled") in (1, 2)
    work.rollback()
    assert work.scalars(sa.select(agent.PurchaseOrder.state)).one() == "cancelled"
    assert work.scalar(sa.select(sa.func.sum(agent.BudgetEntry.amount))) == 0
    assert count(work, agent.BudgetEntry) == 2


@pytest.mark.parametrize("verdicts", ["approve", "both"])
def test_of_consoles_that_decide_on_one_proposal_at_once_one_is_heard(work: Session, verdicts: str) -> None:
    factories.create_marts(work)
    factories.reduced_offer(work, factories.listing(work))
    control.change(work, who="owner", mode="approve")
    (proposal,) = proposals.propose(work, NOON)
    work.commit()

    def decide(number: int) -> str:
        with database.session() as mine:
            if verdicts == "both" and number % 2:
                proposals.reject(mine, proposal.id, who="owner", reason="", now=NOON)
            else:
                proposals.approve(mine, proposal.id, who="owner", reason="", now=NOON)
            mine.commit()
            return "done"

    assert at_once(10, decide) == ["done"] + ["not_open"] * 9
    assert count(work, agent.PurchaseOrder) == count(work, agent.BudgetEntry) <= 1


def test_an_approval_beside_a_cycle_that_expires_the_proposal_neither_deadlocks_nor_buys_it(work: Session) -> None:
    factories.create_marts(work)
    for _ in range(8):
        factories.reduced_offer(work, factories.listing(work))
    control.change(work, who="owner", mode="approve", budget_per_day=Decimal(10**6), budget_total=Decimal(10**6))
    made = [one.id for one in proposals.propose(work, NOON)]
    work.commit()
    late = NOON + proposals.LIFETIME - timedelta(seconds=1)

    def act(number: int) -> str:
        with database.session() as mine:
            if number % 2:
                proposals.propose(mine, late + timedelta(seconds=2))
            else:
                proposals.approve(mine, made[number // 2], who="owner", reason="", now=late)
            mine.commit()
            return "done"

    outcomes = at_once(2 * len(made), act)
    assert set(outcomes) <= {"done", "not_open", "budget_day", "expired"}
    work.rollback()
    states = sa.select(agent.Proposal.state).where(agent.Proposal.id.in_(made))
    assert work.scalars(states).all().count("approved") == count(work, agent.PurchaseOrder)


@pytest.mark.parametrize("change", ["dry-run", "stop"])
def test_an_order_approved_before_the_mode_changed_stays_here(work: Session, change: str) -> None:
    """Somebody already places it while the owner turns the key, and waits; once the key is turned, nothing goes out."""
    order = approved(work, mode="auto")
    row = control.stop(work, "owner", "") if change == "stop" else control.change(work, who="owner", mode="dry-run")
    assert row.changed_by == "owner"
    with ThreadPoolExecutor(1) as pool:
        placing = pool.submit(purchasing.place, order.id, NOON)
        try:
            wait_for_a_lock()
        finally:
            work.commit()
        with pytest.raises(Refused) as refused:
            placing.result(60)
    assert refused.value.code == ("stopped" if change == "stop" else "dry_run")
    cycle.run(NOON)
    work.rollback()
    assert work.scalars(sa.select(agent.PurchaseOrder.state)).one() == "approved"


def wait_for_a_lock() -> None:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    deadline = time.monotonic() + 30
    with database.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        while not connection.scalar(sa.text(waiting)):
            assert time.monotonic() < deadline, "nobody waits for the key"
            time.sleep(0.02)


def python_files(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def names_observations(source: str) -> list[str]:
    """Where code names the log: its class, its table, or SQL that reads it. Docstrings may speak of it."""
    found = []
    tree = ast.parse(source)
    spoken = {
        id(body[0].value)
        for node in ast.walk(tree)
        if (body := getattr(node, "body", None)) and isinstance(body, list) and isinstance(body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names) if any(alias.name == "Observation" for alias in names):
                found.append("Observation imported")
            case ast.Attribute(attr="Observation") | ast.Name(id="Observation"):
                found.append("Observation used")
            case ast.Constant(value=str() as text) if re.search(r"\bmarket\.observation\b", text):
                if id(node) not in spoken:
                    found.append(text[:60])
    return found


def test_neither_the_business_nor_the_app_names_the_log_of_observations() -> None:
    assert names_observations("from database.market import Observation")
    assert names_observations("x = sa.text('select max(observed_at) from market.observation')")
    assert not names_observations('"""Nobody reads market.observation."""')
    found = {
        str(file.relative_to(ROOT)): named
        for file in python_files("reseller", "webapp")
        if (named := names_observations(file.read_text()))
    }
    assert found == {}


def test_every_page_and_a_whole_cycle_work_where_the_log_of_observations_is_gone(work: Session) -> None:
    from webapp import create_app

    day = working_day.begin(work, mode="auto")
    work.execute(sa.text("drop table market.observation cascade"))
    work.commit()
    app = create_app(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    client = app.test_client()
    working_day.sign_in(client)
    opened = 0
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and not rule.endpoint.endswith("static"):
            number = day.proposals[0] if "proposal" in rule.rule else day.listings[0]
            path = re.sub(r"<[^>]+>", "phones", re.sub(r"<int:[^>]+>", str(number), rule.rule))
            answer = client.get(f"{path}?lang=en", follow_redirects=True, buffered=True)
            assert answer.status_code < 500, path
            opened += answer.status_code == 200
    assert opened >= 15
    assert cycle.run(day.now).proposed is not None


CONTACTS = [
    "0555123456", "tel0555123456", "Tél.0555 12 34 56", "Tél:0555-12-34-56", "للاتصال0555123456", "٠٥٥٥١٢٣٤٥٦",
    "wa.me/213555123456", "+213 555 12 34 56", "ali.b@mail.dz",
]  # fmt: skip
NAME = "Rezak Bensalem"


@pytest.mark.parametrize("contact", CONTACTS)
@pytest.mark.parametrize("price", [Decimal(100), Decimal(-1), Decimal("NaN")], ids=["good", "rejected", "no number"])
def test_no_contact_and_no_private_name_reaches_any_table(database_url: str, contact: str, price: Decimal) -> None:
    """Through the pipelines' own order, whether the offer is taken or rejected."""
    slug = re.sub(r"[^\w@.]+", "-", contact) if contact.isascii() else "x"
    made = offer(
        title=f"iPhone {contact}",
        url=f"https://x.dz/iphone-{slug}-d1",
        price=price,
        brand=f"Apple {contact}",
        category_path=[f"Téléphones {contact}"],
        seller_name=NAME,
        seller_kind="private",
        attributes={contact: f"appelez {contact}", "user": contact},
    )
    body = f'{{"displayName":"{NAME}","phone":"{contact}"'
    raw = {contact: 1, "body": body, "user": {"email": contact}}
    page = Reject(url=f"https://x.dz/{slug}", reason=f"page/odd: {contact}", raw=raw)
    items = [ValidatePipeline().process_item(ScrubPipeline().process_item(one)) for one in (made, page)]
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        sent = batch(
            *[one for one in items if not isinstance(one, Reject)],
            rejects=[one for one in items if isinstance(one, Reject)],
        )
        store.store_batch(cursor, sent, store.crawl_id(cursor, sent.crawl))
        cursor.execute(
            "select concat((select string_agg(l::text, ' ') from market.listing l),"
            " (select string_agg(r::text, ' ') from market.rejected_item r))"
        )
        (kept,) = cursor.fetchone() or ("",)
    connection.close()
    digits = re.sub(r"\D", "", contact)[-9:]
    assert MARK in kept
    for secret in filter(None, (contact, NAME, digits, "555 12 34 56", "555-12-34-56")):
        assert secret not in kept, kept


def test_the_order_of_the_pipelines_is_scrub_validate_normalise_quarantine_store() -> None:
    from crawlers.settings import ITEM_PIPELINES

    order = [name.rpartition(".")[2] for name, _ in sorted(ITEM_PIPELINES.items(), key=lambda item: item[1])]
    assert order == ["ScrubPipeline", "ValidatePipeline", "NormalisePipeline", "QuarantinePipeline", "StorePipeline"]


def test_what_a_crawl_says_of_its_troubles_names_no_contact() -> None:
    from types import SimpleNamespace

    from crawlers.spiders.market import MarketSpider

    spider: Any = SimpleNamespace(logger=SimpleNamespace(error=lambda *_: None), failures=[], troubles=[])
    url = "https://x.dz/iphone-0555-12-34-56-d1"
    MarketSpider._failed(spider, url, "page/unexpected", "ValueError: 'tel 0661123456'", b"", start=False)
    _, reason = judge("finished", 1, 1, spider.failures, spider.troubles)
    assert reason is not None
    assert "page/unexpected" in reason
    assert "0661" not in reason
    assert "0555" not in reason


def test_observations_have_no_column_for_a_person() -> None:
    columns = [column.name for column in Observation.__table__.columns]
    assert not [name for name in columns if re.search("phone|mail|name|user", name)]
