"""What may be reserved: rules over plain figures, all money in DZD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from reseller.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Money somebody wants to reserve, and all that the rules look at.

    Attributes:
        mode, stopped, stopped_reason: of the control row, as are the limits `budget_per_day` to `margin_floor`.
        reserved_today, tied_up: reserved on this day in Algiers, and in all.
        on_product: already reserved for this listing, in orders that still stand.
        amount: to be reserved.
        margin: expected, a fraction of the sale price.
        by_agent: nobody but the agent has approved it.
        cash: in the ledger, less what is reserved for purchases not paid yet; None: no capital was ever put in, so
            that the ledger does not say what there is.
    """

    mode: str
    stopped: bool
    stopped_reason: str | None
    budget_per_day: Decimal
    budget_total: Decimal
    cap_per_product: Decimal
    margin_floor: Decimal
    reserved_today: Decimal
    tied_up: Decimal
    on_product: Decimal
    amount: Decimal
    margin: Decimal
    by_agent: bool
    cash: Decimal | None = None


def stop_switch(request: Request) -> None:
    """Stopped means stopped, for people too: the switch is released first."""
    if request.stopped:
        why = f" ({request.stopped_reason})" if request.stopped_reason else ""
        raise Refused("stopped", f"The stop switch is on{why}. Release it in the settings before buying.")


def dry_run(request: Request) -> None:
    """A dry run reserves nothing, whoever asks."""
    if request.mode == "dry-run":
        raise Refused("dry_run", "This is a dry run: nothing is bought. Change the mode to approve or auto to buy.")


def approval(request: Request) -> None:
    """In mode approve a person says yes."""
    if request.mode == "approve" and request.by_agent:
        raise Refused("approval_needed", "In mode approve a person approves each purchase.")


def margin_floor(request: Request) -> None:
    """The expected margin is at or above the floor as it is now, not as it was when proposed."""
    if request.margin < request.margin_floor:
        message = f"The expected margin {request.margin:.1%} is below the floor of {request.margin_floor:.1%}."
        raise Refused("margin_floor", message, margin=request.margin, floor=request.margin_floor)


def cap_per_product(request: Request) -> None:
    """One product never ties up more than its cap."""
    _within("cap_product", "the cap for one product", request.on_product, request.amount, request.cap_per_product)


def budget_per_day(request: Request) -> None:
    """A day in Algiers never reserves more than its budget."""
    _within("budget_day", "the budget of the day", request.reserved_today, request.amount, request.budget_per_day)


def budget_total(request: Request) -> None:
    """All orders together never tie up more than the budget."""
    _within("budget_total", "the budget in all", request.tied_up, request.amount, request.budget_total)


def cash_at_hand(request: Request) -> None:
    """Nobody orders what cannot be paid when it comes."""
    if request.cash is not None and request.amount > request.cash:
        message = f"{request.amount:,.0f} DA more cannot be paid: {max(request.cash, Decimal(0)):,.0f} DA are at hand."
        raise Refused("no_cash", message, amount=request.amount, cash=request.cash)


RULES: tuple[Callable[[Request], None], ...] = (
    stop_switch,
    dry_run,
    approval,
    margin_floor,
    cap_per_product,
    budget_per_day,
    budget_total,
    cash_at_hand,
)
"""Every rule, in the order in which a person would want to hear of them."""


def _within(code: str, name: str, used: Decimal, amount: Decimal, limit: Decimal) -> None:
    if used + amount > limit:
        message = f"{amount:,.0f} DA more would exceed {name}: {used:,.0f} of {limit:,.0f} DA are reserved."
        raise Refused(code, message, used=used, amount=amount, limit=limit)
