"""Pages that cannot be used raise an error with a name, and never an empty catalogue."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crawlers.pages import errors, jumia
from crawlers.pages.page import Page
from pipelines.validate import defects

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PRODUCT = {
    "sku": "AB123EL0SAMPLNAFAMZ",
    "name": "Casque",
    "displayName": "Oraimo Casque",
    "brand": "Oraimo",
    "categories": ["Électronique", "Audio"],
    "prices": {"rawPrice": "1250.00", "price": "1,250 DA", "priceEuro": "8.60"},
    "rating": {"average": 4.1, "totalRatings": 41},
    "url": "/oraimo-casque-12345678.html",
    "isBuyable": True,
    "simples": [{"sku": "AB123EL0SAMPLNAFAMZ-1", "isBuyable": True, "prices": {}}],
}


def page(body: str | bytes, url: str = "https://www.jumia.com.dz/telephones/", status: int = 200) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(body=raw, url=url, country="dz", currency="DZD", observed_at=NOON, status=status)


def listing(*products: dict[str, Any], text: str = "", **state: Any) -> str:
    whole = {"view": "Catalog", "countryCode": "DZ", "products": products} | state
    return f"<!doctype html><html><body>{text}<script>window.__STORE__ = {json.dumps(whole)};</script></body></html>"


def test_a_listing_of_one_product_is_read() -> None:
    (offer,) = jumia.parse(page(listing(PRODUCT))).offers
    assert (offer.price, offer.currency, offer.title) == (Decimal(1250), "DZD", "Oraimo Casque")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.9])
@pytest.mark.parametrize(
    "name",
    [
        "gh-2025-06-21-search-laptop-desktop.html",
        "ma-2026-04-category-phones-mobile-fr.html",
        "ng-2025-10-category-groceries-fragment.html",
        "ng-2020-06-search-old-template.html",
        "sn-2026-01-home-fr.html",
    ],
)
def test_a_page_that_is_cut_off_is_truncated(shared: Path, name: str, share: float) -> None:
    body = (shared / "real" / "jumia" / "pages" / name).read_bytes()
    cut = Page(
        body=body[: int(len(body) * share)],
        url="https://www.jumia.com.gh/catalog/?q=laptop",
        country=name[:2],
        currency="GHS",
        observed_at=NOON,
    )
    with pytest.raises(errors.PageTruncated):
        jumia.parse(cut)


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b'{"error": "busy"}', b"upstream timed out"])
def test_what_is_no_html_is_named_so(body: bytes) -> None:
    with pytest.raises(errors.NotHtml):
        jumia.parse(page(body))


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_is_recognised_whatever_its_status(status: int) -> None:
    body = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
    with pytest.raises(errors.ChallengePage):
        jumia.parse(page(body, status=status))


def test_an_error_status_is_no_page() -> None:
    with pytest.raises(errors.BadStatus, match="500"):
        jumia.parse(page("<html><body>sorry</body></html>", status=500))


def test_a_whole_page_without_products_that_does_not_say_so_is_a_changed_layout() -> None:
    with pytest.raises(errors.LayoutChanged):
        jumia.parse(page("<html><body><div class='new-design'>Casque 1,250 DA</div></body></html>"))
    with pytest.raises(errors.LayoutChanged):
        jumia.parse(page(listing()))


@pytest.mark.parametrize(
    "said", ["(0 products found)", "Aucun résultat trouvé pour xyz", "There are no results for “xyz”", "0 résultats"]
)
def test_a_page_that_says_that_it_is_empty_is_empty(said: str) -> None:
    with pytest.raises(errors.EmptyResult):
        jumia.parse(page(listing(text=f"<p>{said}</p>")))


def test_ten_products_found_is_not_read_as_zero_found() -> None:
    with pytest.raises(errors.LayoutChanged):
        jumia.parse(page(listing(text="<p>(10 products found)</p>")))


def test_a_page_of_another_country_is_refused() -> None:
    with pytest.raises(errors.WrongShop):
        jumia.parse(page(listing(PRODUCT, countryCode="MA")))


def test_a_product_that_leads_to_the_home_page_is_gone() -> None:
    home = "<html><body><div class='flyout'><a class='itm' href='/a/'></a></div></body></html>"
    with pytest.raises(errors.ProductGone):
        jumia.parse(
            page(home, "https://www.jumia.com.dz/"), asked="https://www.jumia.com.dz/oraimo-casque-12345678.html"
        )


def test_a_product_that_cannot_be_read_is_rejected_and_the_others_are_kept() -> None:
    broken = PRODUCT | {"prices": None}
    found = jumia.parse(page(listing(broken, PRODUCT)))
    assert [offer.position for offer in found.offers] == [2]
    assert found.rejects[0].reason.startswith("offer/unreadable: ")
    assert found.rejects[0].raw == broken


def test_a_page_none_of_whose_products_can_be_read_is_a_changed_layout() -> None:
    with pytest.raises(errors.LayoutChanged, match="none of 2"):
        jumia.parse(page(listing(*[{"id": 1}, {"id": 2}])))


def test_a_negative_price_reaches_the_validation() -> None:
    negative = PRODUCT | {"prices": {"rawPrice": "-5.00", "price": "-5.00 DA"}}
    (offer,) = jumia.parse(page(listing(negative))).offers
    assert defects(offer) == ["offer/price/negative"]


def test_a_price_in_euros_is_no_price() -> None:
    euros = PRODUCT | {"prices": {"price": "€ 8.60"}}
    found = jumia.parse(page(listing(euros, PRODUCT)))
    assert (len(found.offers), len(found.rejects)) == (1, 1)


@pytest.mark.parametrize(
    ("simples", "expected"),
    [
        ([{"isBuyable": True}], ("in_stock", None)),
        ([{"isBuyable": True, "stockInfo": {"text": "3 units left", "type": "lowStock"}}], ("low_stock", 3)),
        ([{"isBuyable": True, "stockInfo": {"text": "Few units left", "type": "fewUnits"}}], ("low_stock", None)),
        ([{"isBuyable": True, "stockInfo": {"text": "In stock", "type": "inStock"}}], ("in_stock", None)),
        ([{"isBuyable": False}], ("out_of_stock", 0)),
        (
            [
                {"isBuyable": True, "stockInfo": {"text": "3 articles restants", "type": "lowStock"}},
                {"isBuyable": True, "stockInfo": {"text": "2 articles restants", "type": "lowStock"}},
                {"isBuyable": False},
            ],
            ("low_stock", 5),
        ),
    ],
)
def test_availability_follows_the_variations_that_can_be_bought(simples: list, expected: tuple) -> None:
    (offer,) = jumia.parse(page(listing(PRODUCT | {"simples": simples}))).offers
    assert (offer.availability, offer.stock_left) == expected


def test_cards_priced_in_another_currency_than_the_linked_data_says_are_not_believed() -> None:
    card = (
        '<article class="prd _fb col c-prd"><a class="core" href="/a-1.html" data-gtm-id="AB123EL0SAMPLNAFAMZ">'
        '<h3 class="name">A</h3><div class="prc">8.60</div></a></article>'
    )
    item = {
        "name": "A",
        "url": "https://www.jumia.com.dz/a-1.html",
        "offers": {"price": "8.60", "priceCurrency": "EUR"},
    }
    linked = {"@graph": [{"mainEntity": {"itemListElement": [{"item": item}]}}]}
    body = f'<html><body>{card}<script type="application/ld+json">{json.dumps(linked)}</script></body></html>'
    with pytest.raises(errors.LayoutChanged, match="EUR"):
        jumia.parse(page(body))
