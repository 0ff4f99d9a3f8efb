from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages import jumia_listing, jumia_places
from crawlers.pages.jumia_places import Extent
from crawlers.pages.page import Page

SEARCH_MA = ("ma-2026-04-search-laptop-desktop-fr", "https://www.jumia.ma/catalog/?q=laptop&page=1")
PHONES_MA = ("ma-2026-04-category-phones-mobile-fr", "https://www.jumia.ma/telephones-smartphones/")
SEARCH_GH = ("gh-2025-06-21-search-laptop-desktop", "https://www.jumia.com.gh/catalog/?q=laptop")
GROCERIES_NG = ("ng-2025-10-category-groceries-fragment", "https://www.jumia.com.ng/groceries/")
SEARCH_NG = ("ng-2020-06-search-old-template", "https://www.jumia.com.ng/catalog/?q=xiaomi+redmi+note+5")


def page(url: str, body: bytes) -> Page:
    return Page(body=body, url=url, country="ma", currency="MAD", observed_at=datetime(2026, 4, 30, tzinfo=UTC))


def saved(shared: Path, what: tuple[str, str]) -> Page:
    return page(what[1], (shared / "real/jumia/pages" / f"{what[0]}.html").read_bytes())


@pytest.mark.parametrize(
    ("what", "extent", "beyond"),
    [
        (SEARCH_MA, Extent(904, 23, 40), 0),
        (PHONES_MA, Extent(1478, 37, 40), 0),
        (SEARCH_GH, Extent(238_750, 50, 40), 236_750),
        (GROCERIES_NG, Extent(6850, 50, 40), 4850),
        (SEARCH_NG, Extent(12_662, 50, 48), 10_662),
    ],
    ids=["search-ma", "phones-ma", "search-gh", "groceries-ng", "search-ng"],
)
def test_a_real_listing_says_how_far_it_reaches(
    shared: Path, what: tuple[str, str], extent: Extent, beyond: int
) -> None:
    found = saved(shared, what)
    has_next = jumia_listing.next_url(found) is not None
    assert jumia_places.extent(found, extent.shown, has_next) == extent
    assert extent.beyond == beyond


def test_the_sub_categories_of_a_real_listing_are_those_of_its_category_facet(shared: Path) -> None:
    groceries = jumia_places.parts(saved(shared, GROCERIES_NG))
    assert len(groceries) == 18
    assert groceries[0] == "https://www.jumia.com.ng/air-fresheners-d/"
    assert "https://www.jumia.com.ng/groceries/" not in groceries
    searches = jumia_places.parts(saved(shared, SEARCH_MA))
    assert len(searches) == 9
    assert {parse_qs(urlsplit(address).query)["q"][0] for address in searches} == {"laptop"}
    assert len(jumia_places.parts(saved(shared, SEARCH_NG))) == 7
    assert jumia_places.parts(saved(shared, PHONES_MA)) == []


def test_the_prices_of_a_real_listing_are_in_the_shops_currency(shared: Path) -> None:
    assert jumia_places.prices(saved(shared, SEARCH_MA)) == (29, 9000)
    assert jumia_places.prices(saved(shared, GROCERIES_NG)) == (354, 1_500_000)
    assert jumia_places.prices(saved(shared, SEARCH_NG)) is None


def test_the_band_that_was_asked_for_is_the_one_that_is_divided(shared: Path) -> None:
    whole = saved(shared, SEARCH_MA)
    assert jumia_places.prices(page("https://www.jumia.ma/catalog/?q=laptop&price=100-400", whole.body)) == (100, 400)


@given(low=st.integers(0, 10**7), width=st.integers(0, 10**7))
def test_two_halves_cover_every_price_between_and_are_narrower(low: int, width: int) -> None:
    address = "https://www.jumia.ma/catalog/?q=a&price=1-2&page=1"
    halves = jumia_places.halves(address, (low, low + width))
    if width < 2:
        assert halves == []
        return
    bands = [tuple(map(int, parse_qs(urlsplit(half).query)["price"][0].split("-"))) for half in halves]
    (first, middle), (same, last) = bands
    assert (first, last) == (low, low + width)
    assert middle == same
    assert first < middle < last
    assert all(parse_qs(urlsplit(half).query)["q"] == ["a"] for half in halves)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("<p>(904 résultats)</p>", 904),
        ("<p>(1 résultat)</p>", 1),
        ("<p>(12 662 résultats)</p>", 12_662),
        ("<p>12,662 products found</p>", 12_662),
        ("<p>\n  (238750 products\n  found)\n</p>", 238_750),
        ("<p>(904 r&eacute;sultats)</p>", 904),
        ("<p>(12&nbsp;662 r&#233;sultats)</p>", 12_662),
        ("<p>99999999999999999999 results</p>", None),
        ("<p>no results</p>", None),
        ("", None),
    ],
)
def test_the_total_is_read_where_the_page_says_it(text: str, total: int | None) -> None:
    found = jumia_places.extent(page("https://www.jumia.ma/a/", text.encode()), 1, has_next=False)
    assert found.total == total


def test_a_listing_on_one_page_reaches_to_its_end() -> None:
    whole = page("https://www.jumia.ma/a/", "<p>(38 résultats)</p>".encode())
    assert jumia_places.extent(whole, 37, has_next=False).beyond == 0


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    anything = page("https://www.jumia.ma/a/", b'<article><h2>Category</h2><a class="-phxl" href="' + body)
    jumia_places.extent(anything, 1, has_next=True)
    jumia_places.parts(anything)
    jumia_places.prices(anything)


LAST = "<a {}><svg></svg></a>"


@pytest.mark.parametrize(
    "attributes",
    [
        'href="/a/?page=23#catalog-listing" class="pg" aria-label="Dernière page"',
        'aria-label="Dernière page" class="pg" href="/a/?page=23"',
        'aria-label="Last Page" href="/a/?page=23"',
        'aria-label="Derni&egrave;re page" href="/a/?q=b&amp;page=23"',
    ],
)
def test_the_last_page_is_found_in_any_order_of_attributes(attributes: str) -> None:
    body = f"<p>(904 résultats)</p>{LAST.format(attributes)}"
    assert jumia_places.extent(page("https://www.jumia.ma/a/", body.encode()), 40, has_next=True).pages == 23


@pytest.mark.parametrize("word", ["Catégorie", "Cat&eacute;gorie", "Cat&#233;gories", "Category", "Categories"])
def test_the_category_facet_is_found_however_its_word_is_written(word: str) -> None:
    link = '<a data-href="/ad/" class="-phxl" href="/casques/">Casques</a>'
    body = f"<article>\n <h2>\n {word}\n </h2>{link}</article>"
    assert jumia_places.parts(page("https://www.jumia.ma/a/", body.encode())) == ["https://www.jumia.ma/casques/"]


@pytest.mark.parametrize(
    "attributes",
    [
        'name="price" value="29-9000" type="hidden"',
        'type="hidden" value="29-9000" name="price"',
        "value=29-9000 name=price",
        "data-value='1-2' name='price' value='29-9000'",
    ],
)
def test_the_prices_are_found_in_any_order_of_attributes(attributes: str) -> None:
    body = f'<input name="min" value="29"><input name="price_discount" value="50-100"><input {attributes}/>'
    assert jumia_places.prices(page("https://www.jumia.ma/a/", body.encode())) == (29, 9000)


def test_a_mobile_listing_without_embedded_data_says_its_pages(shared: Path) -> None:
    name, url = PHONES_MA
    body = re.sub(rb"<script\b.*?</script\s*>", b"", saved(shared, (name, url)).body, flags=re.S)
    assert jumia_places.extent(page(url, body), 40, has_next=True) == Extent(None, 37, 40)
    assert jumia_places.number_shown(body) == 1


@pytest.mark.parametrize(
    ("extent", "sure"),
    [
        (Extent(904, 23, 40), 23),
        (Extent(904, 50, 40), 23),
        (Extent(238_750, 50, 40), 50),
        (Extent(None, 37, 40), 37),
        (Extent(None, 1, 40), 1),
        (Extent(0, 1, 0), 1),
    ],
)
def test_what_a_listing_says_of_itself_makes_pages_sure(extent: Extent, sure: int) -> None:
    assert extent.sure_pages == sure
