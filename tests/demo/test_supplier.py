import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest

from demo.market import Market

BEARER = {"Authorization": "Bearer demo"}


def in_stock(market, least=5, most=10_000):
    """A product with that many units on the market's day."""
    return next(one for one in market.ranking(market.moment()) if least <= one.stock <= most)


def order(site, key, sku, quantity=2, most="999999.00", headers=BEARER):
    return site.post(
        "/supplier/v1/orders",
        json={"sku": sku, "quantity": quantity, "max_unit_price": most},
        headers={**headers, **({"Idempotency-Key": key} if key else {})},
    )


def test_an_order_is_confirmed_at_the_shop_s_price(shop, market):
    display = in_stock(market)
    answer = order(shop, "k1", display.product.sku)
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["unit_price"] == f"{display.shelf.price}.00"
    assert body["total"] == f"{display.shelf.price * 2}.00"
    assert (body["sku"], body["quantity"], body["currency"], body["state"]) == (
        display.product.sku,
        2,
        "DZD",
        "ordered",
    )
    assert datetime.fromisoformat(body["deliver_at"]) == market.clock.now() + timedelta(days=1)


def test_an_order_takes_its_units_from_the_stock_that_is_shown(shop, market):
    display = in_stock(market, 5, 10)
    assert order(shop, "k1", display.product.sku, quantity=display.stock - 1).status_code == 201
    assert "1 article restant" in shop.get(display.product.url).text
    assert order(shop, "k2", display.product.sku, quantity=1).status_code == 201
    assert "Actuellement indisponible" in shop.get(display.product.url).text
    refusal = order(shop, "k3", display.product.sku, quantity=1)
    assert (refusal.status_code, refusal.get_json()["error"]) == (409, "out_of_stock")


def test_units_taken_are_back_after_the_next_delivery(shop, market):
    display = in_stock(market, 5)
    index = market.world.products.index(display.product)
    order(shop, "k1", display.product.sku, quantity=5)
    day = next(day for day in range(11, 90) if market.world.day(day)[index].restocked_on == day)
    market.clock.set(market.clock.start_of(day).isoformat())
    assert market.display(market.moment(), index).stock == market.world.day(day)[index].stock


def test_the_same_key_answers_the_same_order(shop, market):
    sku = in_stock(market).product.sku
    first, again = order(shop, "k1", sku), order(shop, "k1", sku)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()


def test_a_key_that_was_used_for_another_order_is_refused(shop, market):
    sku = in_stock(market).product.sku
    order(shop, "k1", sku, quantity=2)
    answer = order(shop, "k1", sku, quantity=3)
    assert (answer.status_code, answer.get_json()["error"]) == (409, "key_reused")


def test_a_price_above_the_wish_is_refused_and_nothing_is_ordered(shop, market):
    display = in_stock(market)
    answer = order(shop, "k1", display.product.sku, most=str(display.shelf.price - 1))
    assert (answer.status_code, answer.get_json()["error"]) == (409, "price_changed")
    assert shop.get("/supplier/v1/orders?key=k1", headers=BEARER).get_json() == {"orders": []}


@pytest.mark.parametrize(
    ("key", "sku", "quantity", "most", "status"),
    [
        ("", None, 1, "9999999", 400),
        ("k", "NOBODYKNOWSIT", 1, "9999999", 404),
        ("k", None, 0, "9999999", 422),
        ("k", None, 1, "-5", 422),
        ("k", None, 1, "cheap", 422),
    ],
)
def test_orders_that_make_no_sense_are_refused(shop, market, key, sku, quantity, most, status):
    assert order(shop, key, sku or in_stock(market).product.sku, quantity, most).status_code == status


def test_strangers_are_refused(shop, market):
    sku = in_stock(market).product.sku
    assert order(shop, "k1", sku, headers={}).status_code == 401
    assert order(shop, "k1", sku, headers={"Authorization": "Bearer guess"}).status_code == 401
    assert market.orders.by_key("k1") is None


def test_an_order_is_delivered_a_day_later_by_the_market_s_clock(shop, market):
    reference = order(shop, "k1", in_stock(market).product.sku).get_json()["reference"]

    def state():
        return shop.get(f"/supplier/v1/orders/{reference}", headers=BEARER).get_json()["state"]

    assert state() == "ordered"
    shop.put("/_market/clock", json={"now": "2026-05-12T11:59:00Z"})
    assert state() == "ordered"
    shop.put("/_market/clock", json={"now": "2026-05-12T12:00:00Z"})
    assert state() == "delivered"
    assert shop.get("/supplier/v1/orders/DS-999999", headers=BEARER).status_code == 404


def test_twenty_identical_requests_at_once_make_one_order(serve):
    served = serve()
    sku = httpx.get(f"{served.shop}/catalog/", trust_env=False).text.split('data-sku="')[1].split('"')[0]
    together = threading.Barrier(20)

    def send(_):
        together.wait()
        with httpx.Client(base_url=served.shop, trust_env=False) as client:
            return order(client, "same", sku)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["reference"] for answer in answers}) == 1


def test_many_buyers_at_once_never_get_more_than_there_is(shop, market):
    display = in_stock(market, 5, 12)

    def buy(number):
        return order(shop.application.test_client(), f"k{number}", display.product.sku, quantity=1).status_code

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(buy, range(40)))
    assert codes.count(201) == display.stock
    assert codes.count(409) == 40 - display.stock


def test_a_restart_forgets_no_order(shop, market, tmp_path):
    display = in_stock(market)
    made = order(shop, "k1", display.product.sku).get_json()
    again = Market(tmp_path / "demo", seed=7, days=14)
    try:
        found = again.orders.by_key("k1")
        assert found is not None
        assert found.shown(again.clock.now()) == made
        assert again.by_sku(again.moment(), display.product.sku).stock == display.stock - 2
    finally:
        again.close()


def test_a_failure_after_the_work_leaves_an_order_that_the_key_finds(shop, market):
    shop.put("/_market/faults", json={"status": 500, "times": 1, "path": "/supplier/v1/orders", "after": True})
    sku = in_stock(market).product.sku
    assert order(shop, "k1", sku).status_code == 500
    (found,) = shop.get("/supplier/v1/orders?key=k1", headers=BEARER).get_json()["orders"]
    assert found["sku"] == sku
    assert order(shop, "k1", sku).status_code == 200


def test_a_failure_before_the_work_leaves_none(shop, market):
    shop.put("/_market/faults", json={"status": 503, "path": "/supplier/v1/orders"})
    assert order(shop, "k1", in_stock(market).product.sku).status_code == 503
    assert market.orders.by_key("k1") is None
