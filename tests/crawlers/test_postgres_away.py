"""PostgreSQL is stopped or killed while a crawl runs: nothing is lost, and the log is that of an undisturbed crawl."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from database import migrate, server
from tests.crawlers.conftest import Crawl, Shop
from tests.crawlers.test_bad_crawls import listing, product

PAGES = 6
PER_PAGE = 40


class Cluster:
    """A server of its own, that a test may stop and start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = server.ensure(folder)

    def stop(self) -> None:
        server.stop(self.folder / "postgres")

    def kill(self) -> None:
        """kill -9, the server and all its children at once, as when the machine loses its power."""
        pgdata = self.folder / "postgres"
        server_process = psutil.Process(int((pgdata / "postmaster.pid").read_text().splitlines()[0]))
        doomed = [server_process, *server_process.children(recursive=True)]
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(doomed, 10)

    def start(self) -> None:
        server.ensure(self.folder)

    def rows(self, query: str) -> list[Any]:
        connection = psycopg2.connect(self.url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    # The path of a Unix socket must be short, and the server's own user must be able to enter the folder.
    folder = Path(f"/tmp/hanout-away-{os.getpid()}-{uuid.uuid4().hex[:6]}")
    made = Cluster(folder)
    migrate.upgrade(made.url)
    monkeypatch.setenv("DATABASE_URL", made.url)
    monkeypatch.setenv("STORE_BATCH_SIZE", "50")
    yield made
    server.release(folder)
    made.stop()
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def pages(shop: Shop) -> Shop:
    for number in range(1, PAGES + 1):
        first = (number - 1) * PER_PAGE
        path = f"/t/?page={number}" if number > 1 else "/t/"
        following = f"/t/?page={number + 1}" if number < PAGES else ""
        shop[path] = listing(*[product(first + n) for n in range(1, PER_PAGE + 1)], following=following)
    return shop


LOG = (
    "select external_id, observed_at, price, currency, rating_count, position, availability "
    "from market.observation join market.listing on listing.id = listing_id order by external_id, observed_at"
)
CRAWLS = "select state, offers, observations, rejects, pages from market.crawl order by started_at"


def spooled(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "data" / "spool").glob("*.json"))


def test_postgres_that_is_killed_in_mid_crawl_and_comes_back_loses_nothing(
    cluster: Cluster, pages: Shop, crawl: Crawl, tmp_path: Path
) -> None:
    def disturb(path: str) -> None:
        if path == "/t/?page=3":
            cluster.kill()
        if path == "/t/?page=5":
            cluster.start()

    pages.before_answer = disturb
    done = crawl("jumia", category="t")
    assert done.returncode == 0, done.stderr
    assert "PostgreSQL is away" in done.stderr
    disturbed, crawls = cluster.rows(LOG), cluster.rows(CRAWLS)
    assert spooled(tmp_path) == []

    pages.before_answer = lambda _: None
    _clear(cluster)
    assert crawl("jumia", category="t").returncode == 0
    assert disturbed == cluster.rows(LOG)
    assert len(disturbed) == PAGES * PER_PAGE
    assert crawls == cluster.rows(CRAWLS) == [("finished", 240, 240, 0, PAGES)]


def _clear(cluster: Cluster) -> None:
    connection = psycopg2.connect(cluster.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "truncate market.observation, market.listing, market.rejected_item, market.stored_batch, "
            "market.crawl cascade"
        )
    connection.close()


def test_postgres_that_stays_away_until_the_next_crawl_loses_nothing(
    cluster: Cluster, pages: Shop, crawl: Crawl, tmp_path: Path
) -> None:
    pages["/bad/"] = b"<html><body>redesigned</body></html>"

    def stop(path: str) -> None:
        if path == "/t/?page=3":
            cluster.stop()

    pages.before_answer = stop
    assert crawl("jumia", category="t").returncode == 0
    pages.before_answer = lambda _: None
    assert crawl("jumia", category="bad").returncode == 1
    waiting = spooled(tmp_path)
    assert len(waiting) >= 5
    cluster.start()
    assert crawl("ouedkniss", category="none").returncode == 1
    assert spooled(tmp_path) == []
    assert len(cluster.rows(LOG)) == PAGES * PER_PAGE
    assert cluster.rows(CRAWLS)[:2] == [("finished", 240, 240, 0, PAGES), ("failed", 0, 0, 1, 1)]
    reasons = cluster.rows("select left(reason, 19) from market.rejected_item order by id limit 1")
    assert reasons == [("page/layout_changed",)]
