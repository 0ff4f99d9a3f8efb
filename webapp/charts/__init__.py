"""Price charts drawn on the server, what a page says beside them, and sparklines."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from reseller.catalogue import Day
from webapp.i18n import day, money_text

WIDE, NARROW = (1040, 320), (358, 260)
SPARK = (120, 28)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about a price history besides drawing it."""

    summary: str
    changes: list[Day]
    version: str
    wide: tuple[int, int] = WIDE
    narrow: tuple[int, int] = NARROW


def facts(history: Sequence[Day]) -> Facts | None:
    """The history in words; None where fewer than two days have a price."""
    priced = [entry for entry in history if entry.price is not None]
    if len(priced) < 2:
        return None
    lowest, highest = min(priced, key=_price), max(priced, key=_price)
    values = {
        "days": (priced[-1].day - priced[0].day).days + 1,
        "now": money_text(_price(priced[-1]), priced[-1].currency),
        "low": money_text(_price(lowest), lowest.currency),
        "high": money_text(_price(highest), highest.currency),
        "when": day(lowest.day),
    }
    if _price(lowest) == _price(highest):
        summary = _("Over %(days)s days the price stayed at %(now)s.", **values)
    else:
        summary = _(
            "Over %(days)s days the price lay between %(low)s (%(when)s) and %(high)s; it is now %(now)s.", **values
        )
    changes = [
        entry
        for before, entry in zip([None, *history], history, strict=False)
        if before is None or (before.price, before.availability) != (entry.price, entry.availability)
    ]
    last = f"{history[-1].day}{history[-1].price}{len(history)}"
    return Facts(summary, changes[::-1][:40], f"{zlib.crc32(last.encode()):x}")


def _price(entry: Day) -> Decimal:
    return entry.price or Decimal(0)


def sparkline(history: Sequence[Day], days: int = 30) -> str | None:
    """The `d` of a path through the last days' prices, in a box of 120 by 28; None where it says nothing."""
    prices = [float(entry.price) for entry in history[-days:] if entry.price is not None]
    if len(prices) < 3 or min(prices) == max(prices):
        return None
    low, high = min(prices), max(prices)
    width, height = SPARK
    step = width / (len(prices) - 1)
    points = [(at * step, 3 + (height - 6) * (1 - (price - low) / (high - low))) for at, price in enumerate(prices)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
