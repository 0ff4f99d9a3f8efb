"""What sells in the market: ratings, and places in a shop's order."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import market, marts
from reseller import evidence
from reseller.competition import Ask
from reseller.demand import Rate
from tests.factories import NOON
from tests.reseller.conftest import Offer


def place(work: Session, of: market.Listing, gain: str) -> None:
    row = {"listing_id": of.id, "marketplace": of.marketplace, "country": of.country, "ranked_days": 20}
    expected = {"expected_rating_gain_per_day": Decimal(gain), "last_ranked_on": NOON.date()}
    work.execute(sa.insert(marts.demand_by_rank).values(row | expected))
    work.commit()


def test_sellers_with_a_place_and_without_one_add_up() -> None:
    by_place = evidence.market_rate([], 0.1, 50, 1, [0.2, 0.3])
    assert by_place.mean == pytest.approx(0.5 / evidence.RATINGS_PER_SALE)
    less, more = (evidence.market_rate([gain], 0.1, 50, 1, [0.5]) for gain in (0, 14))
    assert by_place.mean < less.mean < more.mean < (0.5 + 14 / 7) / evidence.RATINGS_PER_SALE


def test_a_sum_is_surer_than_its_parts() -> None:
    both = Rate(2, 6).plus(Rate(3, 6))
    assert both.mean == 5
    assert both.shape == pytest.approx(25 / (4 / 6 + 9 / 6))


def test_what_stands_last_and_was_never_rated_sells_next_to_nothing() -> None:
    assert 0 < evidence.market_rate([], 0.1, 50, 1, [0.0]).mean < 0.1


def test_a_listing_that_stands_nowhere_sells_what_its_category_does() -> None:
    both = evidence.market_rate([0, 0], 0.1, 50, 1, [0.5])
    one = evidence.market_rate([0], 0.1, 50, 1, [0.5])
    assert one.mean < both.mean


def test_the_first_of_its_shop_is_taken_to_sell_more_than_the_last(work: Session, offer: Offer) -> None:
    first, last, nowhere = (offer(rating_count_gain_7d=1) for _ in range(3))
    place(work, first, "1.5")
    place(work, last, "0.01")
    ids = [first.id, last.id, nowhere.id]
    rates = [found.market.mean for found in evidence.gather(work, ids, NOON).values()]
    assert rates[0] > 3 * rates[2] > 3 * rates[1]


def ask(number: int, seller: str | None, title: str, ranked: float) -> Ask:
    return Ask(number, Decimal(5000), gain=0, ranked=ranked, seller=seller, title=title)


def test_who_wants_one_colour_of_a_seller_buys_not_the_other() -> None:
    black, silver = ask(1, "A", "Montre 5 - Noir", 0.5), ask(2, "A", "Montre 5 - Argent", 0.9)
    elsewhere, unknown = ask(3, "B", "Montre 5 noir", 0.3), ask(4, None, "Montre", 0.1)
    every = [silver, black, elsewhere, ask(5, "B", "Montre 5 argent", 0.2), unknown]
    assert evidence.one_of_each_seller(every, 1) == [black, elsewhere, unknown]
    assert [one.listing_id for one in evidence.one_of_each_seller(every, 2)] == [2, 5, 4]


def test_the_demand_of_a_product_is_not_that_of_all_its_colours(work: Session, offer: Offer) -> None:
    colours = [
        offer(title=f"Montre 5 - {colour}", attributes={"seller_id": "77"}, rating_count_gain_7d=3)
        for colour in ("Noir", "Argent", "Or", "Bleu")
    ]
    alone = evidence.gather(work, [colours[0].id], NOON)[colours[0].id].market.mean
    same = [{"listing_id": one.id, "product_id": 7, "marketplace": "jumia", "country": "dz"} for one in colours]
    work.execute(sa.insert(marts.market_product_listings), same)
    work.commit()
    assert evidence.gather(work, [colours[0].id], NOON)[colours[0].id].market.mean == pytest.approx(alone)
