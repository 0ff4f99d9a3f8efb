"""Offers for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pipelines.offer import Offer
from pipelines.records import Batch, CrawlStart

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def offer(number: int = 1, **values: Any) -> Offer:
    defaults: dict[str, Any] = {
        "marketplace": "jumia",
        "country": "dz",
        "external_id": f"SKU{number:05}",
        "url": f"https://www.jumia.com.dz/casque-{number}.html",
        "title": f"Casque {number}",
        "observed_at": NOON,
        "price": Decimal("1250.00"),
        "currency": "DZD",
        "price_kind": "fixed",
        "availability": "in_stock",
        "rating": Decimal("4.1"),
        "rating_count": 41,
        "position": number,
    }
    return Offer(**defaults | values)


def crawl(**values: Any) -> CrawlStart:
    defaults: dict[str, Any] = {
        "spider": "jumia",
        "marketplace": "jumia",
        "country": "dz",
        "markets": "demo",
        "arguments": {"country": "dz"},
        "host": "here",
        "pid": 1,
    }
    return CrawlStart(**defaults | values)


def batch(*offers: Offer, of: CrawlStart | None = None, **values: Any) -> Batch:
    defaults: dict[str, Any] = {"rejects": [], "first_sightings": len(offers)}
    return Batch(crawl=of or crawl(), offers=list(offers), **defaults | values)
