"""Units of an order come back, from the door or after delivery. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import Order, OrderLine
from database.shop import StockMovement
from reseller import delivery, inventory
from reseller.refusals import Refused
from reseller.sales.costs import cost_once
from reseller.sales.states import follow, lines_by_product, locked, whole, write_event


@whole
def take_back(
    work: Session,
    order_id: int,
    *,
    who: str,
    why: str,
    now: datetime,
    units: Mapping[int, int] | None = None,
    lost: Mapping[int, int] | None = None,
    cost: Decimal | None = None,
) -> Order:
    """Units come back into stock at the cost with which they left; a shopper who had them gets their price back.

    Args:
        units: how many come back, by product id, those that are lost or broken among them; None: all that are away.
        lost: of these, how many are written off, by product id.
        cost: what the carrier asks for the way back, DZD; None: the estimate, where none was booked yet.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value` (more than is away, more lost than came back).
    """
    order = locked(work, order_id)
    if order.state not in ("shipped", "delivered", "refused", "returned"):
        raise Refused("wrong_state", f"Order {order.reference} is {order.state}: nothing of it is away.")
    away = {line.id: _away(work, line) for line in lines_by_product(work, order)}
    if not any(away.values()):
        raise Refused("wrong_state", f"All of order {order.reference} is back already.")
    _refuse_more_than_away(work, order, away, units, lost)
    for line in lines_by_product(work, order):
        back = away[line.id] if units is None else units.get(line.product_id, 0)
        _take_in(work, order, line, back, (lost or {}).get(line.product_id, 0), away[line.id], who, now)
    if order.state in ("shipped", "delivered"):
        write_event(work, order, order.state, "returned", who, why, now)
        cost_once(work, order, "delivery_back", delivery.zone(order.wilaya).back if cost is None else cost, who, now)
    follow(work, order, now)
    return order


def _away(work: Session, line: OrderLine) -> int:
    query = sa.select(sa.func.coalesce(-sa.func.sum(StockMovement.quantity), 0)).where(
        StockMovement.order_line_id == line.id, StockMovement.kind.in_(("sale", "return"))
    )
    return int(work.scalars(query).one())


def _refuse_more_than_away(
    work: Session,
    order: Order,
    away: Mapping[int, int],
    units: Mapping[int, int] | None,
    lost: Mapping[int, int] | None,
) -> None:
    most = {line.product_id: away[line.id] for line in lines_by_product(work, order)}
    back = most if units is None else units
    sensible = all(0 <= number <= most.get(product, 0) for product, number in back.items()) and any(back.values())
    if not sensible or not all(0 <= number <= back.get(product, 0) for product, number in (lost or {}).items()):
        raise Refused("bad_value", f"Of order {order.reference} {most} units are away, by product.", field="units")


def _take_in(
    work: Session,
    order: Order,
    line: OrderLine,
    back: int,
    lost: int,
    away: int,
    who: str,
    now: datetime,
) -> None:
    for kind, quantity in (("return", back), ("loss", -lost)):
        if quantity:
            inventory.move(
                work,
                line.product_id,
                kind,
                quantity,
                key=f"{kind}:{line.id}:{away}",
                who=who,
                reason=f"order {order.reference} came back",
                now=now,
                order_line_id=line.id,
            )
