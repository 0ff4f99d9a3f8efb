"""An order goes on from the confirming call to the door. None of these functions commits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from database.channels import SELLS_BY_ITSELF
from database.orders import Order
from reseller import channels, delivery, inventory, journal
from reseller.sales.costs import cost_once
from reseller.sales.states import follow, lines_by_product, locked, refuse_step, step, total, whole, write_event


@whole
def confirm(work: Session, order_id: int, *, who: str, why: str, now: datetime) -> Order:
    """The shopper has said yes on the telephone.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    return step(work, order_id, "confirmed", who, why, now)


@whole
def cancel(work: Session, order_id: int, *, who: str, why: str, now: datetime) -> Order:
    """The units are for sale again.

    Raises:
        Refused: `not_found`, `wrong_state` (it has left).
    """
    order = step(work, order_id, "cancelled", who, why, now)
    follow(work, order, now)
    return order


@whole
def ship(work: Session, order_id: int, *, who: str, why: str, now: datetime, cost: Decimal | None = None) -> Order:
    """The units leave with the carrier.

    Args:
        cost: what the carrier asks, DZD; None: the estimate for the wilaya.

    Raises:
        Refused: `not_found`, `wrong_state`, `stock_negative` (units are missing on the shelf).
    """
    order = locked(work, order_id)
    refuse_step(order, "shipped")
    for line in lines_by_product(work, order):
        inventory.move(
            work,
            line.product_id,
            "sale",
            -line.quantity,
            key=f"sale:{line.id}",
            who=who,
            reason=f"order {order.reference}",
            now=now,
            order_line_id=line.id,
        )
    write_event(work, order, order.state, "shipped", who, why, now)
    cost_once(work, order, "delivery_out", delivery.zone(order.wilaya).cost if cost is None else cost, who, now)
    follow(work, order, now)
    return order


@whole
def deliver(work: Session, order_id: int, *, who: str, why: str, now: datetime, fee: Decimal | None = None) -> Order:
    """The shopper has the units and has paid the carrier.

    Args:
        fee: what the carrier keeps for collecting the cash, DZD; None: the estimate, or nothing where a marketplace
            collects it, whose commission is booked where it is known.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    order = step(work, order_id, "delivered", who, why, now)
    journal.delivered(work, order, who=who, why=why, now=now)
    collected = total(work, order)
    if order.channel in SELLS_BY_ITSELF:
        commission = (collected - order.delivery_fee) * (channels.commission(order.channel) or 0)
        cost_once(work, order, "marketplace_fee", round(commission, 2), who, now)
        fee = fee or Decimal(0)
    cost_once(work, order, "payment_fee", delivery.cash_handling(collected) if fee is None else fee, who, now)
    return order


@whole
def refuse(work: Session, order_id: int, *, who: str, why: str, now: datetime, cost: Decimal | None = None) -> Order:
    """The shopper does not take the parcel: it travels back, and `take_back` books it in when it is here.

    Args:
        cost: what the carrier asks for the way back, DZD; None: the estimate.

    Raises:
        Refused: `not_found`, `wrong_state`.
    """
    order = step(work, order_id, "refused", who, why, now)
    cost_once(work, order, "delivery_back", delivery.zone(order.wilaya).back if cost is None else cost, who, now)
    return order
