from __future__ import annotations

import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from database.orders import Customer, Order, OrderContact, OrderLine
from database.shop import Listing
from reseller import places, sales
from reseller.refusals import Refused
from tests.webapp.assortment import Shelf
from tests.webapp.test_storefront import words

GUEST = {
    "name": "Amina B.",
    "phone": "0550 12 34 56",
    "wilaya": "16",
    "commune": "Hydra",
    "address": "12 rue Didouche Mourad",
    "quantity": "1",
}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def form(client: FlaskClient, path: str) -> dict[str, str]:
    page = client.get(path).get_data(as_text=True)
    return {"key": hidden(page, "key"), "agreed": hidden(page, "agreed")}


def order(client: FlaskClient, path: str, **values: Any) -> TestResponse:
    return client.post(path, data=form(client, path) | GUEST | values)


@pytest.fixture
def path(shelf: Shelf) -> str:
    return f"/order/{shelf['earphones'].id}"


def count(work: Session, table: Any) -> int:
    return work.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_from_the_product_page_one_form_orders_and_says_what_happens_next(
    client: FlaskClient, work: Session, shelf: Shelf, path: str
) -> None:
    product = client.get(f"/p/{shelf['earphones'].id}?lang=fr", follow_redirects=True).get_data(as_text=True)
    assert f'href="{path}"' in product
    asked = words(client.get(f"{path}?lang=fr").get_data(as_text=True))
    for piece in ("Livraison 1 à 2 jours", "400 DA", "9 650 DA", "Commander, payer à la livraison"):
        assert piece in asked
    answer = order(client, path)
    assert answer.status_code == 303
    done = words(client.get(answer.location).get_data(as_text=True))
    made = work.scalars(sa.select(Order)).one()
    for piece in ("c'est mis de côté pour vous".replace("'", "’"), made.reference, "finit par 56", "9 650 DA"):
        assert piece in done
    assert work.get_one(OrderContact, made.id).commune == "Hydra"
    assert work.scalars(sa.select(OrderLine.unit_price)).one() == Decimal(9250)


def test_the_thanks_are_for_whoever_has_the_key_and_hold_no_personal_data(client: FlaskClient, path: str) -> None:
    answer = order(client, path, phone="0661 98 76 54")
    thanks = client.get(answer.location)
    assert thanks.headers["Cache-Control"] == "no-store"
    page = thanks.get_data(as_text=True)
    assert not any(secret in page for secret in ("Amina", "Hydra", "Didouche", "66198765"))
    for key in ("x", "0" * 32, "00000000-0000-4000-8000-000000000000"):
        assert client.get(f"/ordered/{key}").status_code == 404


def test_a_form_sent_twice_orders_once(client: FlaskClient, work: Session, path: str) -> None:
    filled = form(client, path) | GUEST
    first, second = (client.post(path, data=filled) for _ in range(2))
    assert first.location == second.location
    assert count(work, Order) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Écrivez votre nom"),
        ("name", "12345", "Écrivez votre nom"),
        ("name", "x" * 81, "80 caractères au plus"),
        ("phone", "", "commence par 05, 06 ou 07"),
        ("phone", "021 55 44 33", "commence par 05, 06 ou 07"),
        ("phone", "0550 12 34 5", "commence par 05, 06 ou 07"),
        ("phone", "+33 6 12 34 56 78", "commence par 05, 06 ou 07"),
        ("wilaya", "", "Choisissez votre wilaya"),
        ("wilaya", "70", "Choisissez votre wilaya"),
        ("wilaya", "-1", "Choisissez votre wilaya"),
        ("commune", "Bir El Djir", "Choisissez une commune de Alger"),
        ("commune", "", "Choisissez une commune de Alger"),
        ("address", "12", "Écrivez la rue"),
        ("address", "\0\0\0\0\0", "Écrivez la rue"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(
    client: FlaskClient, work: Session, path: str, field: str, value: str, said: str
) -> None:
    client.get("/?lang=fr")
    answer = order(client, path, **{field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in words(page)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="{field}-error"', page)
    kept = {"name": "Amina B.", "address": "12 rue Didouche Mourad"} | {field: ""}
    assert all(f'value="{value}"' in page for value in kept.values() if value)
    assert count(work, Order) == 0


@pytest.mark.parametrize("key", ["", "again", "'; drop table"])
def test_a_form_without_its_key_is_shown_again_with_a_new_one(
    client: FlaskClient, work: Session, path: str, key: str
) -> None:
    answer = order(client, path, key=key)
    assert answer.status_code == 422
    assert len(hidden(answer.get_data(as_text=True), "key")) == 36
    assert count(work, Order) == 0


def test_without_javascript_another_wilaya_is_shown_its_total_before_anything_is_ordered(
    client: FlaskClient, work: Session, path: str
) -> None:
    client.get("/?lang=fr")
    oran = {"wilaya": "31", "commune": "bir el djir"}
    answer = order(client, path, **oran)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, count(work, Order)) == (409, 0)
    assert "Le total est maintenant de 9 900 DA" in words(page)
    again = {"key": hidden(page, "key"), "agreed": hidden(page, "agreed")}
    assert client.post(path, data=GUEST | oran | again).status_code == 303
    assert work.scalars(sa.select(OrderContact.commune)).one() == "Bir El Djir"
    shown = client.post(path, data=GUEST | oran | {"update": "1"}).get_data(as_text=True)
    assert '<option value="Bir El Djir">' in shown
    assert hidden(shown, "agreed") == "9900.00"


def test_a_price_that_rose_meanwhile_is_shown_and_not_charged(client: FlaskClient, work: Session, path: str) -> None:
    filled = form(client, path) | GUEST
    work.execute(sa.update(Listing).values(price=Listing.price + 1))
    work.commit()
    assert client.post(path, data=filled).status_code == 409
    assert client.post(path, data=filled | {"agreed": "NaN"}).status_code == 409
    assert count(work, Order) == 0


def test_a_price_from_the_client_counts_for_nothing(client: FlaskClient, work: Session, path: str) -> None:
    answer = order(client, path, price="1", unit_price="1", delivery_fee="0")
    assert answer.status_code == 303
    assert work.scalars(sa.select(OrderLine.unit_price)).one() == Decimal(9250)


@pytest.mark.parametrize("quantity", ["0", "-3", "x", "", "1e9", "99999999999999999999"])
def test_a_quantity_that_makes_no_sense_is_one_or_refused_never_a_fault(
    client: FlaskClient, work: Session, path: str, quantity: str
) -> None:
    assert order(client, path, quantity=quantity).status_code in (303, 409, 422)
    assert all(1 <= units <= 12 for units in work.scalars(sa.select(OrderLine.quantity)))


def test_what_we_do_not_sell_has_no_form(client: FlaskClient, shelf: Shelf) -> None:
    for listing in (shelf["phone"].id, 999_999):
        assert client.get(f"/order/{listing}").status_code == 404
        assert client.post(f"/order/{listing}", data=GUEST).status_code == 404


def test_of_fifty_shoppers_of_the_last_unit_one_gets_it_and_nobody_meets_a_fault(
    app: OpenAPI, client: FlaskClient, work: Session, shelf: Shelf
) -> None:
    path = f"/order/{shelf['oil'].id}"
    contact = sales.Contact("Karim", "0661000000", "Hydra", "1 rue")
    product = work.scalars(sa.select(Listing.product_id).where(Listing.title.ilike("%argan%"))).one()
    sales.place(work, {product: 1}, contact, key="0" * 32, wilaya=16, now=work.scalar(sa.select(sa.func.now())))
    work.commit()
    filled = [form(client, path) | GUEST | {"phone": f"05501234{number:02}"} for number in range(50)]
    gate = threading.Barrier(50)

    def buy(number: int) -> tuple[int, bool]:
        with app.test_client() as mine:
            mine.get("/?lang=fr")
            gate.wait(60)
            answer = mine.post(path, data=filled[number])
            return answer.status_code, "acheter le dernier" in answer.get_data(as_text=True)

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(buy, range(50))) == Counter({(303, False): 1, (409, True): 49})
    assert sales.available(work, product) == 0
    assert count(work, Customer) == 2


@pytest.mark.parametrize(
    "text",
    ["0550123456", "05 50 12 34 56", "0550.12.34.56", "+213550123456", "+213 (0) 550-12-34-56", "00213550123456",
     "213550123456", "٠٥٥٠١٢٣٤٥٦", "۰۵۵۰ ۱۲ ۳۴ ۵۶", "\u202a0550 12 34 56\u202c", "550123456"],
)  # fmt: skip
def test_a_mobile_number_is_one_however_it_is_written(text: str) -> None:
    assert places.phone(text) == "+213550123456"


@pytest.mark.parametrize("text", ["", "0450123456", "055012345", "05501234567", "0550 12 34 5x", "+212 550 12 34 56"])
def test_what_is_no_mobile_number_of_algeria_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        places.phone(text)


def test_a_commune_is_found_in_either_script_and_only_in_its_wilaya() -> None:
    assert {places.commune(16, text) for text in ("hydra", "HYDRA ", "حيدرة")} == {places.commune(16, "Hydra")}
    assert places.commune(31, "Hydra") is None
    assert (len(places.wilayas()), places.wilaya("١٦"), places.wilaya("070")) == (69, 16, None)
