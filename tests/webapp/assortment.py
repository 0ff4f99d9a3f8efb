"""A small shop for tests: products of two marketplaces, two of them ours."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from database import agent, market, shop
from tests import factories
from tests.factories import NOON

assert agent, "movements of stock refer to its tables"

Shelf = dict[str, market.Listing]
PHONES = ["Téléphone & Tablette", "Smartphones"]


def sell(work: Session, of: market.Listing, price: str, units: int = 3, **values: Any) -> shop.Product:
    """A product of ours, published and in stock, made from a market listing."""
    made = shop.Product(
        sku=f"HN-{of.id:06}", listing_id=of.id, title=of.title, brand=of.brand, category_path=of.category_path,
        attributes={}, created_at=NOON,
    )  # fmt: skip
    work.add(made)
    work.flush()
    offered = {"state": "published", "title": of.title, "price": Decimal(price)} | values
    work.add(shop.Listing(product_id=made.id, published_at=NOON, changed_at=NOON, **offered))
    if units:
        work.add(
            shop.StockMovement(
                product_id=made.id, kind="receipt", quantity=units, unit_cost=Decimal(1), reason="received", who="test",
                idempotency_key=f"receipt:{made.id}", at=NOON,
            )
        )  # fmt: skip
    work.flush()
    return made


def lay_out(work: Session) -> Shelf:
    """Eight products as two marketplaces show them; the earphones and the oil are ours."""
    factories.create_marts(work)
    listings: Shelf = {}
    rows: list[tuple[str, str, str, str | None, list[str], dict[str, Any]]] = [
        ("phone", "jumia", 'Samsung Galaxy A16 - 6.7" - 128Go - Noir', "Samsung", PHONES,
         {"price": "38900", "old_price": "43900", "price_change_7d_pct": "-9", "low_30d_price": "38900",
          "score": "90"}),
        ("phone_ad", "ouedkniss", "Samsung Galaxy A16 128Go neuf cacheté", "Samsung", ["Téléphones", "Smartphones"],
         {"price": "36500", "old_price": None, "price_kind": "negotiable", "availability": "unknown", "score": "50",
          "price_change_7d_pct": "0"}),
        ("other_phone", "jumia", 'Samsung Galaxy A06 - 6.7" - 64Go - Noir', "Samsung", PHONES,
         {"price": "24900", "score": "40", "price_change_7d_pct": "4"}),
        ("earphones", "jumia", "Oraimo Écouteurs Sans Fil FreePods 4", "Oraimo", ["Téléphone & Tablette", "Écouteurs"],
         {"price": "7900", "low_30d_price": "7500", "score": "80", "price_change_7d_pct": "-18"}),
        ("blender", "jumia", "Moulinex Blender Perfectmix 1200W", "Moulinex", ["Maison & Cuisine", "Blenders"],
         {"price": "11900", "availability": "low_stock", "stock_left": 4, "score": "60", "price_change_7d_pct": "0"}),
        ("oil", "jumia", "Huile d'Argan Pure 100 ml", "Venus", ["Beauté, Hygiène & Santé", "Soins"],
         {"price": "1450", "score": "30", "price_change_7d_pct": "0"}),
        ("sold_out", "jumia", "Ventilateur sur Pied 16 pouces", "Raylan", ["Électroménager", "Ventilateurs"],
         {"price": "6900", "availability": "out_of_stock", "score": "70", "price_change_7d_pct": "0"}),
        ("flat", "ouedkniss", "Appartement F3 Bab Ezzouar", None, ["Immobilier", "Vente"],
         {"price": "14500000", "is_resellable": False, "score": "99", "price_change_7d_pct": "0"}),
    ]  # fmt: skip
    for name, marketplace, title, brand, path, values in rows:
        made = factories.listing(work, marketplace=marketplace, title=title, brand=brand, category_path=path)
        amounts = {key: _amount(value) if key not in ("availability", "price_kind", "stock_left", "is_resellable")
                   else value for key, value in values.items()}  # fmt: skip
        factories.mart_offer(work, made, price_dzd=amounts["price"], **amounts)
        listings[name] = made
    for at, price in enumerate(("44000", "43900", "43900", "38900", "38900")):
        factories.mart_day(
            work, listings["phone"], (NOON - timedelta(days=4 - at)).date(), Decimal(price),
            availability="out_of_stock" if at == 2 else "in_stock",
        )  # fmt: skip
    sell(work, listings["earphones"], "9250", units=12)
    sell(work, listings["oil"], "1690", units=2)
    work.commit()
    return listings


def _amount(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
