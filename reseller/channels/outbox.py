"""What a channel is to be told, written down first. None of these functions commits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.channels import ChannelAction

OPEN = ("pending", "sending", "sent")


def tell(
    work: Session, channel: str, product_id: int, kind: str, payload: Mapping[str, object], now: datetime
) -> ChannelAction:
    """Writes down what a channel is to hear of a product. What waits of the same kind is replaced by it.

    What is on its way already stays as it is; the next sync sees whether it was enough.
    """
    waiting = open_action(work, channel, product_id, kind)
    if waiting is not None:
        if waiting.state == "pending":
            waiting.payload, waiting.changed_at = dict(payload), now
        return waiting
    made = ChannelAction(
        channel=channel,
        product_id=product_id,
        kind=kind,
        payload=dict(payload),
        idempotency_key=f"{kind}:{channel}:{product_id}:{uuid.uuid4()}",
        state="pending",
        attempts=0,
        created_at=now,
        changed_at=now,
    )
    work.add(made)
    work.flush()
    return made


def open_action(work: Session, channel: str, product_id: int, kind: str) -> ChannelAction | None:
    """The one thing of a kind that is not done yet, for one product."""
    query = sa.select(ChannelAction).where(
        ChannelAction.channel == channel,
        ChannelAction.product_id == product_id,
        ChannelAction.kind == kind,
        ChannelAction.state.in_(OPEN),
    )
    return work.scalar(query.execution_options(populate_existing=True))


def waiting(work: Session, channel: str, kind: str, *states: str) -> Sequence[ChannelAction]:
    """What is open of a kind, the oldest first."""
    query = sa.select(ChannelAction).where(
        ChannelAction.channel == channel, ChannelAction.kind == kind, ChannelAction.state.in_(states or OPEN)
    )
    return work.scalars(query.order_by(ChannelAction.id).execution_options(populate_existing=True)).all()


def move(action: ChannelAction, state: str, now: datetime, error: str | None = None) -> None:
    """Moves an action on; `sending` counts as an attempt."""
    action.state, action.error, action.changed_at = state, error, now
    action.attempts += state == "sending"
