"""Our own shop's marts, built by the real dbt from real tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import dbt_plugin, marts
from database.shop import StockMovement
from reseller import books, lots
from tests.analytics_sql.conftest import Dbt
from tests.analytics_sql.plain_fifo import Books
from tests.analytics_sql.plain_profit import profit_by_product
from tests.analytics_sql.random_shop import RandomShop
from tests.analytics_sql.shop_orders import OPENING, Shop

NAMES = ("sales_daily", "stock_position", "profit_by_product", "customer_orders")
BUILD = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select")
EVERYTHING = (*BUILD, *(f"+{name}" for name in NAMES))
DAY = timedelta(days=1)


def rows(work: Session, name: str) -> list[sa.Row]:
    table = marts.metadata.tables[f"marts.{name}"]
    found = list(work.execute(sa.select(table).order_by(*table.primary_key.columns)))
    work.rollback()
    return found


def one(work: Session, name: str) -> sa.Row:
    (row,) = rows(work, name)
    return row


def test_a_shop_that_received_and_never_sold_has_stock_and_empty_valid_marts_of_sales(work: Session, dbt: Dbt) -> None:
    shop = Shop(work)
    product = shop.product()
    shop.move(product, "receipt", 5, cost="100.00")
    work.commit()
    dbt(*EVERYTHING)
    assert {name: len(rows(work, name)) for name in NAMES} == {
        "sales_daily": 0,
        "stock_position": 1,
        "profit_by_product": 0,
        "customer_orders": 0,
    }
    position = one(work, "stock_position")
    assert (position.on_hand, position.available, position.value_dzd) == (5, 5, Decimal(500))
    assert (position.demand_per_day, position.days_of_cover, position.last_sale_at) == (None, None, None)


def test_each_fate_of_an_order_earns_and_costs_what_it_should(work: Session, dbt: Dbt, tmp_path: Path) -> None:
    shop = Shop(work)
    product = shop.product("Casque")
    other = shop.product("Sac")
    # The first receipt is dated after the first sale: goods were there before their papers.
    shop.move(product, "receipt", 3, OPENING + 2 * DAY, cost="100.00")
    shop.move(product, "receipt", 10, OPENING + 3 * DAY, cost="120.00")
    shop.move(other, "receipt", 4, OPENING, cost="10.00")
    amina, karim = shop.customer("+213550000001"), shop.customer()

    delivered = shop.order({product: (2, "200.00"), other: (1, "100.00")}, OPENING, customer=amina, fee="500.00")
    shop.go(delivered, "confirmed", "shipped", at=OPENING)
    # 00:30 of the third day in Algiers, the second in UTC.
    shop.go(delivered, "delivered", at=datetime(2026, 5, 2, 23, 30, tzinfo=UTC))
    shop.pay(delivered, "delivery_out", "400.00")
    shop.pay(delivered, "payment_fee", "10.01")

    refused = shop.order({product: (3, "200.00")}, OPENING + DAY, customer=karim, fee="500.00", wilaya=31)
    shop.go(refused, "confirmed", "shipped", "refused", at=OPENING + 2 * DAY)
    shop.take_back(refused, OPENING + 5 * DAY)
    shop.pay(refused, "delivery_out", "400.00")
    shop.pay(refused, "delivery_back", "300.00")

    cancelled = shop.order({product: (1, "200.00")}, OPENING + 2 * DAY, customer=amina)
    shop.go(cancelled, "cancelled", at=OPENING + 3 * DAY)

    returned = shop.order({product: (1, "210.00")}, OPENING + 3 * DAY, customer=amina, fee="500.00")
    shop.go(returned, "confirmed", "shipped", "delivered", at=OPENING + 4 * DAY)
    shop.take_back(returned, OPENING + 6 * DAY)
    shop.go(returned, "returned", at=OPENING + 6 * DAY)
    shop.pay(returned, "delivery_back", "300.00")

    smashed = shop.order({product: (1, "200.00")}, OPENING + 4 * DAY, customer=karim)
    shop.go(smashed, "confirmed", "shipped", "refused", at=OPENING + 4 * DAY)
    shop.take_back(smashed, OPENING + 7 * DAY, lost=True)

    travelling = shop.order({product: (1, "200.00")}, OPENING + 5 * DAY, customer=amina, fee="1.00")
    shop.go(travelling, "confirmed", "shipped", at=OPENING + 8 * DAY)
    open_ = shop.order({product: (2, "200.00")}, OPENING + 9 * DAY, customer=amina)
    shop.move(other, "sale", -1, OPENING + 9 * DAY)
    shop.move(other, "correction", 2, OPENING + 9 * DAY)
    work.commit()
    dbt(*EVERYTHING, "--exclude-resource-type", "test")

    # Row of the product, by cost: 100 x3, 120 x10, back from refused 100 120 120, back from returned 120, smashed 120.
    # What left: delivered 100 100, refused 100 120 120, returned 120, smashed 120, lost 120, travelling 120.
    headphone, bag = rows(work, "profit_by_product")
    assert (headphone.delivered_count, headphone.refused_count) == (2, 2)
    assert (headphone.units_sold, headphone.units_returned, headphone.units_lost) == (3, 1, 1)
    assert (headphone.sales_dzd, headphone.refunds_dzd) == (Decimal(610), Decimal(210))
    assert headphone.delivery_charged_dzd == Decimal(900)  # 4/5 of 500, and 500
    assert headphone.cost_dzd == Decimal(200)
    assert headphone.delivery_cost_dzd == Decimal(320 + 700 + 300)
    assert headphone.fees_dzd == Decimal("8.00")
    assert headphone.losses_dzd == Decimal(120)
    assert headphone.profit_dzd == Decimal("-348.00")
    assert headphone.margin == Decimal("-0.2677")
    assert (bag.units_sold, bag.units_without_order, bag.sales_dzd, bag.cost_dzd) == (2, 1, Decimal(100), Decimal(20))
    assert (bag.units_lost, bag.losses_dzd) == (-2, Decimal(-20))
    assert (bag.fees_dzd, bag.profit_dzd) == (Decimal("2.01"), Decimal("117.99"))

    position, bags = rows(work, "stock_position")
    assert (position.on_hand, position.reserved, position.available, position.in_transit) == (9, 2, 7, 1)
    assert (position.value_dzd, position.in_transit_value_dzd) == (Decimal(4 * 120 + 340 + 240), Decimal(120))
    # The refused units came back on the sixth day, and are as old as the goods they were.
    assert position.oldest_lot_received_at == OPENING + 2 * DAY
    assert position.oldest_lot_age_days == 7
    assert position.last_sale_at == OPENING + 8 * DAY
    assert (bags.on_hand, bags.value_dzd, bags.units_without_cost) == (4, Decimal(40), 0)
    assert float(position.days_of_cover) == pytest.approx(float(position.available / position.demand_per_day), rel=0.02)

    days = {(row.product_id, row.day): row for row in rows(work, "sales_daily")}
    first = OPENING.date()
    assert set(days) == {
        (product, first + DAY),
        (product, first + 4 * DAY),
        (product, first + 6 * DAY),
        (other, first + DAY),
        (other, first + 9 * DAY),
    }
    back = days[product, first + 6 * DAY]
    assert (back.units_sold, back.units_returned, back.order_count) == (0, 1, 0)
    assert (back.refunds_dzd, back.cost_dzd, back.gross_profit_dzd) == (Decimal(210), Decimal(-120), Decimal(-90))

    orders = {row.order_id: row for row in rows(work, "customer_orders")}
    assert {orders[order.id].profit_dzd for order in (cancelled, travelling, open_, smashed)} == {Decimal(0)}
    assert orders[refused.id].profit_dzd == Decimal(-700)
    assert orders[delivered.id].total_dzd == orders[delivered.id].revenue_dzd == Decimal(1000)
    assert (orders[returned.id].revenue_dzd, orders[returned.id].profit_dzd) == (Decimal(500), Decimal(200))
    assert {orders[order.id].customer_key for order in (delivered, returned, open_)} == {amina.key}
    assert [orders[order.id].order_of_customer for order in (delivered, cancelled, returned, open_)] == [1, 2, 3, 5]
    assert [orders[order.id].state for order in (refused, travelling, open_)] == ["refused", "shipped", "placed"]

    said = str([rows(work, name) for name in NAMES])
    file = (tmp_path / dbt_plugin.FILE).read_bytes()
    for secret in ("Amina", "Hydra", "Secr", "550000001"):
        assert secret not in said
        assert secret.encode() not in file
    with duckdb.connect(str(tmp_path / dbt_plugin.FILE), read_only=True) as kept:
        columns = kept.sql("select column_name from information_schema.columns").fetchall()
    assert not {"phone", "name", "commune", "address"} & {name for (name,) in columns}


def test_the_marts_equal_a_plain_fifo_over_shops_in_which_things_happen_at_random(work: Session, dbt: Dbt) -> None:
    shop = Shop(work)
    for seed in range(5):
        RandomShop(shop, seed).live(250)
    work.commit()
    dbt(*EVERYTHING)

    movements = list(work.scalars(sa.select(StockMovement)))
    assert {movement.kind for movement in movements} == {"receipt", "sale", "return", "correction", "loss"}
    plain = Books(movements)
    expected = profit_by_product(work, plain, movements)
    live = lots.of_products(work)
    for row in rows(work, "stock_position"):
        units = plain.stock[row.product_id]
        assert (row.on_hand, row.value_dzd) == (len(units), sum(units, Decimal(0)))
        in_stock = live[row.product_id].stock
        assert row.value_dzd == sum((lot.value for lot in in_stock), Decimal(0))
        assert row.oldest_lot_received_at == min((lot.received_at for lot in in_stock), default=None)
    found = {row.product_id: row.profit_dzd for row in rows(work, "profit_by_product")}
    assert found == {product: profit for product, profit in expected.items() if product in found}
    earned = books.profit_by_product(work)
    assert {product: earned.get(product, Decimal(0)) for product in found} == found
    assert {product for product, profit in earned.items() if profit} <= set(found)
    held, away = books.by_product(work, "stock"), books.by_product(work, "goods_out")
    for row in rows(work, "stock_position"):
        value = (held.get(row.product_id, Decimal(0)), away.get(row.product_id, Decimal(0)))
        assert value == (row.value_dzd, row.in_transit_value_dzd)
    assert [product for product, profit in expected.items() if profit and product not in found] == []
    assert len(found) == 20
