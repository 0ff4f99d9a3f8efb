"""What the console's forms say, read as people type it, and the way back to the page that asked."""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation

from flask import redirect, request
from werkzeug.wrappers import Response

from reseller.refusals import Refused
from webapp.console.access import safe_next
from webapp.i18n import MINUS

REASON_MAX = 500
DIGITS_MAX = 12


def back(otherwise: str) -> Response:
    """To the page that the form names, if it is ours."""
    return redirect(safe_next(request.form.get("back") or otherwise), 303)


def reason() -> str:
    """Why, cut to what is kept."""
    return request.form.get("reason", "").strip()[:REASON_MAX]


def amount(name: str) -> Decimal | None:
    """A number as people type it: spaces between thousands, comma or point; None where the field is empty.

    Raises:
        Refused: `bad_value`, it is no number.
    """
    text = "".join(request.form.get(name, "").split()).replace(",", ".").replace(MINUS, "-")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX:
        raise Refused("bad_value", f"{text[:30]!r} is no number.", field="number", text=text[:30])
    return number


def whole(name: str) -> int | None:
    """A whole number of units; None where the field is empty.

    Raises:
        Refused: `bad_value`, it is none, or of more than 100,000 units.
    """
    units = amount(name)
    if units is None:
        return None
    if units != units.to_integral_value() or abs(units) > 100_000:
        raise Refused("bad_value", "Units are whole.", field="quantity")
    return int(units)


def key() -> str | None:
    """The form's own key, by which sending it twice counts once; None where it bears none."""
    text = request.form.get("key", "")
    try:
        return uuid.UUID(text).hex
    except ValueError:
        return None
