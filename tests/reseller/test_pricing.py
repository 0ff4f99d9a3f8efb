from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseller import pricing
from reseller.pricing import ALGERIA, Economics

prices = st.decimals(min_value=1, max_value=2_000_000, places=2)


def test_a_quote_by_hand() -> None:
    economics = Economics(
        delivery_in=Decimal(250),
        delivery_out=Decimal(150),
        cash_handling=Decimal("0.015"),
        confirmation=Decimal(40),
        return_rate=Decimal("0.15"),
        return_carriage=Decimal(700),
        return_wear=Decimal("0.05"),
        target_margin=Decimal("0.18"),
        premium_limit=Decimal("0.45"),
    )
    quote = pricing.quote(Decimal(5000), from_abroad=False, economics=economics)
    # 5000 + 250 landed; 150 + 40 + 0.15 * (700 + 0.05 * 5250) = 334.38 fixed; 5584.38 / (1 - 0.015 - 0.18) = 6937.12
    assert quote.sale_price == Decimal("7000.00")
    assert quote.steps == (
        ("sale_price", Decimal("7000.00")),
        ("purchase", Decimal("-5000.00")),
        ("delivery_in", Decimal("-250.00")),
        ("delivery_out", Decimal("-150.00")),
        ("cash_handling", Decimal("-105.00")),
        ("confirmation", Decimal("-40.00")),
        ("returns", Decimal("-144.38")),
        ("profit", Decimal("1310.62")),
    )
    assert quote.margin == Decimal("0.1872")


def test_goods_from_abroad_carry_duty_and_freight() -> None:
    at_home = pricing.landed_cost(Decimal(10_000), from_abroad=False)
    abroad = pricing.landed_cost(Decimal(10_000), from_abroad=True)
    assert at_home.imports == 0
    assert abroad.imports == 10_000 * ALGERIA.import_share + ALGERIA.import_freight
    assert abroad.total - at_home.total == abroad.imports
    assert ("import", -abroad.imports) in pricing.quote(Decimal(10_000), from_abroad=True).steps


@given(prices, st.booleans())
def test_the_steps_add_up_to_the_profit(price: Decimal, from_abroad: bool) -> None:
    quote = pricing.quote(price, from_abroad=from_abroad)
    *steps, (last, profit) = quote.steps
    assert last == "profit"
    assert sum(amount for _, amount in steps) == profit == quote.profit


@given(prices, st.booleans())
def test_no_sale_price_exceeds_what_shoppers_pay_over_the_market(price: Decimal, from_abroad: bool) -> None:
    quote = pricing.quote(price, from_abroad=from_abroad)
    market = quote.landed.price + quote.landed.imports
    assert quote.sale_price <= max(market * (1 + ALGERIA.premium_limit), Decimal(1))


@given(prices)
def test_the_target_margin_is_reached_wherever_the_market_bears_it(price: Decimal) -> None:
    quote = pricing.quote(price, from_abroad=False)
    capped = quote.sale_price == pricing.charm_down(price * (1 + ALGERIA.premium_limit))
    assert capped or quote.margin >= ALGERIA.target_margin - Decimal("0.001")


def test_what_is_too_cheap_to_send_earns_nothing() -> None:
    assert pricing.quote(Decimal(300), from_abroad=False).profit < 0


@given(prices)
def test_label_prices_are_whole_dinars_around_the_price(price: Decimal) -> None:
    up, down = pricing.charm_up(price), pricing.charm_down(price)
    assert down <= price <= up
    assert up == up.to_integral_value()
    assert pricing.charm_up(up) == up
    assert up - price <= 600


@given(prices, prices)
def test_label_prices_keep_the_order_of_prices(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert pricing.charm_up(low) <= pricing.charm_up(high)
    assert pricing.charm_down(low) <= pricing.charm_down(high)


@pytest.mark.parametrize(
    ("price", "up", "down"),
    [
        ("149", "150", "100"),
        ("2000", "2000", "2000"),
        ("2001", "2100", "2000"),
        ("9901", "10500", "9900"),
        ("12345", "12500", "11900"),
        ("12501", "12900", "12500"),
        ("99950", "100500", "99900"),
    ],
)
def test_label_prices_end_as_labels_do(price: str, up: str, down: str) -> None:
    assert (pricing.charm_up(Decimal(price)), pricing.charm_down(Decimal(price))) == (Decimal(up), Decimal(down))


@given(prices, st.decimals(min_value=0, max_value="0.6", places=4))
def test_the_floor_price_keeps_the_floor_and_a_dinar_less_would_not(cost: Decimal, floor: Decimal) -> None:
    landed = pricing.Landed(cost, Decimal(0), Decimal(0))
    price = pricing.floor_price(cost, floor)
    kept = pricing.quote_at(price, landed)
    assert kept.profit >= floor * price
    less = pricing.quote_at(price - 2, landed)
    assert less.profit < floor * less.sale_price + Decimal("0.05")


def test_what_shoppers_can_order_themselves_is_priced_against_what_they_see_there() -> None:
    """A phone holder of 890 DA from abroad: nobody pays us 3,600 DA for what the shop next door asks 890."""
    alone = pricing.quote(Decimal(890), from_abroad=True)
    beside = pricing.quote(Decimal(890), from_abroad=True, within_reach=True)
    assert alone.sale_price > Decimal(890) * 2
    assert beside.sale_price <= Decimal(890) * (1 + ALGERIA.premium_limit)
    assert beside.profit < 0
