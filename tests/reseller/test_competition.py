from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from reseller.competition import Ask, judge, lowest_by_day
from tests import factories
from tests.factories import NOON


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


def test_each_day_has_the_lowest_price_at_which_the_product_could_be_had_on_it(work: Session) -> None:
    factories.create_marts(work)
    mine, other, abroad = (
        factories.listing(work, external_id=name, country=country)
        for name, country in (("A", "dz"), ("B", "dz"), ("C", "ma"))
    )
    same = marts.market_product_listings
    work.execute(sa.insert(same), [{"listing_id": one.id, "product_id": 7} for one in (mine, other, abroad)])

    def day(number: int) -> date:
        return (NOON + timedelta(days=number)).date()

    asked = [(mine, 0, 5000, 1), (mine, 1, 5000, 0), (mine, 2, 5000, 1), (mine, 3, 5000, 0), (mine, 4, 5000, 0)]
    asked += [(mine, 5, 6000, 1), (mine, 6, 7, 1), (other, 2, 4500, 1), (other, 5, 9000, 1), (abroad, 2, 1000, 1)]
    for listing, number, price, count in asked:
        factories.mart_day(work, listing, day(number), Decimal(price), observation_count=count)
    factories.mart_day(work, other, day(6), Decimal(4000), availability="out_of_stock")
    found = lowest_by_day(work, {mine.id: Decimal(5000)}, NOON)
    assert found == {mine.id: {day(0): 5000, day(1): 5000, day(2): 4500, day(5): 6000}}, "two days unseen: sold out"
