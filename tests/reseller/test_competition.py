from __future__ import annotations

from decimal import Decimal

from reseller.competition import Ask, judge


def ask(listing_id: int, price: int, **values: object) -> Ask:
    return Ask(listing_id, Decimal(price), **values)  # type: ignore[arg-type]


def test_the_lowest_price_that_makes_sense_counts() -> None:
    found = judge([ask(1, 6000), ask(2, 5500), ask(3, 5)])
    assert (found.now, [(one.listing_id, one.why) for one in found.ignored]) == (5500, [(3, "wild")])


def test_a_price_of_a_million_times_the_other_never_becomes_the_reference() -> None:
    found = judge([ask(1, 6000), ask(2, 6_000_000_000)])
    assert (found.usual, [one.listing_id for one in found.ignored]) == (6000, [2])


def test_a_price_far_from_its_own_past_belongs_to_another_product() -> None:
    found = judge([ask(1, 900, month=Decimal(6000)), ask(2, 6200)], anchor=Decimal(900))
    assert {one.listing_id: one.why for one in found.ignored} == {1: "wild", 2: "wild"}
    assert found.usual is None


def test_where_everybody_has_sold_out_the_last_price_is_the_measure() -> None:
    found = judge([ask(1, 6000, available=False, week=Decimal(6400), month=Decimal(6400)), ask(2, 7, available=False)])
    assert (found.now, found.reference) == (None, 7)
    found = judge([ask(1, 6000, available=False), ask(2, 7, available=False)], anchor=Decimal(5000))
    assert (found.usual, found.reference) == (None, 6000)


def test_what_lasts_is_the_middle_of_day_week_and_month() -> None:
    spike = ask(1, 9000, week=Decimal(6000), month=Decimal(6100))
    assert (spike.lasting, spike.usual) == (6100, 6100)
    assert ask(1, 4500, week=Decimal(4500), month=Decimal(6000)).lasting == 4500
    assert ask(1, 4500).lasting == 4500
