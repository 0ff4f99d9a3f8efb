"""A market and a shop with something to find in every mart: 41 days of phones and headphones, 10 weeks of sales."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import market
from tests.analytics_sql.shop_sales import product
from tests.factories import NOON, crawl

DAYS = 41
PHONES = (
    "Samsung Galaxy A15 128 Go 6 Go RAM", "Samsung Galaxy A05 64 Go 4 Go RAM", "Samsung Galaxy S23 Ultra 256 Go",
    "Xiaomi Redmi 13C 128 Go 6 Go RAM", "Xiaomi Redmi Note 13 256 Go", "Xiaomi Poco X6 Pro 256 Go",
    "Oppo Reno 11 256 Go", "Realme C67 128 Go 8 Go RAM", "Honor X8b 512 Go", "Apple iPhone 13 128 Go",
)  # fmt: skip
HEADPHONES = tuple(f"Oraimo Casque Bluetooth OEB-E{number}" for number in range(101, 111))
SHELVES = (
    ("jumia", ["Téléphones", "Smartphones"], PHONES, 30000),
    ("jumia", ["Électronique", "Audio", "Casques"], HEADPHONES, 4000),
    ("ouedkniss", ["telephones", "smartphones"], PHONES, 28000),
)


def fill(work: Session) -> None:
    """Listings, observations and sales; commits."""
    by = crawl(work)
    for marketplace, path, titles, price in SHELVES:
        for number, title in enumerate(titles):
            _watched(work, by.id, number, Decimal(price + 500 * number), _listing(marketplace, path, title, number))
    for sku, weekly in (("STEADY", 7), ("SLOW", 2)):
        days = [NOON.date() - timedelta(days=age) for age in range(69, -1, -1)]
        product(work, sku, [(day, "sale", -1) for at, day in enumerate(days) if at % 7 < weekly])
    work.commit()


def _listing(marketplace: str, path: list[str], title: str, number: int) -> dict[str, Any]:
    return {
        "marketplace": marketplace,
        "country": "dz",
        "external_id": f"{path[-1]}-{number}",
        "url": f"http://127.0.0.1:8010/{path[-1].lower()}-{number}.html",
        "title": title,
        "brand": title.split()[0],
        "category_path": path,
        "seller_kind": "shop",
        "seller_name": f"Boutique {number % 3}",
        "first_seen_at": NOON - timedelta(days=DAYS - 1),
        "last_seen_at": NOON,
    }


def _sold_out(number: int, day: int) -> bool:
    return number == 5 and day % 10 == 4


def _watched(work: Session, crawl_id: int, number: int, price: Decimal, values: dict[str, Any]) -> None:
    listing = work.scalar(sa.insert(market.Listing).values(**values).returning(market.Listing.id))
    rated = values["marketplace"] == "jumia"
    rows = [
        {
            "listing_id": listing,
            "crawl_id": crawl_id,
            "observed_at": NOON - timedelta(days=DAYS - 1 - day),
            "price": round(
                price * (100 + day * (number + 1) % 7 - (20 if number % 3 == 0 and day > 37 else 0)) / 100, 2
            ),
            "currency": "DZD",
            "price_kind": "fixed",
            "availability": "out_of_stock" if _sold_out(number, day) else "in_stock",
            "rating": Decimal("4.2") if rated else None,
            "rating_count": 10 + day * (number % 4) if rated else None,
            "position": number + 1 if rated and not _sold_out(number, day) else None,
            "likes": None if rated else day * number,
            "views": None if rated else 10 * day * number,
        }
        for day in range(DAYS)
    ]
    work.execute(sa.insert(market.Observation), rows)
