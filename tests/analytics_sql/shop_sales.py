"""Sales of our own shop, for the marts that are about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy.orm import Session

from database.shop import Product, StockMovement

Moves = Iterable[tuple[date, str, int]]


def product(work: Session, sku: str, moves: Moves) -> int:
    """A product, and its movements of stock at noon of their days: kind, units in or (negative) out."""
    made = Product(sku=sku, title=sku, created_at=datetime.now(UTC))
    work.add(made)
    work.flush()
    for number, (day, kind, units) in enumerate([(date(2026, 1, 1), "receipt", 9999), *moves]):
        at = datetime.combine(day, time(12), UTC)
        cost = Decimal(100) if kind == "receipt" else None
        work.add(
            StockMovement(
                product_id=made.id, kind=kind, quantity=units, unit_cost=cost, at=at, who="test", reason=kind,
                idempotency_key=f"{sku}:{number}",
            )
        )  # fmt: skip
        work.flush()
    return made.id
