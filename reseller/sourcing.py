"""What is worth buying: trending offers that can be had now and leave a profit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.agent import BudgetEntry, Proposal, PurchaseOrder
from database.shop import Product, StockMovement
from reseller.pricing import ALGERIA, Economics, Quote, quote

MIN_SCORE = Decimal(40)
"""Trend score from which an offer is looked at: below, it will sell less next week than it does now. A market of which
little is known stands near 50."""

TOP_SHARE = Decimal("0.25")
"""The part of a shop's offers, by score, that is looked at. Scores compare offers of one shop; how high they reach
depends on what it shows (reviews, likes, units left), so the line between trending and not is drawn shop by shop."""

MIN_CONFIDENCE = Decimal("0.15")
"""Least confidence: a single sighting without a rating lies below it, and says nothing of demand."""

AVAILABLE = ("in_stock", "low_stock")
"""`unknown` is not enough: the agent would order what may be gone."""

ORDERABLE_PRICES = ("fixed", "negotiable")
"""The lower bound of a range is no price at which one can order."""

REST_AFTER_REJECTION = timedelta(days=7)
"""A person said no: the same listing is not brought again for a week, when its trend is another one."""

REST_AFTER_FAILURE = timedelta(days=1)
"""The supplier said no (sold out, dearer): it needs a crawl and a mart to know better."""

UNDER_WAY = ("proposed", "approved", "ordering", "ordered")
"""States of purchase orders that still bring goods."""

_trend = marts.trending_products_v2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An offer that could be bought, with its quote.

    Attributes:
        price: asked by the marketplace, in `currency`; `quote.landed.price` is the same in DZD.
        score: trend, 0 to 100; confidence: 0 to 1.
        stock_left: units, where the marketplace says.
        tied_up: DZD already reserved for this listing.
        why: the mart's reason by language.
    """

    listing_id: int
    marketplace: str
    country: str
    price: Decimal
    currency: str
    score: Decimal
    confidence: Decimal
    stock_left: int | None
    tied_up: Decimal
    why: dict[str, str]
    quote: Quote

    @property
    def weight(self) -> Decimal:
        """Expected profit per dinar laid out, times how likely it sells: trend score and confidence as fractions."""
        return self.quote.profit / self.quote.landed.total * self.confidence * self.score / 100


def candidates(
    work: Session, now: datetime, *, margin_floor: Decimal, economics: Economics = ALGERIA
) -> list[Candidate]:
    """Offers of the trending mart that can be bought and keep the margin floor, best weight first."""
    rows = work.execute(_query(now)).mappings()
    found = (_candidate(row, economics) for row in rows)
    kept = [one for one in found if one.quote.margin >= margin_floor and one.quote.profit > 0]
    return sorted(kept, key=lambda one: (-one.weight, one.listing_id))


def is_offered() -> sa.ColumnElement[bool]:
    """Whether a row of the trending mart can be ordered: resellable, priced, in stock, with evidence enough."""
    return sa.and_(
        _trend.c.is_resellable,
        _trend.c.price_dzd > 0,
        _trend.c.price_kind.in_(ORDERABLE_PRICES),
        _trend.c.availability.in_(AVAILABLE),
        _trend.c.score >= MIN_SCORE,
        _trend.c.confidence >= MIN_CONFIDENCE,
        sa.or_(_trend.c.stock_left.is_(None), _trend.c.stock_left > 0),
    )


def _query(now: datetime) -> sa.Select[tuple[object, ...]]:
    shop = (_trend.c.marketplace, _trend.c.country)
    from_top = sa.func.percent_rank().over(partition_by=shop, order_by=_trend.c.score.desc())
    # What too little is known of stands near 50, and would crowd out what is known to hold its sales.
    known = sa.and_(_trend.c.is_resellable, _trend.c.confidence >= MIN_CONFIDENCE)
    standing = sa.select(_trend.c.listing_id, from_top.label("from_top")).where(known).subquery()
    tied_up = (
        sa.select(PurchaseOrder.listing_id, sa.func.sum(BudgetEntry.amount).label("amount"))
        .join(BudgetEntry, BudgetEntry.purchase_order_id == PurchaseOrder.id)
        .group_by(PurchaseOrder.listing_id)
        .subquery()
    )
    busy = sa.union_all(
        sa.select(Proposal.listing_id).where(
            sa.or_(
                Proposal.state == "proposed",
                sa.and_(Proposal.state == "rejected", Proposal.decided_at > now - REST_AFTER_REJECTION),
            )
        ),
        sa.select(PurchaseOrder.listing_id).where(
            sa.or_(
                PurchaseOrder.state.in_(UNDER_WAY),
                sa.and_(PurchaseOrder.state == "failed", PurchaseOrder.changed_at > now - REST_AFTER_FAILURE),
                sa.and_(PurchaseOrder.state == "cancelled", PurchaseOrder.changed_at > now - REST_AFTER_REJECTION),
            )
        ),
        sa.select(Product.listing_id)
        .join(StockMovement, StockMovement.product_id == Product.id)
        .where(Product.listing_id.is_not(None))
        .group_by(Product.listing_id)
        .having(sa.func.sum(StockMovement.quantity) > 0),
    ).subquery()
    return (
        sa.select(*_trend.c, sa.func.coalesce(tied_up.c.amount, Decimal(0)).label("tied_up"))
        .join(standing, standing.c.listing_id == _trend.c.listing_id)
        .outerjoin(tied_up, tied_up.c.listing_id == _trend.c.listing_id)
        .where(
            is_offered(),
            standing.c.from_top <= TOP_SHARE,
            _trend.c.listing_id.not_in(sa.select(busy.c.listing_id)),
        )
    )


def _candidate(row: sa.RowMapping, economics: Economics) -> Candidate:
    from_abroad = row["country"] != "dz" or bool(row["shipped_from_abroad"])
    return Candidate(
        listing_id=row["listing_id"],
        marketplace=row["marketplace"],
        country=row["country"],
        price=row["price"],
        currency=row["currency"],
        score=row["score"],
        confidence=row["confidence"],
        stock_left=row["stock_left"],
        tied_up=row["tied_up"],
        why={language: row[f"reason_{language}"] or "" for language in ("fr", "ar", "en")},
        quote=quote(
            row["price_dzd"], from_abroad=from_abroad, within_reach=row["country"] == "dz", economics=economics
        ),
    )
