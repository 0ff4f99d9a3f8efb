"""Whole crawls of the real pages: real HTTP, real processes, real PostgreSQL."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.crawlers.conftest import Crawl, Replay

DAY_ONE, DAY_TWO = "2025-06-21T12:00:00Z", "2025-06-22T12:00:00Z"
PAGES = "real/jumia/pages"


def embedded(file: Path) -> list[dict[str, Any]]:
    text = file.read_text()
    begun = re.search(r"window\.__(?:STORE|INITIAL_STATE)__\s*=\s*", text)
    assert begun
    state, _ = json.JSONDecoder().raw_decode(text, begun.end())
    return list(state.get("products") or state["viewData"]["products"])


def rows(work: Session, query: str, **values: Any) -> list[Any]:
    work.rollback()
    return [tuple(row) for row in work.execute(sa.text(query), values)]


def test_the_two_days_of_ghana_give_two_observations_where_something_changed_and_one_where_nothing_did(
    replay: Replay, crawl: Crawl, work: Session, shared: Path
) -> None:
    for now in (DAY_ONE, DAY_TWO):
        replay.set_clock(now)
        ended = crawl("jumia", country="gh", query="laptop", max_pages=1)
        assert ended.returncode == 0, ended.stderr
    days = [embedded(shared / PAGES / f"gh-2025-06-{day}-search-laptop-desktop.html") for day in (21, 22)]
    expected = {}
    first, second = ({product["sku"]: (place, product) for place, product in enumerate(day)} for day in days)
    for sku in first.keys() | second.keys():
        both = sku in first and sku in second
        expected[sku] = 2 if both and _signals(*first[sku]) != _signals(*second[sku]) else 1
    assert {1, 2} == set(expected.values())
    counted = rows(
        work,
        "select external_id, count(*) from market.observation join market.listing on listing.id = listing_id "
        "where country = 'gh' group by 1",
    )
    assert dict(counted) == expected
    latest = rows(work, "select external_id, last_seen_at from market.listing")
    assert {sku: seen.isoformat()[:10] for sku, seen in latest} == {
        sku: "2025-06-22" if sku in second else "2025-06-21" for sku in expected
    }
    crawls = rows(work, "select state, reason, pages, offers, rejects from market.crawl order by id")
    assert crawls == [("finished", None, 1, 40, 0)] * 2


def _signals(place: int, product: dict[str, Any]) -> tuple[Any, ...]:
    prices, rating = product["prices"], product["rating"]
    return place, prices["price"], prices.get("oldPrice"), rating["average"], rating["totalRatings"]


def test_crawling_the_same_page_twice_stores_nothing_new(replay: Replay, crawl: Crawl, work: Session) -> None:
    replay.set_clock("2026-04-30T12:00:00Z")
    crawl("jumia", country="ma", query="laptop", max_pages=1)
    replay.set_clock("2026-04-30T18:00:00Z")
    assert crawl("jumia", country="ma", query="laptop", max_pages=1).returncode == 0
    assert rows(work, "select offers, observations from market.crawl order by id") == [(40, 40), (40, 0)]
    assert rows(work, "select distinct last_seen_at::text from market.listing") == [("2026-04-30 18:00:00+00",)]


def test_every_step_of_the_plan_succeeds_and_stores_what_the_pages_say(
    replay: Replay, crawl: Crawl, work: Session, shared: Path
) -> None:
    for step in replay.get("/_market/plan"):
        replay.set_clock(step["at"])
        ended = crawl(step["spider"], **step["arguments"])
        assert ended.returncode == 0, f"{step}: {ended.stderr[-2000:]}"
    assert rows(work, "select distinct state from market.crawl") == [("finished",)]
    assert rows(work, "select reason, url from market.rejected_item") == []
    counts = dict(rows(work, "select marketplace || '/' || country, count(*) from market.listing group by 1"))
    assert counts == {
        "jumia/gh": 41,
        "jumia/ma": _distinct(shared, "ma-*.html"),
        "jumia/ng": _distinct(shared, "ng-2020*.html") + 40 + 2,
        "jumia/sn": 272,
        "ouedkniss/dz": 912 + 3,
    }
    for file in (shared / PAGES).glob("ma-*.html"):
        for product in embedded(file):
            ((price, currency, url),) = rows(
                work,
                "select price, currency, url from market.observation join market.listing on listing.id = listing_id "
                "where external_id = :sku and country = 'ma' order by observed_at limit 1",
                sku=product["sku"],
            )
            assert (price, currency) == (Decimal(product["prices"]["rawPrice"]), "MAD")
            assert url == f"https://www.jumia.ma{product['url']}"
    assert rows(work, "select distinct currency from market.observation where currency is not null order by 1") == [
        ("DZD",),
        ("GHS",),
        ("MAD",),
        ("NGN",),
        ("XOF",),
    ]
    persons = "select title from market.listing where listing::text ~ 'Personne [0-9]' or listing::text ~* 'rezak'"
    assert rows(work, persons) == []
    assert rows(work, "select count(*) from market.listing where seller_kind = 'private' and seller_name <> ''") == [
        (0,)
    ]


def _distinct(shared: Path, pattern: str) -> int:
    return len({product["sku"] for file in (shared / PAGES).glob(pattern) for product in embedded(file)})


def test_a_page_the_market_does_not_have_yet_fails_the_crawl_with_the_reason(
    replay: Replay, crawl: Crawl, work: Session
) -> None:
    replay.set_clock("2020-01-01T12:00:00Z")
    ended = crawl("jumia", country="gh", query="laptop", max_pages=1)
    assert ended.returncode == 1
    ((state, reason),) = rows(work, "select state, reason from market.crawl")
    assert state == "failed"
    assert "page/bad_status: the shop answered 404" in reason


def test_a_wrong_category_of_ouedkniss_is_reported(replay: Replay, crawl: Crawl, work: Session) -> None:
    ended = crawl("ouedkniss", category="immobilier-vente-studio,telefones")
    assert ended.returncode == 1
    ((state, reason, offers),) = rows(work, "select state, reason, offers from market.crawl")
    assert (state, offers) == ("failed", 16)
    assert "page/empty: no ads under telefones" in reason
