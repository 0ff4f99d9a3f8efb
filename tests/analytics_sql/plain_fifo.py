"""First in, first out, one unit at a time: slow and plain, to compare the marts with."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from decimal import Decimal

from database.shop import StockMovement


class Books:
    """What movements, in the order in which they were posted, leave in stock and cost.

    Attributes:
        stock: cost of each unit on hand, the next to leave first, by product.
        cost: cost of the units of a movement, by its id; positive, in and out alike.
    """

    def __init__(self, movements: Iterable[StockMovement]) -> None:
        self.stock: dict[int, deque[Decimal]] = defaultdict(deque)
        self.cost: dict[int, Decimal] = {}
        self._away: dict[tuple[int, int | None], deque[Decimal]] = defaultdict(deque)
        self._last_cost: dict[int, Decimal] = {}
        for movement in sorted(movements, key=lambda movement: movement.id):
            units = self._come(movement) if movement.quantity > 0 else self._leave(movement)
            self.cost[movement.id] = sum(units, Decimal(0))

    def _come(self, movement: StockMovement) -> list[Decimal]:
        product, units = movement.product_id, []
        if movement.unit_cost is not None:
            self._last_cost[product] = movement.unit_cost
        away = self._away[product, movement.order_line_id]
        for _ in range(movement.quantity):
            units.append(away.popleft() if movement.kind == "return" and away else self._last_cost[product])
        self.stock[product].extend(units)
        return units

    def _leave(self, movement: StockMovement) -> list[Decimal]:
        units = [self.stock[movement.product_id].popleft() for _ in range(-movement.quantity)]
        if movement.kind == "sale":
            self._away[movement.product_id, movement.order_line_id].extend(units)
        return units
