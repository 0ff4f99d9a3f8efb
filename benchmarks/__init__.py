"""What `make bench` measures: each figure a ratio of two things measured in the same run on the same machine."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: what was measured, a sentence that stands alone.
        ratio: ours against the other, dimensionless; `goal` says which way is good.
        goal: the goal as text, such as ">= 0.45", or "" where there is none.
        ours: our figure with its unit, such as "143 pages/s".
        other: the other side's figure with its unit.
        note: what bounds it, sizes, repeats.
    """

    name: str
    ratio: float
    ours: str
    other: str
    goal: str = ""
    note: str = ""
    samples: list[float] = field(default_factory=list)
