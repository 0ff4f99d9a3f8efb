"""Damaged pages: a named error or right offers, never a wrong price and never another exception."""

from __future__ import annotations

import functools
import json
import random
import re
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.markets import JUMIA
from crawlers.pages import jumia
from crawlers.pages.errors import LayoutChanged, PageError
from crawlers.pages.page import Found, Page
from pipelines.offer import Offer
from pipelines.validate import defects
from tests.crawlers.test_bad_pages import PRODUCT, listing, page

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAGES = {
    "gh-2025-06-21-search-laptop-desktop.html": "/catalog/?q=laptop",
    "ma-2026-04-category-phones-mobile-fr.html": "/telephones-smartphones/",
    "ng-2020-06-search-old-template.html": "/catalog/?q=xiaomi+redmi+note+5",
    "ng-2025-10-category-groceries-fragment.html": "/groceries/",
    "ng-2026-02-product-five-left.html": "/samsung-galaxy-z-fold-6-5g-404945551.html",
}
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@functools.cache
def body(folder: Path, name: str) -> bytes:
    return (folder / "real" / "jumia" / "pages" / name).read_bytes()


def read(name: str, raw: bytes) -> Found:
    shop = JUMIA[name[:2]]
    address = f"https://{shop.domain}{PAGES[name]}"
    return jumia.parse(Page(body=raw, url=address, country=name[:2], currency=shop.currency, observed_at=NOON))


def said(offer: Offer) -> tuple[object, ...]:
    return (
        offer.external_id,
        offer.price,
        offer.old_price,
        offer.currency,
        offer.price_kind,
        offer.url,
        offer.position,
    )


@pytest.mark.parametrize("name", PAGES)
@SLOW
@given(share=st.floats(0, 1))
def test_a_page_cut_anywhere_says_nothing_wrong(shared: Path, name: str, share: float) -> None:
    whole = body(shared, name)
    right = {said(offer) for offer in read(name, whole).offers}
    try:
        found = read(name, whole[: int(len(whole) * share)])
    except PageError:
        return
    assert {said(offer) for offer in found.offers} <= right
    assert found.offers


@pytest.mark.parametrize("name", PAGES)
@SLOW
@given(seed=st.integers(0, 10**9), count=st.integers(1, 60))
def test_flipped_bytes_raise_nothing_but_page_errors(shared: Path, name: str, seed: int, count: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(body(shared, name))
    for _ in range(count):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    try:
        found = read(name, bytes(damaged))
    except PageError:
        return
    assert all(offer.external_id and offer.url.startswith("https://") for offer in found.offers)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"<html>", b"<!doctype html><html><body>", b"\xff\xfe<\0h\0", b""]))
def test_any_bytes_raise_nothing_but_page_errors(noise: bytes, head: bytes) -> None:
    with pytest.raises(PageError):
        jumia.parse(page(head + noise))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(PRODUCT)), json_values)
def test_a_product_with_any_value_anywhere_is_read_or_rejected(name: str, value: Any) -> None:
    try:
        found = jumia.parse(page(listing(PRODUCT | {name: value}, PRODUCT)))
    except LayoutChanged:
        pytest.fail("the good product is lost")
    assert len(found.offers) + len(found.rejects) == 2
    for offer in found.offers:
        assert (offer.price, offer.currency) in ((Decimal(1250), "DZD"), (None, None)) or name == "prices"


@pytest.mark.parametrize("name", sorted(PRODUCT))
@pytest.mark.parametrize("gone", ["missing", "null"])
def test_a_product_that_lacks_a_field_is_right_in_the_others_or_rejected(name: str, gone: str) -> None:
    lacking = {key: value for key, value in PRODUCT.items() if key != name} | ({name: None} if gone == "null" else {})
    found = jumia.parse(page(listing(lacking, PRODUCT)))
    complete = found.offers[-1]
    if len(found.offers) == 1:
        assert name in ("sku", "url", "prices")
        assert found.rejects[0].reason.startswith("offer/unreadable: ")
        return
    offer = found.offers[0]
    assert (offer.external_id, offer.url, offer.price) == (complete.external_id, complete.url, complete.price)
    for field in ("title", "brand", "category_path", "rating", "rating_count", "availability", "stock_left"):
        assert getattr(offer, field) in (getattr(complete, field), None, [], "Casque")


@pytest.mark.parametrize("raw", ["0", "0.00", "-5", "1e15", "NaN", "Infinity", 10**20])
def test_an_absurd_price_never_passes(raw: Any) -> None:
    found = jumia.parse(page(listing(PRODUCT | {"prices": {"rawPrice": raw}}, PRODUCT)))
    assert len(found.rejects) == 1 or any(name.startswith("offer/price/") for name in defects(found.offers[0]))


@pytest.mark.parametrize(
    "prices",
    [
        {"rawPrice": "N/A", "price": "N/A"},
        {"rawPrice": "8.60", "price": "1,250 DA"},
        {"rawPrice": "1250", "price": "€ 8.60"},
        {"price": "Prix sur demande"},
        {"rawPrice": {"amount": 5}},
        "1,250 DA",
        [],
    ],
)
def test_a_price_that_cannot_be_right_is_rejected(prices: Any) -> None:
    found = jumia.parse(page(listing(PRODUCT | {"prices": prices}, PRODUCT)))
    assert (len(found.offers), len(found.rejects)) == (1, 1)


def test_the_number_may_differ_from_the_text_by_rounding() -> None:
    (offer,) = jumia.parse(page(listing(PRODUCT | {"prices": {"rawPrice": "1249.60", "price": "1,250 DA"}}))).offers
    assert offer.price == Decimal("1249.60")


def test_a_sku_twice_on_a_page_keeps_both_positions() -> None:
    found = jumia.parse(page(listing(PRODUCT, PRODUCT | {"sku": "OTHER00SKU00NAFAMZ"}, PRODUCT)))
    assert [offer.position for offer in found.offers] == [1, 2, 3]
    assert found.offers[0].external_id == found.offers[2].external_id


def test_unreadable_embedded_data_leaves_the_page_to_its_cards(shared: Path) -> None:
    name = "gh-2025-06-21-search-laptop-desktop.html"
    text = body(shared, name).decode()
    broken = re.sub(r'(window\.__STORE__=\{"view"):', r"\1 = = }", text)
    found = read(name, broken.encode())
    assert {said(offer) for offer in found.offers} == {said(offer) for offer in read(name, text.encode()).offers}
    assert found.troubles == ["page/embedded_unreadable"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_page_in_another_encoding_than_it_says_is_read(encoding: str) -> None:
    product = PRODUCT | {"displayName": "Écouteurs à réduction", "brand": "Crème"}
    text = listing(product).replace(json.dumps(product), json.dumps(product, ensure_ascii=False))
    head = '<html><head><meta charset="utf-8"></head>'
    (offer,) = jumia.parse(page(text.replace("<html>", head).encode(encoding))).offers
    assert (offer.title, offer.brand, offer.price) == ("Écouteurs à réduction", "Crème", Decimal(1250))


@pytest.mark.parametrize(
    "piece",
    [
        b"<link ",
        b"<a href='x'>Next Page",
        b"window.__STORE__ = ",
        b'<article class="prd c-prd"><a class="core" href="/a-1.html">',
        b"1 \t",
        b"dataLayer = [{",
        b'<div class="prc">1' + b" " * 3000 + b"-</div>",
    ],
)
def test_a_hostile_page_of_megabytes_costs_seconds_at_most(piece: bytes) -> None:
    hostile = b"<html><head></head><body>" + piece * (2_000_000 // len(piece)) + b"</body></html>"
    started = time.process_time()
    with pytest.raises(PageError):
        jumia.parse(page(hostile))
    assert time.process_time() - started < 10
