"""What the word "gone" is taken from: addresses of products that lead to something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler

from crawlers.pages import moved
from crawlers.spiders.schema_org import SchemaOrgSpider
from crawlers.spiders.tracked import TrackedSpider
from crawlers.spiders.ultrapc import UltraPcSpider
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject
from tests.crawlers.test_schema_org import carousel, html, product

SHOP = "http://boutique.example"
ULTRAPC = "http://www.ultrapc.ma"
PLAIN = "<!doctype html><html><body><h1>Accueil</h1></body></html>"
CHALLENGE = "<!doctype html><html><head><title>Just a moment...</title></head><body></body></html>"


@pytest.fixture
def tracked(configure: Any) -> TrackedSpider:
    configure(MARKETS="replay")
    spider: TrackedSpider = TrackedSpider.from_crawler(get_crawler(TrackedSpider), urls="https://boutique.example/p/1")
    return spider


@pytest.fixture
def ultrapc(configure: Any) -> UltraPcSpider:
    configure(MARKETS="replay")
    spider: UltraPcSpider = UltraPcSpider.from_crawler(get_crawler(UltraPcSpider))
    return spider


def answered(spider: SchemaOrgSpider, asked: str, reached: str, body: str) -> list[Any]:
    redirected = {"redirect_urls": [asked]} if asked != reached else {}
    request = Request(reached, meta={"observed_at": datetime(2026, 5, 1, tzinfo=UTC)} | redirected)
    response = HtmlResponse(reached, body=body.encode(), request=request, headers={"Content-Type": "text/html"})
    return list(spider.parse_product(response, start=False))


def only_gone(items: list[Any]) -> Gone:
    (item,) = items
    assert isinstance(item, Gone)
    assert item.reason.startswith("page/product_gone: ")
    return item


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/p/1", "/"),
        ("/fr/p/1", "/fr/"),
        ("/p/1", "/ar-dz"),
        ("/p/1", "/index.php"),
        ("/p/1", "/fr/index.html?utm_source=x1"),
        ("/?product=12", "/"),
        ("/index.php?id_product=12", "/index.php"),
        ("/index.php?id_product=12", "/?lang=fr"),
    ],
)
def test_a_product_whose_address_leads_home_is_gone_whatever_home_shows(
    tracked: TrackedSpider, asked: str, reached: str
) -> None:
    for body in (PLAIN, html(product()), html(carousel(1, 2))):
        assert only_gone(answered(tracked, SHOP + asked, SHOP + reached, body)).url == f"https{SHOP[4:]}{asked}"


def test_a_shop_of_one_product_may_have_it_on_its_home_page(tracked: TrackedSpider) -> None:
    for asked, reached in ((SHOP, f"{SHOP}/"), (f"{SHOP}/", f"{SHOP}/fr/"), (f"{SHOP}/?utm_source=x", f"{SHOP}/")):
        assert isinstance(answered(tracked, asked, reached, html(product(sku="CB-12")))[0], Offer)


def test_a_product_whose_address_leads_to_a_listing_is_gone_and_nothing_of_the_listing_is_stored(
    tracked: TrackedSpider, ultrapc: UltraPcSpider
) -> None:
    only_gone(answered(tracked, f"{SHOP}/p/1", f"{SHOP}/collections/all", html(carousel(1, 2))))
    only_gone(answered(tracked, f"{SHOP}/audio/casques/p1", f"{SHOP}/audio/casques/", PLAIN))
    for body in (html(carousel(1, 2)), PLAIN, html(product())):
        only_gone(answered(ultrapc, f"{ULTRAPC}/pc/12-mort.html", f"{ULTRAPC}/19-pc-portables", body))


def test_a_page_without_a_product_that_is_no_place_above_stays_a_reject(tracked: TrackedSpider) -> None:
    (item,) = answered(tracked, f"{SHOP}/p/1", f"{SHOP}/consent", PLAIN)
    assert isinstance(item, Reject)


def test_a_challenge_on_the_home_page_is_no_word_about_the_product(tracked: TrackedSpider) -> None:
    (item,) = answered(tracked, f"{SHOP}/p/1", f"{SHOP}/", CHALLENGE)
    assert item.reason.startswith("page/challenge")


def test_another_product_is_stored_under_its_own_address_and_the_one_that_was_asked_for_is_gone(
    tracked: TrackedSpider, ultrapc: UltraPcSpider
) -> None:
    offer, gone = answered(tracked, f"{SHOP}/p/lampe", f"{SHOP}/p/casque", html(product()))
    assert (offer.url, offer.price) == ("https://boutique.example/p/casque", 4900)
    assert only_gone([gone]).url == "https://boutique.example/p/lampe"
    offer, gone = answered(ultrapc, f"{ULTRAPC}/pc/12-mort.html", f"{ULTRAPC}/pc/45-vif.html", html(product()))
    assert (offer.url, gone.url) == ("https://www.ultrapc.ma/pc/45-vif.html", "https://www.ultrapc.ma/pc/12-mort.html")


@pytest.mark.parametrize(
    ("asked", "reached", "head"),
    [
        ("/p/casque", "/p/casque/", ""),
        ("/p/casque?utm_source=x", "/p/casque", ""),
        ("/p/casque", "/p/casque?variante=2", ""),
        ("/p/casque", "/fr/audio/casque.html", ""),
        ("/audio/12-casque.html", "/promo/12-casque-bluetooth.html", ""),
        ("/casque-102988", "/casque-bluetooth-102988", ""),
        ("/p/casque-cb-12", "/p/nouveau", ""),
        ("/p/ancien", "/p/nouveau", '<link rel="canonical" href="/p/ancien">'),
    ],
)
def test_a_product_under_a_new_address_is_the_one_that_was_asked_for(
    tracked: TrackedSpider, asked: str, reached: str, head: str
) -> None:
    (offer,) = answered(tracked, SHOP + asked, SHOP + reached, html(product(), head=head))
    assert isinstance(offer, Offer)
    assert offer.url == f"https://boutique.example{asked}"


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("http://a.example/product.php?id=1", "http://a.example/product.php?id=2"),
        ("http://a.example/casque-2024.html", "http://a.example/souris-2024.html"),
        ("http://a.example/p/casque", "http://b.example/p/casque"),
        ("http://a.example/p/1", "http://a.example/x/1"),
    ],
)
def test_what_only_looks_alike_is_another_product(asked: str, reached: str) -> None:
    offer = Offer(
        marketplace="tracked",
        country="dz",
        external_id="a.example/ZZ",
        url=reached,
        title="x",
        observed_at=datetime(2026, 5, 1, tzinfo=UTC),
    )
    assert not moved.is_same_place(asked, reached)
    assert not moved.is_same_product(asked, reached, reached, offer)


def test_the_page_of_a_product_of_a_shop_that_lists_others_gives_none_of_them(ultrapc: UltraPcSpider) -> None:
    address = f"{ULTRAPC}/pc/12-casque.html"
    (item,) = answered(ultrapc, address, address, html(carousel(1, 2), body="<h1>Plus disponible</h1>"))
    assert isinstance(item, Reject)
    assert item.reason.startswith("page/no_product")


@pytest.mark.parametrize("declared", ["iso-8859-1", "utf-8"])
def test_utf_8_under_a_header_that_says_otherwise_is_read_as_utf_8(tracked: TrackedSpider, declared: str) -> None:
    body = html(product(name="Écouteurs"), head='<meta charset="iso-8859-1">').replace("\\u00c9", "É").encode()
    request = Request(f"{SHOP}/p/1", meta={"observed_at": datetime(2026, 5, 1, tzinfo=UTC)})
    headers = {"Content-Type": f"text/html; charset={declared}"}
    response = HtmlResponse(request.url, body=body, request=request, headers=headers)
    (offer,) = tracked.parse_product(response, start=False)
    assert isinstance(offer, Offer)
    assert offer.title == "Écouteurs"
