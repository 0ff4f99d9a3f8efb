import itertools
import time
from datetime import date

import numpy as np
import pytest

from demo.catalogue import ads, products
from demo.classifieds import Classifieds
from demo.economy import economy
from demo.sellers import LONGEST_BELOW_COST, Purpose
from demo.world import LONGEST_DAYS, World


@pytest.fixture(scope="module")
def world():
    return World(7)


@pytest.fixture(scope="module")
def history(world):
    """120 days of the market of seed 7."""
    return [world.day(day) for day in range(120)]


def test_the_same_seed_and_day_give_the_same_market_whatever_was_asked_before(history):
    jumping = World(7)
    assert jumping.day(59) == history[59]
    assert [jumping.day(day) for day in (3, 0, 17)] == [history[3], history[0], history[17]]


def test_another_seed_and_another_epoch_give_another_market(world):
    day = world.day(1)
    assert day != World(8, epoch=world.epoch).day(1)
    assert day != World(7, epoch=date(2026, 2, 1)).day(1)
    assert World(7).epoch == world.epoch != World(8).epoch


def test_a_product_that_is_added_changes_its_own_kind_and_hardly_any_other(world):
    every = products()
    added = max(every, key=lambda product: world.truths[every.index(product)].demand)
    fewer = [product for product in every if product.good != added.good]
    smaller, larger = World(7, fewer), world
    before = dict(zip((product.sku for product in fewer), smaller.day(20), strict=True))
    changed = [
        product.kind
        for product, shelf in zip(every, larger.day(20), strict=True)
        if product.sku in before and shelf != before[product.sku]
    ]
    assert changed.count(added.kind) > 3
    assert len(changed) - changed.count(added.kind) <= 20


def test_days_outside_the_world_are_refused():
    for day in (-1, LONGEST_DAYS + 1):
        with pytest.raises(ValueError, match="days 0 to"):
            World(7).day(day)


def test_prices_stock_and_ratings_move_from_day_to_day(history):
    pairs = [(a, b) for a, b in zip(history[3], history[10], strict=True) if a.on_sale and b.on_sale]
    assert sum(a.price != b.price for a, b in pairs) > len(pairs) / 4
    assert sum(a.stock != b.stock for a, b in pairs) > len(pairs) * 0.8
    assert sum(a.rating_count != b.rating_count for a, b in pairs) > len(pairs) / 2


def test_ratings_never_fall_and_stars_stay_between_one_and_five(history):
    for yesterday, today in itertools.pairwise(history[:60]):
        for a, b in zip(yesterday, today, strict=True):
            assert b.rating_count >= a.rating_count
            assert b.rating_count <= b.rating_sum <= 5 * b.rating_count


def test_units_do_not_appear_or_vanish_between_deliveries(history):
    for day in range(1, 60):
        for before, after in zip(history[day - 1], history[day], strict=True):
            if after.restocked_on != day:
                assert after.stock == before.stock - after.sold
            else:
                assert after.stock + after.sold > before.stock
            assert after.stock >= 0


def test_a_struck_through_price_is_above_the_price(history):
    shelves = [shelf for day in history[:60] for shelf in day]
    assert all(shelf.price > 0 for shelf in shelves)
    crossed = [shelf for shelf in shelves if shelf.old_price is not None]
    assert crossed
    assert all(shelf.old_price > shelf.price for shelf in crossed)


def test_products_sell_out_and_come_back(history):
    listings = zip(*history[:60], strict=True)
    came_back = [listing for listing in listings if any(a.stock == 0 < b.stock for a, b in itertools.pairwise(listing))]
    assert len(came_back) > 100


@pytest.mark.parametrize("seed", [1, 23])
def test_some_twenty_products_take_off_within_two_weeks(seed):
    world = World(seed)
    days = [world.day(day) for day in range(15)]
    goods = [index for index, product in enumerate(world.products) if product.copy_of is None]
    rising = [
        index
        for index in goods
        if any(craze.start <= 5 for craze in world.truths[index].crazes)
        and sum(days[day][index].sold for day in range(8, 15)) > 1.5 * 7 * world.truths[index].demand
    ]
    assert 16 <= len(rising) <= 24
    usual = sorted(days[14][i].rating_count - days[7][i].rating_count for i in goods if i not in rising)
    gains = sorted(days[14][index].rating_count - days[7][index].rating_count for index in rising)
    assert gains[len(gains) // 2] >= 4 * usual[len(usual) // 2]


def test_a_year_takes_less_than_ten_seconds():
    begun = time.process_time()
    World(7).day(364)
    assert time.process_time() - begun < 10


def test_the_assortment_is_more_than_six_hundred_goods_with_their_own_sku(history):
    goods = [product for product in products() if product.copy_of is None]
    assert 600 <= len(goods) <= 900
    assert len({product.sku for product in products()}) == len(products())
    assert all(len(product.sku) == 19 and product.sku.endswith("NAFAMZ") for product in products())
    assert sum(shelf.on_sale for shelf in history[0]) > 600


def test_variants_of_a_family_say_what_makes_them_different():
    phone = next(product for product in products() if product.name == "Galaxy A36 5G - 8 Go / 256 Go - Lavande")
    assert phone.specifications == {"Mémoire": "8 Go / 256 Go", "Couleur": "Lavande"}
    assert phone.list_price == 51_900


def test_a_copy_is_the_same_good_at_another_seller_and_another_address():
    of = {product.sku: product for product in products()}
    copies = [product for product in products() if product.copy_of]
    assert len(copies) > 150
    for copy in copies:
        original = of[copy.copy_of]
        assert (copy.title, copy.kind, copy.good) == (original.title, original.kind, original.sku)
        assert copy.seller is not original.seller
        assert copy.url != original.url


def test_what_sells_far_more_than_usual_is_taken_up_by_others_after_a_delay(world, history):
    first = {product.sku: index for index, product in enumerate(world.products)}
    appeared = []
    for index, copy in enumerate(world.products):
        day = next((day for day in range(120) if history[day][index].on_sale), 0)
        if copy.copy_of and day > 40:
            original = first[copy.copy_of]
            weeks = (
                sum(history[one][original].sold for one in range(end - 7, end)) for end in range(day - 26, day - 7)
            )
            heat = max(weeks) / 7 / world.truths[original].demand
            appeared.append((heat, history[day][index].price, history[day][original].price))
    assert len(appeared) >= 5
    assert np.median([heat for heat, _, _ in appeared]) > 1.4
    assert sum(ours != theirs for _, ours, theirs in appeared) > len(appeared) * 0.8


def test_sellers_reduce_for_a_reason_and_never_sell_below_cost_for_long():
    world = World(3, epoch=date(2026, 6, 1))
    below = np.zeros(len(world.products), dtype=int)
    worst, seen = 0, set()
    for day in range(120):
        seen |= set(world.purpose(day))
        loses = np.array([shelf.price for shelf in world.day(day)]) < np.array(world.costs(day)) * 0.999
        below = np.where(loses, below + 1, 0)
        worst = max(worst, int(below.max()))
    assert seen == set(Purpose)
    assert 1 <= worst <= LONGEST_BELOW_COST


def test_what_we_buy_is_gone_from_the_next_morning_and_counts_as_sold(history):
    joined = World(7)
    before = joined.day(30)
    index = next(i for i, shelf in enumerate(before) if shelf.on_sale and shelf.stock >= 20 and shelf.sold < 5)
    units = before[index].stock - 1
    joined.settle({(30, joined.products[index].sku): units})
    assert joined.day(30) == history[30]
    without, with_us = history[31][index], joined.day(31)[index]
    assert with_us.stock <= without.stock + without.sold - units
    assert with_us.popularity > without.popularity + units * 0.2
    assert with_us.sold <= 1 or with_us.restocked_on == 31


def test_what_we_buy_is_never_rated_and_is_restocked_sooner(history):
    joined = World(7)
    cheap = [i for i, shelf in enumerate(history[30]) if shelf.on_sale and shelf.price < 5_000]
    index = max(cheap, key=lambda i: history[30][i].stock)
    joined.settle({(30, joined.products[index].sku): history[30][index].stock})
    with_us = {day: joined.day(day)[index] for day in range(31, 70)}
    without = {day: history[day][index] for day in range(31, 70)}
    assert with_us[35].rating_count <= without[35].rating_count

    def next_delivery(days):
        return next(day for day, shelf in days.items() if shelf.restocked_on == day)

    assert next_delivery(with_us) < next_delivery(without)


def test_taking_back_what_was_bought_gives_the_market_that_would_have_been(history):
    changed = World(7)
    changed.settle({(5, changed.products[0].sku): 2, (9, changed.products[1].sku): 1})
    assert changed.day(25) != history[25]
    changed.settle({})
    assert changed.day(25) == history[25]


def test_buying_one_product_leaves_other_kinds_as_they_were(history):
    joined = World(7)
    joined.settle({(4, joined.products[0].sku): joined.day(4)[0].stock})
    changed = {
        product.kind for product, a, b in zip(joined.products, history[20], joined.day(20), strict=True) if a != b
    }
    assert changed == {joined.products[0].kind}


def test_a_product_that_is_sold_out_or_dearer_sends_its_buyers_to_the_next_of_its_kind():
    laws = economy(7, date(2026, 9, 15), products())
    price = np.array([product.list_price for product in products()], dtype=float)
    mood, there = np.ones(len(price)), ~laws.sellers.is_copy
    kind = products()[0].kind
    others = [i for i, product in enumerate(products()) if product.kind == kind and i and there[i]]
    base = laws.demand.asked_of(5, price, there, mood)
    gone, dear = there.copy(), price.copy()
    gone[0] = False
    dear[0] *= 1.3
    without, dearer = laws.demand.asked_of(5, price, gone, mood), laws.demand.asked_of(5, dear, there, mood)
    assert without[0] == 0 < dearer[0] < base[0]
    for found in (without, dearer):
        assert found[others].sum() > base[others].sum() * 1.001
        assert found.sum() < base.sum()
    assert without[others].sum() > dearer[others].sum()
    cheap = price.copy()
    cheap[0] *= 0.7
    lured = laws.demand.asked_of(5, cheap, there, mood)
    assert lured[0] > base[0]
    assert lured[others].sum() < base[others].sum()


def test_the_cheaper_of_two_sellers_of_one_good_sells_more_of_it():
    laws = economy(7, date(2026, 9, 15), products())
    price = np.array([product.list_price for product in products()], dtype=float)
    copy = next(i for i, product in enumerate(products()) if product.copy_of)
    original = next(i for i, product in enumerate(products()) if product.sku == products()[copy].copy_of)
    price[copy] *= 0.9
    asked = laws.demand.asked_of(5, price, np.ones(len(price), dtype=bool), np.ones(len(price)))
    assert asked[copy] > 1.3 * asked[original]


def test_ads_get_likes_change_and_go():
    one, other = Classifieds(World(7)), Classifieds(World(7))
    assert one.day(30) == other.day(30)
    first, last = {ad.id: ad for ad in one.day(0)}, {ad.id: ad for ad in one.day(14)}
    both = first.keys() & last.keys()
    assert all(last[number].likes >= first[number].likes for number in both)
    assert sum(last[number].likes > first[number].likes for number in both) > len(both) / 2
    assert first.keys() - last.keys()
    assert sum(first[number].price != last[number].price for number in both) > 3


def test_ads_are_liked_more_when_what_they_offer_is_wanted_more():
    cold, warm = [], []
    for seed in (1, 2, 3):
        world = World(seed, epoch=date(2026, 1, 10))
        classifieds, index = Classifieds(world), {p.sku: i for i, p in enumerate(world.products)}
        for day in range(5, 80, 5):
            later = {posting.id: posting for posting in classifieds.day(day + 5)}
            for posting in classifieds.day(day):
                if posting.ad.follows and posting.id in later:
                    at = index[posting.ad.follows.sku]
                    interest = world.wanted(day + 2)[at] / world.truths[at].demand
                    gained = later[posting.id].likes - posting.likes
                    (warm if interest > 2 else cold if interest < 1.3 else []).append(gained)
    assert np.mean(warm) > 1.8 * np.mean(cold)


def test_some_ads_name_no_price_some_speak_in_millions_some_hide_a_telephone_number():
    assert sum(ad.price is None for ad in ads()) >= 5
    assert {"UNIT", "MILLION", "BILLION"} == {ad.unit for ad in ads()}
    assert any("0555 00 00 01" in ad.text for ad in ads())
    assert any("٠٥٥" in ad.text for ad in ads())
    assert any("@example" in ad.text for ad in ads())
