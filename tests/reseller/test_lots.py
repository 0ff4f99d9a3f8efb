from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.shop import StockMovement
from reseller import inventory, lots
from tests.analytics_sql.plain_fifo import Books
from tests.analytics_sql.random_shop import RandomShop
from tests.analytics_sql.shop_orders import OPENING, Shop

DAY = timedelta(days=1)


@pytest.fixture
def shop(work: Session) -> Shop:
    return Shop(work)


def in_stock(work: Session, product: int) -> list[tuple[int, str]]:
    return [(lot.quantity, str(lot.unit_cost)) for lot in lots.on_hand(work, product)]


def test_what_came_first_leaves_first(work: Session, shop: Shop) -> None:
    product = shop.product()
    shop.move(product, "receipt", 3, cost="100.00")
    shop.move(product, "receipt", 5, OPENING + DAY, cost="120.00")
    sold = shop.move(product, "sale", -4)
    assert in_stock(work, product) == [(4, "120.00")]
    assert lots.of_product(work, product).cost(sold.id) == Decimal(420)
    (lot,) = lots.on_hand(work, product)
    assert (lot.received_at, lot.value) == (OPENING + DAY, Decimal(480))


def test_what_comes_back_has_the_cost_and_the_age_with_which_it_left_and_leaves_last(work: Session, shop: Shop) -> None:
    product = shop.product()
    shop.move(product, "receipt", 2, cost="100.00")
    shop.move(product, "receipt", 2, OPENING + DAY, cost="120.00")
    order = shop.go(shop.order({product: (3, "200.00")}), "confirmed", "shipped", "refused")
    shop.take_back(order, OPENING + 5 * DAY, units=2)
    assert in_stock(work, product) == [(1, "120.00"), (2, "100.00")]
    assert lots.on_hand(work, product)[-1].received_at == OPENING


def test_units_found_before_anything_was_bought_cost_what_the_first_receipt_says(work: Session, shop: Shop) -> None:
    product = shop.product()
    shop.move(product, "correction", 2)
    (unknown,) = lots.on_hand(work, product)
    assert (unknown.unit_cost, unknown.is_cost_known) == (Decimal(0), False)
    shop.move(product, "receipt", 1, cost="90.00")
    assert in_stock(work, product) == [(2, "90.00"), (1, "90.00")]
    assert all(lot.is_cost_known for lot in lots.on_hand(work, product))


def test_nothing_is_in_stock_of_a_product_that_never_moved(work: Session, shop: Shop) -> None:
    assert lots.on_hand(work, shop.product()) == []


def test_lots_equal_a_plain_fifo_over_shops_in_which_things_happen_at_random(work: Session, shop: Shop) -> None:
    for seed in range(4):
        RandomShop(shop, seed).live(200)
    movements = list(work.scalars(sa.select(StockMovement)))
    plain, found = Books(movements), lots.of_products(work)
    assert set(found) == set(plain.stock)
    for product, books in found.items():
        units = [lot.unit_cost for lot in books.stock for _ in range(lot.quantity)]
        assert units == list(plain.stock[product])
        assert len(units) == inventory.on_hand(work, product)
        assert {movement: books.cost(movement) for movement in books.moved}.items() <= plain.cost.items()
    assert sum(len(books.moved) for books in found.values()) == len(movements)
