"""Small drawings as numbers for SVG attributes: sparklines and waterfalls, no style and no script in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reseller.overview import Step


@dataclass(frozen=True, slots=True)
class Spark:
    """A line of values in a box `width` x `height`: SVG points of each unbroken part, and where the last value is."""

    parts: Sequence[str]
    last: tuple[float, float] | None
    fell: bool


def spark(values: Sequence[Decimal | None], width: int = 96, height: int = 28, pad: int = 3) -> Spark:
    """The line of `values`, oldest first; days without a value break it."""
    known = [value for value in values if value is not None]
    if not known:
        return Spark([], None, False)
    low, span = min(known), (max(known) - min(known)) or Decimal(1)
    step = (width - 2 * pad) / max(1, len(values) - 1)
    flat = max(known) == low
    parts: list[list[str]] = [[]]
    last = None
    for at, value in enumerate(values):
        if value is None:
            parts.append([])
            continue
        y = height / 2 if flat else height - pad - float((value - low) / span) * (height - 2 * pad)
        last = (round(pad + at * step, 1), round(y, 1))
        parts[-1].append(f"{last[0]},{last[1]}")
    drawn = [" ".join(part if len(part) > 1 else part * 2) for part in parts if part]
    return Spark(drawn, last, known[-1] < known[0])


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a waterfall: `start` and `width` in thousandths of the widest, `kind` total, cost or profit."""

    key: str
    amount: Decimal
    start: int
    width: int
    kind: str


def waterfall(steps: Sequence[Step]) -> list[Bar]:
    """From the first step, the whole, each cost takes its part away; the last, `profit`, is what remains."""
    if not steps:
        return []
    whole = max((abs(step.amount) for step in steps), default=Decimal(0)) or Decimal(1)
    low = min(Decimal(0), steps[-1].amount)
    scale = Decimal(1000) / (whole - low)
    bars, level = [], Decimal(0)
    for at, step in enumerate(steps):
        if at in (0, len(steps) - 1):
            start, end = Decimal(0), step.amount
            level = step.amount
        else:
            start, end = level, level + step.amount
            level = end
        left, right = min(start, end), max(start, end)
        kind = "total" if at == 0 else "cost" if at < len(steps) - 1 else "profit" if step.amount >= 0 else "loss"
        bars.append(
            Bar(step.key, step.amount, round((left - low) * scale), max(4, round((right - left) * scale)), kind)
        )
    return bars
