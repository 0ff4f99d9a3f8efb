"""Shops that publish schema.org data: the one that is there, and the one that the template begins."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler
from sqlalchemy.orm import Session

from config import ROOT
from crawlers.pages import errors, shop_listing
from crawlers.spiders.market import ArgumentError
from crawlers.spiders.ultrapc import UltraPcSpider
from tests.crawlers.conftest import SCRAPY, Answer, Crawl, Shop
from tests.crawlers.test_schema_org import html, page, product

SHOP = "http://www.ultrapc.ma"
FIXTURES = ROOT / "tests" / "crawlers" / "fixtures"


def rows(work: Session, query: str) -> list[Any]:
    work.rollback()
    return [tuple(row) for row in work.execute(sa.text(query))]


def listing(*paths: str, following: str = "") -> str:
    links = "".join(
        f'<article><h3><a href="{path}">x</a></h3><a href="{path}#reviews">avis</a></article>' for path in paths
    )
    further = f'<a rel="next" class="next js-search-link" href="{following}">Suivant</a>' if following else ""
    elsewhere = (
        '<a href="/59-claviers">Claviers</a><a href="tel:+212">Appeler</a><a href="https://other.example/a/1-b.html">'
    )
    return f"<!doctype html><html><body>{elsewhere}{links}{further}</body></html>"


def component(number: int) -> str:
    return html(product({"price": 100 + number, "priceCurrency": "MAD"}, sku=f"C-{number}", name=f"Pièce {number}"))


@pytest.fixture
def proxied(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop as the proxy of MARKETS=replay: it answers for every host, by the whole address."""
    monkeypatch.setenv("MARKETS", "replay")
    monkeypatch.setenv("REPLAY_PORT", str(shop.port))
    return shop


def test_the_spider_of_a_shop_has_under_sixty_lines() -> None:
    assert len(inspect.getsource(inspect.getmodule(UltraPcSpider)).splitlines()) < 60  # type: ignore[arg-type]


def test_a_shop_is_walked_page_by_page_to_its_products(proxied: Shop, crawl: Crawl, work: Session) -> None:
    proxied[f"{SHOP}/robots.txt"] = Answer(b"User-agent: *\nDisallow: /*/4-\n", headers={"Content-Type": "text/plain"})
    first = listing(
        "/claviers/4711-clavier-mecanique-k70.html", "/composants/1-piece.html", following="/20-composants?page=2"
    )
    proxied[f"{SHOP}/20-composants"] = first
    proxied[f"{SHOP}/20-composants?page=2"] = listing(*(f"/composants/{n}-piece.html" for n in (1, 2, 3, 4)))
    proxied[f"{SHOP}/claviers/4711-clavier-mecanique-k70.html"] = (FIXTURES / "ultrapc.html").read_bytes()
    proxied[f"{SHOP}/composants/1-piece.html"] = component(1)
    proxied[f"{SHOP}/composants/2-piece.html"] = component(2)
    proxied[f"{SHOP}/composants/3-piece.html"] = Answer(b"<html>gone</html>", 404)
    ended = crawl("ultrapc", category="20-composants")
    assert ended.returncode == 0, ended.stderr
    stored = rows(
        work,
        "select marketplace, country, external_id, url, price, currency "
        "from market.listing join market.observation on listing_id = listing.id order by external_id",
    )
    public = "https://www.ultrapc.ma"
    assert stored == [
        ("ultrapc", "ma", "C-1", f"{public}/composants/1-piece.html", Decimal(101), "MAD"),
        ("ultrapc", "ma", "C-2", f"{public}/composants/2-piece.html", Decimal(102), "MAD"),
        ("ultrapc", "ma", "CH-9109410", f"{public}/claviers/4711-clavier-mecanique-k70.html", Decimal(1399), "MAD"),
    ]
    assert f"{SHOP}/composants/4-piece.html" not in proxied.asked
    assert len(proxied.asked) == len(set(proxied.asked)) == 7
    names = {reason.split(":")[0] for (reason,) in rows(work, "select reason from market.rejected_item")}
    assert names == {"page/forbidden_by_robots"}


def test_a_shop_whose_listing_leads_to_no_product_has_changed() -> None:
    with pytest.raises(errors.LayoutChanged, match="leads to a product"):
        shop_listing.parse(page(listing()), UltraPcSpider.shop.is_product)


def test_the_last_page_of_a_listing_has_no_next_one() -> None:
    here = "https://www.ultrapc.ma/20-composants?page=2"
    last = shop_listing.parse(
        page(listing("/a/1-b.html", following="?page=2"), url=here), UltraPcSpider.shop.is_product
    )
    assert (last.more, last.next_url) == (["https://www.ultrapc.ma/a/1-b.html"], None)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"category": "../../etc?x"}, "no path"),
        ({"max_pages": "0"}, "max_pages"),
        ({"start_url": "https://www.other.example/a/1-b.html"}, r"not of https://www\.ultrapc\.ma"),
    ],
)
def test_a_wrong_argument_of_a_shop_is_named(configure: Any, given: dict[str, str], named: str) -> None:
    configure(MARKETS="replay")
    with pytest.raises(ArgumentError, match=named):
        UltraPcSpider(**given)


@pytest.mark.parametrize(
    ("url", "country"),
    [("https://other.example/p", None), ("https://www.ultrapc.ma/pc/1-x.html", "dz"), ("notaurl", None)],
)
def test_a_saved_page_of_another_shop_is_refused(url: str, country: str | None) -> None:
    with pytest.raises(errors.WrongShop):
        UltraPcSpider.saved_page(component(1).encode(), url, country)
    link = '<link rel="canonical" href="https://other.example/p/1">'
    with pytest.raises(errors.WrongShop, match=r"other\.example"):
        UltraPcSpider.saved_page(html(product(), head=link).encode(), None, None)
    assert UltraPcSpider.saved_page(component(1).encode(), "https://ultrapc.ma/pc/1-x.html", "MA").country == "ma"


def test_links_without_www_lead_to_products_and_further_pages_on_the_shops_host(configure: Any) -> None:
    configure(MARKETS="replay")
    spider = UltraPcSpider.from_crawler(get_crawler(UltraPcSpider))
    body = listing("https://ultrapc.ma/a/1-b.html", f"{SHOP}/a/1-b.html", following="http://ultrapc.ma/a?page=2")
    request = Request(f"{SHOP}/a", meta={"observed_at": datetime(2026, 5, 1, tzinfo=UTC)})
    asked = list(spider.parse(HtmlResponse(request.url, body=body.encode(), request=request), start=True, depth=1))
    assert [item.url for item in asked if isinstance(item, Request)] == [f"{SHOP}/a/1-b.html", f"{SHOP}/a?page=2"]


def copy_of_the_project(folder: Path) -> Path:
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "-z",
            "-c",
            "-o",
            "--exclude-standard",
            "*.py",
            "*.tmpl",
            "*.toml",
            "*.cfg",
            "*.ini",
            "*.html",
            "*.json",
            "docs/*.md",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(lambda name: name and (ROOT / name).exists(), listed.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    return folder


def test_a_generated_marketplace_keeps_the_rules_and_crawls_as_it_is(
    proxied: Shop, work: Session, tmp_path: Path
) -> None:
    copy = copy_of_the_project(tmp_path / "project")
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(copy)}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=90, check=False
        )

    made = run(*SCRAPY, "genspider", "-t", "marketplace", "exemple-dz", "www.exemple.dz")
    assert made.returncode == 0, made.stderr
    assert "docs/ADD_A_MARKETPLACE.md" in made.stdout
    rules = ["tests/crawlers/test_spiders.py", "-k", "ExempleDz", "-p", "no:cacheprovider", "-v"]
    held = run(sys.executable, "-m", "pytest", *rules)
    assert held.returncode == 0, held.stdout
    assert "7 passed" in held.stdout
    for language in ("check", "format"):
        more = ["--check"] if language == "format" else []
        ruff = run(sys.executable, "-m", "ruff", language, *more, "crawlers/spiders/exemple_dz.py")
        assert ruff.returncode == 0, ruff.stdout
    shop = "http://www.exemple.dz"
    proxied[f"{shop}/boutique/"] = listing("/produit/produit-exemple/")
    proxied[f"{shop}/produit/produit-exemple/"] = (copy / "tests/crawlers/fixtures/exemple-dz.html").read_bytes()
    ended = run(*SCRAPY, "crawl", "exemple-dz")
    assert ended.returncode == 0, ended.stderr
    assert rows(work, "select marketplace, external_id, url from market.listing") == [
        ("exemple-dz", "EX-1", "https://www.exemple.dz/produit/produit-exemple/")
    ]


def test_a_marketplace_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    before = (ROOT / "crawlers" / "spiders" / "ultrapc.py").read_bytes()
    command = [*SCRAPY, "genspider", "-t", "marketplace", "ultrapc", "www.example.com"]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "already exists" in ended.stdout
    assert (ROOT / "crawlers" / "spiders" / "ultrapc.py").read_bytes() == before
