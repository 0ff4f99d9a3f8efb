"""The shop's customers: who is signed in, what lies in a cart, what was ordered on the web and where it goes.

Kept in the supplier's order book: whoever sells a unit, it is gone for all. Unlike the supplier's API the web shop
knows no keys: the same order sent twice is two orders, and a customer who wants to know looks into the history.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from demo.orders import Order, OrderBook

ACCOUNTS = {"acheteur@hanout.example": "demo-achats"}
"""Who can sign in, with the published password: there is nothing to protect."""

MOST_UNITS = 20
SCHEMA = """
create table if not exists visit (token text primary key, account text, csrf text not null);
create table if not exists cart_line (
    owner text not null, sku text not null, quantity integer not null check (quantity > 0), primary key (owner, sku)
);
create table if not exists address (
    account text primary key, name text not null, phone text not null, wilaya integer not null, commune text not null,
    street text not null
);
create table if not exists web_order (
    id integer primary key, account text not null, ordered_at text not null, delivery_fee integer not null,
    name text not null, phone text not null, wilaya integer not null, commune text not null, street text not null
);
create table if not exists web_order_line (
    web_order_id integer not null references web_order, supplier_order_id integer not null unique
);
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that the shop knows by its cookie; `account` once it has signed in."""

    token: str
    account: str | None
    csrf: str

    @property
    def owner(self) -> str:
        """Whose the cart is."""
        return self.account or self.token


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes; `wilaya` is the official code."""

    name: str
    phone: str
    wilaya: int
    commune: str
    street: str


@dataclass(frozen=True, slots=True)
class WebOrder:
    """An order of the web shop, money in whole dinars."""

    id: int
    account: str
    ordered_at: datetime
    delivery_fee: int
    address: Address
    lines: tuple[Order, ...]

    @property
    def number(self) -> str:
        """What the customer is told: nine digits."""
        return str(310_000_000 + self.id * 37)

    @property
    def items(self) -> int:
        return sum(line.unit_price * line.quantity for line in self.lines)

    @property
    def total(self) -> int:
        return self.items + self.delivery_fee

    def state(self, now: datetime) -> str:
        """`ordered`, `delivered` or `cancelled`, as the supplier says it."""
        return str(self.lines[0].shown(now)["state"])


class Customers:
    """Visits, carts and web orders. Safe for several threads."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book
        with book.lock:
            book.connection.executescript(SCHEMA)

    def visit(self, token: str | None) -> Visit:
        """The visit of a cookie; a new one where there is none."""
        with self._book.lock, self._book.connection as write:
            row = write.execute("select token, account, csrf from visit where token = ?", (token,)).fetchone()
            if row is None:
                row = (secrets.token_hex(16), None, secrets.token_hex(16))
                write.execute("insert into visit values (?, ?, ?)", row)
            return Visit(*row)

    def sign_in(self, visit: Visit, account: str, password: str) -> Visit | None:
        """The visit with its account; None where the password is wrong. What lay in its cart joins the account's."""
        if not secrets.compare_digest(ACCOUNTS.get(account, "\0").encode(), password.encode()):
            return None
        with self._book.lock, self._book.connection as write:
            write.execute("update visit set account = ? where token = ?", (account, visit.token))
            write.execute("update or ignore cart_line set owner = ? where owner = ?", (account, visit.token))
        return Visit(visit.token, account, visit.csrf)

    def sign_out(self, visit: Visit) -> None:
        """Ends the visit."""
        with self._book.lock, self._book.connection as write:
            write.execute("delete from visit where token = ?", (visit.token,))

    def cart(self, visit: Visit) -> dict[str, int]:
        """Units by SKU."""
        with self._book.lock:
            query = "select sku, quantity from cart_line where owner = ? order by rowid"
            return dict(self._book.connection.execute(query, (visit.owner,)))

    def put(self, visit: Visit, sku: str, quantity: int) -> None:
        """Sets how many units of a SKU lie in the cart; 0 takes it out."""
        with self._book.lock, self._book.connection as write:
            write.execute("delete from cart_line where owner = ? and sku = ?", (visit.owner, sku))
            if quantity > 0:
                write.execute("insert into cart_line values (?, ?, ?)", (visit.owner, sku, min(quantity, MOST_UNITS)))

    def empty(self, visit: Visit) -> None:
        """Takes everything out of the cart."""
        with self._book.lock, self._book.connection as write:
            write.execute("delete from cart_line where owner = ?", (visit.owner,))

    def address(self, account: str) -> Address | None:
        """Where the account's parcels go."""
        with self._book.lock:
            query = "select name, phone, wilaya, commune, street from address where account = ?"
            row = self._book.connection.execute(query, (account,)).fetchone()
        return Address(*row) if row else None

    def move(self, account: str, to: Address) -> None:
        """Sets where the account's parcels go."""
        with self._book.lock, self._book.connection as write:
            row = (account, to.name, to.phone, to.wilaya, to.commune, to.street)
            write.execute("insert or replace into address values (?, ?, ?, ?, ?, ?)", row)

    def order(
        self,
        account: str,
        cart: dict[str, int],
        to: Address,
        fee: int,
        at: datetime,
        quote: Callable[[str, int], int],
    ) -> WebOrder:
        """Orders all of a cart or nothing of it.

        Args:
            fee: for delivery, in dinars.
            quote: called under the book's lock for the unit price in dinars of so many units; raises to refuse.
        """
        book = self._book
        with book.lock:
            prices = {sku: quote(sku, quantity) for sku, quantity in cart.items()}
            with book.connection as write:
                row = (account, at.isoformat(), fee, to.name, to.phone, to.wilaya, to.commune, to.street)
                made = write.execute(
                    "insert into web_order (account, ordered_at, delivery_fee, name, phone, wilaya, commune, street)"
                    " values (?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                number = int(made.lastrowid or 0)
                lines = [
                    book.write(f"web:{uuid.uuid4()}", sku, quantity, str(prices[sku]), prices[sku], at)
                    for sku, quantity in cart.items()
                ]
                write.executemany("insert into web_order_line values (?, ?)", [(number, line.id) for line in lines])
            book.keep(lines)
        return WebOrder(number, account, at, fee, to, tuple(lines))

    def cancel(self, order: WebOrder, at: datetime) -> bool:
        """Cancels what has not arrived yet; whether it is cancelled now."""
        if order.state(at) == "ordered":
            self._book.cancel({line.id for line in order.lines}, at)
        return order.state(at) != "delivered"

    def history(self, account: str) -> list[WebOrder]:
        """The account's orders, the latest first."""
        with self._book.lock:
            query = (
                "select id, ordered_at, delivery_fee, name, phone, wilaya, commune, street from web_order"
                " where account = ? order by id desc"
            )
            rows = self._book.connection.execute(query, (account,)).fetchall()
            lines: dict[int, list[Order]] = {}
            for number, line in self._book.connection.execute(
                "select web_order_id, supplier_order_id from web_order_line order by supplier_order_id"
            ).fetchall():
                lines.setdefault(number, []).append(self._book.by_id(line))
        return [
            WebOrder(id_, account, datetime.fromisoformat(at), fee, Address(*to), tuple(lines[id_]))
            for id_, at, fee, *to in rows
        ]
