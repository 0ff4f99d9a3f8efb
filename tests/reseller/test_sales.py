from __future__ import annotations

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.channels import ChannelListing
from database.orders import Customer, Order, OrderContact, OrderCost, OrderEvent
from database.shop import Listing
from reseller import books, inventory, publishing, sales
from reseller.refusals import Refused
from reseller.sales import Contact
from tests.analytics_sql.shop_orders import Shop
from tests.factories import NOON

AMINA = Contact(name="Amina B.", phone="0550 12 34 56", commune="Hydra", address="12 rue Didouche")
BY: dict[str, Any] = {"who": "staff", "why": "test", "now": NOON}


def offered(work: Session, units: int = 3, price: str = "2000.00", title: str = "Casque") -> int:
    """A product of ours with units that cost 1,000 DA each."""
    shop = Shop(work)
    product = shop.product(title)
    shop.move(product, "receipt", units, cost="1000.00")
    publishing.publish(
        work, product, title=title, price=Decimal(price), unit_cost=Decimal(1000), margin_floor=Decimal(0),
        who="agent", reason="first", now=NOON,
    )  # fmt: skip
    work.commit()
    return product


def place(work: Session, basket: dict[int, int], key: str | None = None, **values: Any) -> Order:
    given: dict[str, Any] = {"wilaya": 16, "now": NOON} | values
    contact = given.pop("contact", AMINA)
    return sales.place(work, basket, contact, key=key or str(uuid.uuid4()), **given)


def test_an_order_promises_units_at_the_price_of_the_listing_and_says_who_gets_them(work: Session) -> None:
    product = offered(work)
    order = place(work, {product: 2}, wilaya=31)
    assert (order.state, sales.total(work, order)) == ("placed", Decimal(2 * 2000 + 650))
    assert (sales.available(work, product), inventory.on_hand(work, product)) == (1, 3)
    contact = work.get_one(OrderContact, order.id)
    assert (contact.name, contact.commune) == ("Amina B.", "Hydra")
    assert work.scalars(sa.select(Customer.phone)).one() == "+213550123456"
    assert sales.by_reference(work, f" {order.reference.lower()} ").id == order.id


def test_the_same_key_again_is_the_same_order(work: Session) -> None:
    product, key = offered(work), str(uuid.uuid4())
    first = place(work, {product: 1}, key)
    assert place(work, {product: 2}, key).id == first.id
    assert sales.available(work, product) == 2


def test_the_last_unit_promised_withdraws_the_listing_and_a_cancellation_offers_it_again(work: Session) -> None:
    product = offered(work, units=1)
    order = place(work, {product: 1})
    assert work.scalars(sa.select(Listing.state)).one() == "withdrawn"
    sales.cancel(work, order.id, **BY)
    assert work.scalars(sa.select(Listing.state)).one() == "published"
    assert sales.available(work, product) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"basket": {}}, "quantity"),
        ({"units": 0}, "quantity"),
        ({"units": -1}, "quantity"),
        ({"units": 10**9}, "quantity"),
        ({"wilaya": 70}, "wilaya"),
        ({"wilaya": 0}, "wilaya"),
        ({"key": "again"}, "key"),
        ({"delivery_fee": Decimal(-1)}, "delivery_fee"),
        ({"delivery_fee": Decimal("NaN")}, "delivery_fee"),
        ({"contact": Contact("Amina", "021 55 55 55", "Hydra", "12 rue")}, "phone"),
        ({"contact": Contact(" ", "0550123456", "Hydra", "12 rue")}, "name"),
        ({"contact": Contact("Amina", "0550123456", "Hydra", "x" * 201)}, "address"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_leaves_nothing(
    work: Session, values: dict[str, Any], field: str
) -> None:
    product = offered(work)
    basket = values.pop("basket", {product: values.pop("units", 1)})
    with pytest.raises(Refused) as refused:
        place(work, basket, **values)
    assert (refused.value.code, refused.value.details["field"]) == ("bad_value", field)
    assert work.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_a_total_that_is_no_longer_what_was_shown_is_refused(work: Session) -> None:
    product = offered(work)
    with pytest.raises(Refused, match=r"now 2,400\.00 DA") as refused:
        place(work, {product: 1}, agreed=Decimal(2399))
    assert refused.value.code == "price_changed"
    assert place(work, {product: 1}, agreed=Decimal(2400)).state == "placed"


def test_what_is_not_offered_or_not_there_is_sold_out(work: Session) -> None:
    product = offered(work, units=2)
    for basket in ({product: 3}, {product: 1, 999: 1}):
        with pytest.raises(Refused) as refused:
            place(work, basket)
        assert refused.value.code == "sold_out"
    assert sales.available(work, product) == 2


def test_of_fifty_shoppers_of_the_last_unit_one_gets_it_and_the_others_hear_why(work: Session) -> None:
    product = offered(work, units=1)
    assert at_once(50, lambda number: {product: 1}) == Counter(placed=1, sold_out=49)
    assert (sales.available(work, product), inventory.on_hand(work, product)) == (0, 1)


def test_baskets_of_the_same_products_in_any_order_never_promise_more_than_there_is(work: Session) -> None:
    one, other = offered(work, units=9), offered(work, units=7, title="Sac")
    baskets = ({one: 1, other: 1}, {other: 1, one: 1})
    assert at_once(40, lambda number: baskets[number % 2]) == Counter(placed=7, sold_out=33)
    assert (sales.available(work, one), sales.available(work, other)) == (2, 0)


def test_a_form_sent_fifty_times_at_once_orders_once(work: Session) -> None:
    product, key = offered(work, units=50), str(uuid.uuid4())
    assert at_once(50, lambda number: {product: 1}, key) == Counter(placed=50)
    assert sales.available(work, product) == 49
    assert work.scalar(sa.select(sa.func.count()).select_from(Order)) == 1


def at_once(shoppers: int, basket: Any, key: str | None = None) -> Counter[str]:
    gate = threading.Barrier(shoppers)

    def order(number: int) -> str:
        with database.session() as mine:
            contact = Contact("Amina", f"05501234{number:02}", "Hydra", "12 rue Didouche")
            gate.wait(60)
            try:
                made = place(mine, basket(number), key, contact=contact)
                mine.commit()
            except Refused as refused:
                return refused.code
            return made.state

    with ThreadPoolExecutor(shoppers) as pool:
        return Counter(pool.map(order, range(shoppers)))


def test_a_delivered_order_earns_its_price_and_its_costs_are_estimated_by_wilaya(work: Session) -> None:
    product = offered(work)
    order = place(work, {product: 2}, wilaya=11)
    sales.confirm(work, order.id, **BY)
    sales.ship(work, order.id, **BY)
    assert (sales.available(work, product), inventory.on_hand(work, product)) == (1, 1)
    assert books.balance(work, "goods_out", product) == Decimal(2000)
    sales.deliver(work, order.id, **BY)
    costs = dict(work.execute(sa.select(OrderCost.kind, OrderCost.amount)).tuples().all())
    assert costs == {"delivery_out": Decimal(1600), "payment_fee": Decimal(54)}
    assert books.balance(work, "carrier") == Decimal(4000 + 1400 - 1600 - 54)
    assert books.profit_by_product(work) == {product: Decimal(4000 + 1400 - 2000 - 1600 - 54)}


def test_a_refused_order_costs_both_ways_and_its_units_come_back_at_their_cost(work: Session) -> None:
    product = offered(work)
    order = place(work, {product: 2})
    for step in (sales.confirm, sales.ship, sales.refuse, sales.take_back):
        step(work, order.id, **BY)
    assert (order.state, sales.available(work, product)) == ("refused", 3)
    assert (books.balance(work, "stock"), books.balance(work, "goods_out")) == (Decimal(3000), Decimal(0))
    assert books.profit_by_product(work) == {product: Decimal(-600)}
    with pytest.raises(Refused, match="back already"):
        sales.take_back(work, order.id, **BY)


def test_a_delivered_order_may_come_back_in_parts_and_broken_ones_are_lost(work: Session) -> None:
    product = offered(work)
    order = place(work, {product: 3})
    for step in (sales.confirm, sales.ship, sales.deliver):
        step(work, order.id, **BY)
    sales.take_back(work, order.id, units={product: 1}, **BY)
    assert (order.state, sales.available(work, product)) == ("returned", 1)
    with pytest.raises(Refused, match="2} units are away"):
        sales.take_back(work, order.id, units={product: 3}, **BY)
    sales.take_back(work, order.id, units={product: 2}, lost={product: 1}, **BY)
    assert sales.available(work, product) == 2
    assert (books.balance(work, "refunds"), books.balance(work, "stock_losses")) == (Decimal(6000), Decimal(1000))
    assert books.balance(work, "cost_of_goods") == 0


def test_each_step_is_a_row_of_the_history_and_what_is_not_allowed_is_refused(work: Session) -> None:
    order = place(work, {offered(work): 1})
    for step in (sales.ship, sales.deliver, sales.refuse, sales.take_back):
        with pytest.raises(Refused) as refused:
            step(work, order.id, **BY)
        assert refused.value.code == "wrong_state"
    for step in (sales.confirm, sales.ship, sales.deliver):
        step(work, order.id, **BY | {"now": NOON + timedelta(hours=1)})
        with pytest.raises(Refused):
            step(work, order.id, **BY)
    with pytest.raises(Refused, match="cannot become cancelled"):
        sales.cancel(work, order.id, **BY)
    history = work.execute(sa.select(OrderEvent.to_state, OrderEvent.who).order_by(OrderEvent.id)).tuples().all()
    assert history == [("placed", "shopper"), ("confirmed", "staff"), ("shipped", "staff"), ("delivered", "staff")]
    with pytest.raises(Refused) as refused:
        sales.confirm(work, 999, **BY)
    assert refused.value.code == "not_found"


def test_units_that_are_missing_on_the_shelf_cannot_be_shipped_and_nothing_is_posted(work: Session) -> None:
    other, product = offered(work, units=1, title="Sac"), offered(work, units=2)
    order = place(work, {product: 2, other: 1})
    sales.confirm(work, order.id, **BY)
    inventory.move(work, product, "loss", -1, key="broken", who="staff", reason="broken", now=NOON)
    work.commit()
    with pytest.raises(Refused) as refused:
        sales.ship(work, order.id, **BY)
    assert refused.value.code == "stock_negative"
    work.commit()
    assert inventory.on_hand(work, other) == 1
    assert (books.balance(work, "goods_out"), books.balance(work, "stock")) == (Decimal(0), Decimal(2000))


def test_a_cost_is_booked_once_and_corrected_by_its_opposite(work: Session) -> None:
    order = place(work, {offered(work): 1})
    for key, amount in (("bill:7", "480.00"), ("bill:7", "480.00"), ("bill:7:corrected", "-30.00")):
        sales.charge(work, order.id, "delivery_out", Decimal(amount), key=key, who="staff", reason="bill 7", now=NOON)
    assert books.balance(work, "delivery_costs") == Decimal(450)
    for kind, amount in (("gift", "1"), ("delivery_out", "0"), ("delivery_out", "1e12"), ("delivery_out", "NaN")):
        with pytest.raises(Refused):
            sales.charge(work, order.id, kind, Decimal(amount), key="x", who="staff", reason="x", now=NOON)


def test_what_the_database_refuses_is_a_refusal_like_ours_and_leaves_nothing(
    work: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where our own look at the stock is wrong, its triggers are the ones who say no."""
    product = offered(work, units=2)
    monkeypatch.setattr("reseller.sales.placing._refuse_what_is_gone", lambda *_: None)
    with pytest.raises(Refused, match="has 2 units to sell, not 3") as refused:
        place(work, {product: 3})
    assert refused.value.code == "sold_out"
    work.add(ChannelListing(product_id=product, channel="jumia_vendor", state="live", shown=2, changed_at=NOON))
    work.flush()
    with pytest.raises(Refused, match="2 of them are shown on other channels") as refused:
        place(work, {product: 1})
    assert refused.value.code == "sold_out"
    assert work.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
    monkeypatch.undo()
    with pytest.raises(Refused, match="just been sold out"):
        place(work, {product: 1})
    assert place(work, {product: 1}, channel="jumia_vendor", prices={product: Decimal(1)}).state == "placed"
