"""Whole crawls of the demo's shop: shards, sitemaps, capped listings, what is no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.crawlers.conftest import Crawl
from tests.crawlers.demo_shop import DemoShop, demo_shop


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoShop]:
    with demo_shop(tmp_path_factory.mktemp("market")) as started:
        yield started


@pytest.fixture
def market(served: DemoShop, monkeypatch: pytest.MonkeyPatch, work: Session) -> DemoShop:
    """The demo's shop in its first state, and a database of the test's own."""
    served.reset()
    monkeypatch.setenv("MARKETS", "demo")
    monkeypatch.setenv("DEMO_JUMIA_PORT", served.port)
    return served


def rows(work: Session, query: str) -> list[Any]:
    work.rollback()
    return [tuple(row) for row in work.execute(sa.text(query))]


def last(work: Session, columns: str) -> Any:
    return rows(work, f"select {columns} from market.crawl order by id desc limit 1")[0]


WITHDRAWN = [
    "/haylou-solar-lite-montre-connectee-55386643.html",
    "/generic-plaid-flanelle-200-x-230-cm-gris-80732086.html",
    "/adidas-baskets-run-60s-4-0-43-75190676.html",
]
STAYING = "/samsung-galaxy-a06-6-7-4-go-128-go-noir-24235998.html"
SKUS = "select external_id from market.listing order by 1"
FORGET = "truncate market.observation, market.listing, market.stored_batch, market.crawl cascade"


def test_the_shards_are_disjoint_and_together_the_whole_shop(market: DemoShop, crawl: Crawl, work: Session) -> None:
    assert crawl("jumia", max_pages=100).returncode == 0
    whole = rows(work, SKUS)
    assert len(whole) > 600
    cut, listings = last(work, "stats ->> 'cut', pages - 1")
    assert (cut, listings) == (None, 21)
    found, pages = [], 0
    for index in range(2):
        work.execute(sa.text(FORGET))
        work.commit()
        assert crawl("jumia", max_pages=100, shard=f"{index}/2").returncode == 0
        found += rows(work, SKUS)
        cut, read, complete = last(work, "stats ->> 'cut', pages, complete")
        assert (cut, complete) == ("shard", False)
        pages += read - 1
    assert sorted(found) == whole
    assert pages == listings


def test_a_shard_without_a_place_finishes_and_says_so(market: DemoShop, crawl: Crawl, work: Session) -> None:
    from crawlers.shard import Shard

    address = f"{market.address}/epicerie/"
    other = next(f"{index}/97" for index in range(97) if not Shard(index, 97).takes(address))
    assert crawl("jumia", start_url=f"{address},{address}?page=1", shard=other).returncode == 0
    assert last(work, "state, reason, pages") == ("finished", f"none of the places is of shard {other}", 0)


def test_sitemaps_lead_to_every_product_sold_out_or_not(market: DemoShop, crawl: Crawl, work: Session) -> None:
    assert crawl("jumia", source="sitemap", kind="product", max_pages=1000).returncode == 0
    kept = dict(rows(work, "select availability, count(*) from market.observation group by 1"))
    assert kept["out_of_stock"] > 0
    assert kept["low_stock"] > 0
    assert sum(kept.values()) > 700
    prices = "select count(*) from market.observation where availability = 'out_of_stock' and price is null"
    assert rows(work, prices) == [(0,)]


def test_no_more_product_pages_of_sitemaps_are_read_than_allowed(market: DemoShop, crawl: Crawl, work: Session) -> None:
    assert crawl("jumia", source="sitemap", kind="product", max_pages=5).returncode == 0
    assert rows(work, "select count(*) from market.listing") == [(5,)]
    assert last(work, "stats ->> 'cut', complete") == ("max_pages", False)


def test_a_capped_listing_is_read_whole_through_its_sub_categories(
    market: DemoShop, crawl: Crawl, work: Session
) -> None:
    market.put("rules", most_pages=1)
    assert crawl("jumia", start_url=f"{market.address}/catalog/", max_pages=100).returncode == 0
    found, placed = rows(work, "select count(*), count(o.position) from market.observation o")[0]
    assert found > 600
    assert placed == 40
    assert last(work, "state, reason, stats ->> 'cut', complete") == ("finished", None, None, True)


def test_without_sub_categories_it_is_read_whole_through_bands_of_prices(
    market: DemoShop, crawl: Crawl, work: Session
) -> None:
    market.put("rules", most_pages=1, narrower=False, bands=True)
    assert crawl("jumia", start_url=f"{market.address}/catalog/", max_pages=100).returncode == 0
    assert rows(work, "select count(*) from market.listing")[0][0] > 600
    assert last(work, "state, reason, complete") == ("finished", None, True)


def test_bands_that_robots_txt_forbids_are_not_asked_for_and_the_rest_is_told(
    market: DemoShop, crawl: Crawl, work: Session
) -> None:
    market.put("rules", most_pages=1, narrower=False, bands=False)
    assert crawl("jumia", start_url=f"{market.address}/catalog/", max_pages=100).returncode == 0
    assert rows(work, "select count(*) from market.listing") == [(40,)]
    state, reason, cut, complete, stats = last(work, "state, reason, stats ->> 'cut', complete, stats")
    assert (state, cut, complete) == ("finished", "page cap", False)
    assert reason.endswith("products beyond page 1 are out of reach")
    assert "robotstxt/forbidden" not in stats


def test_what_the_shop_no_longer_sells_is_out_of_stock_without_a_price(
    market: DemoShop, crawl: Crawl, work: Session
) -> None:
    addresses = [f"{market.address}{path}" for path in (*WITHDRAWN, STAYING)]
    market.put("clock", now="2026-05-02T12:00:00Z")
    assert crawl("jumia", start_url=",".join(addresses)).returncode == 0
    assert rows(work, "select count(*) from market.observation where price > 0") == [(4,)]
    market.put("clock", now="2026-06-30T12:00:00Z")
    assert crawl("jumia", start_url=",".join(addresses)).returncode == 0
    newest = (
        "select distinct on (listing_id) url, o.price, o.price_kind, o.availability, o.stock_left"
        " from market.observation o join market.listing l on l.id = listing_id order by listing_id, observed_at desc"
    )
    ended = {url: values for url, *values in rows(work, newest)}
    assert ended.pop(addresses[-1])[0] > 0
    assert ended == {url: [None, "none", "out_of_stock", 0] for url in addresses[:-1]}
    state, stats = last(work, "state, stats")
    assert (state, stats["gone/product_gone"]) == ("finished", 3)
    assert stats["downloader/request_count"] == 5  # robots.txt and the products: no home page for each of the dead
