"""One product as a shopper meets it, and the query that every list of them begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import settings
from database import marts
from database.shop import Listing, PriceChange, Product
from reseller import lowest_price
from reseller.shelves import shelf_of

offers = marts.current_offers
trends = marts.trending_products_v2
_stock = sa.table("stock_available", sa.column("product_id"), sa.column("available"), schema="shop")


NO_BRAND = ("generic", "générique", "generique", "no brand", "sans marque", "autre", "other", "oem")
"""What sellers write where there is no brand."""


@dataclass(frozen=True, slots=True)
class Card:
    """One product of our shop or of a marketplace.

    Attributes:
        ours: whether we sell it: then price is ours, in DZD, and stock_left what may still be sold.
        price: in `currency`; None where the listing names none.
        price_dzd: the same in dinars.
        market_price: what the marketplace asks, in market_currency.
        low_30d: the marketplace's lowest price of its last 30 days, in market_currency.
        change_7d_pct: how the marketplace's price moved in 7 days, in hundredths.
        reasons: why it trends, by language; empty where it does not.
    """

    listing_id: int
    title: str
    brand: str | None
    category_path: str | None
    marketplace: str
    country: str
    seller_kind: str
    url: str
    image_url: str | None
    ours: bool
    price: Decimal | None
    currency: str | None
    price_dzd: Decimal | None
    price_kind: str
    old_price: Decimal | None
    market_price: Decimal | None
    market_currency: str | None
    low_30d: Decimal | None
    change_7d_pct: Decimal | None
    availability: str
    stock_left: int | None
    rating: Decimal | None
    rating_count: int | None
    score: Decimal | None
    reasons: dict[str, str]
    first_seen_at: datetime
    last_seen_at: datetime

    @property
    def shelf(self) -> str:
        """Key of the shelf it lies on."""
        return shelf_of(self.category_path)

    @property
    def is_lowest(self) -> bool:
        """Whether the marketplace asks no more than its lowest of 30 days."""
        return self.low_30d is not None and self.market_price is not None and self.market_price <= self.low_30d

    def reason(self, language: str) -> str:
        """Why it trends, in one line; empty if it does not."""
        return self.reasons.get(language) or ""


def _our_listings() -> sa.Subquery:
    before = (
        sa.select(PriceChange.old_price)
        .where(PriceChange.listing_id == Listing.id)
        .order_by(PriceChange.at.desc(), PriceChange.id.desc())
        .limit(1)
        .correlate(Listing)
        .scalar_subquery()
    )
    return (
        sa.select(
            Product.listing_id,
            Listing.title,
            Listing.price,
            before.label("old_price"),
            _stock.c.available.label("quantity"),
            Listing.published_at,
        )
        .join(Listing, Listing.product_id == Product.id)
        .join(_stock, _stock.c.product_id == Product.id)
        .where(Listing.state == "published", _stock.c.available > 0)
        .subquery("ours")
    )


ours = _our_listings()
is_ours = ours.c.listing_id.isnot(None)
title = sa.func.coalesce(ours.c.title, offers.c.title)
brand = sa.case((sa.func.lower(offers.c.brand).in_(NO_BRAND), None), else_=offers.c.brand)
price_dzd = sa.func.coalesce(ours.c.price, offers.c.price_dzd)
availability = sa.case((is_ours, "in_stock"), else_=offers.c.availability)
on_shelf = sa.or_(is_ours, offers.c.is_resellable)
"""What may lie on our shelves at all: what can be resold, and what we have."""
on_sale = sa.and_(on_shelf, price_dzd.isnot(None), availability != "out_of_stock")

SOURCE = offers.outerjoin(trends, trends.c.listing_id == offers.c.listing_id).outerjoin(
    ours, ours.c.listing_id == offers.c.listing_id
)


def _columns() -> list[sa.ColumnElement[Any]]:
    same = "listing_id category_path marketplace country seller_kind url image_url rating rating_count first_seen_at"
    return [
        *(offers.c[name] for name in (*same.split(), "last_seen_at")),
        title.label("title"),
        brand.label("brand"),
        is_ours.label("ours"),
        sa.func.coalesce(ours.c.price, offers.c.price).label("price"),
        sa.case((is_ours, "DZD"), else_=offers.c.currency).label("currency"),
        price_dzd.label("price_dzd"),
        sa.case((is_ours, "fixed"), else_=offers.c.price_kind).label("price_kind"),
        sa.case((is_ours, ours.c.old_price), else_=offers.c.old_price).label("old_price"),
        offers.c.price.label("market_price"),
        offers.c.currency.label("market_currency"),
        offers.c.low_30d_price.label("low_30d"),
        trends.c.price_change_7d_pct.label("change_7d_pct"),
        availability.label("availability"),
        sa.func.coalesce(ours.c.quantity, offers.c.stock_left).label("stock_left"),
        trends.c.score,
        trends.c.reason_fr,
        trends.c.reason_ar,
        trends.c.reason_en,
    ]


def cards(
    work: Session,
    where: Iterable[sa.ColumnElement[bool]],
    order: Sequence[sa.ColumnElement[Any]],
    limit: int,
    offset: int = 0,
) -> list[Card]:
    """The products that meet all conditions, in one query; equal ones by listing, so that pages do not overlap."""
    query = sa.select(*_columns()).select_from(SOURCE).where(*where)
    rows = work.execute(query.order_by(*order, offers.c.listing_id).limit(limit).offset(offset))
    return [_card(dict(row)) for row in rows.mappings()]


def _card(row: dict[str, Any]) -> Card:
    reasons = {code: row.pop(f"reason_{code}") or "" for code in ("fr", "ar", "en")}
    if row["ours"] and lowest_price.is_shown(settings().shop_country):
        row["old_price"] = None  # a reduction is announced on the product's page, beside the lowest price before it
    return Card(**row, reasons=reasons)


def recently(column: sa.ColumnElement[datetime], days: int) -> sa.ColumnElement[bool]:
    """Whether a time lies within some days of the newest sighting of its marketplace."""
    seen = offers.alias("seen")
    newest = (
        sa.select(sa.func.max(seen.c.last_seen_at))
        .where(seen.c.marketplace == offers.c.marketplace, seen.c.country == offers.c.country)
        .scalar_subquery()
    )
    return column > newest - timedelta(days=days)
