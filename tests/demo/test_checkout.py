"""The shop can be bought on: sign in, cart, address, cash on delivery, order number, history."""

import re
from pathlib import Path

import pytest

from demo import delivery
from demo.customers import ACCOUNTS
from demo.orders import OrderBook
from tests.demo.test_supplier import in_stock, order

[(EMAIL, PASSWORD)] = ACCOUNTS.items()
TO = {"name": "Hanout", "phone": "0550123456", "wilaya": "16", "commune": "Alger Centre", "street": "1, rue X"}


def csrf(page):
    return re.search(r'name="csrfToken" value="(\w+)"', page).group(1)


@pytest.fixture
def customer(shop):
    """`customer("/path", **form)`: posts with the visit's token; signed in."""
    token = csrf(shop.get("/customer/account/login/").text)

    def post(path, **form):
        return shop.post(path, data={"csrfToken": token, **form})

    assert post("/customer/account/login/", email=EMAIL, password=PASSWORD).status_code == 303
    return post


def put(customer, display, action="in", **form):
    simple = f"{display.product.sku}-{display.product.number}"
    return customer(f"/cart/products/{simple}/quantity/", action=action, **form)


def place(customer):
    customer("/checkout/address/", **TO)
    return customer("/checkout/place-order/", payment="cash_on_delivery")


def sums(page):
    return [int(text.replace(",", "")) for text in re.findall(r'<dd id="\w+">([\d,]+) DA</dd>', page)]


def test_a_cart_is_filled_changed_and_emptied(shop, market, customer):
    one, other = market.ranking(market.moment())[:2]
    put(customer, one)
    put(customer, one)
    put(customer, other)
    page = shop.get("/cart/").text
    assert re.findall(r'name="quantity"[^>]*value="(\d+)"', page) == ["2", "1"]
    assert sums(page) == [2 * one.shelf.price + other.shelf.price]
    put(customer, one, "set", quantity=3)
    put(customer, other, "out")
    assert sums(shop.get("/cart/").text) == [3 * one.shelf.price]
    put(customer, one, "set", quantity=0)
    assert "Votre panier est vide" in shop.get("/cart/").text


def test_an_order_shows_its_sum_its_number_and_stands_in_the_history(shop, market, customer):
    display = in_stock(market)
    put(customer, display, "set", quantity=2)
    customer("/checkout/address/", **TO)
    price = display.shelf.price
    assert sums(shop.get("/checkout/summary/").text) == [2 * price, 200, 2 * price + 200]
    answer = customer("/checkout/place-order/", payment="cash_on_delivery")
    assert answer.status_code == 303
    number = re.search(r'id="order-number">(\d{9})<', shop.get(answer.location).text).group(1)
    history = shop.get("/customer/order/index/").text
    assert f'data-number="{number}"' in history
    assert f'data-sku="{display.product.sku}" data-quantity="2"' in history
    assert "Votre panier est vide" in shop.get("/cart/").text
    shop.put("/_market/clock", json={"now": "2026-05-12T12:00:00Z"})
    assert 'data-state="delivered"' in shop.get(f"/customer/order/{number}/").text


def test_web_and_supplier_sell_from_one_stock(shop, market, customer):
    display = in_stock(market, 5, 12)
    put(customer, display, "set", quantity=display.stock - 1)
    assert place(customer).status_code == 303
    assert "1 article restant" in shop.get(display.product.url).text
    assert order(shop, "k", display.product.sku, quantity=1).status_code == 201
    assert "Actuellement indisponible" in shop.get(display.product.url).text


def test_what_sold_out_meanwhile_is_not_ordered(shop, market, customer):
    display = in_stock(market, 5, 12)
    put(customer, display, "set", quantity=2)
    assert order(shop, "k", display.product.sku, quantity=display.stock).status_code == 201
    answer = place(customer)
    assert (answer.status_code, "plus disponible" in answer.text) == (409, True)
    assert "rien commandé" in shop.get("/customer/order/index/").text


def test_more_than_there_is_does_not_go_into_the_cart(market, customer):
    display = in_stock(market, 5, 10)
    answer = put(customer, display, "set", quantity=15)
    assert (answer.status_code, f"reste que {display.stock}" in answer.text) == (409, True)


def test_a_stranger_neither_signs_in_nor_orders_nor_sees_orders(shop, market):
    token = csrf(shop.get("/customer/account/login/").text)
    wrong = {"csrfToken": token, "email": EMAIL, "password": "guess"}
    assert shop.post("/customer/account/login/", data=wrong).status_code == 401
    for path in ("/checkout/summary/", "/customer/order/index/", "/customer/order/310000037/"):
        assert "/customer/account/login/" in shop.get(path).location
    form = {"csrfToken": token, "payment": "cash_on_delivery"}
    assert "login" in shop.post("/checkout/place-order/", data=form).location


def test_a_form_of_another_site_changes_nothing(shop, market, customer):
    put(customer, in_stock(market))
    customer("/checkout/address/", **TO)
    forged = {"csrfToken": "0" * 32, "payment": "cash_on_delivery"}
    assert shop.post("/checkout/place-order/", data=forged).status_code == 400
    assert "rien commandé" in shop.get("/customer/order/index/").text


@pytest.mark.parametrize("wrong", [{"phone": "12"}, {"wilaya": "59"}, {"wilaya": "x"}, {"street": " "}, {"name": ""}])
def test_an_address_that_no_carrier_finds_is_refused(customer, wrong):
    assert customer("/checkout/address/", **{**TO, **wrong}).status_code == 422


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(shop, elsewhere):
    form = {"csrfToken": csrf(shop.get("/customer/account/login/").text), "email": EMAIL, "password": PASSWORD}
    assert shop.post("/customer/account/login/", data={**form, "return": elsewhere}).location == "/cart/"


def test_a_cart_is_kept_when_its_visitor_signs_in(shop, market):
    display = in_stock(market)
    shop.get("/cart/")
    simple = f"{display.product.sku}-{display.product.number}"
    shop.post(f"/cart/products/{simple}/quantity/", data={"action": "in"})
    form = {"csrfToken": csrf(shop.get("/customer/account/login/").text), "email": EMAIL, "password": PASSWORD}
    shop.post("/customer/account/login/", data=form)
    assert f'data-sku="{display.product.sku}"' in shop.get("/cart/").text


def test_delivery_costs_more_the_farther_it_goes():
    assert len(delivery.WILAYAS) == 58
    assert delivery.WILAYAS[16] == "Alger"
    assert delivery.fee(16) < delivery.fee(9) < delivery.fee(31) < delivery.fee(11)


def cancel(customer, number):
    return customer(f"/customer/order/{number}/cancel/")


def test_a_cancelled_order_frees_its_units_and_was_never_sold(shop, market, customer):
    """The day after is the one of a market in which nobody ordered: sellers, rankings and all."""
    display = in_stock(market, 5, 12)
    day = market.moment().day
    untouched = market.world.day(day + 1)
    put(customer, display, "set", quantity=display.stock)
    number = re.search(r"/(\d{9})/", place(customer).location).group(1)
    assert market.by_sku(market.moment(), display.product.sku).stock == 0
    assert market.world.day(day + 1) != untouched
    assert 'id="cancel-order"' in shop.get(f"/customer/order/{number}/").text
    assert cancel(customer, number).status_code == 303
    page = shop.get(f"/customer/order/{number}/").text
    assert 'data-state="cancelled"' in page
    assert "cancel-order" not in page
    assert 'data-state="cancelled"' in shop.get("/customer/order/index/").text
    assert market.by_sku(market.moment(), display.product.sku).stock == display.stock
    assert market.orders.purchases() == []
    assert market.world.day(day + 1) == untouched


def test_a_cancelled_order_stays_so_after_a_restart_and_a_second_click(market, customer):
    put(customer, in_stock(market))
    number = re.search(r"/(\d{9})/", place(customer).location).group(1)
    assert [cancel(customer, number).status_code for _ in range(2)] == [303, 303]
    again = OrderBook(Path(market.orders.connection.execute("pragma database_list").fetchone()[2]))
    assert again.purchases() == []
    again.close()


def test_what_has_arrived_is_not_cancelled_nor_is_the_order_of_somebody_else(shop, market, customer):
    put(customer, in_stock(market))
    number = re.search(r"/(\d{9})/", place(customer).location).group(1)
    assert customer("/customer/order/310000999/cancel/").status_code == 404
    assert shop.post(f"/customer/order/{number}/cancel/").status_code == 400
    shop.put("/_market/clock", json={"now": "2026-05-12T12:00:00Z"})
    answer = cancel(customer, number)
    assert (answer.status_code, 'data-state="delivered"' in answer.text) == (409, True)
    assert len(market.orders.purchases()) == 1
