from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from database import shop
from reseller import pricing, publishing
from tests.factories import NOON


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("  Casque   Bluetooth ", "Casque Bluetooth"),
        ("🔥🔥 PROMO ! Airfryer Moulinex 4,2 L 🔥", "Airfryer Moulinex 4,2 L"),
        ("SAMSUNG GALAXY A15 128GB DISPONIBLE", "Samsung Galaxy A15 128GB"),
        ('Écran 24" - Livraison 58 wilayas', 'Écran 24"'),
        ("Xiaomi Redmi Note 13 (8/256) *** Livraison gratuite ***", "Xiaomi Redmi Note 13 (8/256)"),
        ("سماعة بلوتوث أصلية", "سماعة بلوتوث أصلية"),
        ("TV LG", "TV LG"),
        ("!!!", "!!!"),
        ("Promo", "Promo"),
    ],
)
def test_a_title_is_written_as_our_shop_writes(title: str, clean: str) -> None:
    assert publishing.clean_title(title) == clean


@given(st.text(min_size=1, max_size=400).filter(str.strip))
def test_a_title_is_never_empty_nor_too_long(title: str) -> None:
    clean = publishing.clean_title(title)
    assert 0 < len(clean) <= publishing.TITLE_LENGTH


@pytest.fixture
def product(work: Session) -> shop.Product:
    made = shop.Product(sku="HN-000001", title="Casque", created_at=NOON)
    work.add(made)
    work.flush()
    return made


def publish(work: Session, product: shop.Product, price: int, **values: Any) -> shop.Listing:
    defaults: dict[str, Any] = {
        "title": product.title,
        "price": Decimal(price),
        "unit_cost": Decimal(5000),
        "margin_floor": Decimal("0.12"),
        "who": "agent",
        "reason": "cost and margin",
        "now": NOON,
    }
    return publishing.publish(work, product.id, **defaults | values)


def changes(work: Session) -> list[tuple[Decimal | None, Decimal]]:
    found = work.execute(sa.select(shop.PriceChange.old_price, shop.PriceChange.new_price).order_by("id"))
    return [(old, new) for old, new in found]


def test_each_change_of_price_is_logged_and_no_change_is_not(work: Session, product: shop.Product) -> None:
    for price in (7000, 7000, 6900):
        publish(work, product, price)
    assert changes(work) == [(None, Decimal(7000)), (Decimal(7000), Decimal(6900))]


def test_a_price_below_the_margin_floor_is_raised_to_it(work: Session, product: shop.Product) -> None:
    listing = publish(work, product, 5100)
    landed = pricing.Landed(Decimal(5000), Decimal(0), Decimal(0))
    assert pricing.quote_at(listing.price, landed).margin >= Decimal("0.12")
    floor = work.scalars(sa.select(shop.PriceChange.floor)).one()
    assert floor <= listing.price == pricing.charm_up(floor)


def test_a_title_that_a_person_has_changed_stays(work: Session, product: shop.Product) -> None:
    publish(work, product, 7000).title = "Casque, notre choix"
    work.flush()
    assert publish(work, product, 7100).title == "Casque, notre choix"


def test_a_product_that_was_never_offered_follows_nothing(work: Session, product: shop.Product) -> None:
    assert publishing.follow_stock(work, product.id, now=NOON) is None
