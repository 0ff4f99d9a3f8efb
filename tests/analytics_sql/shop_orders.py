"""A shop for tests: what it receives, sells, loses and takes back, posted to the real tables."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from database.orders import Customer, Order, OrderContact, OrderEvent, OrderLine
from database.shop import Product, StockMovement
from reseller import inventory, journal, sales

OPENING = datetime(2026, 5, 1, 9, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class Shop:
    """Writes rows; each movement names its order line where it has one."""

    work: Session
    movements: list[StockMovement] = field(default_factory=list)

    def product(self, title: str = "Casque") -> int:
        made = Product(sku=f"HN-{next(_numbers):06}", title=title, created_at=OPENING)
        self.work.add(made)
        self.work.flush()
        return made.id

    def customer(self, phone: str | None = None) -> Customer:
        made = Customer(phone=phone or f"+2135{next(_numbers):08}", created_at=OPENING)
        self.work.add(made)
        self.work.flush()
        return made

    def move(
        self,
        product: int,
        kind: str,
        units: int,
        at: datetime = OPENING,
        *,
        cost: str | None = None,
        line: OrderLine | None = None,
    ) -> StockMovement:
        made = inventory.move(
            self.work,
            product,
            kind,
            units,
            key=f"{kind}:{uuid.uuid4()}",
            who="test",
            reason=kind,
            now=at,
            unit_cost=None if cost is None else Decimal(cost),
            order_line_id=None if line is None else line.id,
        )
        self.movements.append(made)
        return made

    def order(
        self,
        lines: dict[int, tuple[int, str]],
        at: datetime = OPENING,
        *,
        customer: Customer | None = None,
        fee: str = "0",
        wilaya: int = 16,
    ) -> Order:
        """An order over units and unit prices by product, placed at `at`."""
        number = next(_numbers)
        made = Order(
            reference=f"R{number:05}",
            idempotency_key=str(uuid.uuid4()),
            customer_id=(customer or self.customer()).id,
            wilaya=wilaya,
            delivery_fee=Decimal(fee),
            placed_at=at,
            changed_at=at,
        )
        self.work.add(made)
        self.work.flush()
        self.work.add(OrderContact(order_id=made.id, name="Amina Secret", commune="Hydra", address="12 rue Secrète"))
        for product, (units, price) in sorted(lines.items()):
            self.work.add(OrderLine(order_id=made.id, product_id=product, quantity=units, unit_price=Decimal(price)))
            self.work.flush()
        self._event(made, None, "placed", at)
        return made

    def go(self, order: Order, *states: str, at: datetime = OPENING) -> Order:
        """Takes the order through the states; its units leave before it is `shipped`."""
        for state in states:
            if state == "shipped":
                for line in self.lines(order):
                    self.move(line.product_id, "sale", -line.quantity, at, line=line)
            self._event(order, order.state, state, at)
        return order

    def lines(self, order: Order) -> list[OrderLine]:
        return list(self.work.query(OrderLine).filter_by(order_id=order.id).order_by(OrderLine.id))

    def take_back(self, order: Order, at: datetime = OPENING, *, units: int | None = None, lost: bool = False) -> None:
        """All units of each line, or `units` of it, come back; lost ones are written off at once."""
        for line in self.lines(order):
            self.move(line.product_id, "return", units or line.quantity, at, line=line)
            if lost:
                self.move(line.product_id, "loss", -(units or line.quantity), at, line=line)

    def pay(self, order: Order, kind: str, amount: str, at: datetime = OPENING) -> None:
        key = f"{kind}:{uuid.uuid4()}"
        sales.charge(self.work, order.id, kind, Decimal(amount), key=key, who="test", reason=kind, now=at)

    def _event(self, order: Order, before: str | None, after: str, at: datetime) -> None:
        self.work.add(OrderEvent(order_id=order.id, from_state=before, to_state=after, at=at, who="test", why=after))
        self.work.flush()
        self.work.refresh(order)
        if after == "delivered":
            journal.delivered(self.work, order, who="test", why=after, now=at)
