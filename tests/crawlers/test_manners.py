"""Manners towards a real shop, measured at its end: MARKETS=live over TLS, under the real host names."""

from __future__ import annotations

import gzip
import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import ROOT
from crawlers.markets import JUMIA
from tests.crawlers.conftest import HTML, SCRAPY, Answer, Crawl
from tests.crawlers.live_shop import LiveShop, live_shop
from tests.crawlers.test_bad_crawls import listing, product

CONTACT = "owner@shop.example"
HOST, STATIC = "www.jumia.ma", "static.jumia.ma"
ROBOTS = Answer(b"User-agent: *\nDisallow: /fr/\n", headers={"Content-Type": "text/plain"})


def places(*addresses: str) -> Answer:
    entries = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return Answer(gzip.compress(f"<urlset>{entries}</urlset>".encode()), headers={"Content-Type": "application/gzip"})


def shop_that_is_hard_to_please(host: str, path: str) -> Answer:
    """Redirects, errors that are retried, robots.txt on two hosts, sitemaps: all of it are requests."""
    if path == "/robots.txt":
        return ROBOTS
    if host == STATIC:
        if path == "/index-sitemap.xml":
            text = f"<sitemapindex><sitemap><loc>https://{STATIC}/1.xml.gz</loc></sitemap></sitemapindex>"
            return Answer(text.encode(), headers={"Content-Type": "application/xml"})
        return places(*[f"https://{HOST}/c{number}/" for number in range(8)])
    number = int((re.search(r"\d+", path) or [0])[0])
    if path.startswith("/c") and number % 3 == 0:
        return Answer(b"", 301, {"Location": f"/moved{number}/"})
    if number % 4 == 1:
        return Answer(b"oops", 500)
    return Answer(listing(product(number)).replace('"DZ"', '"MA"').replace(" DA", ".00 Dhs").encode())


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, work: Session) -> Any:
    """The settings of a real crawl; the environment's proxy brings every host to this machine."""

    def set_for(shop: LiveShop) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{shop.port}")
        monkeypatch.setenv("MARKETS", "live")
        monkeypatch.setenv("CRAWLER_CONTACT", CONTACT)
        monkeypatch.setenv("CRAWL_REQUESTS_PER_MINUTE", "150")

    return set_for


def test_a_real_shop_is_asked_under_our_name_and_less_than_two_hundred_times_a_minute(
    tmp_path: Path, live: Any, crawl: Crawl, work: Session
) -> None:
    with live_shop(tmp_path, shop_that_is_hard_to_please) as shop:
        live(shop)
        done = crawl("jumia", country="ma", source="sitemap", max_pages=30)
        assert done.returncode in (0, 1), done.stderr
    assert [host for _, host, path, _ in shop.asked if path == "/robots.txt"] == [STATIC, HOST]
    assert shop.asked[0][2] == "/robots.txt"
    assert len([path for _, _, path, _ in shop.asked if path == "/c1/"]) == 4  # asked, and retried three times
    assert len([path for _, _, path, _ in shop.asked if path.startswith("/moved")]) >= 3
    assert {agent.split("/")[0] for _, _, _, agent in shop.asked} == {"Hanout"}
    assert all(CONTACT in agent for _, _, _, agent in shop.asked)
    times = [at for at, *_ in shop.asked]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) > 20
    # Over any five requests in a row, both hosts together: a timer may fire late, never early.
    spans = [later - earlier for earlier, later in zip(times, times[4:], strict=False)]
    assert min(spans) >= 4 * 0.4 * 0.97, gaps
    assert (len(times) - 1) / (times[-1] - times[0]) * 60 < 155
    assert work.execute(sa.text("select count(*) from market.listing")).scalar_one() > 0


def test_shards_of_a_real_shop_share_its_limit(configure: Any) -> None:
    from scrapy.crawler import Crawler
    from scrapy.settings import Settings

    from crawlers.spiders.jumia import JumiaSpider

    configure(MARKETS="live", CRAWLER_CONTACT=CONTACT)
    crawler = Crawler(JumiaSpider, Settings({"DOWNLOAD_DELAY": 0.4}))
    JumiaSpider.from_crawler(crawler, country="ma", shard="1/4")
    assert crawler.settings.getfloat("DOWNLOAD_DELAY") == pytest.approx(1.6)


@pytest.mark.parametrize("country", sorted(set(JUMIA) - {"dz"}))
def test_no_real_shop_is_asked_without_a_contact_a_start_url_of_it_neither(configure: Any, country: str) -> None:
    from crawlers.markets import MarketRefused
    from crawlers.spiders.jumia import JumiaSpider

    configure(MARKETS="live")
    address = f"https://{JUMIA[country].domain}/x-12345678.html"
    for given in ({"category": "a"}, {"start_url": address}, {"source": "sitemap"}):
        with pytest.raises(MarketRefused, match="CRAWLER_CONTACT"):
            JumiaSpider(country=country, **given)


def test_the_demo_asks_no_real_shop_even_if_a_start_url_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETS", "demo")
    command = [*SCRAPY, "crawl", "jumia", "-a", "start_url=https://www.jumia.ma/", "--nolog"]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "not of http://127.0.0.1" in ended.stdout + ended.stderr


def test_a_redirect_out_of_the_shop_is_not_followed(tmp_path: Path, live: Any, crawl: Crawl, work: Session) -> None:
    def answer(host: str, path: str) -> Answer:
        return ROBOTS if path == "/robots.txt" else Answer(b"", 302, {**HTML, "Location": "https://elsewhere.example/"})

    with live_shop(tmp_path, answer) as shop:
        live(shop)
        assert crawl("jumia", country="ma", category="a").returncode == 1
    assert {host for _, host, _, _ in shop.asked} == {HOST}
    reason = work.execute(sa.text("select reason from market.crawl")).scalar_one()
    assert "page/wrong_shop" in reason
