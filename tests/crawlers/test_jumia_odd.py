"""What pages write oddly or leave out: each fact is read from what is left, and none is taken for another."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler

from crawlers.markets import JUMIA
from crawlers.pages import errors, jumia, jumia_saved
from crawlers.pages.page import Page
from crawlers.spiders.jumia import JumiaSpider, Visit
from pipelines.offer import Offer
from pipelines.reject import Reject
from tests.crawlers.test_bad_pages import PRODUCT, listing, page

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SEARCH = "ma-2026-04-search-laptop-desktop-fr.html"
MOBILE = "ma-2026-04-category-phones-mobile-fr.html"
PRODUCT_PAGE = "ng-2026-02-product-five-left.html"
SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.S)
STATE = re.compile(r"__(?:STORE|INITIAL_STATE)__")
CARD = re.compile(r'<article class="prd _fb col c-prd">.*?</article>', re.S)
LINKED = re.compile(r"(<script[^>]*ld\+json[^>]*>)(.*?)(</script>)", re.S)
ITEM = (
    '<article class="prd _fb col c-prd"><a class="core" href="/casque-{number}-1234567{number}.html"'
    ' data-gtm-id="AB12{number}EL0SAMPLNAFAMZ"><h3 class="name">Casque</h3><div class="prc">1,250 DA</div>{more}'
    "</a></article>"
)


def text_of(shared: Path, name: str) -> str:
    return (shared / "real" / "jumia" / "pages" / name).read_text(encoding="utf-8")


def without(text: str, *marks: str) -> str:
    """The page without the scripts that contain one of the marks."""
    return SCRIPT.sub(lambda found: "" if any(mark in found.group() for mark in marks) else found.group(), text)


def bare(text: str) -> str:
    return without(text, "__STORE__", "__INITIAL_STATE__", "dataLayer", "ld+json")


def saved(text: str | bytes) -> list[Offer]:
    body = text.encode() if isinstance(text, str) else text
    return jumia.parse(jumia_saved.page(body, None, None, NOON)).offers


def at(text: str, name: str, path: str) -> list[Offer]:
    shop = JUMIA[name[:2]]
    url = f"https://{shop.domain}{path}"
    asked = Page(body=text.encode(), url=url, country=name[:2], currency=shop.currency, observed_at=NOON)
    return jumia.parse(asked).offers


def cards(*more: str, around: str = "") -> list[Offer]:
    items = "".join(ITEM.format(number=number, more=text) for number, text in enumerate(more))
    return jumia.parse(page(f"<html><body>{around}{items}</body></html>")).offers


def product_page(shared: Path, linked: Any) -> Offer:
    """The product page with LD+JSON changed and no embedded JSON."""
    text = without(text_of(shared, PRODUCT_PAGE), "__STORE__")
    changed = LINKED.sub(lambda found: found[1] + linked(found[2]) + found[3], text)
    assert changed != text
    (offer,) = saved(changed)
    return offer


# Linked data of a listing


@pytest.mark.parametrize("lacking", ["offers", "url"])
def test_an_item_of_linked_data_that_cannot_be_used_does_not_shift_the_skus_of_the_others(
    shared: Path, lacking: str
) -> None:
    right = {offer.url: (offer.external_id, offer.position) for offer in saved(text_of(shared, SEARCH))}
    text = CARD.sub("", without(text_of(shared, SEARCH), "__STORE__"))

    def damaged(found: re.Match[str]) -> str:
        data = json.loads(found[2])
        for node in data.get("@graph", []):
            for entry in node.get("mainEntity", {}).get("itemListElement", [])[:1]:
                del entry["item"][lacking]
        return found[1] + json.dumps(data) + found[3]

    found = saved(LINKED.sub(damaged, text))
    assert len(found) == 9
    assert {offer.url: (offer.external_id, offer.position) for offer in found}.items() <= right.items()


def test_linked_data_in_another_order_is_placed_by_its_positions(shared: Path) -> None:
    right = {offer.url: (offer.external_id, offer.position) for offer in saved(text_of(shared, SEARCH))}
    text = CARD.sub("", without(text_of(shared, SEARCH), "__STORE__"))

    def reversed_list(found: re.Match[str]) -> str:
        data = json.loads(found[2])
        for node in data.get("@graph", []):
            node.get("mainEntity", {}).get("itemListElement", []).reverse()
        return found[1] + json.dumps(data) + found[3]

    found = saved(LINKED.sub(reversed_list, text))
    assert len(found) == 10
    assert {offer.url: (offer.external_id, offer.position) for offer in found}.items() <= right.items()


def test_skus_in_an_order_that_the_cards_contradict_are_not_believed() -> None:
    items = [
        {
            "@type": "ListItem",
            "position": number + 1,
            "item": {
                "@type": "Product",
                "name": "Casque",
                "url": f"/casque-{number}-1234567{number}.html",
                "offers": {"price": "1250", "priceCurrency": "DZD"},
            },
        }
        for number in range(3)
    ]
    linked = json.dumps({"@type": "ItemList", "itemListElement": items})
    layer = json.dumps({"skus": ["AB120EL0SAMPLNAFAMZ", "XX999EL0WRONGNAFAMZ", "AB121EL0SAMPLNAFAMZ"]})
    unpriced = "".join(ITEM.format(number=number, more="").replace("1,250 DA", "?") for number in range(2))
    body = (
        f'<html><body><script>dataLayer=[{layer}]</script><script type="application/ld+json">{linked}</script>'
        f"{unpriced}</body></html>"
    )
    found = jumia.parse(page(body)).offers
    assert [offer.external_id for offer in found] == ["AB120EL0SAMPLNAFAMZ", "AB121EL0SAMPLNAFAMZ", "12345672"]


def test_linked_data_in_a_list_is_read(shared: Path) -> None:
    text = CARD.sub("", without(text_of(shared, SEARCH), "__STORE__"))
    assert len(saved(LINKED.sub(r"\1[\2]\3", text))) == 10


# Linked data of a product


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ('"price":"1329999.00"', '"price":"1,329,999.00"', "price", Decimal(1329999)),
        ('"price":"1329999.00"', '"price":"on demand"', "price", Decimal(1329999)),
        ('"ratingValue":4.3', '"ratingValue":"4,3"', "rating", Decimal("4.3")),
        ('"ratingValue":4.3', '"ratingValue":"very good"', "rating", Decimal("4.3")),
        ('"ratingCount":4', '"ratingCount":"1,234"', "rating_count", 1234),
        ('"ratingCount":4', '"ratingCount":99999999999999999999', "rating_count", 4),
        ('"@type":"Product"', '"@type":["Product"]', "brand", "Samsung"),
    ],
)
def test_one_odd_value_of_linked_data_does_not_cost_the_product(
    shared: Path, old: str, new: str, field: str, value: object
) -> None:
    offer = product_page(shared, lambda data: data.replace(old, new))
    assert (offer.external_id, getattr(offer, field)) == ("SA948MP6VES8SNAFAMZ", value)


def test_ratings_in_a_list_and_linked_data_in_a_list_are_read(shared: Path) -> None:
    offer = product_page(
        shared, lambda data: "[" + re.sub(r'"aggregateRating":(\{[^}]*\})', r'"aggregateRating":[\1]', data) + "]"
    )
    assert (offer.price, offer.rating, offer.rating_count) == (Decimal(1329999), Decimal("4.3"), 4)
    assert len(offer.image_urls) == 8


@pytest.mark.parametrize("currency", ['"priceCurrency":"NGN"', '"x":""'])
def test_a_linked_price_that_contradicts_the_one_that_is_shown_is_believed_by_nobody(
    shared: Path, currency: str
) -> None:
    euros = '"price":"829.45",' + currency
    with pytest.raises(errors.LayoutChanged, match=r"829\.45 is shown as 1329999"):
        product_page(shared, lambda data: data.replace('"price":"1329999.00","priceCurrency":"NGN"', euros))


def test_a_product_without_a_buy_form_that_says_that_it_is_sold_out_is(shared: Path) -> None:
    text = bare(text_of(shared, PRODUCT_PAGE)).replace("5 units left", "")
    gone = re.sub(
        r'<form[^>]*id="add-to-cart".*?</form>', "<div>This item is currently out of stock</div>", text, flags=re.S
    )
    (offer,) = saved(gone)
    assert (offer.availability, offer.stock_left) == ("out_of_stock", 0)


# Cards


@pytest.mark.parametrize(
    ("said", "availability", "left"),
    [
        ('<div class="stk">Few units left</div>', "low_stock", None),
        ('<div class="stk">Derniers articles</div>', "low_stock", None),
        ('<div class="stk">Quelques articles restants</div>', "low_stock", None),
        ('<div class="stk">5 articles restants</div>', "low_stock", 5),
        ('<div class="stk">Plus que 3 en stock</div>', "low_stock", 3),
        ('<div class="stk">0 units left</div>', "out_of_stock", 0),
        ('<p class="-oos">Produit épuisé</p>', "out_of_stock", 0),
        ('<span class="bdg _oos">Sold Out</span>', "out_of_stock", 0),
        ("<button disabled>Rupture de stock</button>", "out_of_stock", 0),
        ("<p>Bientôt épuisé</p>", "low_stock", None),
        ("<p>Livraison gratuite</p>", "in_stock", None),
    ],
)
def test_a_card_says_its_stock_in_words(said: str, availability: str, left: int | None) -> None:
    (offer,) = cards(said)
    assert (offer.availability, offer.stock_left) == (availability, left)


def test_a_title_says_nothing_about_the_stock() -> None:
    body = f"<html><body>{ITEM.format(number=1, more='').replace('Casque<', 'Tshirt Sold Out<')}</body></html>"
    (offer,) = jumia.parse(page(body)).offers
    assert offer.availability == "in_stock"


@pytest.mark.parametrize("name", [SEARCH, MOBILE, "gh-2025-06-21-search-laptop-desktop.html"])
def test_nobody_has_rated_is_the_same_with_and_without_the_embedded_data(shared: Path, name: str) -> None:
    text = text_of(shared, name)
    whole = {offer.url: offer.rating_count for offer in saved(text)}
    assert 0 in whole.values()
    assert {offer.url: offer.rating_count for offer in saved(bare(text))} == whole


def test_cards_of_a_page_that_shows_no_ratings_say_nothing_about_them() -> None:
    assert [offer.rating_count for offer in cards("", "")] == [None, None]
    stars = '<div class="rev"><div class="stars _s">4.1 out of 5</div>{}</div>'
    assert [offer.rating_count for offer in cards("", stars.format("(7)"), stars.format("?"))] == [0, 7, None]


def test_the_brand_of_a_card_that_names_none_is_what_stands_before_the_name_in_linked_data(shared: Path) -> None:
    text = text_of(shared, MOBILE)
    whole = {offer.url: offer.brand for offer in saved(text)}
    assert {offer.url: offer.brand for offer in saved(without(text, "__INITIAL_STATE__"))} == whole


def test_without_linked_data_brands_are_only_those_that_the_sku_agrees_with(shared: Path) -> None:
    text = text_of(shared, MOBILE)
    whole = {offer.url: offer.brand for offer in saved(text)}
    found = {offer.url: offer.brand for offer in saved(bare(text))}
    assert [url for url, brand in found.items() if brand is None and "65989127" not in url] == []
    assert {url: brand for url, brand in found.items() if brand}.items() <= whole.items()
    assert cards("")[0].brand is None  # AB... is no Casque


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ('<div class="pg-w"><a class="pg" href="?page=2">2</a><span class="pg _act">3</span></div>', 81),
        ('<div class="pg-w"><a href="/telephones/?page=5" class="pg" aria-label="Page suivante">&gt;</a></div>', 121),
        ('<div class="-fs12 -m">37<span class="-gy3">/37</span></div>', 1441),
        ('<a href="/telephones/?page=6" class="pg" aria-label="Previous Page">1</a>', 241),
        ("", 1),
    ],
)
def test_positions_of_a_page_whose_address_is_not_known_go_by_its_pager(told: str, first: int) -> None:
    assert [offer.position for offer in cards("", "", around=told)] == [first, first + 1]


def test_an_address_that_names_its_page_needs_no_pager() -> None:
    body = f'<html><body><span class="pg-w"><b class="_act">9</b></span>{ITEM.format(number=1, more="")}</body></html>'
    (offer,) = jumia.parse(page(body, "https://www.jumia.com.dz/telephones/?page=2")).offers
    assert offer.position == 41


def test_the_next_page_tells_the_number_of_embedded_data_too() -> None:
    link = '<a href="/telephones/?page=3" class="pg" aria-label="Page suivante"></a>'
    (offer,) = jumia.parse(page(listing(PRODUCT, text=link))).offers
    assert offer.position == 41


@pytest.mark.parametrize("cut", [False, True])
def test_a_second_page_saved_as_xhtml_keeps_its_positions(shared: Path, cut: bool) -> None:
    text = text_of(shared, SEARCH).replace("q=laptop&page=1", "q=laptop&page=2").replace("\\u0026page=1", "&page=2")
    text = without(text, "__STORE__") if cut else text
    tree = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    written = lxml.etree.tostring(tree)
    assert b"q=laptop&amp;page=2" in written
    read = jumia_saved.page(written, None, None, NOON)
    assert read.url == "https://www.jumia.ma/catalog/?q=laptop&page=2"
    assert [offer.position for offer in jumia.parse(read).offers] == list(range(41, 81))


@pytest.mark.parametrize("name", [SEARCH, MOBILE, PRODUCT_PAGE])
def test_a_minified_page_needs_no_tags_at_its_end(shared: Path, name: str) -> None:
    text = bare(text_of(shared, name))
    whole = saved(text)
    found = saved(text.replace("</html>", "").replace("</body>", ""))
    assert [offer.external_id for offer in found] == [offer.external_id for offer in whole]
    with pytest.raises(errors.PageTruncated):
        saved(text.replace("</html>", "").replace("</body>", "").removesuffix("</div>").rstrip()[:-2000])


# Embedded data


def variation(**values: Any) -> dict[str, Any]:
    return {"sku": "AB123EL0SAMPLNAFAMZ-1", "isBuyable": True, "prices": {}} | values


@pytest.mark.parametrize(
    ("simples", "availability", "left"),
    [
        ([variation(stockInfo={"type": "outOfStock", "text": "Rupture de stock"})], "out_of_stock", 0),
        ([variation(stockInfo={"type": "outOfStock"}), variation()], "in_stock", None),
        (
            [variation(stockInfo={"type": "outOfStock"}), variation(stockInfo={"type": "lowStock", "text": "2 left"})],
            "low_stock",
            2,
        ),
        ([variation(stockInfo={"type": "lowStock", "text": "0 units left"})], "out_of_stock", 0),
        ([variation(stockInfo={"type": "fewUnits", "text": "Few units left"})], "low_stock", None),
        ([variation(isBuyable=None)], "in_stock", None),
        ([variation(isBuyable=False)], "out_of_stock", 0),
    ],
)
def test_only_variations_that_are_there_count(
    simples: list[dict[str, Any]], availability: str, left: int | None
) -> None:
    (offer,) = jumia.parse(page(listing(PRODUCT | {"simples": simples}))).offers
    assert (offer.availability, offer.stock_left) == (availability, left)


@pytest.mark.parametrize(
    ("rating", "mean", "count"),
    [
        ({"average": None, "totalRatings": 41}, None, 41),
        ({"average": "4,1", "totalRatings": "1,041"}, Decimal("4.1"), 1041),
        ({"average": 41, "totalRatings": 41}, None, 41),
        ({"average": 4.1, "totalRatings": 2**64}, None, None),
        ({"average": 4.1, "totalRatings": 2**40}, None, None),
        ({"average": 0, "totalRatings": 0}, None, 0),
        ([4.1, 41], None, None),
        (None, None, None),
    ],
)
def test_an_odd_rating_does_not_cost_the_product(rating: Any, mean: Decimal | None, count: int | None) -> None:
    (offer,) = jumia.parse(page(listing(PRODUCT | {"rating": rating}))).offers
    assert (offer.price, offer.rating, offer.rating_count) == (Decimal(1250), mean, count)


def test_a_price_of_zero_that_is_not_shown_is_no_offer_for_nothing() -> None:
    unpriced = PRODUCT | {"prices": {"rawPrice": "0", "price": ""}}
    found = jumia.parse(page(listing(unpriced, PRODUCT)))
    assert ([offer.price for offer in found.offers], len(found.rejects)) == ([Decimal(1250)], 1)
    (offer, _) = jumia.parse(page(listing(unpriced | {"isBuyable": False}, PRODUCT))).offers
    assert (offer.price, offer.currency, offer.price_kind, offer.availability) == (None, None, "none", "out_of_stock")


def test_of_a_range_whose_number_is_the_upper_bound_the_lower_counts() -> None:
    prices = {"rawPrice": "1500.00", "price": "1,250 DA - 1,500 DA"}
    (offer,) = jumia.parse(page(listing(PRODUCT | {"prices": prices}))).offers
    assert (offer.price, offer.price_kind) == (Decimal(1250), "from")


@pytest.mark.parametrize("half", [r"\ud83d", r"\ude00", r"\ud83dx\ude00"])
def test_half_a_character_does_not_leave_the_page(half: str) -> None:
    body = listing(PRODUCT | {"displayName": "Casque HALF"}).replace("HALF", half)
    (offer,) = jumia.parse(page(body)).offers
    assert offer.title.encode().decode().startswith("Casque \ufffd")
    whole = listing(PRODUCT | {"displayName": "Casque \U0001f600"})
    assert r"\ud83d\ude00" in whole
    (offer,) = jumia.parse(page(whole.replace('"view":', "view:"))).offers
    assert offer.title == "Casque \U0001f600"


def test_an_attribute_that_ends_in_href_is_no_address() -> None:
    link = '<a data-href="/ads/" href="/telephones/?page=2" aria-label="Page suivante"></a>'
    assert jumia.parse(page(listing(PRODUCT, text=link))).next_url == "https://www.jumia.com.dz/telephones/?page=2"


BAD = "https://[bad/"


def test_what_is_no_address_costs_nothing_but_itself() -> None:
    linked = [
        {"position": number, "item": {"@type": "Product", "name": "Casque", "url": url, "offers": {"price": "1250"}}}
        for number, url in enumerate((BAD, "/casque-1-12345671.html"), 1)
    ]
    script = json.dumps({"@type": "ItemList", "itemListElement": linked})
    around = (
        f'<link rel="canonical" href="{BAD}"><script type="application/ld+json">{script}</script>'
        f'<div class="pg-w"><a href="{BAD}" aria-label="Previous Page"></a>'
        f'<a href="{BAD}" aria-label="Next Page"></a></div>'
    )
    (offer,) = cards("", around=around)
    assert offer.position == 1
    body = f"<html><body>{around}</body></html>"
    found = jumia.parse(jumia_saved.page(body.encode(), None, "dz", NOON))
    assert ([offer.external_id for offer in found.offers], len(found.rejects)) == (["12345671"], 1)
    assert found.next_url is None
    menu = f'<div class="flyout"><a class="itm" href="{BAD}"></a><a class="itm" href="/a/"></a></div>'
    home = jumia.parse(page(f"<html><body>{menu}</body></html>", "https://www.jumia.com.dz/"))
    assert home.more == ["https://www.jumia.com.dz/a/"]


def test_a_picture_that_has_no_address_does_not_cost_the_product(shared: Path) -> None:
    (offer,) = jumia.parse(page(listing(PRODUCT | {"image": "//[bad/a.jpg"}))).offers
    assert (offer.price, offer.image_urls) == (Decimal(1250), [])
    offer = product_page(shared, lambda data: data.replace('"https://ng.jumia.is/', '"https://[ng.jumia.is/'))
    assert (offer.external_id, offer.price) == ("SA948MP6VES8SNAFAMZ", Decimal(1329999))


def test_a_redirect_to_what_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETS", "replay")
    crawler = get_crawler(JumiaSpider)
    crawler.stats = MemoryStatsCollector(crawler)
    spider = JumiaSpider.from_crawler(crawler, country="ma", category="a")
    asked = "http://www.jumia.ma/a/"
    response = Response(
        asked, status=302, headers={"Location": BAD}, request=Request(asked, meta={"observed_at": NOON})
    )
    (reject,) = spider.parse(response, Visit("https://www.jumia.ma/a/", start=True), start=True)
    assert isinstance(reject, Reject)
    assert reject.reason == "page/wrong_shop: https://www.jumia.ma/a/ leads to what is no address"
