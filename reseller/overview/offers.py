"""Offers of the market as last seen, with what our own shop asks for the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.shop import Listing, Product, StockMovement
from reseller.overview.paging import Page, containing, paged


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One listing as last seen. `price`, `old_price` and `low_30d` in `currency`; `price_dzd` and `our_price` in DZD.

    Attributes:
        our_price: what our published listing asks; None where we have none.
        on_hand: units our shop holds.
    """

    listing_id: int
    marketplace: str
    country: str
    external_id: str
    url: str
    title: str
    brand: str | None
    category_path: str | None
    seller_kind: str
    availability: str
    currency: str | None
    price: Decimal | None
    price_dzd: Decimal | None
    old_price: Decimal | None
    low_30d: Decimal | None
    rating: Decimal | None
    rating_count: int | None
    first_seen_at: datetime
    last_seen_at: datetime
    our_price: Decimal | None
    on_hand: int

    @property
    def categories(self) -> list[str]:
        """From the widest to the narrowest."""
        return self.category_path.split(" > ") if self.category_path else []


_offers = marts.current_offers.c
_on_hand = sa.func.coalesce(
    sa.select(sa.func.sum(StockMovement.quantity)).where(StockMovement.product_id == Product.id).scalar_subquery(), 0
)
_FIELDS: dict[str, Any] = {"low_30d": _offers.low_30d_price, "our_price": Listing.price, "on_hand": _on_hand}
_COLUMNS = [_FIELDS[name] if name in _FIELDS else _offers[name] for name in OfferRow.__dataclass_fields__]
_ROWS = (
    sa.select(*_COLUMNS)
    .outerjoin_from(marts.current_offers, Product, Product.listing_id == _offers.listing_id)
    .outerjoin(Listing, sa.and_(Listing.product_id == Product.id, Listing.state == "published"))
)


def _row(found: Any) -> OfferRow:
    return OfferRow(*found)


def offers(
    work: Session,
    *,
    query: str = "",
    marketplace: str | None = None,
    department: str | None = None,
    in_stock: bool = False,
    ours: bool = False,
    page: int = 1,
    size: int = 50,
) -> Page[OfferRow]:
    """Offers one could resell, last seen first; an empty page before the marts are built.

    Args:
        query: words of title or brand, accents and case ignored; all have to occur.
        ours: only what our shop has published and holds.
    """
    if not marts.built(work):
        return Page([], 0, 1, size)
    chosen = _ROWS.where(_offers.is_resellable)
    text = sa.func.unaccent(sa.func.concat_ws(" ", _offers.brand, _offers.title))
    for word in query.split():
        chosen = chosen.where(text.ilike(sa.func.unaccent(containing(word))))
    if marketplace:
        chosen = chosen.where(_offers.marketplace == marketplace)
    if department:
        chosen = chosen.where(_offers.department == department)
    if in_stock:
        chosen = chosen.where(_offers.availability.in_(("in_stock", "low_stock")))
    if ours:
        chosen = chosen.where(Listing.id.is_not(None), _on_hand > 0)
    return paged(work, chosen, [_offers.last_seen_at.desc(), _offers.listing_id], _row, page, size)


def offer(work: Session, listing_id: int) -> OfferRow | None:
    """One offer, or None."""
    if not marts.built(work):
        return None
    found = work.execute(_ROWS.where(_offers.listing_id == listing_id)).one_or_none()
    return _row(found) if found else None
