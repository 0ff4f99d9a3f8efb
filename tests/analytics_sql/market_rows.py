"""A small market whose marts can be computed by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from database import market
from tests.factories import NOON, crawl, listing, observation

NOW = NOON


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def watched(work: Session, by: market.Crawl, says: list[tuple[float, dict[str, Any]]], **values: Any) -> market.Listing:
    """A listing observed at ages in days before NOW, oldest first."""
    seen = {"first_seen_at": days_ago(says[0][0]), "last_seen_at": days_ago(says[-1][0])}
    made = listing(work, **seen | values)
    for age, said in says:
        observation(work, made, by, observed_at=days_ago(age), **said)
    return made


def small_market(work: Session) -> dict[str, market.Listing]:
    """A headphone that sells, a bag that was seen once, a flat to rent, a phone in dirhams, an ad without a price."""
    by = crawl(work)
    none = {"price": None, "currency": None, "price_kind": "none", "rating": None, "rating_count": None}
    return {
        "headphone": watched(
            work,
            by,
            [
                (10, {"price": Decimal("5000"), "rating_count": 10, "stock_left": 9}),
                (8, {"price": Decimal("5200"), "rating_count": 12, "stock_left": None, "position": 20}),
                (3.5, {"price": Decimal("4900"), "rating_count": 20, "stock_left": 6}),
                (0, {"price": Decimal("4680"), "rating_count": 24, "stock_left": 2, "availability": "low_stock"}),
            ],
            title="Casque qui part",
        ),
        "bag": watched(
            work,
            by,
            [(1, {"price": Decimal("3000"), "rating": Decimal("4.30"), "rating_count": 114})],
            title="Sac vu une fois",
            category_path=["Mode", "Sacs"],
        ),
        "flat": watched(
            work,
            by,
            [(0, {"price": Decimal("60000"), "rating": None, "rating_count": None})],
            marketplace="ouedkniss",
            category_path=["immobilier-location-appartement"],
            title="Appartement F3",
        ),
        "phone": watched(
            work,
            by,
            [
                (1, {"price": Decimal("1999.99"), "currency": "MAD"}),
                (0, {"price": Decimal("1899.99"), "currency": "MAD"}),
            ],
            country="ma",
            title="Téléphone marocain",
        ),
        "silent": watched(work, by, [(0, none)], marketplace="ouedkniss", category_path=[], title="Sans prix"),
    }
