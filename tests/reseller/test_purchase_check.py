"""The rules that stand between a decision and an order, and what the shop's pages say."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reseller import purchase_check
from reseller.suppliers import Offer, Request, SupplierNeedsPerson, SupplierRefused
from reseller.suppliers import jumia_reading as reading
from reseller.suppliers.jumia_reading import PageChanged, PastOrder
from tests.factories import NOON


def request(**values: Any) -> Request:
    wanted: dict[str, Any] = {"key": "k", "sku": "A", "quantity": 2, "max_unit_price": Decimal(5000), "asked_at": NOON}
    return Request(**wanted | values)


def past(number: str = "1", **values: Any) -> PastOrder:
    known: dict[str, Any] = {
        "ordered_at": NOON,
        "state": "ordered",
        "total": Decimal(10_200),
        "delivery_fee": Decimal(200),
        "lines": (("A", 2, Decimal(5000)),),
    }
    return PastOrder(number=number, **known | values)


@pytest.mark.parametrize(
    ("agreed", "offered", "another"),
    [
        ("Samsung A07 4-64 Noir", "Samsung A07 4-64 Noir", False),
        ("Samsung A07 4-64 Noir", "SAMSUNG A07 4-64 noir - 2 ans", True),
        ("Casque Bluetooth Oraimo", "Casque Bluetooth ORAIMO noir", False),
        ("Casque Bluetooth Oraimo", "Coque de protection", True),
        ("iPhone 12 128Go", "iPhone 12 64Go", True),
        ("Théière inox", "Theiere inox", False),
        ("Théière inox", None, False),
        ("", "Théière", False),
    ],
)
def test_a_product_is_known_by_its_figures_and_its_words(agreed: str, offered: str | None, another: bool) -> None:
    assert purchase_check.is_another(agreed, offered) == another


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        (None, "gone"),
        (Offer(sku="A", unit_price=Decimal(5000), available=1), "out_of_stock"),
        (Offer(sku="A", unit_price=Decimal(5000), available=0), "out_of_stock"),
        (Offer(sku="A", unit_price=Decimal(5001)), "price_changed"),
        (Offer(sku="A", unit_price=Decimal(0)), "price_changed"),
        (Offer(sku="A", unit_price=Decimal("999.99")), "price_changed"),
        (Offer(sku="A", unit_price=Decimal(5000) * 10**6), "price_changed"),
    ],
)
def test_only_what_was_decided_on_may_be_ordered(offer: Offer | None, code: str) -> None:
    with pytest.raises(SupplierRefused) as refused:
        purchase_check.refuse_unless_as_agreed(offer, request())
    assert refused.value.code == code


def test_the_offer_that_was_decided_on_may_be_ordered_and_so_may_a_cheaper_one() -> None:
    for price in (1000, 4500, 5000):
        purchase_check.refuse_unless_as_agreed(Offer(sku="A", unit_price=Decimal(price), available=2), request())


def test_another_product_under_the_same_number_is_a_person_s_task() -> None:
    for offer in (Offer(sku="B", unit_price=Decimal(5000)), Offer(sku="A", unit_price=Decimal(5000), title="Coque")):
        with pytest.raises(SupplierNeedsPerson, match="another product"):
            purchase_check.refuse_unless_as_agreed(offer, request(title="Casque Oraimo"))


@pytest.mark.parametrize(
    "other",
    [
        {"lines": (("B", 2, Decimal(5000)),)},
        {"lines": (("A", 1, Decimal(5000)),)},
        {"lines": (("A", 2, Decimal(5000)), ("B", 1, Decimal(1)))},
        {"ordered_at": NOON - timedelta(minutes=11)},
        {"ordered_at": NOON + timedelta(minutes=121)},
        {"state": "cancelled"},
    ],
    ids=str,
)
def test_only_an_order_of_this_product_quantity_and_time_is_ours(other: dict[str, Any]) -> None:
    assert reading.the_order_of(request(), [past(**other)]) is None
    assert reading.the_order_of(request(), [past("2", **other), past("1")]) == past("1")


def test_an_order_that_another_purchase_claims_is_not_ours() -> None:
    assert reading.the_order_of(request(claimed=frozenset({"1"})), [past("1")]) is None


def test_two_orders_that_could_be_ours_or_one_at_another_total_are_a_person_s_task() -> None:
    with pytest.raises(SupplierNeedsPerson, match="1, 2 could"):
        reading.the_order_of(request(), [past("1"), past("2")])
    with pytest.raises(SupplierNeedsPerson, match="10200 DA instead of the 10201 DA"):
        reading.the_order_of(request(agreed_total=Decimal(10_201)), [past()])
    assert reading.the_order_of(request(agreed_total=Decimal("10200.00")), [past()]) == past()


@pytest.mark.parametrize(
    "wrong", [{"total": Decimal(10_201)}, {"lines": ()}, {"state": "perdue"}, {"delivery_fee": Decimal(0)}], ids=str
)
def test_an_order_that_contradicts_itself_is_not_understood(wrong: dict[str, Any]) -> None:
    with pytest.raises(PageChanged):
        past(**wrong).confirmation()


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12,500 DA", 12_500), ("770 DA", 770), ("Total : 1 234 567 DA", 1_234_567), ("5,500.50 Dhs", Decimal("5500.5"))],
)
def test_an_amount_is_read_as_the_shop_writes_it(text: str, amount: int | Decimal) -> None:
    assert reading.dinars(text) == amount


@pytest.mark.parametrize("text", ["", "gratuit", "12 500", "100 DA - 200 DA", "€ 12", "-"])
def test_what_is_no_single_amount_is_no_amount(text: str) -> None:
    with pytest.raises(PageChanged):
        reading.dinars(text)


def product_state(**values: Any) -> dict[str, Any]:
    simple: dict[str, Any] = {"sku": "A-1", "isBuyable": True, "stockInfo": {"text": "3 articles restants"}}
    product = {
        "sku": "A",
        "displayName": "Casque",
        "isBuyable": True,
        "prices": {"rawPrice": "5000.00"},
        "simples": [simple],
    }
    return {"view": "Product", "sku": "A", "products": [product | values]}


def test_a_product_page_is_read_from_what_it_embeds_and_shows() -> None:
    offer = Offer(sku="A", unit_price=Decimal(5000), available=3, title="Casque")
    assert reading.offer(product_state(), "5,000 DA", "Casque") == offer
    mobile = {"view": "Product", "viewData": {k: v for k, v in product_state().items() if k != "view"}}
    assert reading.offer(mobile, "5,000 DA", " Casque ") == offer
    sold_out = reading.offer(product_state(isBuyable=False), "5,000 DA", "Casque")
    assert sold_out is not None
    assert sold_out.available == 0
    assert reading.offer({"view": "Home"}, None, None) is None


@pytest.mark.parametrize(
    ("state", "price", "title"),
    [
        (None, "5,000 DA", "Casque"),
        (product_state(), "5,001 DA", "Casque"),
        (product_state(), None, "Casque"),
        (product_state(), "5,000 DA", "Coque"),
        (product_state(prices={"rawPrice": "soon"}), "5,000 DA", "Casque"),
        (product_state(prices={"rawPrice": "NaN"}), "5,000 DA", "Casque"),
        (product_state(simples=[]), "5,000 DA", "Casque"),
        (product_state(sku="B"), "5,000 DA", "Casque"),
    ],
    ids=repr,
)
def test_a_product_page_that_contradicts_itself_is_not_believed(state: Any, price: str | None, title: str) -> None:
    with pytest.raises(PageChanged):
        reading.offer(state, price, title)


def test_a_challenge_is_known_by_status_or_title() -> None:
    assert reading.is_challenge(403, "x")
    assert reading.is_challenge(200, "Just a moment...")
    assert not reading.is_challenge(401, "Connexion | Jumia")
