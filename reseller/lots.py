"""First in, first out: the lots that a product's stock consists of, and what each movement of it was worth, in DZD.

The rules are those of the marts (`int_stock__*`): movements count in the order in which they were posted, and units
that come back have the cost and the age with which they left.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.shop import StockMovement


@dataclass(frozen=True, slots=True)
class Lot:
    """Units of one cost that lie, or lay, together.

    Attributes:
        movement_id: the movement that brought them into stock, the last time they came.
        origin_id: the movement with which they first came.
        quantity: units.
        unit_cost: landed cost per unit, DZD; 0 where nothing that came tells it.
        received_at: when they first came.
        is_cost_known: a movement of the product says what a unit cost.
    """

    movement_id: int
    quantity: int
    unit_cost: Decimal
    received_at: datetime
    origin_id: int
    is_cost_known: bool = True

    @property
    def value(self) -> Decimal:
        """DZD."""
        return self.quantity * self.unit_cost


@dataclass(slots=True)
class Fifo:
    """What a product's movements leave in stock and what each of them moved.

    Attributes:
        stock: on hand, the next to leave first.
        moved: the units of each movement, by its id.
    """

    stock: deque[Lot] = field(default_factory=deque)
    moved: dict[int, list[Lot]] = field(default_factory=dict)
    _away: dict[int | None, deque[Lot]] = field(default_factory=lambda: defaultdict(deque))

    def cost(self, movement_id: int) -> Decimal:
        """DZD that a movement's units cost, whichever way they went."""
        return sum((lot.value for lot in self.moved[movement_id]), Decimal(0))

    def _come(self, movement: StockMovement, unit_cost: Decimal | None) -> None:
        back = _take(self._away[movement.order_line_id], movement.quantity) if movement.kind == "return" else []
        if (new := movement.quantity - sum(lot.quantity for lot in back)) > 0:
            cost, is_known = unit_cost or Decimal(0), unit_cost is not None
            back.append(Lot(movement.id, new, cost, movement.at, movement.id, is_known))
        self.moved[movement.id] = [replace(lot, movement_id=movement.id) for lot in back]
        self.stock.extend(self.moved[movement.id])

    def _leave(self, movement: StockMovement) -> None:
        self.moved[movement.id] = units = _take(self.stock, -movement.quantity)
        if movement.kind == "sale":
            self._away[movement.order_line_id].extend(units)


def on_hand(work: Session, product_id: int) -> list[Lot]:
    """The lots in stock of a product, the next to leave first."""
    return list(of_product(work, product_id).stock)


def of_product(work: Session, product_id: int, until: int | None = None) -> Fifo:
    """Stock and movements of one product; `until`: as it stood with the movement of that id."""
    return of_products(work, [product_id], until)[product_id]


def of_products(work: Session, product_ids: Collection[int] | None = None, until: int | None = None) -> dict[int, Fifo]:
    """Stock and movements of these products, or of all that ever moved, by product id."""
    query = sa.select(StockMovement).order_by(StockMovement.id)
    if until is not None:
        query = query.where(StockMovement.id <= until)
    if product_ids is not None:
        query = query.where(StockMovement.product_id.in_(product_ids))
    movements: dict[int, list[StockMovement]] = {product_id: [] for product_id in product_ids or ()}
    for movement in work.scalars(query):
        movements.setdefault(movement.product_id, []).append(movement)
    return {product_id: fifo(posted) for product_id, posted in movements.items()}


def fifo(movements: Iterable[StockMovement]) -> Fifo:
    """Walks the movements of one product in the order of their ids."""
    posted = sorted(movements, key=lambda movement: movement.id)
    books = Fifo()
    for movement, unit_cost in zip(posted, _known_costs(posted), strict=True):
        if movement.quantity > 0:
            books._come(movement, unit_cost)
        else:
            books._leave(movement)
    return books


def _known_costs(movements: list[StockMovement]) -> list[Decimal | None]:
    """Cost per unit of what comes: its own, else that of what came last before it, else of what came first after it."""
    costs = [movement.unit_cost if movement.quantity > 0 else None for movement in movements]
    known = next((cost for cost in costs if cost is not None), None)
    filled = []
    for cost in costs:
        known = known if cost is None else cost
        filled.append(known)
    return filled


def _take(lots: deque[Lot], quantity: int) -> list[Lot]:
    """Removes up to `quantity` units from the front, and returns them."""
    taken = []
    while quantity and lots:
        lot = lots.popleft()
        if lot.quantity > quantity:
            lots.appendleft(replace(lot, quantity=lot.quantity - quantity))
            lot = replace(lot, quantity=quantity)
        taken.append(lot)
        quantity -= lot.quantity
    return taken
