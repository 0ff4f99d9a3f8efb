"""The supplier's order book: one order a key, kept in SQLite so that a restart forgets none."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

DELIVERY = timedelta(days=1)
SCHEMA = """
create table if not exists supplier_order (
    id integer primary key,
    key text not null unique,
    sku text not null,
    quantity integer not null check (quantity > 0),
    max_unit_price text not null,
    unit_price integer not null check (unit_price > 0),
    ordered_at text not null
);
create table if not exists supplier_cancellation (
    supplier_order_id integer primary key references supplier_order, cancelled_at text not null
)
"""
COLUMNS = "id, key, sku, quantity, max_unit_price, unit_price, ordered_at"


class KeyReused(Exception):
    """The key belongs to an order of other content."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order at the supplier. `unit_price` in whole dinars, `max_unit_price` as the buyer wrote it."""

    id: int
    key: str
    sku: str
    quantity: int
    max_unit_price: str
    unit_price: int
    ordered_at: datetime
    is_cancelled: bool = False

    @property
    def reference(self) -> str:
        return f"DS-{self.id:06}"

    def shown(self, now: datetime) -> dict[str, Any]:
        """The order as the API answers it at a time of the market."""
        deliver_at = self.ordered_at + DELIVERY
        state = "delivered" if now >= deliver_at else "ordered"
        return {
            "reference": self.reference,
            "sku": self.sku,
            "quantity": self.quantity,
            "unit_price": f"{self.unit_price}.00",
            "total": f"{self.unit_price * self.quantity}.00",
            "currency": "DZD",
            "state": "cancelled" if self.is_cancelled else state,
            "ordered_at": self.ordered_at.isoformat(),
            "deliver_at": deliver_at.isoformat(),
        }


class OrderBook:
    """Every order ever placed. Placing takes turns, so that stock is looked at and taken in one go."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.connection = sqlite3.connect(file, check_same_thread=False)
        self.connection.executescript(SCHEMA)
        self._orders = self._load()

    def _load(self) -> list[Order]:
        rows = self.connection.execute(f"select {COLUMNS} from supplier_order order by id").fetchall()  # noqa: S608
        cancelled = {row[0] for row in self.connection.execute("select supplier_order_id from supplier_cancellation")}
        return [
            Order(id_, key, sku, quantity, most, price, datetime.fromisoformat(at), id_ in cancelled)
            for id_, key, sku, quantity, most, price, at in rows
        ]

    def place(
        self, key: str, sku: str, quantity: int, max_unit_price: str, at: datetime, quote: Callable[[], int]
    ) -> tuple[Order, bool]:
        """Places an order unless the key has one. Returns it, and whether it is new.

        Args:
            quote: called under the book's lock for the unit price in dinars; raises to refuse.

        Raises:
            KeyReused: the key's order asked for something else.
        """
        with self.lock:
            if before := self.by_key(key):
                if (before.sku, before.quantity, before.max_unit_price) != (sku, quantity, max_unit_price):
                    raise KeyReused(key)
                return before, False
            unit_price = quote()
            with self.connection:
                order = self.write(key, sku, quantity, max_unit_price, unit_price, at)
            self.keep([order])
            return order, True

    def write(self, key: str, sku: str, quantity: int, max_unit_price: str, unit_price: int, at: datetime) -> Order:
        """Writes an order within the caller's lock and transaction; `keep` it once that is committed."""
        cursor = self.connection.execute(
            "insert into supplier_order (key, sku, quantity, max_unit_price, unit_price, ordered_at)"
            " values (?, ?, ?, ?, ?, ?)",
            (key, sku, quantity, max_unit_price, unit_price, at.isoformat()),
        )
        return Order(int(cursor.lastrowid or 0), key, sku, quantity, max_unit_price, unit_price, at)

    def keep(self, orders: list[Order]) -> None:
        """Shows orders that were written to those who ask, and takes their units from the stock."""
        self._orders.extend(orders)

    def cancel(self, ids: Collection[int], at: datetime) -> None:
        """Orders that their buyer will not have: their units are for sale again, and were never sold."""
        with self.lock:
            with self.connection as write:
                rows = [(id_, at.isoformat()) for id_ in ids]
                write.executemany("insert or ignore into supplier_cancellation values (?, ?)", rows)
            self._orders = [replace(one, is_cancelled=True) if one.id in ids else one for one in self._orders]

    def by_key(self, key: str) -> Order | None:
        """The order made under a key."""
        return next((order for order in list(self._orders) if order.key == key), None)

    def by_reference(self, reference: str) -> Order | None:
        """The order of a reference."""
        return next((order for order in list(self._orders) if order.reference == reference), None)

    def by_id(self, id_: int) -> Order:
        """The order of a number within the book."""
        return next(order for order in list(self._orders) if order.id == id_)

    def taken(self, sku: str, since: datetime, until: datetime) -> int:
        """Units of a SKU ordered between two times and not cancelled."""
        return sum(o.quantity for o in self._kept() if o.sku == sku and since <= o.ordered_at <= until)

    def purchases(self) -> list[tuple[datetime, str, int]]:
        """Time, SKU and units of every order that was not cancelled."""
        return [(order.ordered_at, order.sku, order.quantity) for order in self._kept()]

    def version(self, until: datetime | None = None) -> int:
        """Changes whenever an order by that time (None: any) was placed or cancelled."""
        found = [order for order in list(self._orders) if until is None or order.ordered_at <= until]
        return len(found) + sum(order.is_cancelled for order in found)

    def _kept(self) -> list[Order]:
        return [order for order in list(self._orders) if not order.is_cancelled]

    def close(self) -> None:
        """Closes the file."""
        with self.lock:
            self.connection.close()
