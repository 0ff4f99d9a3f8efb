"""A crawl is killed with SIGKILL, fifty times.

After the next run the log is that of an undisturbed crawl, row by row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.crawlers.conftest import Shop
from tests.crawlers.forked_crawls import Crawl, Crawls, Ended, started
from tests.crawlers.test_bad_crawls import listing, product

SEEDS = range(5)
PAGES = 6
PER_PAGE = 10
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"

OBSERVATIONS = """
select external_id, observed_at, price, currency, old_price, price_kind, rating, rating_count, availability, stock_left,
    views, likes, position, sponsored
from market.observation join market.listing on listing.id = listing_id order by external_id, observed_at
"""
LISTINGS = """
select marketplace, country, external_id, url, title, brand, category_path, seller_name, seller_kind, image_urls,
    attributes, first_seen_at, last_seen_at
from market.listing order by external_id
"""
COUNTS = """
select (select count(*) from market.observation) - (select sum(observations) from market.crawl),
    (select count(*) from market.crawl where state = 'running'), (select count(*) from market.rejected_item) -
    (select sum(rejects) from market.crawl)
"""
TABLES = "market.observation, market.listing, market.rejected_item, market.stored_batch, market.crawl"


@dataclass
class Ground:
    """A database, a spool, and crawls that can be killed."""

    crawls: Crawls
    crawl: Crawl
    address: str
    spool: Path

    def run(self, **values: Any) -> Ended:
        return self.crawls.run(replace(self.crawl, **values))

    def away(self, **values: Any) -> Ended:
        return self.run(environment=self.crawl.environment | {"DATABASE_URL": NOWHERE}, **values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.address)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()

    def everything(self) -> tuple[list[Any], ...]:
        return self.rows(OBSERVATIONS), self.rows(LISTINGS)

    def forget(self) -> None:
        self.rows(f"truncate {TABLES} cascade; select 1")
        for file in self.spool.glob("*"):
            file.unlink()


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    with started(tmp_path_factory.mktemp("crawls") / "log") as parent:
        yield parent


@pytest.fixture
def ground(shop: Shop, database_url: str, tmp_path: Path, crawls: Crawls) -> Ground:
    for number in range(1, PAGES + 1):
        path = f"/t/?page={number}" if number > 1 else "/t/"
        products = [product((number - 1) * PER_PAGE + n) for n in range(1, PER_PAGE + 1)]
        # One product of each page is on the next one too, and one offer of each page is wrong.
        products[-1] = product(number * PER_PAGE + 1)
        products[-2]["prices"] = {"rawPrice": "-5.00", "price": "-5 DA"}
        shop[path] = listing(*products, following=f"/t/?page={number + 1}" if number < PAGES else "")
    environment = {
        "MARKETS": "demo",
        "DEMO_JUMIA_PORT": str(shop.port),
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path / "data"),
        "STORE_BATCH_SIZE": "7",
        "LOG_LEVEL": "ERROR",
    }
    crawl = Crawl(arguments=["jumia", "-a", "category=t"], environment=environment)
    return Ground(crawls, crawl, database_url, tmp_path / "data" / "spool")


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_kill_at_any_point_the_next_run_leaves_the_log_of_an_undisturbed_crawl(
    ground: Ground, seed: int
) -> None:
    chance = random.Random(seed)
    undisturbed = ground.run(at="statement")
    assert undisturbed.code == 0, ground.crawls.log.read_text()
    expected = ground.everything()
    assert len(expected[0]) == PAGES * (PER_PAGE - 2) + 1
    spooling = ground.away(at="spool")
    assert spooling.code == 0, ground.crawls.log.read_text()

    def in_mid_crawl() -> Ended:
        return ground.run(after_seconds=chance.uniform(0, undisturbed.seconds))

    def at_a_statement() -> Ended:
        return ground.run(at="statement", step=chance.randint(1, undisturbed.steps))

    def while_spooling() -> Ended:
        return ground.away(at="spool", step=chance.randint(1, spooling.steps))

    def while_draining() -> Ended:
        ground.away()
        return ground.run(at="statement", step=chance.randint(1, undisturbed.steps))

    killed = 0
    for kill in (*[in_mid_crawl] * 4, *[at_a_statement] * 3, *[while_spooling] * 2, while_draining):
        ground.forget()
        killed += kill().code is None
        assert ground.run().code == 0, ground.crawls.log.read_text()
        observations, listings = ground.everything()
        assert observations == expected[0], f"seed {seed}, {kill.__name__}"
        assert listings == expected[1], f"seed {seed}, {kill.__name__}"
        assert ground.rows(COUNTS) == [(0, 0, 0)], f"seed {seed}, {kill.__name__}"
        assert list(ground.spool.glob("*.json")) == []
    assert killed >= 8
