"""Who buys from our shop: by price, delivery and trust; who refuses and who returns; all of it drawn."""

import re

import pytest

from demo.people import wilayas
from demo.shoppers import (
    MOST_KNOWN,
    Offer,
    Rival,
    Standing,
    Terms,
    answers_the_call,
    orders,
    refuses,
    returned_after,
    visitors,
)

SKUS = tuple(f"SKU-{number}" for number in range(40))
WANTED = dict.fromkeys(SKUS, 20.0)
RIVALS = dict.fromkeys(SKUS, Rival(4_900))
USUAL = Terms(days=3, fee=400)


def visits(days=30, known=0.1, rivals=RIVALS, seed=7):
    return [one for day in range(days) for one in visitors(seed, day, WANTED, rivals, SKUS, known)]


def ordered(price=4_900.0, terms=USUAL, trust=0.6, rivals=RIVALS, stock=10**6, came=None):
    offers = {sku: Offer(sku, price, stock) for sku in SKUS}
    came = came if came is not None else visits(rivals=rivals)
    return [one.key for one in orders(iter(came), offers, rivals, lambda _: terms, trust)]


def share_refused(price=4_900.0, days=3, trust=0.6, rival=RIVALS[SKUS[0]], only=lambda _: True):
    came = [one for one in visits() if only(one)]
    told = [refuses(one, Offer(one.sku, price, 9), rival, Terms(days, 400), trust) for one in came]
    return sum(told) / len(told)


def test_the_same_day_brings_the_same_people_with_the_same_minds():
    assert visits() == visits()
    assert ordered() == ordered()
    assert [one.key for one in visits(seed=8)] != [one.key for one in visits()]


def test_few_know_us_at_first_and_more_come_who_know_us_not_others():
    few, many = {one.key for one in visits(known=0.02)}, {one.key for one in visits(known=0.1)}
    assert few < many
    assert len(many) / len(few) == pytest.approx(5, rel=0.1)


def test_people_come_as_often_as_the_product_is_wanted():
    assert len(visits()) == pytest.approx(30 * len(SKUS) * 20 * 0.1, rel=0.05)
    assert not list(visitors(7, 1, {}, RIVALS, SKUS, 0.1))


def test_a_lower_price_wins_buyers_and_loses_none():
    dear, fair, cheap = (set(ordered(price)) for price in (5_600, 4_900, 4_400))
    assert dear < fair < cheap
    assert len(fair) / len(visits()) == pytest.approx(0.45, abs=0.04)
    assert len(cheap) > 1.3 * len(fair)
    assert len(dear) < 0.6 * len(fair)


def test_delivery_that_takes_longer_or_costs_more_loses_buyers():
    assert set(ordered(terms=Terms(8, 400))) < set(ordered()) < set(ordered(terms=Terms(1, 400)))
    assert set(ordered(terms=Terms(3, 900))) < set(ordered())


def test_trust_wins_buyers():
    assert set(ordered(trust=0.3)) < set(ordered(trust=0.6)) < set(ordered(trust=0.9))


def test_a_product_that_the_market_has_sold_out_brings_more_people_who_pay_more():
    gone = dict.fromkeys(SKUS, Rival(4_900, sold_out=True))
    assert len(visits(rivals=gone)) == pytest.approx(2.5 * len(visits()), rel=0.05)
    came = visits()
    assert len(ordered(5_600, rivals=gone, came=came)) > 2 * len(ordered(5_600, came=came))
    assert len(ordered(9_800, rivals=gone, came=came)) < 0.1 * len(came)


def test_no_more_is_ordered_than_the_shop_shows_in_stock():
    came = visits(days=3)
    bought = dict.fromkeys(SKUS, 0)
    quantity = {one.key: (one.sku, one.quantity) for one in came}
    for key in ordered(stock=4, came=came):
        sku, units = quantity[key]
        bought[sku] += units
    assert max(bought.values()) == 4
    assert ordered(stock=0, came=came) == []


def test_a_standing_grows_with_what_is_delivered_and_falls_with_what_is_cancelled():
    new = Standing()
    assert new.known < 0.02
    old = new
    for _ in range(100):
        old = old.after(delivered=10)
    assert old.trust > 0.9
    assert 3 * new.known < old.known < MOST_KNOWN
    assert old.after(cancelled=5).trust < 0.8 * old.trust
    assert old.after(returned=5).trust < old.trust
    assert new.after().known > new.known


def test_parcels_are_refused_for_price_delay_distance_and_mistrust():
    usual = share_refused()
    assert 0.05 < usual < 0.2
    assert share_refused(rival=Rival(3_900)) > 1.5 * usual
    assert share_refused(days=9) > 2 * usual
    assert share_refused(trust=0.2) > 1.2 * usual
    assert share_refused(25_000, rival=Rival(25_000)) > 1.2 * usual
    south, coast = (share_refused(only=lambda one, z=zone: one.person.wilaya.zone in z) for zone in ({3, 4}, {1}))
    assert south > 1.3 * coast


def test_what_was_bought_and_is_bad_comes_back_more_often_within_ten_days():
    came = visits()
    good, bad = ([returned_after(one, quality) for one in came] for quality in (4.6, 3.0))
    assert 0.005 < sum(days is not None for days in good) / len(came) < 0.03
    assert sum(days is not None for days in bad) > 3 * sum(days is not None for days in good)
    assert {days for days in bad if days is not None} <= set(range(2, 10))


def test_who_is_called_late_answers_less_often():
    came = visits(days=5)
    at_once, late = (sum(answers_the_call(one, days) for one in came) / len(came) for days in (0, 5))
    assert at_once == pytest.approx(0.94, abs=0.02)
    assert late < 0.72


def test_shoppers_have_a_name_a_number_that_nobody_has_and_a_real_place():
    people = [one.person for one in visits(days=4)]
    assert all(re.fullmatch(r"\+213[567]00\d{6}", one.phone) for one in people)
    assert all(one.commune in one.wilaya.communes and one.address and " " in one.name for one in people)
    assert len({(one.name, one.phone) for one in people}) > 0.99 * len(people)
    assert len({one.key for one in visits(days=4)}) == len(people)
    share = sum(one.wilaya.name == "Alger" for one in people) / len(people)
    assert share == pytest.approx(3300 / sum(wilaya.weight for wilaya in wilayas()), abs=0.02)


def test_there_are_fifty_eight_wilayas_with_communes():
    assert [wilaya.code for wilaya in wilayas()] == list(range(1, 59))
    assert all(wilaya.communes and 1 <= wilaya.zone <= 4 for wilaya in wilayas())


def test_an_offer_keeps_a_shopper_s_mind_whoever_comes_before():
    came = visits(days=1)
    alone = ordered(came=[came[-1]])
    assert (came[-1].key in ordered(came=came)) == bool(alone)
