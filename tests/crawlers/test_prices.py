from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages.prices import (
    amount_of,
    count_of,
    currency_of,
    parse_count,
    parse_price,
    parse_rating,
    rating_of,
)


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


@pytest.mark.parametrize(
    "text",
    ["", "Prix sur demande", "€ 138.33", "138.33 EUR", "1,25,3 DA", "10 DA 20 DA", "1,2345 DA", "1234,567.00 DA"],
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"price|separators"):
        parse_price(text)


def test_a_negative_price_stays_negative_for_the_validation_to_find() -> None:
    assert parse_price("-1,250 DA").low == -1250


amounts = st.decimals(Decimal("0.01"), Decimal(10) ** 11, places=2)
BLANKS = ["", " ", "\u00a0", "\u202f", "\n      "]
SIGNS = ["DA", "Dhs", "₦", "KSh", "GH₵", "EGP", "FCFA", "USh", "دج", "ج.م", "DZD"]
THOUSANDS = [",", " ", ".", "'", "’", "\u00a0", "\u202f", "\u2009", ""]
DASHES = ["-", "\u2010", "\u2011", "–", "—", "\u2212", "~"]
ARABIC = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")


@st.composite
def written(draw: st.DrawFn, amount: Decimal) -> str:
    """The amount as one of the shops, in one of the languages, might write it."""
    thousands = draw(st.sampled_from(THOUSANDS))
    decimal = "," if thousands == "." else draw(st.sampled_from([".", ","])) if thousands in (" ", "") else "."
    whole, cents = f"{amount:,.2f}".split(".")
    digits = whole.replace(",", thousands)
    digits += f"{decimal}{cents}" if cents != "00" or draw(st.booleans()) else ""
    if thousands in (",", "") and decimal == "." and draw(st.booleans()):
        digits = digits.translate(ARABIC)
    sign, blank = draw(st.sampled_from(SIGNS)), draw(st.sampled_from(BLANKS))
    return f"{sign}{blank}{digits}" if draw(st.booleans()) else f"{digits}{blank}{sign}"


@given(st.data(), amounts)
def test_any_amount_is_read_however_it_is_written(data: st.DataObject, amount: Decimal) -> None:
    assert parse_price(data.draw(written(amount))) == (amount, False)


@given(st.data(), amounts, amounts, st.sampled_from(DASHES), st.sampled_from(["", " ", "\u00a0", "\n  "]))
def test_of_any_range_the_lower_bound_counts(
    data: st.DataObject, one: Decimal, other: Decimal, dash: str, blank: str
) -> None:
    low, high = sorted([one, other])
    text = f"{data.draw(written(low))}{blank}{dash}{blank}{data.draw(written(high))}"
    assert parse_price(text) == (low, True)


@given(st.text(max_size=40))
def test_any_text_is_a_price_or_refused(text: str) -> None:
    try:
        price = parse_price(text)
    except ValueError:
        return
    assert price.low.is_finite()


@given(st.data(), amounts)
def test_no_amount_in_euros_is_ever_a_price(data: st.DataObject, amount: Decimal) -> None:
    euros = data.draw(st.sampled_from(["€ {}", "{} €", "EUR {}", "{} eur", "€{}"])).format(f"{amount:,.2f}")
    with pytest.raises(ValueError, match="euros"):
        parse_price(euros)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,250 DA", "DZD"),
        ("5,500.00 Dhs", "MAD"),
        ("₦ 50,999 - ₦ 61,180", "NGN"),
        ("GH₵ 3,480.00", "GHS"),
        ("KSh 1,299", "KES"),
        ("359 900 FCFA", "XOF"),
        ("EGP 1,234.50", "EGP"),
        ("١٬٢٣٤٫٥٠ ج.م", "EGP"),
        ("USh 45,000", "UGX"),
        ("١٢٬٥٠٠ دج", "DZD"),
        ("1,250", None),
        ("8.60 points", None),
    ],
)
def test_a_price_tells_its_currency(text: str, code: str | None) -> None:
    assert currency_of(text) == code


def test_counts_and_ratings_are_found_in_their_words() -> None:
    assert parse_count("(646 verified ratings)") == 646
    assert parse_count("2 articles restants") == 2
    assert parse_count("Few units left") is None
    assert parse_rating("4.1 out of 5") == Decimal("4.1")
    assert parse_rating("4,5 sur 5") == Decimal("4.5")
    assert parse_rating("41") is None


def test_every_price_that_was_ever_saved_is_read(shared: Path) -> None:
    folder = shared / "real" / "jumia" / "data"
    dinars = [row["price"] for row in json.loads((folder / "dz-2021-01-epicerie.json").read_text()) if row["price"]]
    dirhams = [row["price_raw"] for row in json.loads((folder / "ma-2026-04-30-laptops.json").read_text())]
    with (folder / "ng-2025-12-catalogue.csv").open(encoding="utf-8") as file:
        nairas = [row["Current Price"] for row in csv.DictReader(file)]
    for texts, code, count in ((dinars, "DZD", 1306), (dirhams, "MAD", 197), (nairas, "NGN", 5404)):
        assert len(texts) == count
        for text in texts:
            assert currency_of(text) == code
            first = re.findall(r"[\d,]+(?:\.\d+)?", text)[0].replace(",", "")
            assert parse_price(text) == (Decimal(first), " - " in text)


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("From ₦ 5,750", "5750"),
        ("À partir de 1,250 DA", "1250"),
        ("à  partir\nde 359 900 FCFA", "359900"),
        ("Dès 97.00 Dhs", "97.00"),
    ],
)
def test_a_price_that_is_the_lowest_of_several_says_so(text: str, low: str) -> None:
    assert parse_price(text) == (Decimal(low), True)


@pytest.mark.parametrize(
    ("text", "code"),
    [("5,500.00 DH", "MAD"), ("5,500.00 درهم", "MAD"), ("GH¢ 3,480.00", "GHS"), ("GHC 3,480", "GHS"), ("DHL 5", None)],
)
def test_signs_that_shops_write_seldom_are_known(text: str, code: str | None) -> None:
    assert currency_of(text) == code


@pytest.mark.parametrize("text", ["9" * 5000, "(99999999999 ratings)", "4 294 967 296"])
def test_a_count_beyond_counting_is_none(text: str) -> None:
    assert parse_count(text) is None


@pytest.mark.parametrize(
    ("value", "count"),
    [(7, 7), (7.0, 7), ("1,234", 1234), (-1, None), (2**31, None), (True, None), (float("nan"), None), ([7], None)],
)
def test_a_count_of_data_is_read_leniently(value: object, count: int | None) -> None:
    assert count_of(value) == count


@pytest.mark.parametrize(
    ("value", "mean"),
    [(4.3, "4.3"), ("4,3", "4.3"), ("4.3 / 5", "4.3"), (5, "5"), (0, None), (43, None), ("good", None), (None, None)],
)
def test_a_mean_of_data_is_read_leniently(value: object, mean: str | None) -> None:
    assert rating_of(value) == (Decimal(mean) if mean else None)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("1329999.00", "1329999.00"),
        ("1,329,999.00", "1329999"),
        (1250, "1250"),
        ("1.500", "1.5"),
        ("", None),
        (0, None),
    ],
)
def test_an_amount_of_data_is_read_leniently(value: object, amount: str | None) -> None:
    assert amount_of(value) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize("value", [[], {}, True, "on demand", "€ 12", float("inf")])
def test_what_is_no_amount_of_data_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"price|amount"):
        amount_of(value)
