"""The same page gives the same offers, whoever has formatted or saved it meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.markets import JUMIA
from crawlers.pages import jumia, jumia_saved
from crawlers.pages.page import Found, Page
from tests.crawlers import reformat

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PATHS = {
    "gh-2025-06-21-search-laptop-desktop.html": "/catalog/?q=laptop",
    "ma-2026-04-category-phones-mobile-fr.html": "/telephones-smartphones/",
    "ma-2026-04-search-laptop-desktop-fr.html": "/catalog/?q=laptop&page=1",
    "ng-2020-06-search-old-template.html": "/catalog/?q=xiaomi+redmi+note+5",
    "ng-2023-08-product-few-units.html": "/binatone-dry-iron-di1255-102988845.html",
    "ng-2025-10-category-groceries-fragment.html": "/groceries/",
    "ng-2026-02-product-five-left.html": ("/samsung-galaxy-z-fold-6-5g-7.6-12gb-512gb-rom-large-screen-404945551.html"),
}
FORMATTERS: list[Callable[[str], str]] = [
    reformat.by_beautiful_soup,
    reformat.by_lxml,
    reformat.as_xhtml,
    reformat.by_code_formatter,
    reformat.in_upper_case,
]
_STATE = re.compile(r"window\.__(?:STORE|INITIAL_STATE)__")


def read(text: str | bytes, name: str) -> Found:
    shop = JUMIA[name[:2]]
    body = text.encode() if isinstance(text, str) else text
    url = f"https://{shop.domain}{PATHS[name]}"
    return jumia.parse(Page(body=body, url=url, country=name[:2], currency=shop.currency, observed_at=NOON))


def original(shared: Path, name: str) -> str:
    return (shared / "real" / "jumia" / "pages" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_formatted_page_gives_the_same_offers(shared: Path, name: str, formatter: Callable[[str], str]) -> None:
    text = original(shared, name)
    found = read(formatter(text), name)
    assert found.offers == read(text, name).offers
    assert not found.rejects
    assert not found.troubles


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_formatted_page_without_json_gives_the_same_offers(
    shared: Path, name: str, formatter: Callable[[str], str]
) -> None:
    text = _STATE.sub("window.__GONE__", original(shared, name))
    expected, found = read(text, name), read(formatter(text), name)
    assert found.offers == expected.offers
    assert found.next_url == expected.next_url


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "windows-1252"])
@pytest.mark.parametrize("name", [name for name in PATHS if "fragment" not in name])
def test_a_saved_page_is_read_without_being_told_whose_it_is(shared: Path, name: str, encoding: str) -> None:
    text, shop = original(shared, name), JUMIA[name[:2]]
    expected = read(text, name).offers
    saved = reformat.saved_by_browser(text, f"https://{shop.domain}{PATHS[name]}")
    if encoding == "windows-1252":
        saved = re.sub(r'charset="?utf-8"?', 'charset="windows-1252"', saved)
    page = jumia_saved.page(saved.encode(encoding, "xmlcharrefreplace"), None, None, NOON)
    assert (page.country, page.url) == (name[:2], f"https://{shop.domain}{PATHS[name]}")
    assert jumia.parse(page).offers == expected
