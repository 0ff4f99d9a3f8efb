"""What the database itself keeps of orders, whoever writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import create_engine
from database.orders import ORDER_STATES, ORDER_STEPS, OrderEvent
from reseller.refusals import Refused
from tests.analytics_sql.shop_orders import Shop


def refused(work: Session, why: str, statement: str, **values: object) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=why), work.begin_nested():
        work.execute(sa.text(statement), values)


@pytest.fixture
def shop(work: Session) -> Shop:
    return Shop(work)


@pytest.fixture
def product(shop: Shop) -> int:
    made = shop.product()
    shop.move(made, "receipt", 5, cost="100.00")
    return made


def test_units_are_promised_once(work: Session, shop: Shop, product: int) -> None:
    shop.order({product: (3, "200.00")})
    with pytest.raises(sa.exc.IntegrityError, match="has 2 units to sell, not 3"), work.begin_nested():
        shop.order({product: (3, "200.00")})
    kept = work.execute(sa.text("select on_hand, reserved, available from shop.stock_available")).one()
    assert tuple(kept) == (5, 3, 2)


def test_a_cancelled_order_gives_its_units_back_and_a_shipped_one_takes_them(
    work: Session, shop: Shop, product: int
) -> None:
    shop.go(shop.order({product: (4, "200.00")}), "cancelled")
    shop.go(shop.order({product: (4, "200.00")}), "confirmed", "shipped")
    kept = work.execute(sa.text("select on_hand, reserved, available from shop.stock_available")).one()
    assert tuple(kept) == (1, 0, 1)


def test_however_many_order_at_once_no_unit_is_promised_twice(
    work: Session, shop: Shop, product: int, database_url: str
) -> None:
    customer = shop.customer().id
    work.commit()
    engine = create_engine(database_url, pool_size=12)

    def order(_: int) -> bool:
        insert = (
            "insert into shop.customer_order"
            " (reference, idempotency_key, customer_id, wilaya, delivery_fee, placed_at, changed_at)"
            " values (gen_random_uuid(), gen_random_uuid(), :customer, 16, 0, now(), now()) returning id"
        )
        try:
            with engine.begin() as connection:
                made = connection.scalar(sa.text(insert), {"customer": customer})
                line = "insert into shop.order_line (order_id, product_id, quantity, unit_price) values (:o, :p, 2, 9)"
                connection.execute(sa.text(line), {"o": made, "p": product})
        except sa.exc.IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(order, range(12))) == 2
    engine.dispose()


@pytest.mark.parametrize("before", ORDER_STATES)
def test_an_order_takes_the_steps_that_are_known_and_no_other(
    work: Session, shop: Shop, product: int, before: str
) -> None:
    ways = {"placed": (), "confirmed": ("confirmed",), "cancelled": ("cancelled",), "shipped": ("confirmed", "shipped")}
    way = ways.get(before, ("confirmed", "shipped", before))
    order = shop.go(shop.order({product: (1, "200.00")}), *way)
    for after in ORDER_STATES:
        possible = (before, after) in ORDER_STEPS and after != "shipped"
        step = OrderEvent(order_id=order.id, from_state=before, to_state=after, at=order.placed_at, who="t", why="t")
        nested = work.begin_nested()
        work.add(step)
        if possible:
            work.flush()
        else:
            with pytest.raises(sa.exc.IntegrityError):
                work.flush()
        nested.rollback()


def test_a_step_from_where_the_order_no_longer_is_is_refused(work: Session, shop: Shop, product: int) -> None:
    order = shop.go(shop.order({product: (1, "200.00")}), "cancelled")
    event = (
        "insert into shop.order_event (order_id, from_state, to_state, at, who, why)"
        " values (:order, 'placed', 'confirmed', now(), 't', 't')"
    )
    refused(work, "is cancelled, not placed", event, order=order.id)


def test_an_order_is_shipped_when_its_units_have_left_and_then_no_longer_cancelled(
    work: Session, shop: Shop, product: int
) -> None:
    order = shop.go(shop.order({product: (2, "200.00")}), "confirmed")
    event = (
        "insert into shop.order_event (order_id, from_state, to_state, at, who, why)"
        " values (:order, 'confirmed', :to, now(), 't', 't')"
    )
    refused(work, "what has left does not fit", event, order=order.id, to="shipped")
    (line,) = shop.lines(order)
    shop.move(product, "sale", -1, line=line)
    for to in ("shipped", "cancelled"):
        refused(work, "what has left does not fit", event, order=order.id, to=to)


def test_no_more_leaves_than_was_ordered_and_no_more_comes_back_than_left(
    work: Session, shop: Shop, product: int
) -> None:
    (line,) = shop.lines(shop.order({product: (2, "200.00")}))
    with pytest.raises(Refused, match="refused"):
        shop.move(product, "sale", -3, line=line)
    shop.move(product, "sale", -2, line=line)
    with pytest.raises(Refused, match="refused"):
        shop.move(product, "return", 3, line=line)
    other = shop.product()
    with pytest.raises(sa.exc.IntegrityError, match="fk_stock_movement_order_line_id_order_line"), work.begin_nested():
        shop.move(other, "return", 1, line=line)
    with pytest.raises(Refused, match="refused"):
        shop.move(product, "receipt", 1, cost="1.00", line=line)


def test_an_order_stays_as_it_was_placed(work: Session, shop: Shop, product: int) -> None:
    order = shop.order({product: (2, "200.00")}, fee="400.00")
    shop.pay(order, "delivery_out", "400.00")
    refused(work, "stays as placed", "update shop.customer_order set state = 'delivered'")
    refused(work, "stays as placed", "update shop.customer_order set delivery_fee = 0")
    refused(work, "stays as placed", "delete from shop.customer_order")
    for table in ("order_line", "order_event", "order_cost"):
        refused(work, "append only", f"delete from shop.{table}")
    refused(work, "append only", "update shop.order_line set unit_price = 1")
    shop.go(order, "confirmed")
    other = shop.product()
    shop.move(other, "receipt", 5, cost="1.00")
    line = "insert into shop.order_line (order_id, product_id, quantity, unit_price) values (:order, :product, 1, 1)"
    refused(work, "its lines stay as they are", line, order=order.id, product=other)


def test_a_shopper_is_forgotten_and_the_books_stay(work: Session, shop: Shop, product: int) -> None:
    customer = shop.customer("+213550000001")
    shop.order({product: (2, "200.00")}, customer=customer)
    refused(work, "forgotten_has_no_phone", "update shop.customer set phone = null")
    work.execute(sa.text("delete from shop.order_contact"))
    work.execute(sa.text("update shop.customer set phone = null, forgotten_at = now()"))
    assert work.scalar(sa.text("select sum(quantity * unit_price) from shop.order_line")) == 400
