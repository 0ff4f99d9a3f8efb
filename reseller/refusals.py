"""What the business says no to, and why."""

from __future__ import annotations


class Refused(Exception):
    """A rule of the business refuses what was asked; nothing was changed.

    Attributes:
        code: for programs and translations: one of `CODES`.
        message: for a person, in English; says what to do.
        details: the figures the message rests on, as text, by name.
    """

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(code, message)
        assert code in CODES, code
        self.code = code
        self.message = message
        self.details = {name: str(value) for name, value in details.items()}

    def __str__(self) -> str:
        return self.message


CODES = frozenset(
    {
        "approval_needed",
        "bad_value",
        "budget_day",
        "budget_total",
        "cap_product",
        "dry_run",
        "expired",
        "margin_floor",
        "not_cancellable",
        "no_cash",
        "not_found",
        "not_open",
        "price_changed",
        "sold_out",
        "stock_negative",
        "stopped",
        "wrong_state",
    }
)
