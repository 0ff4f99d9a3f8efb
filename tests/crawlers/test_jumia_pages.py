"""Every real page, product by product, against the data that the page itself embeds."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crawlers.markets import JUMIA
from crawlers.pages import jumia
from crawlers.pages.page import Found, Page

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LISTINGS = {
    "gh-2025-06-21-search-laptop-desktop.html": "/catalog/?q=laptop",
    "gh-2025-06-22-search-laptop-desktop.html": "/catalog/?q=laptop",
    "ma-2026-04-category-phones-mobile-fr.html": "/telephones-smartphones/",
    "ma-2026-04-search-laptop-desktop-fr.html": "/catalog/?q=laptop&page=1",
    "ng-2020-06-search-old-template.html": "/catalog/?q=xiaomi+redmi+note+5",
}
FRAGMENT = "ng-2025-10-category-groceries-fragment.html"
HOME = "sn-2026-01-home-fr.html"
WRITTEN_IN = {"gh": "GH₵", "ma": "Dhs", "ng": "₦"}

Load = Callable[..., Page]


@pytest.fixture
def load(shared: Path) -> Load:
    def made(name: str, path: str, without_json: bool = False) -> Page:
        body = (shared / "real" / "jumia" / "pages" / name).read_bytes()
        if without_json:
            body = re.sub(rb"window\.__(?:STORE|INITIAL_STATE)__", b"window.__GONE__", body)
        of = JUMIA[name[:2]]
        url = f"https://{of.domain}{path}"
        return Page(body=body, url=url, country=name[:2], currency=of.currency, observed_at=NOON)

    return made


def embedded(page: Page) -> list[dict[str, Any]]:
    text = page.body.decode()
    begun = re.search(r"window\.__(?:STORE|INITIAL_STATE)__\s*=\s*", text)
    assert begun
    state, _ = json.JSONDecoder().raw_decode(text, begun.end())
    return list(state.get("products") or state["viewData"]["products"])


def one_line(text: str) -> str:
    return " ".join(text.split())


def first_number(text: str) -> Decimal:
    found = re.search(r"[\d,]+(?:\.\d+)?", text)
    assert found
    return Decimal(found.group().replace(",", ""))


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_yields_what_its_embedded_data_says(load: Load, name: str) -> None:
    page = load(name, LISTINGS[name])
    products, found = embedded(page), jumia.parse(page)
    assert len(found.offers) == len(products) == 40
    assert not found.rejects
    for position, (offer, product) in enumerate(zip(found.offers, products, strict=True), 1):
        prices, rating = product["prices"], product["rating"]
        assert offer.external_id == product["sku"]
        assert offer.title == one_line(product["displayName"])
        assert offer.url == f"https://{JUMIA[name[:2]].domain}{product['url']}"
        assert offer.brand == product["brand"]
        assert offer.price == Decimal(prices["rawPrice"]) == first_number(prices["price"])
        assert WRITTEN_IN[name[:2]] in prices["price"]
        assert offer.currency == JUMIA[name[:2]].currency
        assert offer.old_price == (first_number(prices["oldPrice"]) if "oldPrice" in prices else None)
        assert offer.price_kind == ("from" if " - " in prices["price"] else "fixed")
        assert offer.rating_count == rating["totalRatings"]
        assert offer.rating == (Decimal(str(rating["average"])) if rating["totalRatings"] else None)
        categories = product["categories"]
        assert offer.category_path == (categories.split("/") if isinstance(categories, str) else categories)
        assert offer.express is bool(product.get("isShopExpress"))
        assert offer.shipped_from_abroad is bool(product.get("isShopGlobal"))
        official = product.get("badges", {}).get("main", {}).get("identifier") == "JMALL"
        assert offer.seller_kind == ("official" if official else "shop")
        assert offer.availability == "in_stock"
        assert offer.sponsored is product.get("isSponsored")
        assert offer.image_urls == [product["image"]]
        assert (offer.position, offer.observed_at) == (position, NOON)


@pytest.mark.parametrize("name", LISTINGS)
def test_no_price_of_a_listing_is_the_euro_price_beside_it(load: Load, name: str) -> None:
    page = load(name, LISTINGS[name])
    for without_json in (False, True):
        offers = {offer.external_id: offer for offer in jumia.parse(load(name, LISTINGS[name], without_json)).offers}
        for product in embedded(page):
            if product["sku"] in offers:
                assert offers[product["sku"]].price != Decimal(product["prices"]["priceEuro"])
                assert offers[product["sku"]].old_price != Decimal(product["prices"].get("oldPriceEuro", "0"))


@pytest.mark.parametrize("name", LISTINGS)
def test_the_cards_alone_yield_the_same_products_where_the_json_is_gone(load: Load, name: str) -> None:
    page = load(name, LISTINGS[name])
    found = jumia.parse(load(name, LISTINGS[name], without_json=True))
    by_sku = {product["sku"]: (position, product) for position, product in enumerate(embedded(page), 1)}
    assert (len(found.offers), len(found.rejects)) == (40, 0)
    for offer in found.offers:
        position, product = by_sku[offer.external_id]
        prices, rating = product["prices"], product["rating"]
        assert offer.price == Decimal(prices["rawPrice"])
        assert offer.old_price == (first_number(prices["oldPrice"]) if "oldPrice" in prices else None)
        assert offer.price_kind == ("from" if " - " in prices["price"] else "fixed")
        assert offer.title == one_line(product["displayName"])
        assert offer.url.endswith(product["url"])
        assert (offer.rating_count or 0) == rating["totalRatings"]
        assert offer.express is bool(product.get("isShopExpress"))
        assert offer.shipped_from_abroad is bool(product.get("isShopGlobal"))
        assert offer.rating == (Decimal(str(rating["average"])) if rating["totalRatings"] else None)
        assert (offer.position, offer.availability, offer.currency) == (position, "in_stock", page.currency)
        if "mobile" not in name:
            categories = product["categories"]
            assert offer.brand == product["brand"]
            assert offer.category_path == (categories.split("/") if isinstance(categories, str) else categories)
            assert offer.image_urls == [product["image"]]
        official = product.get("badges", {}).get("main", {}).get("identifier") == "JMALL"
        assert offer.seller_kind == ("official" if official else "shop")


def test_a_fragment_without_json_yields_its_catalogue_and_none_of_its_carousels(load: Load) -> None:
    page = load(FRAGMENT, "/groceries/")
    text = page.body.decode()
    cards = re.findall(r'<article class="prd _fb col c-prd">.*?</article>', text)
    carousels = re.findall(r'<article class="prd _box _hvr">.*?</article>', text)
    assert (len(cards), len(carousels)) == (40, 67)
    found = jumia.parse(page)
    assert len(found.offers) == 40
    for position, (offer, card) in enumerate(zip(found.offers, cards, strict=True), 1):
        price, old = re.search(r'class="prc">₦ ([\d,]+)<', card), re.search(r'class="old">₦ ([\d,]+)<', card)
        rating = re.search(r'stars _s">([\d.]+) out of 5<.*?</div></div>\((\d+)\)', card)
        assert price
        assert offer.external_id == re.search(r'data-gtm-id="(\w+)"', card).group(1)  # type: ignore[union-attr]
        title = re.search(r'<h3 class="name">(.*?)</h3>', card)
        assert title
        assert offer.title == one_line(html.unescape(title.group(1)))
        assert (offer.price, offer.currency) == (Decimal(price.group(1).replace(",", "")), "NGN")
        assert offer.old_price == (Decimal(old.group(1).replace(",", "")) if old else None)
        assert offer.rating == (Decimal(rating.group(1)) if rating else None)
        assert offer.rating_count == (int(rating.group(2)) if rating else None)
        assert offer.seller_kind == ("official" if "_mall" in card else "shop")
        assert offer.express is ("xprss" in card)
        assert offer.category_path[0] == "Grocery"
        assert offer.position == position
    in_carousels_only = {re.search(r'data-gtm-id="(\w+)"', card).group(1) for card in carousels} - {  # type: ignore[union-attr]
        re.search(r'data-gtm-id="(\w+)"', card).group(1)  # type: ignore[union-attr]
        for card in cards
    }
    assert in_carousels_only
    assert not in_carousels_only & {offer.external_id for offer in found.offers}


@pytest.mark.parametrize("without_json", [False, True])
def test_a_product_page_says_five_left(load: Load, without_json: bool) -> None:
    (offer,) = jumia.parse(
        load(
            "ng-2026-02-product-five-left.html",
            "/samsung-galaxy-z-fold-6-5g-7.6-12gb-512gb-rom-large-screen-404945551.html",
            without_json,
        )
    ).offers
    assert offer.external_id == "SA948MP6VES8SNAFAMZ"
    assert offer.title == 'Samsung GALAXY Z FOLD 6 5G 7.6" 12GB 512GB ROM - Large Screen'
    assert (offer.price, offer.currency, offer.old_price) == (Decimal(1329999), "NGN", Decimal(1399999))
    assert (offer.rating, offer.rating_count) == (Decimal("4.3"), 4)
    assert (offer.availability, offer.stock_left) == ("low_stock", 5)
    assert (offer.seller_name, offer.seller_kind) == ("Simple Gadgets Hub", "shop")
    assert offer.category_path == ["Phones & Tablets", "Mobile Phones", "Smartphones", "Android Phones"]
    assert len(offer.image_urls) == 8
    assert offer.attributes["Color"] == "Navy"
    assert offer.url == (
        "https://www.jumia.com.ng/samsung-galaxy-z-fold-6-5g-7.6-12gb-512gb-rom-large-screen-404945551.html"
    )


@pytest.mark.parametrize("without_json", [False, True])
def test_a_product_page_says_few_units_without_a_number(load: Load, without_json: bool) -> None:
    page = load("ng-2023-08-product-few-units.html", "/binatone-dry-iron-di1255-102988845.html", without_json)
    (offer,) = jumia.parse(page).offers
    assert offer.external_id == "BI681HA2K7T20NAFAMZ"
    assert offer.title == "Binatone Dry Iron (Di1255)"
    assert (offer.price, offer.currency, offer.old_price) == (Decimal(5750), "NGN", None)
    assert (offer.rating, offer.rating_count) == (Decimal("4.3"), 646)
    assert (offer.availability, offer.stock_left) == ("low_stock", None)
    assert (offer.seller_name, offer.seller_kind) == ("Jumia", "official")
    assert offer.category_path[0] == "Home & Office"
    assert offer.category_path[-1] == "Dry Iron"
    assert len(offer.image_urls) == 4


def test_the_home_page_yields_its_carousels_without_positions_and_its_categories(load: Load) -> None:
    page = load(HOME, "/")
    text = page.body.decode()
    named = set(re.findall(r'data-gtm-id="([^"]+)"', text))
    found = jumia.parse(page)
    assert {offer.external_id for offer in found.offers} == named
    by_sku = {offer.external_id: offer for offer in found.offers}
    television, tissues = by_sku["SO298EA1JALQTNAFAMZ"], by_sku["TI494HB0BPSL1NAFAMZ"]
    assert (television.price, television.currency) == (Decimal(359900), "XOF")
    assert television.old_price == Decimal(500000)
    assert (tissues.price, tissues.stock_left, tissues.availability) == (Decimal(990), 2, "low_stock")
    assert all(offer.position is None for offer in found.offers)
    assert "https://www.jumia.sn/electronique/" in found.more
    assert not [url for url in found.more if "/mlp-" in url]


def next_of(found: Found) -> str | None:
    return found.next_url


@pytest.mark.parametrize(
    ("name", "path", "following"),
    [
        ("gh-2025-06-21-search-laptop-desktop.html", "/catalog/?q=laptop", "/catalog/?q=laptop&page=2"),
        ("ma-2026-04-category-phones-mobile-fr.html", "/telephones-smartphones/", "/telephones-smartphones/?page=2"),
        ("ma-2026-04-search-laptop-desktop-fr.html", "/catalog/?q=laptop&page=1", "/catalog/?q=laptop&page=2"),
        (FRAGMENT, "/groceries/", "/groceries/?page=2"),
        (
            "ng-2020-06-search-old-template.html",
            "/catalog/?q=xiaomi+redmi+note+5",
            "/catalog/?q=xiaomi+redmi+note+5&page=2",
        ),
    ],
)
def test_the_next_page_is_found_on_every_template(load: Load, name: str, path: str, following: str) -> None:
    assert next_of(jumia.parse(load(name, path))) == f"https://{JUMIA[name[:2]].domain}{following}"


def test_positions_are_counted_over_pages(load: Load) -> None:
    name = "gh-2025-06-21-search-laptop-desktop.html"
    assert [offer.position for offer in jumia.parse(load(name, "/catalog/?q=laptop&page=3")).offers] == list(
        range(81, 121)
    )


def test_the_two_days_of_the_ghana_search_differ_in_positions_only(load: Load) -> None:
    first, second = (
        {offer.external_id: offer for offer in jumia.parse(load(name, "/catalog/?q=laptop")).offers}
        for name in list(LISTINGS)[:2]
    )
    both = first.keys() & second.keys()
    assert len(both) == 39
    for sku in both:
        assert first[sku].price == second[sku].price
        assert first[sku].rating_count == second[sku].rating_count
