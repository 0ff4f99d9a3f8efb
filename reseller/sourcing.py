"""Which offers are looked at, and what each would bring: trending or unusually cheap, and to be had now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.agent import BudgetEntry, Proposal, PurchaseOrder
from database.market import Listing
from database.shop import Product
from reseller import appraisal, evidence, pricing, returns
from reseller.appraisal import Appraisal, Offer
from reseller.competition import HOME, Competition
from reseller.demand import Rate
from reseller.pricing import Economics, Quote
from reseller.purchase_check import is_another

MIN_SCORE = Decimal(40)
"""Trend score from which an offer is looked at: below, it will sell less next week than it does now. A market of which
little is known stands near 50."""

TOP_SHARE = Decimal("0.25")
"""The part of a shop's offers, by score, that is looked at. Scores compare offers of one shop; how high they reach
depends on what it shows (reviews, likes, units left), so the line between trending and not is drawn shop by shop."""

DISCOUNT_PCT = Decimal(-8)
"""Or it costs this much less than its median of 30 days, in percent: what costs less than usual sells at the usual
price once the discount has ended."""

MOST_PRICE = Decimal(10) ** 10
"""DZD, far above all that is sent by parcel: what is reckoned from a price beyond it would burst the books' columns."""

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

RESTOCK_DAYS = 10.0
"""What we have is bought again when it lasts no longer than this, once it has sold at all."""

UNDER_WAY = ("proposed", "approved", "ordering", "ordered")
"""States of purchase orders that still bring goods."""

LOOKED_AT = 400
"""Most offers of one cycle, the highest trend scores first: a person reads far fewer, and each leaves a row."""

WORST_SELLER = Decimal("2.5")
"""Mean rating of a seller, of 5, below which nothing is bought there: what disappoints comes back to us."""

_trend = marts.trending_products_v2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An offer that was looked at.

    Attributes:
        price: asked by the marketplace, in `currency`; `quote.landed.price` is the same in DZD.
        product: id of the product in market_products, or below 0; two listings of it are one product.
        score: trend, 0 to 100; confidence: 0 to 1.
        stock_left: units, where the marketplace says.
        tied_up: DZD already reserved for this listing.
        why: the mart's reason by language.
        reference: DZD that shoppers would pay elsewhere, None where nothing tells.
        market: units a day that the market sells.
        appraisal: None where no price earns its margin, or it was not asked for.
        barred: why it is not bought whatever it earns; None: it may be.
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
    product: int
    title: str = ""
    category: str | None = None
    seller: str | None = None
    reference: Decimal | None = None
    market: Rate | None = None
    competition: Competition = field(default_factory=Competition)
    appraisal: Appraisal | None = None
    barred: str | None = None


def can_be_had() -> sa.ColumnElement[bool]:
    """Whether a row of the trending mart can be ordered: resellable, priced, in stock, with evidence enough."""
    return sa.and_(
        _trend.c.is_resellable,
        _trend.c.price_dzd > 0,
        _trend.c.price_dzd < MOST_PRICE,
        _trend.c.price_kind.in_(ORDERABLE_PRICES),
        _trend.c.availability.in_(AVAILABLE),
        _trend.c.confidence >= MIN_CONFIDENCE,
        sa.or_(_trend.c.stock_left.is_(None), _trend.c.stock_left > 0),
    )


def is_cheap() -> sa.ColumnElement[bool]:
    """Whether a row of the trending mart costs clearly less than it usually does."""
    return sa.func.coalesce(_trend.c.price_vs_median_pct, 0) <= DISCOUNT_PCT


def is_offered() -> sa.ColumnElement[bool]:
    """Whether a row of the trending mart can be ordered and does not lose its buyers, or is cheap."""
    return sa.and_(can_be_had(), sa.or_(_trend.c.score >= MIN_SCORE, is_cheap()))


def candidates(
    work: Session, now: datetime, *, margin_floor: Decimal, economics: Economics | None = None
) -> list[Candidate]:
    """Every offer that is looked at, the highest score first; `barred` says which may not be bought, and why."""
    economics = economics or returns.economics(work)
    rows = work.execute(_query(now)).mappings().all()
    asked = {row["listing_id"]: row["price_dzd"] for row in rows}
    known = evidence.gather(work, list(asked), now, anchors=asked)
    lessons = evidence.lessons(work, now)
    return [_judged(row, known[row["listing_id"]], lessons, margin_floor, economics) for row in rows]


def _query(now: datetime) -> sa.Select:
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
    available = sa.table("stock_available", sa.column("product_id"), sa.column("available"), schema="shop")
    seller = marts.seller_performance
    sold_by = sa.and_(
        seller.c.marketplace == _trend.c.marketplace,
        seller.c.country == _trend.c.country,
        seller.c.seller_id == sa.func.coalesce(Listing.attributes["seller_id"].astext, Listing.seller_name),
    )
    return (
        sa.select(
            *_trend.c,
            Listing.seller_name,
            Product.title.label("bought_as"),
            seller.c.rating.label("seller_rating"),
            sa.func.coalesce(tied_up.c.amount, Decimal(0)).label("tied_up"),
            sa.func.coalesce(available.c.available, 0).label("held"),
            _busy(now).label("busy"),
        )
        .join(standing, standing.c.listing_id == _trend.c.listing_id)
        .join(Listing, Listing.id == _trend.c.listing_id)
        .outerjoin(tied_up, tied_up.c.listing_id == _trend.c.listing_id)
        .outerjoin(Product, Product.listing_id == _trend.c.listing_id)
        .outerjoin(available, available.c.product_id == Product.id)
        .outerjoin(seller, sold_by)
        .where(is_offered(), sa.or_(standing.c.from_top <= TOP_SHARE, is_cheap(), available.c.available > 0))
        .order_by(_trend.c.score.desc(), _trend.c.listing_id)
        .limit(LOOKED_AT)
    )


def _busy(now: datetime) -> sa.ColumnElement[str | None]:
    """Why a listing is not brought now, whatever it earns."""
    proposal = sa.select(Proposal.id).where(Proposal.listing_id == _trend.c.listing_id)
    order = sa.select(PurchaseOrder.id).where(PurchaseOrder.listing_id == _trend.c.listing_id)
    rejected = sa.and_(Proposal.state == "rejected", Proposal.decided_at > now - REST_AFTER_REJECTION)
    cancelled = sa.and_(PurchaseOrder.state == "cancelled", PurchaseOrder.changed_at > now - REST_AFTER_REJECTION)
    failed = sa.and_(PurchaseOrder.state == "failed", PurchaseOrder.changed_at > now - REST_AFTER_FAILURE)
    return sa.case(
        (proposal.where(Proposal.state == "proposed").exists(), "proposed"),
        (order.where(PurchaseOrder.state.in_(UNDER_WAY)).exists(), "under_way"),
        (proposal.where(rejected).exists(), "rejected"),
        (order.where(cancelled).exists(), "rejected"),
        (order.where(failed).exists(), "failed"),
    )


def _judged(
    row: sa.RowMapping,
    known: evidence.Evidence,
    lessons: evidence.Lessons,
    margin_floor: Decimal,
    economics: Economics,
) -> Candidate:
    price = row["price_dzd"]
    from_abroad = row["country"] != HOME or bool(row["shipped_from_abroad"])
    plain = pricing.quote(price, from_abroad=from_abroad, within_reach=row["country"] == HOME, economics=economics)
    reference = known.competition.usual
    if reference is None and row["country"] != HOME:
        reference = plain.landed.price + plain.landed.imports
    own = lessons.own.get(row["listing_id"])
    found = None
    if reference is not None:
        offer = Offer(
            price=price,
            from_abroad=from_abroad,
            reference=reference,
            market=known.market,
            confidence=row["confidence"],
            own=own,
            held=max(row["held"], 0),
            sold_out=known.competition.now is None,
            goodwill=appraisal.goodwill(lessons.delivered),
        )
        found = appraisal.appraise(offer, lessons.response, margin_floor=margin_floor, economics=economics)
    return Candidate(
        listing_id=row["listing_id"],
        marketplace=row["marketplace"],
        country=row["country"],
        title=row["title"],
        price=row["price"],
        currency=row["currency"],
        score=row["score"],
        confidence=row["confidence"],
        stock_left=row["stock_left"],
        tied_up=row["tied_up"],
        why={language: row[f"reason_{language}"] or "" for language in ("fr", "ar", "en")},
        quote=found.quote if found else plain,
        product=known.product,
        category=row["category"],
        seller=row["seller_name"],
        reference=reference,
        market=known.market,
        competition=known.competition,
        appraisal=found,
        barred=_barred(row, reference, found, own),
    )


def _barred(
    row: sa.RowMapping, reference: Decimal | None, found: Appraisal | None, own: tuple[float, float, float] | None
) -> str | None:
    if row["busy"] is not None:
        return str(row["busy"])
    if is_another(row["bought_as"] or "", row["title"]):
        return "turned"
    if reference is None:
        return "wild_price"
    if row["seller_rating"] is not None and row["seller_rating"] < WORST_SELLER:
        return "bad_seller"
    if found is None:
        return "margin"
    sold = own is not None and own[0] > 0
    if row["held"] > 0 and not (sold and row["held"] / found.rate.mean <= RESTOCK_DAYS):
        return "in_stock"
    return None
