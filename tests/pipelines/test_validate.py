from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import validate
from pipelines.normalise import canonical_url, cents
from pipelines.reject import Reject
from pipelines.validate import ValidatePipeline, defects
from tests.pipelines.offers import NOON, offer


def test_a_good_offer_has_no_defects() -> None:
    assert defects(offer()) == []
    assert defects(offer(price=None, currency=None, price_kind="none", rating=None, rating_count=None)) == []


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"external_id": ""}, "offer/external_id/missing"),
        ({"title": ""}, "offer/title/missing"),
        ({"marketplace": ""}, "offer/marketplace/missing"),
        ({"country": "DZ"}, "offer/country/not_iso"),
        ({"url": "/casque.html"}, "offer/url/not_absolute"),
        ({"url": "javascript:alert(1)"}, "offer/url/not_absolute"),
        ({"observed_at": datetime(2026, 5, 1)}, "offer/observed_at/naive"),  # noqa: DTZ001
        ({"price": Decimal("-5")}, "offer/price/negative"),
        ({"price": Decimal("0")}, "offer/price/zero"),
        ({"price": Decimal("NaN")}, "offer/price/not_finite"),
        ({"price": Decimal("1e12")}, "offer/price/too_large"),
        ({"price": Decimal("12.345")}, "offer/price/too_precise"),
        ({"old_price": Decimal("-1")}, "offer/old_price/negative"),
        ({"price": None}, "offer/price_kind/contradicts_price"),
        ({"price_kind": "none"}, "offer/price_kind/contradicts_price"),
        ({"price_kind": "cheap"}, "offer/price_kind/unknown"),
        ({"currency": None}, "offer/currency/not_iso"),
        ({"currency": "DA"}, "offer/currency/not_iso"),
        ({"title": "x" * 1001}, "offer/title/too_long"),
        ({"external_id": "x" * 201}, "offer/external_id/too_long"),
        ({"category_path": ["x" * 600, "y" * 600]}, "offer/category_path/too_long"),
        ({"rating": Decimal("NaN")}, "offer/rating/out_of_range"),
        ({"rating": Decimal("5.1")}, "offer/rating/out_of_range"),
        ({"rating_count": -1}, "offer/rating_count/negative"),
        ({"stock_left": -1}, "offer/stock_left/negative"),
        ({"likes": 2**31}, "offer/likes/too_large"),
        ({"position": 0}, "offer/position/not_positive"),
        ({"availability": "maybe"}, "offer/availability/unknown"),
        ({"seller_kind": "friend"}, "offer/seller_kind/unknown"),
        ({"url": "https://[::1"}, "offer/url/not_absolute"),
        ({"url": "https://exa\u2100mple.com/p"}, "offer/url/not_absolute"),
        ({"url": "https:///casque.html"}, "offer/url/not_absolute"),
        ({"url": "https://"}, "offer/url/not_absolute"),
        ({"url": None}, "offer/url/not_absolute"),
        ({"title": ["Casque"]}, "offer/title/not_text"),
        ({"external_id": 7}, "offer/external_id/not_text"),
        ({"country": None}, "offer/country/not_iso"),
        ({"observed_at": "2026-05-01"}, "offer/observed_at/naive"),
        ({"price": 1250.25}, "offer/price/not_a_number"),
        ({"price": "1250.00"}, "offer/price/not_a_number"),
        ({"price": None, "price_kind": "none", "currency": "DINAR"}, "offer/currency/not_iso"),
        ({"price_kind": []}, "offer/price_kind/unknown"),
        ({"availability": {}}, "offer/availability/unknown"),
        ({"rating": 4.5}, "offer/rating/out_of_range"),
        ({"likes": "12"}, "offer/likes/not_a_number"),
        ({"likes": "1.2k"}, "offer/likes/not_a_number"),
        ({"views": []}, "offer/views/not_a_number"),
        ({"rating_count": 3.5}, "offer/rating_count/not_a_number"),
        ({"stock_left": True}, "offer/stock_left/not_a_number"),
        ({"position": "1"}, "offer/position/not_a_number"),
    ],
)
def test_each_defect_has_a_name(values: dict[str, Any], name: str) -> None:
    assert defects(offer(**values)) == [name]


def test_a_bad_offer_goes_on_as_a_reject_that_names_all_its_defects() -> None:
    reject = ValidatePipeline().process_item(offer(price=Decimal(-5), position=0))
    assert isinstance(reject, Reject)
    assert reject.reason == "offer/price/negative, offer/position/not_positive"
    assert reject.names == ["offer/price/negative", "offer/position/not_positive"]
    assert reject.raw["price"] == Decimal(-5)


_AMOUNTS = st.one_of(
    st.none(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from(
        list(map(Decimal, ("0.00", "1250.00", "999999999999.99", "1000000000000.00", "-1.00", "NaN", "1E+3")))
    ),
)
_ODD = st.one_of(st.booleans(), st.floats(), st.text(max_size=3), st.lists(st.integers(), max_size=1), st.just({}))
_COUNTS = st.one_of(st.none(), st.integers(-2, 2**32), _ODD)
_WORDS = st.one_of(st.sampled_from(["", "x", "x" * 1001]), _ODD)
_VALUES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("price", "old_price", "rating"), st.one_of(_AMOUNTS, _ODD)),
        "currency": st.one_of(st.sampled_from([None, "", "DZD", "dzd", "DA", "D1D"]), _ODD),
        "price_kind": st.one_of(st.sampled_from(["fixed", "none", "from", "cheap"]), _ODD),
        "availability": st.one_of(st.sampled_from(["in_stock", "maybe"]), _ODD),
        "seller_kind": st.one_of(st.sampled_from(["shop", "friend"]), _ODD),
        **dict.fromkeys(("rating_count", "stock_left", "views", "likes", "position"), _COUNTS),
        **dict.fromkeys(("title", "external_id", "marketplace", "brand", "seller_name"), _WORDS),
        "country": st.one_of(st.sampled_from(["dz", "DZ", "d", "alg"]), _ODD),
        "url": st.one_of(
            st.sampled_from(["https://x.dz/a", "https://[::1", "https:///a", "/a", "https://" + "x" * 2000]),
            st.text(max_size=5).map(lambda text: f"https://x{text}"),
            _ODD,
        ),
        "observed_at": st.sampled_from([NOON, NOON.replace(tzinfo=None), "2026-05-01", None]),
        "category_path": st.lists(st.sampled_from(["Audio", "x" * 600]), max_size=3),
    },
)


@given(_VALUES)
def test_what_looks_usual_at_a_glance_has_no_defect_and_nothing_is_too_odd_to_be_named(values: dict[str, Any]) -> None:
    made = offer(**values)
    slowly = [*validate._identity(made), *validate._price(made), *validate._signals(made)]
    assert defects(made) == slowly


_GOOD_MONEY = st.decimals("0.01", "999999999999.99", places=2)
_GOOD = st.fixed_dictionaries(
    {"price": _GOOD_MONEY, "title": st.text(min_size=1, max_size=1000)},
    optional={
        "old_price": st.one_of(st.none(), _GOOD_MONEY),
        "rating": st.one_of(st.none(), st.decimals(0, 5, places=1)),
        **dict.fromkeys(("rating_count", "stock_left"), st.one_of(st.none(), st.integers(0, 2**31 - 1))),
        "position": st.one_of(st.none(), st.integers(1, 2**31 - 1)),
        "brand": st.one_of(st.none(), st.text(max_size=200)),
        "seller_kind": st.sampled_from(["official", "shop", "private", "unknown"]),
        "price_kind": st.sampled_from(["fixed", "negotiable", "from"]),
    },
)


@given(_GOOD)
def test_a_good_offer_of_a_shop_is_told_at_a_glance(values: dict[str, Any]) -> None:
    assert validate._is_usual(offer(**values))


@given(_VALUES)
def test_what_passes_can_be_normalised(values: dict[str, Any]) -> None:
    made = offer(**values)
    if not defects(made):
        canonical_url(made.url)
        cents(made.price or Decimal(1))
