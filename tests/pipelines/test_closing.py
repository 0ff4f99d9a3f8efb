"""How a crawl is judged by those before it, on a real PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from pipelines import closing, store
from pipelines.gone import Gone
from pipelines.known import ALL_KNOWN
from pipelines.records import CrawlEnd, CrawlStart
from pipelines.reject import Reject
from tests.pipelines.offers import NOON, batch, crawl, offer

HOUR = timedelta(hours=1)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    made = psycopg2.connect(database_url, options="-c timezone=UTC")
    yield made
    made.close()


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def close(connection: Connection, of: CrawlStart, **values: Any) -> tuple[Any, ...]:
    end = CrawlEnd(**{"crawl": of, "state": "finished", "reason": None, "pages": 2, "stats": {"page/read": 2}} | values)
    with connection, connection.cursor() as cursor:
        return closing.close_crawl(cursor, end, store.crawl_id(cursor, of))


def crawled(connection: Connection, hour: int, offers: int, **values: Any) -> tuple[str, str | None]:
    """A crawl that brings so many offers and ends. Returns state and reason."""
    of = crawl(started_at=NOON + hour * HOUR, arguments=values.pop("arguments", {"country": "dz"}))
    sent = batch(*[offer(number, observed_at=of.started_at) for number in range(1, offers + 1)], of=of)
    with connection, connection.cursor() as cursor:
        store.store_batch(cursor, sent, store.crawl_id(cursor, of))
    state, reason, *_ = close(connection, of, **values)
    return state, reason


def test_closing_a_crawl_writes_its_end_and_keeps_its_identity(connection: Connection) -> None:
    of = crawl()
    with connection, connection.cursor() as cursor:
        store.store_batch(cursor, batch(offer(), of=of), store.crawl_id(cursor, of))
    assert close(connection, of) == ("finished", None, 1, 1, 0)
    ((state, reason, pages, stats),) = rows(connection, "select state, reason, pages, stats from market.crawl")
    assert (state, reason, pages) == ("finished", None, 2)
    assert (stats["page/read"], stats["run"]) == (2, of.run)


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_only_a_finished_crawl_is_complete(connection: Connection, state: Any) -> None:
    close(connection, crawl(), state=state, coverage={"brand": 0.5}, complete=True, served_at=NOON)
    expected = ({"brand": 0.5}, state == "finished", NOON)
    assert rows(connection, "select coverage, complete, served_at from market.crawl") == [expected]


def test_a_crawl_whose_yield_falls_under_half_of_its_median_has_failed(connection: Connection) -> None:
    for hour, offers in enumerate((40, 44, 30, 50)):
        assert crawled(connection, hour, offers) == ("finished", None)
    assert crawled(connection, 5, 21)[0] == "finished"
    state, reason = crawled(connection, 6, 19, complete=True)
    assert (state, reason) == ("failed", "layout changed? 19 offers where 40 were usual")
    assert rows(connection, "select complete from market.crawl order by started_at desc limit 1") == [(False,)]


def test_with_one_or_two_crawls_before_it_takes_a_fall_under_a_quarter(connection: Connection) -> None:
    assert crawled(connection, 1, 40)[0] == "finished"
    assert crawled(connection, 2, 11)[0] == "finished"
    assert crawled(connection, 3, 5) == ("failed", "layout changed? 5 offers where 26 were usual")


def test_a_crawl_whose_field_falls_silent_has_failed_and_names_the_page_that_was_kept(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 40, coverage={"rating": 0.85, "price": 1.0})
    state, reason = crawled(
        connection, 4, 40, coverage={"rating": 0.40, "price": 1.0}, kept="scrapy extract jumia /pages/x.html"
    )
    assert state == "failed"
    assert reason == (
        "layout changed? rating in 40% of the offers where 85% were usual; "
        "see the page: scrapy extract jumia /pages/x.html"
    )


def test_a_failed_crawl_is_no_measure_for_the_next(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 40)
    for hour in range(4, 9):
        assert crawled(connection, hour, 10)[0] == "failed"
    assert crawled(connection, 10, 40)[0] == "finished"


def test_what_a_person_accepts_is_the_new_measure(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 40)
    assert crawled(connection, 4, 10)[0] == "failed"
    assert crawled(connection, 5, 10, stats={"layout_accepted": True})[0] == "finished"
    assert crawled(connection, 6, 10)[0] == "finished"


def test_other_arguments_or_another_bound_of_pages_are_another_crawl(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 60, stats={"page_limit": 50})
    assert crawled(connection, 4, 2, arguments={"category": "rare"}, stats={"page_limit": 50})[0] == "finished"
    assert crawled(connection, 5, 2, stats={"page_limit": 1})[0] == "finished"
    assert crawled(connection, 6, 2, stats={"page_limit": 50})[0] == "failed"


def listed(pages: int, offers: int, **stats: Any) -> dict[str, Any]:
    return {"page/listing": pages, "page/listing_offers": offers} | stats


def test_an_incremental_crawl_may_bring_little_but_not_less_a_page(connection: Connection) -> None:
    known = {ALL_KNOWN: 1, "cut": "all known and unchanged"}
    for hour in range(3):
        crawled(connection, hour, 240, stats=listed(5, 240))
    assert crawled(connection, 4, 48, stats=listed(1, 48, **known))[0] == "finished"
    assert crawled(connection, 5, 240, stats=listed(5, 240))[0] == "finished"
    state, reason = crawled(connection, 6, 20, stats=listed(1, 20, **known))
    assert (state, reason) == ("failed", "layout changed? 20.0 offers a page where 48.0 were usual")


def test_a_crawl_that_stopped_at_known_ads_is_incremental_whatever_else_cut_it(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 240)
    assert crawled(connection, 4, 30, stats={ALL_KNOWN: 1, "cut": "pages repeat"})[0] == "finished"
    assert crawled(connection, 5, 240)[0] == "finished"
    assert crawled(connection, 6, 30, stats={"cut": "all known of it"})[0] == "failed"


def test_details_that_are_asked_for_make_no_page_poorer(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 48, pages=2, stats=listed(1, 48))
    assert crawled(connection, 4, 48, pages=49, stats=listed(1, 48))[0] == "finished"


def test_what_was_usual_and_what_fell_is_kept_with_the_crawl(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 40, coverage={"rating": 0.85, "price": 1.0})
    assert crawled(connection, 4, 40, coverage={"rating": 0.40, "price": 1.0})[0] == "failed"
    accepted = {"layout_accepted": True}
    assert crawled(connection, 5, 40, coverage={"rating": 0.40, "price": 1.0}, stats=accepted)[0] == "finished"
    kept = rows(connection, "select stats -> 'usual', stats -> 'fallen' from market.crawl order by started_at")
    usual = {"price": 1.0, "rating": 0.85}
    assert kept == [({}, []), (usual, []), (usual, []), (usual, ["rating"]), (usual, [])]


@pytest.mark.parametrize(
    ("reason", "complete"), [("offer/price/too_large", False), ("offer/refused_by_database: x", False), (None, True)]
)
def test_a_crawl_that_rejected_an_offer_without_a_name_is_not_complete(
    connection: Connection, reason: str | None, complete: bool
) -> None:
    of = crawl()
    rejects = [Reject(url="https://x.dz/a", reason=reason, raw={})] if reason else []
    with connection, connection.cursor() as cursor:
        store.store_batch(cursor, batch(offer(), of=of, rejects=rejects), store.crawl_id(cursor, of))
    assert close(connection, of, complete=True)[0] == "finished"
    assert rows(connection, "select complete from market.crawl") == [(complete,)]


@pytest.mark.parametrize("name", ["external_id", "sku"])
def test_a_listing_whose_offer_cannot_be_used_was_seen_nevertheless(connection: Connection, name: str) -> None:
    crawled(connection, 0, 2)
    of = crawl(started_at=NOON + 5 * HOUR)
    reject = Reject(url="https://x.dz/a", reason="offer/price/negative", raw={name: offer(1).external_id})
    with connection, connection.cursor() as cursor:
        store.store_batch(cursor, batch(of=of, rejects=[reject]), store.crawl_id(cursor, of))
    assert close(connection, of, complete=True, served_at=NOON + 5 * HOUR)[0] == "finished"
    assert rows(connection, "select last_seen_at, last_crawl_id from market.listing order by external_id") == [
        (NOON + 5 * HOUR, 2),
        (NOON, 1),
    ]
    assert rows(connection, "select complete from market.crawl where id = 2") == [(True,)]
    assert rows(connection, "select count(*) from market.observation") == [(2,)]


GONE = Gone(
    marketplace="jumia",
    country="dz",
    url="https://www.jumia.com.dz/casque-1.html",
    reason="page/product_gone: it leads to the home page",
    observed_at=NOON + 5 * HOUR,
)


def test_the_gone_listings_of_a_finished_crawl_are_out_of_stock(connection: Connection) -> None:
    crawled(connection, 1, 2)
    of = crawl(started_at=NOON + 5 * HOUR)
    for _ in range(2):
        assert close(connection, of, gone=[GONE]) == ("finished", None, 0, 1, 0)
    assert rows(connection, "select price, availability from market.observation order by observed_at desc limit 1") == [
        (None, "out_of_stock")
    ]


def test_the_gone_listings_of_a_failed_crawl_are_kept_as_rejects_and_not_believed(connection: Connection) -> None:
    crawled(connection, 1, 2)
    of = crawl(started_at=NOON + 5 * HOUR)
    assert close(connection, of, state="failed", reason="no offers", gone=[GONE]) == ("failed", "no offers", 0, 0, 1)
    assert rows(connection, "select url, split_part(reason, ':', 1) from market.rejected_item") == [
        (GONE.url, "gone/not_believed")
    ]
    assert rows(connection, "select 1 from market.observation where price is null") == []


def test_the_gone_listings_of_a_crawl_whose_layout_changed_are_not_believed_either(connection: Connection) -> None:
    for hour in range(3):
        crawled(connection, hour, 40)
    assert crawled(connection, 6, 4, gone=[GONE])[0] == "failed"
    assert rows(connection, "select 1 from market.observation where price is null") == []


def test_a_crawl_whose_process_is_gone_is_marked_interrupted(connection: Connection) -> None:
    gone, alive, elsewhere = crawl(pid=2**22 + 1), crawl(pid=os.getpid()), crawl(pid=2**22 + 1, host="there")
    for of in (gone, alive, elsewhere):
        with connection, connection.cursor() as cursor:
            store.crawl_id(cursor, of)
    with connection, connection.cursor() as cursor:
        assert closing.mark_interrupted(cursor, crawl()) == 1
    states = dict(rows(connection, "select stats ->> 'run', state from market.crawl"))
    assert states == {gone.run: "failed", alive.run: "running", elsewhere.run: "running"}


def test_a_process_that_got_the_number_of_a_killed_crawls_process_does_not_keep_it_running(
    connection: Connection,
) -> None:
    began = closing.process_started(os.getpid())
    same, another, of_earlier_release = (
        crawl(pid=os.getpid(), process_started=began),
        crawl(pid=os.getpid(), process_started=began - 60),
        crawl(pid=os.getpid()),
    )
    for of in (same, another, of_earlier_release):
        with connection, connection.cursor() as cursor:
            store.crawl_id(cursor, of)
    with connection, connection.cursor() as cursor:
        assert closing.mark_interrupted(cursor, crawl()) == 1
    states = dict(rows(connection, "select stats ->> 'run', state from market.crawl"))
    assert states == {same.run: "running", another.run: "failed", of_earlier_release.run: "running"}


def test_an_end_in_odd_words_is_written(connection: Connection) -> None:
    odd = "no offers: \ud800\0"
    ended = close(connection, crawl(), state="failed", reason=odd, stats={"a\ud800": 10**30}, coverage={"\ud800": 0.5})
    assert ended[:2] == ("failed", "no offers: ?")
    assert rows(connection, "select stats ->> 'a?' from market.crawl") == [("1" + "0" * 30,)]
