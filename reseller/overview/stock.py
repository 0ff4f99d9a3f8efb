"""Stock: what is on hand, what it cost, and every movement that makes the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.shop import Listing, PriceChange, Product, StockMovement
from reseller.overview.paging import Page, containing, paged


@dataclass(frozen=True, slots=True)
class StockRow:
    """One product of ours. Money in DZD.

    Attributes:
        on_hand: units, the sum of the movements.
        unit_cost: mean landed cost of the units received, None where none was.
        price: what shoppers pay, None where it was never published.
        listing_state: published or withdrawn, None where it was never published.
        market_listing_id: the market listing it was bought at.
    """

    product_id: int
    sku: str
    title: str
    brand: str | None
    on_hand: int
    unit_cost: Decimal | None
    price: Decimal | None
    listing_state: str | None
    market_listing_id: int | None
    moved_at: datetime | None

    @property
    def at_cost(self) -> Decimal:
        """What is on hand, at cost."""
        return (self.unit_cost or Decimal(0)) * self.on_hand

    @property
    def markup(self) -> Decimal | None:
        """(price - cost) / price, before selling costs and returns."""
        return (self.price - self.unit_cost) / self.price if self.price and self.unit_cost is not None else None


@dataclass(frozen=True, slots=True)
class MovementRow:
    """Units in (positive) or out (negative), and what was on hand after."""

    id: int
    kind: str
    quantity: int
    balance: int
    unit_cost: Decimal | None
    purchase_id: int | None
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A change of our price, with the least price that kept the margin floor."""

    old_price: Decimal | None
    new_price: Decimal
    floor: Decimal
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StockPage:
    """A product with its movements and prices, newest first."""

    row: StockRow
    movements: Sequence[MovementRow]
    prices: Sequence[PriceRow]


_received = StockMovement.kind == "receipt"
_movement = (
    sa.select(
        StockMovement.product_id,
        sa.func.sum(StockMovement.quantity).label("on_hand"),
        (
            sa.func.sum(StockMovement.quantity * StockMovement.unit_cost).filter(_received)
            / sa.func.sum(StockMovement.quantity).filter(_received)
        ).label("unit_cost"),
        sa.func.max(StockMovement.at).label("moved_at"),
    )
    .group_by(StockMovement.product_id)
    .subquery()
)
_on_hand = sa.func.coalesce(_movement.c.on_hand, 0)
_rows = (
    sa.select(
        Product.id,
        Product.sku,
        Product.title,
        Product.brand,
        _on_hand,
        sa.func.round(_movement.c.unit_cost, 2),
        Listing.price,
        Listing.state,
        Product.listing_id,
        _movement.c.moved_at,
    )
    .outerjoin_from(Product, _movement, _movement.c.product_id == Product.id)
    .outerjoin(Listing, Listing.product_id == Product.id)
)


def _row(found: Any) -> StockRow:
    return StockRow(*found)


def stock(work: Session, *, query: str = "", held_only: bool = False, page: int = 1, size: int = 50) -> Page[StockRow]:
    """Our products: those on hand first, then by what they tie up."""
    chosen = _rows
    for word in query.split():
        text = sa.func.unaccent(sa.func.concat_ws(" ", Product.sku, Product.brand, Product.title))
        chosen = chosen.where(text.ilike(sa.func.unaccent(containing(word))))
    if held_only:
        chosen = chosen.where(_on_hand > 0)
    tied_up = _on_hand * sa.func.coalesce(_movement.c.unit_cost, 0)
    return paged(work, chosen, [(_on_hand > 0).desc(), tied_up.desc(), Product.id], _row, page, size)


def held(work: Session) -> tuple[int, Decimal]:
    """Units on hand in all, and what they cost, in DZD."""
    at_cost = sa.func.sum(_movement.c.on_hand * sa.func.coalesce(_movement.c.unit_cost, 0))
    found = work.execute(sa.select(sa.func.sum(_movement.c.on_hand), sa.func.round(at_cost, 2))).one()
    return int(found[0] or 0), Decimal(found[1] or 0)


def stock_item(work: Session, product_id: int) -> StockPage | None:
    """One product with its movements and prices, or None."""
    found = work.execute(_rows.where(Product.id == product_id)).one_or_none()
    if found is None:
        return None
    balance = sa.func.sum(StockMovement.quantity).over(order_by=StockMovement.id)
    movements = work.execute(
        sa.select(
            StockMovement.id,
            StockMovement.kind,
            StockMovement.quantity,
            balance,
            StockMovement.unit_cost,
            StockMovement.purchase_order_id,
            StockMovement.reason,
            StockMovement.who,
            StockMovement.at,
        )
        .where(StockMovement.product_id == product_id)
        .order_by(StockMovement.id.desc())
    )
    prices = work.execute(
        sa.select(
            PriceChange.old_price,
            PriceChange.new_price,
            PriceChange.floor,
            PriceChange.reason,
            PriceChange.who,
            PriceChange.at,
        )
        .join(Listing, Listing.id == PriceChange.listing_id)
        .where(Listing.product_id == product_id)
        .order_by(PriceChange.id.desc())
    )
    return StockPage(_row(found), [MovementRow(*row) for row in movements], [PriceRow(*row) for row in prices])
