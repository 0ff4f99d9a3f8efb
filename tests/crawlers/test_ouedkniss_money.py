"""The prices of the 912 real ads, checked against the rules of the marketplace by arithmetic of the test's own.

The rules: `price` is dinars and, for units by the square metre, the total. `pricePreview` is in `priceUnit`: UNIT x1,
MILLION x10,000, BILLION x10,000,000. No price or zero is no price. NEGOTIABLE and OFFERED are open to more.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawlers.pages import ouedkniss_search
from crawlers.pages.page import Page
from demo.replay_ads import Ads
from pipelines.normalise import NormalisePipeline
from pipelines.offer import Offer
from pipelines.scrub import ScrubPipeline
from pipelines.validate import ValidatePipeline

CENTIMES_IN = {"UNIT": 100, "MILLION": 1_000_000, "BILLION": 1_000_000_000}
"""One unit of a preview, in centimes: what a "million" is to an Algerian."""


class Stats(dict[str, int]):
    def inc_value(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


def stored(ads: list[dict[str, Any]]) -> list[Offer]:
    """The ads as they reach the database."""
    announcements = {"data": ads, "paginatorInfo": {"hasMorePages": False, "lastPage": 1, "total": len(ads)}}
    body = json.dumps({"data": {"search": {"announcements": announcements}}}).encode()
    at = datetime(2024, 4, 5, 12, tzinfo=UTC)
    page = Page(body=body, url="https://api.ouedkniss.com/graphql", country="dz", currency="DZD", observed_at=at)
    crawler: Any = SimpleNamespace(stats=Stats())
    pipelines: list[Any] = [ScrubPipeline(), ValidatePipeline(), NormalisePipeline(crawler)]
    offers = []
    for item in ouedkniss_search.parse(page, "https://www.ouedkniss.com").offers:
        for pipeline in pipelines:
            item = pipeline.process_item(item)
        assert isinstance(item, Offer), item
        offers.append(item)
    return offers


@pytest.fixture(scope="module")
def raw(shared: Path) -> list[dict[str, Any]]:
    """The ads as they were saved, their numbers exact."""
    text = (shared / "real" / "ouedkniss" / "ads-2024-04-05.json").read_text()
    return list(json.loads(text, parse_float=Decimal, parse_int=Decimal))


@pytest.fixture(scope="module")
def ads(shared: Path) -> list[dict[str, Any]]:
    return Ads(shared / "real" / "ouedkniss").ads


def by_the_rules(price: Decimal | None, preview: Decimal | None, unit: str | None) -> Decimal | None:
    """The price in dinars."""
    if price is None and preview is not None and unit in CENTIMES_IN:
        price = preview * CENTIMES_IN[unit] / 100
    return None if price is None or price == 0 else price


def test_each_of_the_912_real_ads_has_its_price_currency_and_kind(
    raw: list[dict[str, Any]], ads: list[dict[str, Any]]
) -> None:
    offers = stored(ads)
    assert len(offers) == len(raw) == 912
    for offer, ad in zip(offers, raw, strict=True):
        price = by_the_rules(ad["price"], ad["pricePreview"], ad["priceUnit"])
        assert offer.price == price, ad
        assert offer.currency == (None if price is None else "DZD")
        open_to_more = ad["pricetype"] in {"NEGOTIABLE", "OFFERED"}
        assert offer.price_kind == ("none" if price is None else "negotiable" if open_to_more else "fixed")
        assert offer.attributes.get("exchange") == ad["exchangeType"]
        assert offer.old_price is None
    seen = Counter((ad["priceUnit"], ad["price"] is None) for ad in raw)
    assert len(seen) == 9, "each of the five units, with a price and without where there are such ads"


def test_each_priced_real_ad_would_have_the_same_price_from_its_preview_alone(
    raw: list[dict[str, Any]], ads: list[dict[str, Any]]
) -> None:
    offers = stored([ad | {"price": None} for ad in ads])
    contradicting, agreeing = [], 0
    for offer, ad in zip(offers, raw, strict=True):
        expected = by_the_rules(None, ad["pricePreview"], ad["priceUnit"])
        assert offer.price == expected, ad
        if ad["priceUnit"].endswith("_PER_SQUARE"):
            assert offer.price is None, "a price by the square metre is no total"
        elif ad["price"] and expected == ad["price"]:
            agreeing += 1
        elif ad["price"]:
            contradicting.append((ad["price"], expected))
    assert agreeing > 500
    assert contradicting == [(Decimal(55_000_000), Decimal(550_000_000))]


def test_odd_prices_are_kept_and_flagged(raw: list[dict[str, Any]], ads: list[dict[str, Any]]) -> None:
    flags: dict[str | None, list[Decimal | None]] = {}
    for offer, ad in zip(stored(ads), raw, strict=True):
        flags.setdefault(offer.attributes.get("price_flag"), []).append(ad["price"])
    assert {flag: len(prices) for flag, prices in flags.items()} == {
        "plausible": 532,
        None: 347,
        "placeholder": 31,
        "preview_differs": 1,
        "too_large": 1,
    }
    assert {int(price or 0) for price in flags["placeholder"]} == {1, 7, 111, 1111}
    assert flags["too_large"] == [207_000_000_000]
    assert flags["preview_differs"] == [55_000_000]


AD = {"id": 1, "title": "x", "slug": "x"}


@pytest.mark.parametrize(
    ("money", "flag"),
    [
        ({"price": 10}, "placeholder"),
        ({"price": 11}, "plausible"),
        ({"price": 999_999}, "placeholder"),
        ({"price": 12_345}, "placeholder"),
        ({"price": 123_456_789}, "placeholder"),
        ({"price": 22_000}, "plausible"),
        ({"price": 234_000}, "plausible"),
        ({"price": 9_999_000_000}, "plausible"),
        ({"price": 10_000_000_000}, "too_large"),
        ({"price": 45_000, "pricePreview": 4.5, "priceUnit": "MILLION"}, "plausible"),
        ({"price": 45_000, "pricePreview": 0, "priceUnit": "MILLION"}, "plausible"),
        ({"price": 45_000, "pricePreview": 45, "priceUnit": "MILLION"}, "preview_differs"),
        ({"price": 22_500_000, "pricePreview": 5, "priceUnit": "MILLION_PER_SQUARE"}, "plausible"),
        ({"price": None, "pricePreview": 5, "priceUnit": "THOUSAND"}, "unknown_unit"),
        ({"price": None, "pricePreview": 5, "priceUnit": "UNIT_PER_SQUARE"}, None),
        ({"price": None, "pricePreview": None}, None),
    ],
)
def test_what_makes_a_price_odd(money: dict[str, Any], flag: str | None) -> None:
    (offer,) = stored([AD | money])
    assert offer.attributes.get("price_flag") == flag
    assert offer.price == by_the_rules(money["price"], money.get("pricePreview"), money.get("priceUnit", "UNIT"))


@pytest.mark.parametrize(
    ("money", "old"),
    [
        ({"price": 45_000, "oldPrice": 50_000}, 50_000),
        ({"price": 45_000, "oldPrice": 0}, None),
        ({"price": None, "oldPrice": 50_000}, None),
        ({"price": "45000", "oldPrice": "50000.50"}, Decimal("50000.50")),
    ],
)
def test_the_old_price_is_dinars_too_and_stands_only_beside_a_price(money: dict[str, Any], old: Decimal | None) -> None:
    (offer,) = stored([AD | money])
    assert offer.old_price == old
