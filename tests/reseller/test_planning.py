from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reseller import appraisal, planning
from reseller.planning import Limits, Purchase
from reseller.sourcing import Candidate
from tests.reseller.appraisals import candidate

LOTS = Decimal(10**9)


def limits(**values: Any) -> Limits:
    return Limits(**{"remaining": LOTS, "product": LOTS, "purchases": 20} | values)


def quantities(*candidates: Candidate, **values: Any) -> dict[int, int]:
    planned = planning.plan(candidates, limits(**values))
    return {purchase.candidate.listing_id: purchase.quantity for purchase in planned.purchases}


def value(purchases: list[Purchase]) -> float:
    return sum(one.value for one in purchases)


def test_thin_evidence_is_worth_one_unit() -> None:
    assert quantities(candidate(confidence=Decimal("0.2"))) == {1: 1}


def test_what_sells_fast_is_worth_more_units_than_what_sells_slowly() -> None:
    fast, slow = quantities(candidate(market=60))[1], quantities(candidate(market=12))[1]
    assert fast > slow >= 1


def test_scarce_money_asks_for_more_than_idle_money() -> None:
    spent, idle = (appraisal.hurdle(Decimal(tied), Decimal(200_000)) for tied in (190_000, 10_000))
    assert 0 < idle < spent <= appraisal.HURDLE
    dull = candidate(market=20)
    assert planning.plan([dull], limits(hurdle=idle)).purchases
    assert planning.plan([dull], limits(hurdle=1.0)).left_out == {1: "slow"}


def test_a_shop_that_nobody_knows_courts_orders_but_buys_nothing_to_lose_by() -> None:
    young, old = (appraisal.goodwill(delivered) for delivered in (0, 1000))
    assert young > 10 * old > 0
    modest, eager = (candidate(market=30, goodwill=goodwill) for goodwill in (0.0, young))
    assert modest.appraisal is not None
    assert eager.appraisal is not None
    assert eager.quote.sale_price < modest.quote.sale_price
    assert eager.appraisal.profit(1) <= modest.appraisal.profit(1)
    assert planning.plan([candidate(market=0.2, goodwill=50_000.0)], limits()).left_out == {1: "slow"}


def test_units_that_we_hold_already_leave_fewer_to_buy() -> None:
    assert quantities(candidate(market=12, held=3)).get(1, 0) < quantities(candidate(market=12))[1]


def test_what_hardly_sells_is_left_with_the_reason() -> None:
    planned = planning.plan([candidate(market=0.2)], limits())
    assert (planned.purchases, planned.left_out) == ([], {1: "slow"})


def test_the_quantity_stays_within_the_cap_less_what_is_tied_up() -> None:
    assert quantities(candidate(), product=Decimal(2 * 5250)) == {1: 2}
    assert quantities(candidate(tied_up=Decimal(5250)), product=Decimal(2 * 5250)) == {1: 1}
    planned = planning.plan([candidate(tied_up=Decimal(5251))], limits(product=Decimal(2 * 5250)))
    assert planned.left_out == {1: "cap_product"}


def test_the_quantity_stays_within_what_the_market_has_left() -> None:
    assert quantities(candidate(stock_left=2)) == {1: 2}


def test_what_does_not_fit_is_passed_over_for_what_does() -> None:
    planned = planning.plan([candidate(1, price=50_000), candidate(2, price=3000)], limits(remaining=Decimal(4000)))
    assert [purchase.candidate.listing_id for purchase in planned.purchases] == [2]
    assert planned.left_out == {1: "budget"}


def test_no_more_purchases_than_asked_for() -> None:
    planned = planning.plan([candidate(number) for number in range(9)], limits(purchases=3))
    assert len(planned.purchases) == 3
    assert set(planned.left_out.values()) == {"enough"}


def test_a_product_is_bought_from_one_listing_only() -> None:
    planned = planning.plan([candidate(1, product=7), candidate(2, price=4900, product=7)], limits())
    assert len(planned.purchases) == 1
    assert set(planned.left_out.values()) == {"same_product"}


@pytest.mark.parametrize(("kind", "used"), [("category", "in_category"), ("seller", "with_seller")])
def test_a_category_and_a_seller_hold_no_more_than_their_caps(kind: str, used: str) -> None:
    offers = [candidate(number, **{kind: "one"}) for number in range(3)] + [candidate(9, **{kind: "other"})]
    caps = {kind: Decimal(20_000), used: {"one": Decimal(9_000)}}
    bought = quantities(*offers, **caps)
    assert sum(bought.get(number, 0) for number in range(3)) == 2
    assert bought[9] == 3
    full = planning.plan([candidate(**{kind: "one"})], limits(**{kind: Decimal(9_000), used: {"one": Decimal(9_000)}}))
    assert full.left_out == {1: f"cap_{kind}"}


def test_what_is_barred_is_left_whatever_it_earns() -> None:
    planned = planning.plan([candidate(barred="under_way")], limits())
    assert (planned.purchases, planned.left_out) == ([], {1: "under_way"})


def test_money_goes_where_a_dinar_earns_most_a_day() -> None:
    slow_dear, fast_cheap = candidate(1, price=20_000, market=30), candidate(2, price=4000, market=300)
    bought = quantities(slow_dear, fast_cheap, remaining=Decimal(20_500))
    assert bought.get(2, 0) >= 3
    assert 1 not in bought


def test_the_programme_finds_what_taking_the_best_first_misses() -> None:
    """A cheap unit of the best rate that leaves too little for the dear one which would use the whole budget."""
    small, large = candidate(1, price=3000, stock_left=1), candidate(2, price=9000, stock_left=1, market=400)
    money = limits(remaining=Decimal(9300))
    first = planning.greedy([Purchase(small, 1), Purchase(large, 1)], money)
    best = planning.plan([small, large], money).purchases
    assert value(best) >= value(first)
    assert [one.candidate.listing_id for one in best] == [
        2 if Purchase(large, 1).value > Purchase(small, 1).value else 1
    ]


OFFERS = st.lists(
    st.tuples(st.integers(100, 90_000), st.integers(1, 400), st.integers(1, 100), st.integers(0, 2), st.integers(0, 3)),
    max_size=10,
)


@settings(max_examples=40, deadline=None)
@given(OFFERS, st.integers(0, 200_000), st.integers(0, 50_000), st.integers(0, 60_000), st.integers(0, 5))
def test_a_plan_never_exceeds_a_limit_and_never_loses_to_the_simple_one(
    offers: list[tuple[int, int, int, int, int]], remaining: int, cap: int, group: int, most: int
) -> None:
    made = [
        candidate(
            number,
            price=price,
            market=market,
            confidence=Decimal(confidence) / 100,
            category=f"c{category}",
            seller=f"s{category}" if category else None,
            product=product,
        )
        for number, (price, market, confidence, category, product) in enumerate(offers)
    ]
    money = limits(
        remaining=Decimal(remaining),
        product=Decimal(cap),
        purchases=most,
        category=Decimal(group),
        seller=Decimal(group) / 2,
        in_category={"c1": Decimal(10_000)},
    )
    planned = planning.plan(made, money)
    assert planning.fits(planned.purchases, money)
    assert sum(purchase.total for purchase in planned.purchases) <= remaining
    assert all(purchase.total <= cap and purchase.quantity >= 1 for purchase in planned.purchases)
    for kind in ("c0", "c1", "c2"):
        inside = sum(one.total for one in planned.purchases if one.candidate.category == kind)
        assert inside <= max(0, group - (10_000 if kind == "c1" else 0))
    taken = {one.candidate.listing_id for one in planned.purchases}
    assert taken | set(planned.left_out) == {one.listing_id for one in made}
    assert not taken & set(planned.left_out)
