"""What staff do at the counter, from the command line: capital, cash of the carrier, orders, the accounts."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

import database
from database.orders import ORDER_STATES, Order
from reseller import books, journal, reconciliation, sales
from reseller.wording import dinars

STEPS: dict[str, Callable[..., Order]] = {
    "confirm": sales.confirm,
    "ship": sales.ship,
    "deliver": sales.deliver,
    "refuse": sales.refuse,
    "take-back": sales.take_back,
    "cancel": sales.cancel,
}


def add(commands: Any, instant: Callable[[str], datetime], who: str) -> None:
    """Adds the commands `capital`, `carrier`, `orders` and `books`; each sets `act`, which does it.

    Args:
        commands: subparsers of argparse.
        instant: reads a time.
        who: the name under which changes are written, unless given.
    """
    capital = commands.add_parser("capital", help="money that the owner puts in or takes out")
    way = capital.add_mutually_exclusive_group(required=True)
    way.add_argument("--put", type=_amount, metavar="DZD")
    way.add_argument("--take", type=_amount, metavar="DZD")
    capital.set_defaults(act=_capital)
    carrier = commands.add_parser("carrier", help="cash that the carrier has collected and hands over")
    carrier.add_argument("--paid", type=_amount, metavar="DZD", required=True)
    carrier.set_defaults(act=_carrier)
    for command in (capital, carrier):
        command.add_argument("--key", default=None, help="given again, the same payment counts once")
    orders = commands.add_parser("orders", help="shoppers' orders: list them, or move one on")
    orders.add_argument("step", nargs="?", choices=list(STEPS), help="what happens to the order; none: list them")
    orders.add_argument("reference", nargs="?")
    orders.add_argument("--state", choices=ORDER_STATES, help="list those in this state")
    orders.set_defaults(act=_orders)
    accounts = commands.add_parser("books", help="the accounts and whether they agree with stock")
    accounts.add_argument("--catch-up", action="store_true", help="post what happened before the ledger was kept")
    accounts.set_defaults(act=_books)
    for command in (capital, carrier, orders):
        command.add_argument("--now", type=instant, help="the time to write it under, ISO 8601; default: the clock")
        command.add_argument("--why", default="", help="kept with the entry")
    for command in (capital, carrier, orders, accounts):
        command.add_argument("--who", default=who)


def _capital(given: argparse.Namespace) -> None:
    amount = given.put if given.put is not None else -given.take
    _pay(journal.capital, amount, given, "put in" if amount > 0 else "taken out")


def _carrier(given: argparse.Namespace) -> None:
    _pay(journal.handed_over, given.paid, given, "handed over")


def _pay(post: Callable[..., Any], amount: Decimal, given: argparse.Namespace, why: str) -> None:
    key = f"{given.command}:{given.key or uuid.uuid4()}"
    with database.session() as work:
        post(work, amount, key=key, who=given.who, why=given.why or why, now=given.now or datetime.now(UTC))
        work.commit()
        print(f"{dinars(abs(amount))} {why}; cash {dinars(books.balance(work, 'cash'))}")


def _orders(given: argparse.Namespace) -> None:
    with database.session() as work:
        if given.step:
            order = sales.by_reference(work, given.reference or "")
            now = given.now or datetime.now(UTC)
            STEPS[given.step](work, order.id, who=given.who, why=given.why or given.step, now=now)
            work.commit()
            print(f"{order.reference} is {order.state}")
            return
        query = sa.select(Order).order_by(Order.placed_at)
        for order in work.scalars(query.where(Order.state == given.state) if given.state else query):
            total = dinars(sales.total(work, order))
            print(f"{order.reference}  {order.state:9}  {order.placed_at:%Y-%m-%d %H:%M}  {order.wilaya:02}  {total}")


def _books(given: argparse.Namespace) -> None:
    with database.session() as work:
        if given.catch_up:
            print(f"{reconciliation.catch_up(work)} entries posted")
            work.commit()
        for row in books.balances(work):
            print(f"{row.account.kind:9}  {row.account.name_en:24} {row.shown:>16,.2f} DA")
        print(*reconciliation.check(work) or ["the accounts balance, and stock is worth its lots"], sep="\n")


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
