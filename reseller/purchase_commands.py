"""`python -m reseller purchases`: what is under way, the trail of one, and what is due sent out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

import database
from database.agent import PurchaseEvent, PurchaseOrder
from reseller import cycle, purchase_trail
from reseller.wording import dinars


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], instant: Callable[[str], datetime]) -> None:
    """Adds the command to those of `python -m reseller`."""
    command = commands.add_parser("purchases", help="purchases under way, the trail of one, or what is due sent out")
    command.add_argument("id", nargs="?", type=int, help="one purchase, with its trail")
    command.add_argument("--follow", action="store_true", help="send what has waited, ask about what is out")
    command.add_argument("--now", type=instant, help="the time to do it at, ISO 8601; default: the clock")
    command.set_defaults(act=run)


def run(given: argparse.Namespace) -> None:
    """Carries the command out and prints what came of it."""
    if given.follow:
        moved = cycle.follow(given.now or datetime.now(UTC))
        counts = Counter(order.state for order in moved)
        print("purchases now: " + (", ".join(f"{n} {state}" for state, n in sorted(counts.items())) or "none moved"))
    elif given.id is not None:
        order = purchase_trail.read(given.id)
        _show(order)
        _show_trail(order)
    else:
        with database.session() as work:
            ended = [state for state, following in purchase_trail.NEXT_STATES.items() if not following]
            under_way = sa.select(PurchaseOrder).where(PurchaseOrder.state.not_in(ended)).order_by(PurchaseOrder.id)
            for order in work.scalars(under_way):
                _show(order)


def _show(order: PurchaseOrder) -> None:
    waits = f", not before {order.not_before:%Y-%m-%d %H:%M} UTC" if order.not_before else ""
    person = ", handed over to a person" if purchase_trail.is_with_a_person(order) else ""
    following = ", ".join(purchase_trail.next_states(order)) or "nothing"
    print(
        f"{order.id}  {order.supplier}  {order.quantity} for {dinars(order.total)}  {order.state}{waits}{person};"
        f" next: {following}"
    )


def _show_trail(order: PurchaseOrder) -> None:
    with database.session() as work:
        mine = PurchaseEvent.purchase_order_id == order.id
        for event in work.scalars(sa.select(PurchaseEvent).where(mine).order_by(PurchaseEvent.id)):
            kept = f" [{event.screenshot}]" if event.screenshot else ""
            print(f"  {event.at:%Y-%m-%d %H:%M}  {event.to_state}  {event.who}: {event.why}{kept}")
