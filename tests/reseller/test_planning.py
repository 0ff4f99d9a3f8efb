from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reseller import planning
from reseller.pricing import quote
from reseller.sourcing import Candidate


def candidate(listing_id: int = 1, price: int = 5000, **values: Any) -> Candidate:
    defaults: dict[str, Any] = {
        "marketplace": "jumia",
        "country": "dz",
        "price": Decimal(price),
        "currency": "DZD",
        "score": Decimal(80),
        "confidence": Decimal("0.8"),
        "stock_left": None,
        "tied_up": Decimal(0),
        "why": {},
    }
    return Candidate(listing_id=listing_id, quote=quote(Decimal(price), from_abroad=False), **defaults | values)


LOTS = Decimal(10**9)


def quantities(*candidates: Candidate, remaining: Decimal = LOTS, cap: Decimal = LOTS, limit: int = 20) -> list[int]:
    planned = planning.plan(candidates, remaining=remaining, cap_per_product=cap, limit=limit)
    return [purchase.quantity for purchase in planned]


def test_thin_evidence_is_worth_one_unit() -> None:
    assert quantities(candidate(confidence=Decimal("0.15"))) == [1]


def test_a_strong_and_certain_trend_is_worth_more_units() -> None:
    assert quantities(candidate(score=Decimal(100), confidence=Decimal(1))) == [planning.MOST_UNITS]


def test_the_quantity_stays_within_the_cap_less_what_is_tied_up() -> None:
    assert quantities(candidate(), cap=Decimal(2 * 5250)) == [2]
    assert quantities(candidate(tied_up=Decimal(5250)), cap=Decimal(2 * 5250)) == [1]
    assert quantities(candidate(tied_up=Decimal(5251)), cap=Decimal(2 * 5250)) == []


def test_the_quantity_stays_within_what_the_market_has_left() -> None:
    assert quantities(candidate(stock_left=2)) == [2]


def test_what_does_not_fit_is_passed_over_for_what_does() -> None:
    planned = planning.plan(
        [candidate(1, price=50_000), candidate(2, price=3000)],
        remaining=Decimal(4000),
        cap_per_product=LOTS,
        limit=20,
    )
    assert [purchase.candidate.listing_id for purchase in planned] == [2]


def test_no_more_purchases_than_asked_for() -> None:
    assert len(quantities(*(candidate(number) for number in range(9)), limit=3)) == 3


@given(
    st.lists(st.tuples(st.integers(100, 90_000), st.integers(1, 100), st.integers(1, 100)), max_size=12),
    st.integers(0, 200_000),
    st.integers(0, 50_000),
)
def test_a_plan_never_exceeds_budget_or_cap(offers: list[tuple[int, int, int]], remaining: int, cap: int) -> None:
    made = [
        candidate(number, price=price, score=Decimal(score), confidence=Decimal(confidence) / 100)
        for number, (price, score, confidence) in enumerate(offers)
    ]
    planned = planning.plan(made, remaining=Decimal(remaining), cap_per_product=Decimal(cap), limit=20)
    assert sum(purchase.total for purchase in planned) <= remaining
    assert all(purchase.total <= cap and purchase.quantity >= 1 for purchase in planned)
