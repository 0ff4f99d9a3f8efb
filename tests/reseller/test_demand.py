"""Beliefs about demand, checked against simulated sales."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseller.demand import LIKELY_LOOKERS, LIKELY_STEEPNESS, Rate, Response, Trial, chance, compared


def test_sales_that_are_seen_move_the_rate_and_make_it_surer() -> None:
    before = Rate(0.5, 2.0)
    after = before.after(units=20, days=10)
    assert before.mean < after.mean < 2.0
    assert after.shape > before.shape
    assert before.after(0, 60).mean < 0.05


def test_probabilities_of_sales_are_those_of_simulated_shops() -> None:
    rng = np.random.default_rng(5)
    rate = Rate(0.4, 2.0)
    sold = rng.poisson(rng.gamma(rate.shape, rate.mean / rate.shape, 200_000) * 14)
    chances = rate.sells([1, 3, 8], [14])[:, 0]
    assert chances == pytest.approx([(sold >= units).mean() for units in (1, 3, 8)], abs=0.005)
    assert rate.sold_at(0.1, 14) == np.quantile(sold, 0.1, method="inverted_cdf")
    assert rate.sold_at(0.5, 14) == np.quantile(sold, 0.5, method="inverted_cdf")


def test_days_until_a_unit_sells_are_those_of_simulated_shops() -> None:
    rng = np.random.default_rng(6)
    rate = Rate(0.3, 3.0)
    rates = rng.gamma(rate.shape, rate.mean / rate.shape, 100_000)
    waits = np.minimum(rng.gamma(2, 1 / rates), 30).mean()
    assert rate.days_until([2], 30)[0] == pytest.approx(waits, rel=0.02)


@given(st.floats(0.001, 50), st.floats(0.3, 200), st.floats(0.01, 0.49))
def test_quantiles_stand_around_the_rate_in_order(mean: float, shape: float, part: float) -> None:
    rate = Rate(mean, shape)
    assert 0 <= rate.quantile(part) < rate.quantile(1 - part)


def test_without_sales_the_share_is_the_guess_and_falls_with_the_price() -> None:
    share, doubt = Response().share_at(1.0)
    assert (share, doubt > 0.3) == (pytest.approx(LIKELY_LOOKERS * chance(1.0, LIKELY_STEEPNESS)), True)
    assert Response().share_at(1.3)[0] < share < Response().share_at(0.9)[0]


def test_lookers_and_steepness_are_learnt_from_our_own_sales() -> None:
    rng = np.random.default_rng(7)
    lookers, steepness = 0.09, 6.0
    trials = [
        Trial(market, 80.0, ratio, int(rng.poisson(market * 80 * lookers * chance(ratio, steepness))))
        for ratio in (0.95, 1.0, 1.1, 1.2, 1.35)
        for market in (3.0, 12.0, 8.0)
    ]
    learnt = Response.learnt(trials)
    assert abs(learnt.steepness - steepness) < 1
    assert learnt.share_at(1.0)[0] == pytest.approx(lookers * chance(1.0, steepness), rel=0.2)
    assert learnt.share_at(1.1)[1] < Response().share_at(1.1)[1]


def test_what_nobody_bought_lowers_the_share() -> None:
    idle = Response.learnt([Trial(10.0, 30.0, 1.0, 0) for _ in range(5)])
    assert idle.share_at(1.0)[0] < Response().share_at(1.0)[0] / 3


def test_where_the_market_has_sold_out_more_order_and_mind_the_price_less() -> None:
    usual, scarce = (lambda ratio: chance(ratio, 9.0)), (lambda ratio: chance(ratio, 9.0, sold_out=True))
    assert scarce(1.0) > 2 * usual(1.0)
    assert scarce(1.3) / scarce(1.0) > 2 * usual(1.3) / usual(1.0)


def test_shoppers_compare_what_they_pay_in_all() -> None:
    """Our dearer delivery weighs on what is cheap, and hardly on what is dear."""
    cheap, dear = compared(Decimal(1000), Decimal(1000)), compared(Decimal(50_000), Decimal(50_000))
    assert (cheap, dear) == (pytest.approx(1600 / 1400), pytest.approx(50_600 / 50_400))


def test_trials_that_say_nothing_are_left_out() -> None:
    assert Response.learnt([Trial(0.0, 9, 1.0, 3), Trial(5.0, 0.0, 1.0, 3), Trial(5.0, 1.0, 0.0, 3)]).trials == ()
    assert math.isfinite(Response.learnt([Trial(5.0, 1.0, 50.0, 0)]).share_at(50.0)[0])
