"""Our prices: every change with its reason, and one product's price beside its floor and what others ask. DZD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.shop import Listing, PriceChange, Product
from reseller.money import ALGIERS
from reseller.overview.paging import Page, containing, paged

DAYS_DRAWN = 90


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of one of our prices.

    Attributes:
        reason_key: the rule that made it; None for changes that were written before there were rules.
        undone_by: the change that took this one back.
        newest: the listing's last change: the only one that can be taken back.
    """

    id: int
    listing_id: int
    product_id: int
    title: str
    old_price: Decimal | None
    new_price: Decimal
    floor: Decimal
    ceiling: Decimal | None
    reason: str
    reason_key: str | None
    reasons: dict[str, Any]
    who: str
    at: datetime
    undoes_id: int | None
    undone_by: int | None
    newest: bool

    def why(self, language: str) -> str:
        """Why, in `language`; what a person wrote as it stands."""
        return str(self.reasons.get(language) or self.reason)

    @property
    def can_be_undone(self) -> bool:
        """Whether it is the last change, and there was a price before it."""
        return self.newest and self.old_price is not None


@dataclass(frozen=True, slots=True)
class PricedListing:
    """One of our listings. `market_listing_id`: where it was bought."""

    listing_id: int
    product_id: int
    sku: str
    title: str
    state: str
    price: Decimal
    market_listing_id: int | None


@dataclass(frozen=True, slots=True)
class PricePage:
    """One listing with its changes, newest first, and the lowest price that others asked each day, oldest first."""

    row: PricedListing
    changes: Sequence[ChangeRow]
    others: Sequence[tuple[date, Decimal]]

    @property
    def ours(self) -> list[tuple[date, Decimal]]:
        """Our price from each day on."""
        return _daily([(change.at, change.new_price) for change in reversed(self.changes)])

    @property
    def floors(self) -> list[tuple[date, Decimal]]:
        """The least price that was allowed, from each day on."""
        return _daily([(change.at, change.floor) for change in reversed(self.changes) if change.floor > 0])


_later = sa.orm.aliased(PriceChange)
_undo = sa.orm.aliased(PriceChange)
_FIELDS: dict[str, Any] = {
    "product_id": Listing.product_id,
    "title": Listing.title,
    "undone_by": sa.select(_undo.id).where(_undo.undoes_id == PriceChange.id).scalar_subquery(),
    "newest": ~sa.exists().where(_later.listing_id == PriceChange.listing_id, _later.id > PriceChange.id),
}
_COLUMNS = [
    (_FIELDS[name] if name in _FIELDS else getattr(PriceChange, name)).label(name)
    for name in ChangeRow.__dataclass_fields__
]
_FROM = sa.select(*_COLUMNS).join_from(PriceChange, Listing, Listing.id == PriceChange.listing_id)


def _row(found: Any) -> ChangeRow:
    return ChangeRow(*found)


def changes(
    work: Session, *, rule: str | None = None, query: str = "", page: int = 1, size: int = 50
) -> Page[ChangeRow]:
    """Changes of our prices, newest first; `rule`: only those that this rule made."""
    chosen = _FROM
    if rule:
        chosen = chosen.where(PriceChange.reason_key == rule)
    for word in query.split():
        chosen = chosen.where(sa.func.unaccent(Listing.title).ilike(sa.func.unaccent(containing(word))))
    return paged(work, chosen, [PriceChange.id.desc()], _row, page, size)


def change(work: Session, change_id: int) -> ChangeRow | None:
    """One change, or None."""
    found = work.execute(_FROM.where(PriceChange.id == change_id)).one_or_none()
    return None if found is None else _row(found)


def rules(work: Session) -> list[str]:
    """The rules that have changed a price so far, by name."""
    query = sa.select(PriceChange.reason_key).where(PriceChange.reason_key.is_not(None)).distinct()
    return [str(key) for key in work.scalars(query.order_by(PriceChange.reason_key))]


def price(work: Session, listing_id: int) -> PricePage | None:
    """One of our listings with its prices, or None."""
    found = work.execute(
        sa.select(
            Listing.id, Listing.product_id, Product.sku, Listing.title, Listing.state, Listing.price, Product.listing_id
        )
        .join(Product, Product.id == Listing.product_id)
        .where(Listing.id == listing_id)
    ).one_or_none()
    if found is None:
        return None
    made = _FROM.where(PriceChange.listing_id == listing_id).order_by(PriceChange.id.desc())
    row = PricedListing(*found)
    return PricePage(row, [_row(one) for one in work.execute(made)], _others(work, row.market_listing_id))


def _others(work: Session, market_listing_id: int | None) -> list[tuple[date, Decimal]]:
    """The lowest price of the product each day, of everybody at home who lists it."""
    if market_listing_id is None or not marts.built(work):
        return []
    same, day = marts.market_product_listings.c, marts.price_history_daily.c
    product = sa.select(same.product_id).where(same.listing_id == market_listing_id).scalar_subquery()
    ids = sa.select(same.listing_id).where(same.product_id == product)
    query = (
        sa.select(day.day, sa.func.min(day.close_price_dzd))
        .where(
            sa.or_(day.listing_id.in_(ids), day.listing_id == market_listing_id),
            day.close_price_dzd > 0,
            day.availability.in_(("in_stock", "low_stock")),
        )
        .group_by(day.day)
        .order_by(day.day.desc())
        .limit(DAYS_DRAWN)
    )
    return [(found[0], Decimal(found[1])) for found in work.execute(query)][::-1]


def _daily(steps: Sequence[tuple[datetime, Decimal]]) -> list[tuple[date, Decimal]]:
    """The last value of each day in Algiers, within the days that are drawn."""
    days: dict[date, Decimal] = {}
    for at, value in steps:
        days[at.astimezone(ALGIERS).date()] = value
    if not days:
        return []
    first = max(days) - timedelta(days=DAYS_DRAWN)
    before = [day for day in days if day < first]
    kept = {day: value for day, value in days.items() if day >= first}
    if before:
        kept.setdefault(first, days[max(before)])
    return sorted(kept.items())


def listing_of(work: Session, product_id: int) -> int | None:
    """Id of the listing of one of our products; None where it was never offered."""
    return work.scalar(sa.select(Listing.id).where(Listing.product_id == product_id))
