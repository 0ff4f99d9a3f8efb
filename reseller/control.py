"""The one row that says what the agent may do: mode, budgets, caps, stop switch."""

from __future__ import annotations

import logging
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from config import settings
from database.agent import MODES, Control
from reseller.refusals import Refused

log = logging.getLogger(__name__)

MOST_DINARS = Decimal(10) ** 12 - 1
MOST_MARGIN = Decimal("0.9999")
"""The greatest values that are still allowed once their columns have rounded them."""

AGENT = "agent"
"""The name the agent acts under; every other `who` is a person."""


def get(work: Session, *, lock: bool = False) -> Control:
    """The control row, made from the settings on first use. Does not commit.

    Args:
        lock: holds the row until the transaction ends, so that those who reserve money take turns.
    """
    query = sa.select(Control).execution_options(populate_existing=True)
    if lock:
        query = query.with_for_update()
    row = work.scalar(query)
    if row is None:
        wanted = settings()
        first = {
            "mode": wanted.agent_mode,
            "budget_per_day": wanted.agent_budget_per_day,
            "budget_total": wanted.agent_budget_total,
            "cap_per_product": wanted.agent_cap_per_product,
            "margin_floor": wanted.agent_margin_floor,
            "changed_by": "settings",
        }
        work.execute(insert(Control).values(id=1, **first).on_conflict_do_nothing())
        row = work.scalars(query).one()
    return row


def change(
    work: Session,
    *,
    who: str,
    mode: str | None = None,
    budget_per_day: Decimal | None = None,
    budget_total: Decimal | None = None,
    cap_per_product: Decimal | None = None,
    margin_floor: Decimal | None = None,
) -> Control:
    """Changes what is given and leaves the rest. Budgets and cap in DZD, margin floor a fraction of the sale price.

    Does not commit.

    Raises:
        Refused: `bad_value`, an unknown mode, a negative amount or a margin floor outside 0 to 1.
    """
    if mode is not None and mode not in MODES:
        raise Refused("bad_value", f"The mode is one of {', '.join(MODES)}, not {mode!r}.", field="mode")
    amounts = {"budget_per_day": budget_per_day, "budget_total": budget_total, "cap_per_product": cap_per_product}
    for name, amount in amounts.items():
        if amount is not None and not (amount.is_finite() and 0 <= amount < MOST_DINARS):
            raise Refused("bad_value", f"{name} is an amount of dinars, zero or more, not {amount}.", field=name)
    if margin_floor is not None and not (margin_floor.is_finite() and 0 <= margin_floor <= MOST_MARGIN):
        raise Refused(
            "bad_value", f"The margin floor is a fraction from 0 to below 1, not {margin_floor}.", field="margin_floor"
        )
    given = {"mode": mode, **amounts, "margin_floor": margin_floor}
    return _set(work, who, {name: value for name, value in given.items() if value is not None})


def stop(work: Session, who: str, reason: str) -> Control:
    """Throws the stop switch: from the commit on nothing is reserved, and no approved order leaves. Does not commit.

    An order that became `ordering` before the commit is on its way to the supplier already and may still arrive there.
    """
    return _set(work, who, {"stopped": True, "stopped_reason": reason.strip() or None})


def resume(work: Session, who: str) -> Control:
    """Releases the stop switch. Does not commit."""
    return _set(work, who, {"stopped": False, "stopped_reason": None})


def refuse_unless_buying(row: Control) -> None:
    """Lets an approved order go out only while the agent may buy.

    Raises:
        Refused: `stopped`, `dry_run`.
    """
    if row.stopped:
        raise Refused("stopped", "The stop switch is on: nothing is ordered. Release it in the settings before buying.")
    if row.mode == "dry-run":
        raise Refused("dry_run", "This is a dry run: nothing is ordered. Change the mode to approve or auto to buy.")


def _set(work: Session, who: str, values: dict[str, object]) -> Control:
    row = get(work, lock=True)
    if not values:
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_by = who
    row.changed_at = work.scalars(sa.select(sa.func.clock_timestamp())).one()
    work.flush()
    log.info("control changed by %s: %s", who, values)
    return row
