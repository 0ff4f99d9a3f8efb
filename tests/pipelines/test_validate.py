from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import validate
from pipelines.reject import Reject
from pipelines.validate import ValidatePipeline, defects
from tests.pipelines.offers import offer


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
_COUNTS = st.one_of(st.none(), st.integers(-2, 2**32))
_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "price": _AMOUNTS,
        "old_price": _AMOUNTS,
        "rating": _AMOUNTS,
        "currency": st.sampled_from([None, "", "DZD", "dzd", "DA", "D1D"]),
        "price_kind": st.sampled_from(["fixed", "none", "from", "cheap"]),
        "availability": st.sampled_from(["in_stock", "maybe"]),
        "seller_kind": st.sampled_from(["shop", "friend"]),
        **dict.fromkeys(("rating_count", "stock_left", "views", "likes", "position"), _COUNTS),
        **dict.fromkeys(("title", "external_id", "marketplace", "brand"), st.sampled_from(["", "x", "x" * 1001])),
        "country": st.sampled_from(["dz", "DZ", "d", "alg"]),
        "url": st.sampled_from(["https://x.dz/a", "/a", "https://" + "x" * 2000]),
        "category_path": st.lists(st.sampled_from(["Audio", "x" * 600]), max_size=3),
    },
)


@given(_VALUES)
def test_what_looks_usual_at_a_glance_has_no_defect(values: dict[str, Any]) -> None:
    made = offer(**values)
    if validate._is_usual(made):
        assert [*validate._identity(made), *validate._price(made), *validate._signals(made)] == []
