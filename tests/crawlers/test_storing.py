"""What is stored when: a slow crawl, a shop that leads all its products to nowhere, a full spool."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.orm import Session

from tests.crawlers.conftest import Answer, Crawl, Shop
from tests.crawlers.test_bad_crawls import HOME, listing, product, rows


def test_a_slow_crawl_does_not_keep_its_offers_until_a_batch_is_full(
    shop: Shop, crawl: Crawl, work: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(path: str) -> None:
        if path == "/t/?page=2":
            time.sleep(2)
            connection = psycopg2.connect(database_url)
            with connection.cursor() as cursor:
                cursor.execute("select count(*) from market.observation")
                seen.append(cursor.fetchone()[0])  # type: ignore[index]
            connection.close()

    shop["/t/"] = listing(*[product(number) for number in range(1, 41)], following="/t/?page=2")
    shop["/t/?page=2"] = listing(product(41))
    shop.before_answer = look
    monkeypatch.setenv("STORE_BATCH_SECONDS", "0.5")
    assert crawl("jumia", category="t").returncode == 0
    assert seen == [40]
    assert rows(work, "select offers, stats -> 'store/batches' from market.crawl") == [(41, 2)]


def test_a_shop_that_leads_all_its_products_to_its_home_page_is_not_believed(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    shop["/t/"] = listing(*[product(number) for number in range(1, 7)])
    shop["/"] = HOME
    assert crawl("jumia", category="t").returncode == 0
    shop.market_time = "2026-05-03T12:00:00Z"
    addresses = [str(product(number)["url"]) for number in range(1, 7)]
    for address in addresses:
        shop[address] = Answer(b"", 302, {"Location": "/"})
    start = ",".join(f"http://127.0.0.1:{shop.port}{address}" for address in addresses)
    assert crawl("jumia", start_url=start).returncode == 1
    state, reason, complete = rows(work, "select state, reason, complete from market.crawl order by id desc")[0]
    assert (state, complete) == ("failed", False)
    assert reason.startswith("6 of 6 product addresses lead nowhere")
    assert rows(work, "select count(*), min(availability) from market.observation") == [(6, "in_stock")]
    assert rows(work, "select split_part(reason, ':', 1), count(*) from market.rejected_item group by 1") == [
        ("gone/not_believed", 6)
    ]


def test_a_full_spool_stops_the_crawl_and_keeps_what_it_had(
    shop: Shop, crawl: Crawl, work: Session, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "x" * 900
    for number in range(1, 41):
        products = [product(number * 40 + n, displayName=f"{n} {text}") for n in range(40)]
        shop[f"/t/?page={number}" if number > 1 else "/t/"] = listing(*products, following=f"/t/?page={number + 1}")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("SPOOL_MAX_MB", "1")
    monkeypatch.setenv("STORE_BATCH_SIZE", "40")
    done = crawl("jumia", category="t")
    assert done.returncode == 1
    assert "SPOOL_MAX_MB allows 1048576: raise it, or start PostgreSQL" in done.stderr
    assert "Lost:" not in done.stderr
    monkeypatch.setenv("DATABASE_URL", database_url)
    crawl("ouedkniss", category="none")
    ((state, reason, offers, observations, pages),) = rows(
        work, "select state, reason, offers, observations, pages from market.crawl where spider = 'jumia'"
    )
    assert (state, reason.split(";")[0]) == ("failed", "stopped early: spool_full")
    assert offers == observations == pages * 40
    assert pages < 40
