from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.health import Comparison, Coverage, Figures, compared
from tests.pipelines.offers import offer

USUAL = Figures(offers=400, listings=10, listed=400, coverage={"rating": 0.6, "stock_left": 0.12, "views": 0.05})


def fallen(now: Figures, before: list[Figures]) -> list[str]:
    return list(compared(now, before).fallen.values())


def test_coverage_is_the_fraction_of_offers_that_say_something() -> None:
    coverage = Coverage()
    coverage.add([offer(1, brand="Oraimo", old_price=Decimal(2000)), offer(2, rating=None, category_path=["Audio"])])
    coverage.add(
        [offer(3, availability="unknown", sponsored=False), offer(4, seller_kind="shop", attributes={"a": "b"})]
    )
    told = {name: fraction for name, fraction in coverage.fractions().items() if fraction}
    assert told == {
        **{"price": 1.0, "rating_count": 1.0, "position": 1.0, "availability": 0.75, "rating": 0.75},
        **{"brand": 0.25, "old_price": 0.25, "category_path": 0.25, "sponsored": 0.25, "seller_kind": 0.25},
        "attributes": 0.25,
    }


def test_a_crawl_without_offers_covers_nothing() -> None:
    assert Coverage().fractions() == {}


def test_a_crawl_like_the_others_has_not_fallen() -> None:
    assert fallen(USUAL, [USUAL] * 10) == []
    assert compared(USUAL, []) == Comparison()


@pytest.mark.parametrize(
    ("rating", "expected"),
    [(0.31, []), (0.29, ["rating in 29% of the offers where 60% were usual"])],
)
def test_a_field_falls_under_half_of_its_median(rating: float, expected: list[str]) -> None:
    now = Figures(offers=400, listings=10, listed=400, coverage=USUAL.coverage | {"rating": rating})
    assert fallen(now, [USUAL] * 3) == expected


def test_a_field_that_is_not_there_at_all_has_fallen_to_nothing() -> None:
    now = Figures(offers=400, listings=10, listed=400, coverage={"stock_left": 0.12})
    assert fallen(now, [USUAL] * 3) == ["rating in 0% of the offers where 60% were usual"]


def test_a_rare_field_and_a_few_offers_prove_nothing() -> None:
    rare = Figures(offers=400, listings=10, listed=400, coverage=USUAL.coverage | {"views": 0.0})
    assert fallen(rare, [USUAL] * 3) == []
    few = Figures(offers=19, coverage={"rating": 0.0})
    assert fallen(few, [Figures(19, coverage={"rating": 0.9})] * 3) == []


def test_chance_is_no_change_of_layout() -> None:
    usual = Figures(offers=40, coverage={"stock_left": 0.12})
    assert fallen(Figures(40, coverage={"stock_left": 0.05}), [usual] * 3) == []
    assert fallen(Figures(40, coverage={"stock_left": 0.0}), [usual] * 3) != []


def test_the_median_forgives_one_odd_crawl() -> None:
    sale = Figures(offers=4000, listings=10, listed=4000, coverage={"rating": 0.6})
    assert fallen(USUAL, [USUAL, sale, USUAL]) == []


def test_a_shop_that_never_had_much_is_left_alone() -> None:
    assert fallen(Figures(3, 1, 3), [Figures(15, 1, 15)] * 5) == []


def test_pages_of_single_products_are_no_poorer_listings() -> None:
    usual = [Figures(offers=48, listings=1, listed=48)] * 10
    asked_for_each_in_detail = Figures(offers=48, listings=1, listed=48)
    assert fallen(asked_for_each_in_detail, usual) == []
    poorer = Figures(offers=48, listings=3, listed=48)
    assert fallen(poorer, usual) == ["16.0 offers a page where 48.0 were usual"]
    assert fallen(Figures(offers=48), usual) == [], "no listing was read"


def test_what_is_usual_is_told_also_where_nothing_fell_and_what_fell_by_name() -> None:
    now = Figures(offers=400, listings=10, listed=400, coverage={"rating": 0.2, "stock_left": 0.12})
    told = compared(now, [USUAL] * 3)
    assert told.usual == {"rating": 0.6, "stock_left": 0.12, "views": 0.05}
    assert list(told.fallen) == ["rating"]
    assert list(compared(Figures(offers=4, listings=10, listed=4), [USUAL] * 3).fallen) == ["offers"]
