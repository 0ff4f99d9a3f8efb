"""Each source of a page on its own, what kind of page it is, and whose."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crawlers.markets import JUMIA
from crawlers.pages import errors, jumia, jumia_saved
from crawlers.pages.page import Page
from tests.crawlers.test_bad_pages import PRODUCT, listing, page

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SEARCH = "ma-2026-04-search-laptop-desktop-fr.html"
MOBILE = "ma-2026-04-category-phones-mobile-fr.html"
PRODUCT_PAGE = "ng-2026-02-product-five-left.html"
STATE = re.compile(r"window\.__(?:STORE|INITIAL_STATE)__")
LAYER = re.compile(r"\bdataLayer\s*=\s*\[")
OF_A_PRODUCT_PAGE = [
    *(
        "external_id",
        "url",
        "title",
        "brand",
        "category_path",
        "price",
        "currency",
        "old_price",
        "price_kind",
        "rating",
    ),
    *("rating_count", "availability", "stock_left", "seller_name", "seller_kind", "image_urls", "shipped_from_abroad"),
]
LINKED = re.compile(r"application/ld\+json")


def text_of(shared: Path, name: str) -> str:
    return (shared / "real" / "jumia" / "pages" / name).read_text(encoding="utf-8")


def real(text: str, name: str, path: str = "/catalog/?q=laptop") -> Page:
    shop = JUMIA[name[:2]]
    url = f"https://{shop.domain}{path}"
    return Page(body=text.encode(), url=url, country=name[:2], currency=shop.currency, observed_at=NOON)


@pytest.mark.parametrize("name", [SEARCH, MOBILE])
def test_linked_data_alone_carries_the_first_products_with_the_skus_of_the_trackers(shared: Path, name: str) -> None:
    text = text_of(shared, name)
    whole = {offer.position: offer for offer in jumia.parse(real(text, name)).offers}
    found = jumia.parse(real(STATE.sub("gone", text).replace("c-prd", "new-card"), name))
    assert [offer.position for offer in found.offers] == list(range(1, 11))
    assert found.troubles == ["page/linked_data_only"]
    for offer in found.offers:
        right = whole[offer.position]
        assert (offer.external_id, offer.url, offer.price) == (right.external_id, right.url, right.price)
        assert (offer.currency, offer.availability, offer.image_urls) == ("MAD", "in_stock", right.image_urls)
        assert right.title.endswith(offer.title)
        assert (offer.rating, offer.old_price, offer.express, offer.seller_kind) == (None, None, None, "unknown")


def test_cards_alone_need_neither_trackers_nor_linked_data(shared: Path) -> None:
    text = LAYER.sub("layer = [", LINKED.sub("text/gone", STATE.sub("gone", text_of(shared, SEARCH))))
    whole = jumia.parse(real(text_of(shared, SEARCH), SEARCH)).offers
    found = jumia.parse(real(text, SEARCH)).offers
    assert [(offer.external_id, offer.price, offer.old_price, offer.rating, offer.title) for offer in found] == [
        (offer.external_id, offer.price, offer.old_price, offer.rating, offer.title) for offer in whole
    ]
    assert [offer.attributes for offer in found] == [offer.attributes for offer in whole]


def test_a_card_that_names_no_sku_has_the_number_of_its_address(shared: Path) -> None:
    """Where trackers are gone too. The number is Jumia's own and stays; a guess at the SKU would not."""
    text = LAYER.sub("layer = [", STATE.sub("gone", text_of(shared, MOBILE)))
    whole = {offer.url: offer for offer in jumia.parse(real(text_of(shared, MOBILE), MOBILE)).offers}
    found = jumia.parse(real(text, MOBILE))
    assert (len(found.offers), len(found.rejects)) == (40, 0)
    (unnamed,) = [offer for offer in found.offers if offer.external_id != whole[offer.url].external_id]
    assert unnamed.external_id == "65989127"
    assert unnamed.price == whole[unnamed.url].price == Decimal("1450.00")


def test_advertisements_that_a_browser_put_between_the_cards_are_none_of_the_listing(shared: Path) -> None:
    text = STATE.sub("gone", text_of(shared, SEARCH))
    card = re.search(r'<article class="prd _fb col c-prd">.*?</article>', text, re.S)
    assert card
    advertised = card.group().replace("c-prd", "c-prd _spn").replace("DE014CL0UG48INAFAMZ", "AD000000000000NAFAMZ")
    skus = [
        offer.external_id
        for offer in jumia.parse(real(text.replace(card.group(), advertised + card.group()), SEARCH)).offers
    ]
    assert len(skus) == 40
    assert "AD000000000000NAFAMZ" not in skus


@pytest.mark.parametrize("cut", ["state", "linked", "both"])
def test_a_product_page_is_read_from_what_is_left(shared: Path, cut: str) -> None:
    text = text_of(shared, PRODUCT_PAGE)
    whole = jumia.parse(real(text, PRODUCT_PAGE, "/samsung-404945551.html")).offers[0]
    if cut in ("state", "both"):
        text = STATE.sub("gone", text)
    if cut in ("linked", "both"):
        text = LINKED.sub("text/gone", text)
    (offer,) = jumia.parse(real(text, PRODUCT_PAGE, "/samsung-404945551.html")).offers
    for field in OF_A_PRODUCT_PAGE:
        assert getattr(offer, field) == getattr(whole, field), field


@pytest.mark.parametrize("name", [PRODUCT_PAGE, "ng-2023-08-product-few-units.html"])
def test_a_product_page_without_head_and_scripts_tells_its_address_by_where_a_login_leads_back_to(
    shared: Path, name: str
) -> None:
    text = text_of(shared, name)
    whole = jumia.parse(jumia_saved.page(text.encode(), None, None, NOON)).offers[0]
    bare = re.sub(r"<head\b.*?</head>|<script\b.*?</script>", "", text, flags=re.S)
    (offer,) = jumia.parse(jumia_saved.page(bare.encode(), None, None, NOON)).offers
    for field in OF_A_PRODUCT_PAGE:
        assert getattr(offer, field) == getattr(whole, field), field


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("gh-2025-06-21-search-laptop-desktop.html", 40),
        (MOBILE, 40),
        (SEARCH, 40),
        ("ng-2020-06-search-old-template.html", 40),
        ("ng-2023-08-product-few-units.html", 1),
        ("ng-2025-10-category-groceries-fragment.html", 40),
        (PRODUCT_PAGE, 1),
        ("sn-2026-01-home-fr.html", 284),
    ],
)
@pytest.mark.parametrize("without", ["nothing", "state", "state and trackers"])
def test_a_page_tells_its_kind_and_its_shop_by_itself(shared: Path, name: str, count: int, without: str) -> None:
    text = text_of(shared, name)
    text = text if without == "nothing" else STATE.sub("gone", text)
    text = LAYER.sub("layer = [", text) if "trackers" in without else text
    found = jumia_saved.page(text.encode(), None, None, NOON)
    assert found.country == name[:2]
    assert found.url.startswith(f"https://{JUMIA[name[:2]].domain}/")
    assert len(jumia.parse(found).offers) == count


CARD = (
    '<article class="prd _fb col c-prd"><a class="core" href="/casque-12345678.html" data-gtm-id="AB123EL0SAMPLNAFAMZ">'
    '<h3 class="name">Casque</h3><div class="prc">{}</div></a></article>'
)


@pytest.mark.parametrize(
    ("price", "country"),
    [
        ("₦ 5,750", "ng"),
        ("&#x20A6; 5,750", "ng"),
        ("GH₵ 3,480.00", "gh"),
        ("KSh 1,299", "ke"),
        ("EGP 1,234.50", "eg"),
        ("5,500.00 Dhs", "ma"),
        ("USh 45,000", "ug"),
        ("1,250 DA", "dz"),
    ],
)
def test_a_page_that_names_nothing_else_is_of_the_shop_of_its_currency(price: str, country: str) -> None:
    body = f"<html><body>{CARD.format(price)}</body></html>".encode()
    saved = jumia_saved.page(body, None, None, NOON)
    assert saved.country == country
    (offer,) = jumia.parse(saved).offers
    assert offer.currency == JUMIA[country].currency


def test_francs_are_of_two_shops_and_need_a_word_more() -> None:
    body = f"<html><body>{CARD.format('359 900 FCFA')}</body></html>"
    with pytest.raises(errors.UnknownShop):
        jumia_saved.page(body.encode(), None, None, NOON)
    named = body.replace("<body>", '<body><img src="https://ci.jumia.is/cms/a.png">')
    assert jumia_saved.page(named.encode(), None, None, NOON).country == "ci"
    assert jumia_saved.page(body.encode(), None, "sn", NOON).country == "sn"


@pytest.mark.parametrize(
    ("url", "country"),
    [
        ("https://www.jumia.ma/telephones/", None),
        (None, "ma"),
        ("https://www.jumia.com.dz/telephones/", "ma"),
    ],
)
def test_what_contradicts_the_page_is_the_wrong_shop(url: str | None, country: str | None) -> None:
    with pytest.raises(errors.WrongShop):
        jumia_saved.page(listing(PRODUCT).encode(), url, country, NOON)


def test_cards_in_another_shops_currency_are_the_wrong_shop() -> None:
    with pytest.raises(errors.WrongShop):
        jumia.parse(page(f"<html><body>{CARD.format('KSh 1,299')}</body></html>"))


def test_a_country_without_a_shop_is_unknown() -> None:
    with pytest.raises(errors.UnknownShop, match="tn"):
        jumia_saved.page(listing(PRODUCT, countryCode="TN").encode(), None, None, NOON)


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ("<!-- saved from url=(0042)https://www.jumia.co.ke/catalog/?q=tv&amp;page=2 -->", "/catalog/?q=tv&page=2"),
        ('<link rel="canonical" href="https://www.jumia.co.ke/televisions/">', "/televisions/"),
        ('<link href="https://www.jumia.co.ke/televisions/" rel="canonical"/>', "/televisions/"),
        (
            "<meta content='/televisions/' property='og:url'><meta property='og:locale' content='en_KE'>",
            "/televisions/",
        ),
        ('<script>var dataLayer = [{"countryCode":"KE","url":"/catalog/?q=tv"}]</script>', "/catalog/?q=tv"),
    ],
)
def test_the_address_is_found_where_a_page_names_it(head: str, address: str) -> None:
    body = f'<html><head>{head}<link hreflang="en-gh" href="https://www.jumia.com.gh/"></head><body></body></html>'
    saved = jumia_saved.page(body.encode(), None, None, NOON)
    assert (saved.country, saved.url) == ("ke", f"https://www.jumia.co.ke{address}")


MENU = '<div class="flyout"><a class="itm" href="/telephones/">Téléphones</a></div>'
CAROUSEL = CARD.format("1,250 DA").replace("prd _fb col c-prd", "prd _box _hvr")


@pytest.mark.parametrize(
    "told",
    [
        '<script>var dataLayer=[{"countryCode":"DZ","pageType":"error","url":"/nothing/"}]</script>',
        '<script>var dataLayer=[{"countryCode":"DZ","pageType":"static","url":"/sp-help/"}]</script>',
        '<script>window.__STORE__={"view":"Login","countryCode":"DZ","url":"/customer/account/login/"};</script>',
        '<link rel="canonical" href="https://www.jumia.com.dz/sp-help/">',
        '<link rel="canonical" href="https://www.jumia.com.dz/help.html">',
        '<form action="/customer/account/login/" method="post"></form>',
    ],
)
@pytest.mark.parametrize("rest", ["", MENU, MENU + CAROUSEL])
def test_a_page_of_no_known_kind_is_a_changed_layout(told: str, rest: str) -> None:
    body = f'<html><head>{told}</head><body>{rest}<link href="https://www.jumia.com.dz/a.css"></body></html>'
    with pytest.raises(errors.LayoutChanged):
        jumia.parse(jumia_saved.page(body.encode(), None, None, NOON))


@pytest.mark.parametrize(
    "said",
    ["(0 products found)", "Aucun résultat trouvé pour xyz", "There are no results for “xyz”", "لا توجد نتائج"],
)
def test_an_empty_search_is_empty_with_and_without_its_state(said: str) -> None:
    whole = listing(text=f"<p>\n  {said.replace(' ', chr(10) + '  ')}\n</p>{CAROUSEL}")
    for text in (whole, STATE.sub("gone", whole)):
        with pytest.raises(errors.EmptyResult):
            jumia.parse(page(text, "https://www.jumia.com.dz/catalog/?q=xyz"))


def test_addresses_of_an_archive_and_of_a_disk_become_the_shops() -> None:
    archived = CARD.format("1,250 DA").replace(
        'href="/casque', 'href="https://web.archive.org/web/20250101000000/https://www.jumia.com.dz/casque'
    )
    on_disk = CARD.format("1,250 DA").replace('href="/casque', 'href="file:///C:/Users/a/casque')
    for card in (archived, on_disk):
        (offer,) = jumia.parse(page(f"<html><body>{card}</body></html>")).offers
        assert offer.url == "https://www.jumia.com.dz/casque-12345678.html"


def test_categories_are_the_trackers_one_by_one_even_with_a_slash_in_a_name() -> None:
    card = CARD.format("1,250 DA").replace(
        "data-gtm-id",
        'data-ga4-item_category="Audio/Video" data-ga4-item_category2="Casques" data-gtm-category="Audio/Video/Casques"'
        " data-gtm-id",
    )
    (offer,) = jumia.parse(page(f"<html><body>{card}</body></html>")).offers
    assert offer.category_path == ["Audio/Video", "Casques"]


def test_arabic_cards_are_read() -> None:
    card = (
        CARD.format("١٬٢٣٤٫٥٠ ج.م")
        .replace("Casque<", "سماعة بلوتوث<")
        .replace("</a>", '<div class="rev"><div class="stars _s">٤٫١ من ٥</div>(٤١)</div></a>')
    )
    body = f'<html lang="ar" dir="rtl"><body>{card}</body></html>'
    eg = Page(body=body.encode(), url="https://www.jumia.com.eg/ar/a/", country="eg", currency="EGP", observed_at=NOON)
    (offer,) = jumia.parse(eg).offers
    assert (offer.price, offer.rating, offer.rating_count) == (Decimal("1234.50"), Decimal("4.1"), 41)
    assert offer.title == "سماعة بلوتوث"


def test_a_product_that_leads_to_a_listing_is_gone(shared: Path) -> None:
    with pytest.raises(errors.ProductGone):
        jumia.parse(
            page(listing(PRODUCT), "https://www.jumia.com.dz/telephones/"),
            asked="https://www.jumia.com.dz/casque-12345678.html",
        )


def test_json_with_script_after_it_is_read() -> None:
    state = {"view": "Catalog", "countryCode": "DZ", "viewData": {"products": [PRODUCT]}}
    script = f"window.__INITIAL_STATE__ = {json.dumps(state)};window.__CONFS__={{}};"
    (offer,) = jumia.parse(page(f"<html><body><SCRIPT>{script}</SCRIPT></body></html>")).offers
    assert offer.external_id == PRODUCT["sku"]
