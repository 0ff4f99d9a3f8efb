"""Rows for tests: listings, observations, mart rows."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import market, marts

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def crawl(work: Session, **values: Any) -> market.Crawl:
    made = market.Crawl(
        **{"spider": "jumia", "marketplace": "jumia", "country": "dz", "markets": "demo", "state": "finished"} | values
    )
    work.add(made)
    work.flush()
    return made


def listing(work: Session, **values: Any) -> market.Listing:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "marketplace": "jumia",
        "country": "dz",
        "external_id": f"SKU{number:06}",
        "url": f"http://127.0.0.1:8010/produit-{number}.html",
        "title": f"Casque Bluetooth {number}",
        "brand": "Oraimo",
        "category_path": ["Électronique", "Audio", "Casques"],
        "seller_kind": "shop",
        "first_seen_at": NOON - timedelta(days=10),
        "last_seen_at": NOON,
    }
    made = market.Listing(**defaults | values)
    work.add(made)
    work.flush()
    return made


def observation(work: Session, of: market.Listing, by: market.Crawl, **values: Any) -> market.Observation:
    defaults: dict[str, Any] = {
        "observed_at": NOON,
        "price": Decimal("5000.00"),
        "currency": "DZD",
        "price_kind": "fixed",
        "availability": "in_stock",
        "rating": Decimal("4.2"),
        "rating_count": 12,
    }
    made = market.Observation(listing_id=of.id, crawl_id=by.id, **defaults | values)
    work.add(made)
    work.flush()
    return made


def create_marts(work: Session) -> None:
    """Empty marts with the columns that the app reads; dbt builds the real ones."""
    work.execute(sa.text("create schema if not exists marts"))
    marts.metadata.create_all(work.connection())


def mart_offer(work: Session, of: market.Listing, **values: Any) -> dict[str, Any]:
    """A row of current_offers and of trending_products_v2 for a listing."""
    offer: dict[str, Any] = {
        "listing_id": of.id,
        "marketplace": of.marketplace,
        "country": of.country,
        "external_id": of.external_id,
        "url": of.url,
        "title": of.title,
        "brand": of.brand,
        "department": of.category_path[0] if of.category_path else None,
        "category": of.category_path[-1] if of.category_path else None,
        "category_path": " > ".join(of.category_path),
        "seller_kind": of.seller_kind,
        "image_url": None,
        "currency": "DZD",
        "price_kind": "fixed",
        "availability": "in_stock",
        "price": Decimal("5000.00"),
        "price_dzd": Decimal("5000.00"),
        "old_price": Decimal("6000.00"),
        "low_30d_price": Decimal("4800.00"),
        "rating": Decimal("4.20"),
        "rating_count": 40,
        "stock_left": None,
        "likes": None,
        "views": None,
        "position": 3,
        "shipped_from_abroad": False,
        "express": True,
        "is_resellable": True,
        "first_seen_at": of.first_seen_at,
        "last_seen_at": of.last_seen_at,
        "last_observed_at": of.last_seen_at,
    }
    trend: dict[str, Any] = {
        "score": Decimal("72.00"),
        "score_sales": Decimal("0.8"),
        "score_price": Decimal("0.6"),
        "score_engagement": Decimal("0.5"),
        "confidence": Decimal("0.7"),
        "rank_overall": 1,
        "rank_in_category": 1,
        "observation_count": 8,
        "rating_count_gain_7d": 12,
        "price_change_7d_pct": Decimal("-9.00"),
        "reason_fr": "12 avis de plus en 7 jours, prix −9 %",
        "reason_ar": "12 تقييمًا إضافيًا خلال 7 أيام، السعر −9 %",
        "reason_en": "12 more reviews in 7 days, price −9%",
    }
    offer |= {name: value for name, value in values.items() if name in offer}
    trend |= {name: value for name, value in values.items() if name in trend}
    work.execute(sa.insert(marts.current_offers).values(**offer))
    work.execute(sa.insert(marts.trending_products_v2).values(**offer, **trend))
    return offer | trend


def reduced_offer(
    work: Session, of: market.Listing, *, usual: Decimal | None = None, now: datetime = NOON, **values: Any
) -> None:
    """A listing of the marts that costs less than the `usual` price of its last ten days, a quarter less unless given:
    what can be bought to be sold."""
    price = Decimal(values.get("price", values.get("price_dzd", 5000)))
    for days in range(1, 11):
        mart_day(work, of, now.date() - timedelta(days), round(usual or min(price * 4 / 3, Decimal(10) ** 11), 2))
    mart_offer(work, of, **values)


def mart_day(work: Session, of: market.Listing, day: date, price: Decimal, **values: Any) -> None:
    """The row of price_history_daily, all four prices alike unless given; the day's row before it gives way."""
    row: dict[str, Any] = {
        "listing_id": of.id,
        "day": day,
        "currency": "DZD",
        "availability": "in_stock",
        "open_price": price,
        "high_price": price,
        "low_price": price,
        "close_price": price,
        "close_price_dzd": price,
        "low_30d_price": price,
        "rating_count": 40,
        "observation_count": 1,
    }
    history = marts.price_history_daily
    work.execute(sa.delete(history).where(history.c.listing_id == of.id, history.c.day == day))
    work.execute(sa.insert(history).values(**row | values))
