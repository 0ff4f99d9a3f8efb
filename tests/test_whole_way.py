"""One offer's whole way on real input: saved pages over real HTTP, Scrapy, PostgreSQL, dbt, the agent, shop, console.

What is expected is read from the pages' own embedded data here, without the crawlers' code.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
import database

CURRENCY = {"gh": "GHS", "ma": "MAD", "ng": "NGN"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def embedded_products(page: Path) -> list[dict[str, Any]]:
    """The catalogue products of a saved Jumia page, as its own JSON has them."""
    text = page.read_text(encoding="utf8", errors="replace")
    found = re.search(r"window\.__(STORE|INITIAL_STATE)__\s*=\s*", text)
    if not found:
        return []
    state = json.JSONDecoder().raw_decode(text, found.end())[0]
    products = state.get("products") or state.get("viewData", {}).get("products") or []
    return list(products)


def pages(shared: Path) -> list[Path]:
    return sorted((shared / "real" / "jumia" / "pages").glob("*.html"))


@pytest.fixture
def replayed(shared: Path, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """The database after `python scheduler.py --once` with MARKETS=replay."""
    assert shared
    for name, value in {"MARKETS": "replay", "REPLAY_PORT": free_port(), "DATA_DIR": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    config.settings.cache_clear()
    ended = subprocess.run(
        [sys.executable, "scheduler.py", "--once"], cwd=config.ROOT, capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr[-6000:]
    with database.session() as work:
        yield work
    config.settings.cache_clear()


def test_real_pages_go_the_whole_way_from_crawl_to_shop_and_console(shared: Path, replayed: Session) -> None:
    check_crawls(replayed)
    check_jumia(shared, replayed)
    check_two_days_of_ghana(shared, replayed)
    check_ouedkniss(shared, replayed)
    check_marts(replayed)
    check_decisions(replayed)
    check_shop_and_console(replayed)


def check_crawls(work: Session) -> None:
    rows = work.execute(sa.text("select spider, country, state, reason, offers, rejects from market.crawl")).all()
    assert {row.spider for row in rows} == {"jumia", "ouedkniss"}
    assert [row for row in rows if row.state != "finished"] == []


def check_jumia(shared: Path, work: Session) -> None:
    """Every product of every page is stored with its SKU, name, price and currency as the page has them."""
    query = sa.text(
        "select l.external_id, l.title, o.price, o.old_price, o.currency, o.price_kind, o.rating_count, o.observed_at"
        " from market.listing l join market.observation o on o.listing_id = l.id"
        " where l.marketplace = 'jumia' and l.country = :country"
    )
    checked = 0
    for page in pages(shared):
        country = page.name[:2]
        products = embedded_products(page)
        if not products or country not in CURRENCY:
            continue
        stored: dict[str, list[Any]] = {}
        for row in work.execute(query, {"country": country}):
            stored.setdefault(row.external_id, []).append(row)
        missing = [product["sku"] for product in products if product["sku"] not in stored]
        assert missing == [], page.name
        for product in products:
            price = Decimal(product["prices"]["rawPrice"])
            rows = stored[product["sku"]]
            assert {row.currency for row in rows} == {CURRENCY[country]}
            assert price in {row.price for row in rows}, (page.name, product["sku"])
            names = [" ".join(product[name].split())[:40] for name in ("displayName", "name")]
            assert any(name in rows[0].title for name in names), (page.name, product["sku"])
            if " - " in product["prices"]["price"]:
                assert "from" in {row.price_kind for row in rows}
            checked += 1
    assert checked >= 40 * 5 + 2


def check_two_days_of_ghana(shared: Path, work: Session) -> None:
    """Of two days of one search, what changed (here: the rank) was observed twice, what did not, once."""
    folder = shared / "real" / "jumia" / "pages"
    first, second = (
        {product["sku"]: rank for rank, product in enumerate(embedded_products(page), 1)}
        for page in sorted(folder.glob("gh-2025-06-2?-search-laptop-desktop.html"))
    )
    counts = dict(
        work.execute(
            sa.text(
                "select l.external_id, count(*) from market.listing l join market.observation o on o.listing_id = l.id"
                " where l.country = 'gh' group by 1"
            )
        )
        .tuples()
        .all()
    )
    assert set(counts) == first.keys() | second.keys()
    both = first.keys() & second.keys()
    assert len(both) == 39
    moved = {sku for sku in both if first[sku] != second[sku]}
    assert moved
    assert both - moved
    assert {sku for sku in both if counts[sku] == 2} == moved
    assert {sku for sku in both if counts[sku] == 1} == both - moved
    last_seen = work.scalars(
        sa.text("select distinct last_seen_at::date::text from market.listing where external_id = any(:skus)"),
        {"skus": sorted(both)},
    ).all()
    assert last_seen == ["2025-06-22"]


def check_ouedkniss(shared: Path, work: Session) -> None:
    """The 912 real ads and the three of the real response, each with the price that the rules give."""
    ads = json.loads((shared / "real" / "ouedkniss" / "ads-2024-04-05.json").read_text())
    stored = work.execute(
        sa.text(
            "select l.external_id, l.title, l.seller_name, l.seller_kind, o.price, o.currency, o.price_kind,"
            " o.observed_at::date::text as day from market.listing l join market.observation o on o.listing_id = l.id"
            " where l.marketplace = 'ouedkniss'"
        )
    ).all()
    assert len({row.external_id for row in stored}) == len(ads) + 3
    old = [row for row in stored if row.day == "2024-04-05"]
    expected = sorted(str(Decimal(ad["price"]).quantize(Decimal("0.01"))) for ad in ads if ad["price"])
    assert sorted(str(row.price) for row in old if row.price is not None) == expected
    assert {row.currency for row in stored if row.price is not None} == {"DZD"}
    assert sum(row.price_kind == "none" for row in old) == sum(not ad["price"] for ad in ads)
    assert sum(row.seller_name is None for row in old) == sum(ad["store"] is None for ad in ads)


def check_marts(work: Session) -> None:
    listings = work.scalar(sa.text("select count(*) from market.listing"))
    assert work.scalar(sa.text("select count(*) from marts.current_offers")) == listings
    assert work.scalar(sa.text("select count(*) from marts.trending_products_v2")) >= 150
    assert work.scalar(sa.text("select count(distinct listing_id) from marts.price_history_daily")) == listings


def check_decisions(work: Session) -> None:
    """Two sightings of goods abroad are thin evidence: what is looked at has its numbers and its why, bought or not."""
    looked_at = work.execute(
        sa.text(
            "select c.*, p.mode, l.category_path from agent.candidate c join market.listing l on l.id = c.listing_id"
            " left join agent.proposal p on p.id = c.proposal_id"
        )
    ).all()
    assert looked_at
    for row in looked_at:
        assert min(row.landed_cost, row.sale_price, row.days_to_sell) > 0
        assert row.rate >= 0
        assert all(row.reasons[language] for language in ("fr", "ar", "en"))
        assert (row.verdict == "taken") == (row.mode == "dry-run")
    assert [row for row in looked_at if row.category_path and row.category_path[0].startswith("immobilier")] == []
    assert work.scalar(sa.text("select count(*) from agent.purchase_order")) == 0
    assert work.scalar(sa.text("select count(*) from agent.budget_entry")) == 0


def check_shop_and_console(work: Session) -> None:
    """The shop, over real HTTP, shows what trends; the console, signed in, shows the proposals."""
    port = free_port()
    environment = {**os.environ, "WEB_PORT": str(port)}
    flask = [sys.executable, "-m", "flask", "--app", "webapp", "users", "create-admin", "owner@hanout.example"]
    subprocess.run(
        [*flask, "--name", "Owner", "--password-stdin"],
        input="a-long-password\n",
        text=True,
        check=True,
        cwd=config.ROOT,
        env=environment,
        capture_output=True,
    )
    web = subprocess.Popen([sys.executable, "-m", "webapp"], cwd=config.ROOT, env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base + "/")
        with httpx.Client(base_url=base, follow_redirects=True, trust_env=False) as client:
            home = client.get("/?lang=fr").text
            titles = work.scalars(
                sa.text(
                    "select title from marts.trending_products_v2 where is_resellable order by rank_overall limit 5"
                )
            ).all()
            assert any(shown(title, home) for title in titles), titles
            trending = client.get("/api/v1/trending").json()
            assert trending["items"]
            sign_in(client)
            listed = client.get("/console/proposals")
            assert listed.status_code == 200
            proposed = work.scalars(
                sa.text("select l.title from agent.proposal p join market.listing l on l.id = p.listing_id")
            ).all()
            assert all(shown(title, listed.text) for title in proposed)
    finally:
        web.terminate()
        web.wait(20)


def shown(title: str, page: str) -> bool:
    from markupsafe import escape

    return str(escape(title))[:30] in page


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(address, timeout=5, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"{address} does not answer")


def sign_in(client: httpx.Client) -> None:
    page = client.get("/console/sign-in")
    fields = dict(re.findall(r'<input[^>]*name="(csrf[^"]*)"[^>]*value="([^"]*)"', page.text))
    answer = client.post(str(page.url), data={**fields, "email": "owner@hanout.example", "password": "a-long-password"})
    assert answer.status_code == 200, answer.text[:500]
