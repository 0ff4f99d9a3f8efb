"""The rules of our prices, on plain figures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reseller import price_rules, pricing
from reseller.demand import Rate
from reseller.price_rules import MOST_CHANGES, MOST_STEP, Batch, Decision, Situation, decide
from tests.factories import NOON

FLOOR = Decimal("0.12")


def rate(at: Decimal, *, units: float = 0.4, elasticity: float = 4.0) -> Any:
    return lambda price: Rate(units * float(price / at) ** -elasticity, 4.0)


def shelf(
    price: int, *, cost: int = 5000, units: int = 3, age: int = 2, other: int | None = 7000, **values: Any
) -> Any:
    theirs = None if other is None else Decimal(other)
    defaults: dict[str, Any] = {
        "now": NOON,
        "price": Decimal(price),
        "batches": [Batch(units, Decimal(cost), age)],
        "margin_floor": FLOOR,
        "lowest": theirs,
        "reference": theirs,
        "rate": None if theirs is None else rate(theirs),
    }
    return Situation(**defaults | values)


def margin(decision: Decision, cost: int) -> Decimal:
    return pricing.quote_at(decision.price, pricing.Landed(Decimal(cost), Decimal(0), Decimal(0))).margin


def settled(of: Situation) -> Decision:
    """Where the price ends, one step a day."""
    for _ in range(60):
        decision = decide(of)
        if decision.price == of.price:
            return decision
        of = Situation(**{name: getattr(of, name) for name in Situation.__slots__} | {"price": decision.price})
    raise AssertionError("the price never comes to rest")


def test_a_price_below_the_margin_floor_is_raised_to_it_at_once() -> None:
    decision = decide(shelf(5100))
    assert (decision.key, decision.price) == ("floor", decision.floor)
    assert margin(decision, 5000) >= FLOOR


def test_the_dearest_lot_makes_the_floor_and_not_the_oldest() -> None:
    mixed = shelf(6000, batches=[Batch(2, Decimal(4000), 20), Batch(1, Decimal(6000), 1)])
    assert decide(mixed).floor == decide(shelf(6000, cost=6000)).floor > decide(shelf(6000, cost=4000)).floor


def test_the_floor_wins_over_what_shoppers_would_pay() -> None:
    decision = settled(shelf(9000, other=3000))
    assert decision.price == decision.floor == decision.ceiling
    assert margin(decision, 5000) >= FLOOR


def test_without_competitors_the_price_follows_cost_and_target_margin() -> None:
    alone = settled(shelf(9900, other=None))
    assert alone.price == pricing.charm_up(pricing.price_for_margin(Decimal(5000), pricing.ALGERIA.target_margin))
    assert decide(shelf(9900, other=None)).key == "stand_alone"


def test_whoever_is_cheapest_by_far_asks_more_but_stays_below_the_others() -> None:
    cheap = shelf(6400, other=9000, units=40)
    decision = decide(cheap)
    assert (decision.key, decision.price > 6400) == ("cheapest", True)
    assert 9000 * price_rules.FAR_BELOW <= settled(cheap).price < 9000


def test_a_dearer_price_than_shoppers_pay_comes_down_step_by_step() -> None:
    decision = decide(shelf(14_900, other=8000))
    assert decision.key == "ceiling"
    assert 14_900 * (1 - MOST_STEP) <= decision.price < 14_900
    assert settled(shelf(14_900, other=8000)).price <= 8000 * (1 + pricing.ALGERIA.premium_limit)


def test_what_is_sold_out_everywhere_else_is_measured_by_the_last_price_and_not_by_cost() -> None:
    short = shelf(6500, other=9000, lowest=None)
    assert decide(short).key == "shortage"
    assert settled(short).price > settled(shelf(6500, other=None)).price


def test_what_sells_out_before_more_can_come_costs_more() -> None:
    few, many = (settled(shelf(7000, units=units, rate=rate(Decimal(7000), units=2.0))) for units in (1, 40))
    assert few.price > many.price
    assert decide(shelf(6500, units=1, rate=rate(Decimal(7000), units=2.0))).key == "scarce"


@pytest.mark.parametrize(("age", "loss"), [(30, "0"), (45, "0.10"), (60, "0.20")])
def test_old_stock_is_marked_down_to_cost_less_a_set_loss_and_no_further(age: int, loss: str) -> None:
    old = shelf(6400, age=age, other=3000)
    decision = decide(old)
    assert (decision.key, decision.price < 6400) == ("markdown", True)
    end = settled(old)
    assert end.price == end.floor == pricing.charm_up(pricing.loss_price(Decimal(5000), Decimal(loss)))
    sold = pricing.quote_at(end.price, pricing.Landed(Decimal(5000), Decimal(0), Decimal(0)))
    assert sold.profit >= -Decimal(loss) * 5000
    assert decide(shelf(6400, age=29, other=3000)).key != "markdown"


def test_a_markdown_waits_some_days_for_a_buyer_before_the_next() -> None:
    last = NOON - price_rules.MARKDOWN_EVERY
    assert decide(shelf(6400, age=40, other=3000, changed_at=last + timedelta(minutes=1))).price == 6400
    assert decide(shelf(6400, age=40, other=3000, changed_at=last)).price < 6400


def test_young_dear_units_are_not_marked_down_below_their_own_floor_by_the_age_of_a_cheap_lot() -> None:
    both = shelf(9000, batches=[Batch(1, Decimal(2000), 70), Batch(5, Decimal(7000), 1)], other=3000)
    assert decide(both).floor == pricing.charm_up(pricing.loss_price(Decimal(2000), Decimal("0.20")))
    after = shelf(3000, batches=[Batch(5, Decimal(7000), 1)], other=3000)
    assert decide(after).key == "floor"


def test_a_price_changes_so_often_a_day_and_no_more() -> None:
    assert decide(shelf(14_900, changes_today=MOST_CHANGES - 1)).price < 14_900
    enough = decide(shelf(14_900, changes_today=MOST_CHANGES))
    assert (enough.key, enough.price) == ("enough_today", 14_900)


def test_a_price_that_a_person_has_set_rests() -> None:
    until = NOON + timedelta(days=1)
    assert decide(shelf(14_900, resting_until=until)).key == "resting"
    assert decide(shelf(14_900, resting_until=NOON)).price < 14_900


def test_stock_whose_cost_nobody_knows_keeps_its_price() -> None:
    assert decide(shelf(3000, cost=0)).key == "no_cost"
    assert decide(shelf(3000, batches=[])).key == "no_cost"


PRICES = st.integers(60, 200_000)


@settings(max_examples=200, deadline=None)
@given(
    PRICES,
    st.lists(st.tuples(st.integers(1, 30), st.integers(50, 150_000), st.integers(0, 90)), min_size=1, max_size=4),
    st.none() | PRICES,
    st.floats(0.01, 20),
    st.integers(0, 3),
)
def test_whatever_the_shelf_the_limits_hold(
    price: int, lots: list[tuple[int, int, int]], other: int | None, sales: float, changes: int
) -> None:
    theirs = None if other is None else Decimal(other)
    of = shelf(
        price,
        batches=[Batch(units, Decimal(cost), age) for units, cost, age in lots],
        other=other,
        rate=None if theirs is None else rate(theirs, units=sales),
        changes_today=changes,
    )
    decision, old = decide(of), Decimal(price)
    dearest = max(Decimal(cost) for _, cost, _ in lots)
    keeps_margin = pricing.quote_at(decision.price, pricing.Landed(dearest, Decimal(0), Decimal(0))).margin >= FLOOR
    marked_down = max(age for _, _, age in lots) >= price_rules.MARKDOWNS[-1][0]
    assert decision.price >= decision.floor
    assert keeps_margin or marked_down
    if decision.price == old:
        return
    assert decision.price == decision.price.to_integral_value()
    if decision.key != "floor":
        assert abs(decision.price - old) <= old * MOST_STEP
        assert changes < MOST_CHANGES
        assert decision.ceiling is None or decision.price <= decision.ceiling or decision.price < old
    if decision.key == "markdown":
        assert marked_down
        assert decision.price < old
