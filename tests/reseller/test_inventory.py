from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import shop
from reseller import inventory, publishing
from reseller.refusals import Refused
from tests.factories import NOON


@pytest.fixture
def product(work: Session) -> shop.Product:
    made = shop.Product(sku="HN-000001", title="Casque", created_at=NOON)
    work.add(made)
    work.flush()
    move(work, made.id, "receipt", 10, key="receipt:1", unit_cost=Decimal(5000))
    publishing.publish(
        work,
        made.id,
        title="Casque",
        price=Decimal(7000),
        unit_cost=Decimal(5000),
        margin_floor=Decimal("0.12"),
        who="agent",
        reason="first price",
        now=NOON,
    )
    work.commit()
    return made


def move(work: Session, product_id: int, kind: str, quantity: int, **values: Any) -> shop.StockMovement:
    defaults: dict[str, Any] = {"key": f"{kind}:{quantity}", "who": "staff", "reason": "test", "now": NOON}
    return inventory.move(work, product_id, kind, quantity, **defaults | values)


def state(work: Session) -> str:
    return work.scalars(sa.select(shop.Listing.state)).one()


def test_on_hand_is_the_sum_of_the_movements(work: Session, product: shop.Product) -> None:
    move(work, product.id, "sale", -3)
    move(work, product.id, "return", 1)
    assert inventory.on_hand(work, product.id) == 8


def test_the_same_key_again_moves_nothing(work: Session, product: shop.Product) -> None:
    first = move(work, product.id, "sale", -10, key="sale:1")
    assert move(work, product.id, "sale", -10, key="sale:1").id == first.id
    assert inventory.on_hand(work, product.id) == 0


def test_a_key_belongs_to_one_movement(work: Session, product: shop.Product) -> None:
    move(work, product.id, "sale", -1, key="sale:1")
    with pytest.raises(Refused, match="another movement"):
        move(work, product.id, "sale", -2, key="sale:1")


def test_stock_never_goes_below_zero_and_the_session_goes_on(work: Session, product: shop.Product) -> None:
    with pytest.raises(Refused, match="10 are on hand") as refused:
        move(work, product.id, "sale", -11)
    assert refused.value.code == "stock_negative"
    move(work, product.id, "sale", -10)
    assert inventory.on_hand(work, product.id) == 0


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [("sale", 1), ("loss", 1), ("receipt", 5), ("correction", 0), ("gift", 1), ("correction", 10**12)],
)
def test_a_movement_that_makes_no_sense_is_refused(
    work: Session, product: shop.Product, kind: str, quantity: int
) -> None:
    with pytest.raises(Refused) as refused:
        move(work, product.id, kind, quantity)
    assert refused.value.code == "bad_value"
    assert inventory.on_hand(work, product.id) == 10


def test_a_movement_of_no_product_is_refused(work: Session) -> None:
    with pytest.raises(Refused) as refused:
        move(work, 999, "sale", -1)
    assert refused.value.code == "not_found"


def test_a_correction_to_zero_withdraws_the_listing_and_one_up_offers_it_again(
    work: Session, product: shop.Product
) -> None:
    inventory.correct(work, product.id, -10, who="staff", reason="stolen", now=NOON)
    assert state(work) == "withdrawn"
    inventory.correct(work, product.id, 2, who="staff", reason="found two", now=NOON)
    assert (state(work), inventory.on_hand(work, product.id)) == ("published", 2)


def test_a_correction_needs_a_reason(work: Session, product: shop.Product) -> None:
    with pytest.raises(Refused, match="Say why"):
        inventory.correct(work, product.id, -1, who="staff", reason=" ", now=NOON)


def test_a_form_sent_twice_corrects_once(work: Session, product: shop.Product) -> None:
    for _ in range(2):
        inventory.correct(work, product.id, -1, who="staff", reason="broken", now=NOON, key="form-1")
    assert inventory.on_hand(work, product.id) == 9


def test_fifty_at_once_buy_the_last_ten(work: Session, product: shop.Product) -> None:
    gate = threading.Barrier(50)

    def buy(number: int) -> str:
        with database.session() as mine:
            gate.wait(60)
            try:
                move(mine, product.id, "sale", -1, key=f"sale:{number}")
                publishing.follow_stock(mine, product.id, now=NOON)
                mine.commit()
            except Refused as refused:
                return refused.code
            return "sold"

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(buy, range(50))) == Counter(sold=10, stock_negative=40)
    assert (inventory.on_hand(work, product.id), state(work)) == (0, "withdrawn")
