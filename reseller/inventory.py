"""Stock as a ledger of movements: what is on hand is their sum."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from database.shop import StockMovement


def on_hand(work: Session, product_id: int) -> int:
    """Units of a product in stock: the sum of its movements."""
    raise NotImplementedError


def move(
    work: Session,
    product_id: int,
    kind: str,
    quantity: int,
    *,
    key: str,
    who: str,
    reason: str,
    now: datetime,
    unit_cost: Decimal | None = None,
    purchase_order_id: int | None = None,
) -> StockMovement:
    """Writes a movement; the same key again returns the first one. Does not commit.

    Args:
        kind: receipt, sale, return, correction or loss.
        quantity: units, positive in, negative out.
        unit_cost: landed cost per unit of a receipt, in DZD.

    Raises:
        Refused: `not_found`, `bad_value`, `stock_negative`.
    """
    raise NotImplementedError


def correct(
    work: Session, product_id: int, quantity: int, *, who: str, reason: str, now: datetime, key: str | None = None
) -> StockMovement:
    """Corrects the stock by `quantity` units, positive found, negative missing; the storefront follows.

    Does not commit.

    Args:
        key: idempotency key of the form that was sent, so that sending it twice counts once.

    Raises:
        Refused: `not_found`, `bad_value` (zero, no reason), `stock_negative`.
    """
    raise NotImplementedError
