from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.prices import parse_count, parse_price, parse_rating


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,250 DA", "1250"),
        ("12 500 DA", "12500"),
        ("5,500.00 Dhs", "5500.00"),
        ("₦ 5,750", "5750"),
        ("₦ 1,329,999", "1329999"),
        ("GH₵ 3,480.00", "3480.00"),
        ("KSh 1,299", "1299"),
        ("359 900 FCFA", "359900"),
        ("359\u00a0900 FCFA", "359900"),
        ("359\u202f900 FCFA", "359900"),
        ("EGP 1,234.50", "1234.50"),
        ("USh 45,000", "45000"),
        ("97.00 Dhs", "97.00"),
        ("1.250,50 DA", "1250.50"),
        ("1.250 DA", "1250"),
        ("990 FCFA", "990"),
        ("١٢٬٥٠٠ دج", "12500"),
        ("۱۲۵۰ DA", "1250"),
    ],
)
def test_a_price_is_read_in_every_way_the_shops_write_it(text: str, amount: str) -> None:
    price = parse_price(text)
    assert (price.low, price.is_range) == (Decimal(amount), False)


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("₦ 50,999 - ₦ 61,180", "50999"),
        ("GH₵ 425.00 - GH₵ 459.00", "425.00"),
        ("68.00 Dhs - 69.00 Dhs", "68.00"),
        ("359 900 FCFA – 400 000 FCFA", "359900"),
    ],
)
def test_of_a_range_the_lower_bound_counts(text: str, low: str) -> None:
    price = parse_price(text)
    assert (price.low, price.is_range) == (Decimal(low), True)


@pytest.mark.parametrize("text", ["", "Prix sur demande", "€ 138.33", "138.33 EUR", "1,25,3 DA", "10 DA 20 DA"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"price|separators"):
        parse_price(text)


def test_a_negative_price_stays_negative_for_the_validation_to_find() -> None:
    assert parse_price("-1,250 DA").low == -1250


@given(st.integers(1, 10**9), st.sampled_from([",", " ", "\u00a0", "\u202f"]))
def test_any_whole_price_survives_being_grouped_by_thousands(amount: int, separator: str) -> None:
    assert parse_price(f"{amount:,}".replace(",", separator) + " DA").low == amount


def test_counts_and_ratings_are_found_in_their_words() -> None:
    assert parse_count("(646 verified ratings)") == 646
    assert parse_count("2 articles restants") == 2
    assert parse_count("Few units left") is None
    assert parse_rating("4.1 out of 5") == Decimal("4.1")
    assert parse_rating("4,5 sur 5") == Decimal("4.5")
    assert parse_rating("41") is None
