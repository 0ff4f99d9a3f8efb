"""Stock as a ledger of movements: what is on hand is their sum."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.shop import MOVEMENT_KINDS, Product, StockMovement
from reseller import journal, publishing
from reseller.refusals import Refused

MOST_UNITS = 1_000_000
"""Of one movement: more is a typing mistake."""


def on_hand(work: Session, product_id: int) -> int:
    """Units of a product in stock: the sum of its movements."""
    query = sa.select(sa.func.coalesce(sa.func.sum(StockMovement.quantity), 0))
    return int(work.scalars(query.where(StockMovement.product_id == product_id)).one())


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
    order_line_id: int | None = None,
) -> StockMovement:
    """Writes a movement and its entry in the ledger; the same key again returns the first one. Does not commit.

    The storefront does not follow by itself: call `publishing.follow_stock` after the last movement of a transaction.

    Args:
        kind: receipt, sale, return, correction or loss.
        quantity: units, positive in, negative out.
        unit_cost: landed cost per unit of a receipt, in DZD.
        order_line_id: the shopper's order line of a sale, a return, or a loss of what came back.

    Raises:
        Refused: `not_found`, `bad_value`, `stock_negative`.
    """
    if kind not in MOVEMENT_KINDS or not 0 < abs(quantity) <= MOST_UNITS:
        raise Refused(
            "bad_value", f"A movement of kind {kind!r} over {quantity} units means nothing.", field="quantity"
        )
    _lock(work, product_id)
    if (before := work.scalar(sa.select(StockMovement).where(StockMovement.idempotency_key == key))) is not None:
        if (before.product_id, before.kind, before.quantity) != (product_id, kind, quantity):
            raise Refused("bad_value", f"The key {key} belongs to another movement.", field="key")
        return before
    made = StockMovement(
        product_id=product_id,
        kind=kind,
        quantity=quantity,
        unit_cost=unit_cost,
        purchase_order_id=purchase_order_id,
        order_line_id=order_line_id,
        idempotency_key=key,
        reason=reason,
        who=who,
        at=now,
    )
    with work.begin_nested():
        _insert(work, made)
        journal.moved(work, made)
    return made


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
    if not reason.strip():
        raise Refused("bad_value", "Say why the stock is corrected.", field="reason")
    key = f"correction:{key or uuid.uuid4()}"
    made = move(work, product_id, "correction", quantity, key=key, who=who, reason=reason.strip(), now=now)
    publishing.follow_stock(work, product_id, now=now)
    return made


def _lock(work: Session, product_id: int) -> None:
    if work.scalar(sa.select(Product.id).where(Product.id == product_id).with_for_update()) is None:
        raise Refused("not_found", f"There is no product {product_id}.", product=product_id)


def _insert(work: Session, movement: StockMovement) -> None:
    try:
        with work.begin_nested():
            work.add(movement)
    except sa.exc.DBAPIError as error:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if constraint == "ck_stock_movement_on_hand_not_negative":
            left = on_hand(work, movement.product_id)
            message = f"{-movement.quantity} units cannot leave: {left} are on hand."
            raise Refused("stock_negative", message, on_hand=left) from None
        if constraint is not None and constraint.startswith("ck_stock_movement_"):
            raise Refused("bad_value", f"A {movement.kind} of {movement.quantity} units is refused.") from error
        raise
