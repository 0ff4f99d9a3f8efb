"""What trends, from the mart, with a month of prices and whether it is already proposed or held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from database import marts
from database.agent import Proposal
from database.shop import Product
from reseller.overview.paging import Page, containing, paged

SPARK_DAYS = 30
SORTS = ("rank", "price", "change", "confidence")
_trend = marts.trending_products_v2.c
_day = marts.price_history_daily.c


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One trending listing.

    Attributes:
        score: 0 to 100; its parts `score_*` are 0 to 1, as is `confidence`.
        price: in `currency`; `price_dzd` the same in dinars, None without a rate.
        change_7d: percent, negative where the price fell.
        spark: closing prices of up to 30 days, oldest first, in `currency`; None on days without a price.
        proposal_id: the open proposal to buy it.
        product_id: our product made from it, if we ever bought it.
    """

    listing_id: int
    rank: int
    title: str
    brand: str | None
    marketplace: str
    country: str
    url: str
    department: str | None
    category: str | None
    availability: str
    seller_kind: str
    price: Decimal | None
    price_dzd: Decimal | None
    currency: str | None
    low_30d: Decimal | None
    change_7d: Decimal | None
    score: Decimal
    score_sales: Decimal | None
    score_price: Decimal | None
    score_engagement: Decimal | None
    confidence: Decimal
    observation_count: int
    rating_count_gain_7d: int | None
    is_resellable: bool
    reason_fr: str | None
    reason_ar: str | None
    reason_en: str | None
    proposal_id: int | None
    product_id: int | None
    spark: Sequence[Decimal | None]

    def reason(self, language: str) -> str:
        """Why it trends, in `language`."""
        return {"fr": self.reason_fr, "ar": self.reason_ar}.get(language, self.reason_en) or ""


_SPARK = (
    sa.select(sa.func.array_agg(aggregate_order_by(_day.close_price, _day.day)))
    .where(
        _day.listing_id == _trend.listing_id,
        _day.day > sa.cast(_trend.last_seen_at, sa.Date) - SPARK_DAYS,
    )
    .scalar_subquery()
)

_COLUMNS = [
    _trend.listing_id,
    _trend.rank_overall,
    _trend.title,
    _trend.brand,
    _trend.marketplace,
    _trend.country,
    _trend.url,
    _trend.department,
    _trend.category,
    _trend.availability,
    _trend.seller_kind,
    _trend.price,
    _trend.price_dzd,
    _trend.currency,
    _trend.low_30d_price,
    _trend.price_change_7d_pct,
    _trend.score,
    _trend.score_sales,
    _trend.score_price,
    _trend.score_engagement,
    _trend.confidence,
    _trend.observation_count,
    _trend.rating_count_gain_7d,
    _trend.is_resellable,
    _trend.reason_fr,
    _trend.reason_ar,
    _trend.reason_en,
    Proposal.id,
    Product.id.label("product_id"),
    _SPARK.label("spark"),
]
_ORDERINGS: dict[str, list[Any]] = {
    "rank": [_trend.rank_overall.asc().nulls_last()],
    "price": [_trend.price_dzd.asc().nulls_last()],
    "change": [_trend.price_change_7d_pct.asc().nulls_last()],
    "confidence": [_trend.confidence.desc().nulls_last()],
}


def _row(found: Any) -> TrendRow:
    return TrendRow(*(*found[:-1], found[-1] or []))


def trends(
    work: Session,
    *,
    query: str = "",
    department: str | None = None,
    marketplace: str | None = None,
    resellable: bool = True,
    sort: str = "rank",
    page: int = 1,
    size: int = 50,
) -> Page[TrendRow]:
    """The trending listings; an empty page before the marts are built.

    Args:
        query: words of the title or brand, accents and case ignored.
        resellable: leaves out what nobody can buy and sell on (real estate, services, ...).
        sort: one of `SORTS`.
    """
    if not marts.built(work):
        return Page([], 0, 1, size)
    chosen = (
        sa.select(*_COLUMNS)
        .outerjoin_from(
            marts.trending_products_v2,
            Proposal,
            sa.and_(Proposal.listing_id == _trend.listing_id, Proposal.state == "proposed"),
        )
        .outerjoin(Product, Product.listing_id == _trend.listing_id)
    )
    text = sa.func.unaccent(sa.func.concat_ws(" ", _trend.brand, _trend.title))
    for word in query.split():
        chosen = chosen.where(text.ilike(sa.func.unaccent(containing(word))))
    if department:
        chosen = chosen.where(_trend.department == department)
    if marketplace:
        chosen = chosen.where(_trend.marketplace == marketplace)
    if resellable:
        chosen = chosen.where(_trend.is_resellable)
    ordering = [*_ORDERINGS.get(sort, _ORDERINGS["rank"]), _trend.listing_id]
    return paged(work, chosen, ordering, _row, page, size)


def trend_departments(work: Session) -> list[str]:
    """Departments that have trending listings one could resell, by name."""
    if not marts.built(work):
        return []
    found = sa.select(_trend.department).where(_trend.is_resellable, _trend.department.is_not(None)).distinct()
    return list(work.scalars(found.order_by(_trend.department)))
