import itertools
import time

import pytest

from demo.catalogue import ads, products
from demo.classifieds import Classifieds
from demo.world import LONGEST_DAYS, World


def test_the_same_seed_and_day_give_the_same_market_whatever_was_asked_before():
    straight, jumping = World(7), World(7)
    days = [straight.day(day) for day in range(40)]
    assert jumping.day(39) == days[39]
    assert [jumping.day(day) for day in (3, 0, 17)] == [days[3], days[0], days[17]]


def test_another_seed_gives_another_market():
    assert World(7).day(10) != World(8).day(10)


def test_a_product_that_is_added_changes_hardly_any_other():
    every = products()
    smaller, larger = World(7, every[:-1]).day(20), World(7, every).day(20)
    assert sum(one != other for one, other in zip(smaller, larger[:-1], strict=True)) <= 10


def test_days_outside_the_world_are_refused():
    for day in (-1, LONGEST_DAYS + 1):
        with pytest.raises(ValueError, match="days 0 to"):
            World(7).day(day)


def test_prices_stock_and_ratings_move_from_day_to_day():
    world = World(7)
    before, after = world.day(3), world.day(10)
    pairs = list(zip(before, after, strict=True))
    assert sum(a.price != b.price for a, b in pairs) > len(pairs) / 4
    assert sum(a.stock != b.stock for a, b in pairs) > len(pairs) * 0.9
    assert sum(a.rating_count != b.rating_count for a, b in pairs) > len(pairs) / 2


def test_ratings_never_fall_and_stars_stay_between_one_and_five():
    world = World(7)
    for yesterday, today in zip(map(world.day, range(60)), map(world.day, range(1, 61)), strict=True):
        for a, b in zip(yesterday, today, strict=True):
            assert b.rating_count >= a.rating_count
            assert b.rating_count <= b.rating_sum <= 5 * b.rating_count


def test_units_do_not_appear_or_vanish_between_deliveries():
    world = World(7)
    for day in range(1, 60):
        for before, after in zip(world.day(day - 1), world.day(day), strict=True):
            if after.restocked_on != day:
                assert after.stock == before.stock - after.sold
            else:
                assert after.stock + after.sold > before.stock
            assert after.stock >= 0


def test_a_struck_through_price_is_above_the_price():
    world = World(7)
    shelves = [shelf for day in range(60) for shelf in world.day(day)]
    assert all(shelf.price > 0 for shelf in shelves)
    crossed = [shelf for shelf in shelves if shelf.old_price is not None]
    assert crossed
    assert all(shelf.old_price > shelf.price for shelf in crossed)


def test_products_sell_out_and_come_back():
    world = World(7)
    history = list(zip(*(world.day(day) for day in range(60)), strict=True))
    came_back = [product for product in history if any(a.stock == 0 < b.stock for a, b in itertools.pairwise(product))]
    assert len(came_back) > 20


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_some_fifteen_products_take_off_within_two_weeks(seed):
    world = World(seed)
    days = [world.day(day) for day in range(15)]
    rising = [
        index
        for index, hidden in enumerate(world.truths)
        if any(craze.start <= 5 for craze in hidden.crazes)
        and sum(days[day][index].sold for day in range(8, 15)) > 2 * 7 * hidden.demand
    ]
    assert 13 <= len(rising) <= 16
    usual = sorted(days[14][i].rating_count - days[7][i].rating_count for i in range(len(days[0])) if i not in rising)
    gains = sorted(days[14][index].rating_count - days[7][index].rating_count for index in rising)
    assert gains[len(gains) // 2] >= 4 * usual[len(usual) // 2]


def test_four_hundred_days_take_less_than_two_seconds():
    begun = time.process_time()
    World(7).day(399)
    assert time.process_time() - begun < 2


def test_the_assortment_is_some_two_hundred_products_with_their_own_sku():
    assert 190 <= len(products()) <= 240
    assert len({product.sku for product in products()}) == len(products())
    assert all(len(product.sku) == 19 and product.sku.endswith("NAFAMZ") for product in products())


def test_ads_get_likes_change_and_go():
    one, other = Classifieds(7), Classifieds(7)
    assert one.day(30) == other.day(30)
    first, last = {ad.id: ad for ad in one.day(0)}, {ad.id: ad for ad in one.day(14)}
    both = first.keys() & last.keys()
    assert all(last[number].likes >= first[number].likes for number in both)
    assert sum(last[number].likes > first[number].likes for number in both) > len(both) / 2
    assert first.keys() - last.keys()
    assert sum(first[number].price != last[number].price for number in both) > 3


def test_some_ads_name_no_price_some_speak_in_millions_some_hide_a_telephone_number():
    assert sum(ad.price is None for ad in ads()) >= 5
    assert {"UNIT", "MILLION", "BILLION"} == {ad.unit for ad in ads()}
    assert any("0555 00 00 01" in ad.text for ad in ads())
    assert any("٠٥٥" in ad.text for ad in ads())
    assert any("@example" in ad.text for ad in ads())
