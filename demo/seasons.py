"""The year in Algeria: Ramadan, both Eids, back to school, Yennayer, summer and winter, and what each makes wanted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from demo.catalogue import DATA, Product
from demo.luck import Numbers, key

LUNAR_YEAR = 354.367
"""Days: feasts beyond the table are reckoned with it."""
FIRST_EPOCH = date(2025, 1, 1)


def epoch_of(seed: int) -> date:
    """The calendar day on which the world of a seed begins where nobody chose one: some day of 2025 or 2026."""
    return FIRST_EPOCH + timedelta(days=key(f"{seed}/epoch") % 730)


@dataclass(frozen=True)
class Season:
    """A time of the year. Its days count from its first day, each year's own."""

    name: str
    days: tuple[date, ...]
    begins: int
    full: int
    until: int
    over: int
    lifts: dict[str, float]

    def strength(self, on: date) -> float:
        """0 out of season, 1 in full season, between the two a straight line."""
        shape = (self.begins, self.full, self.until, self.over)
        near = [days for days in ((on - day).days for day in self.days) if self.begins < days < self.over]
        return max((float(np.interp(days, shape, (0, 1, 1, 0))) for days in near), default=0.0)

    def lift(self, product: Product) -> float:
        """What full season multiplies the product's demand by."""
        named = [word for word in self.lifts if product.title.startswith(word) or f" {word}" in product.title]
        shelves = [shelf for shelf in self.lifts if shelf in product.path]
        fitting = named or shelves
        return self.lifts[max(fitting, key=len)] if fitting else 1.0


def _every_year(month_and_day: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(f"{year}-{month_and_day}") for year in range(2023, 2060))


def _every_lunar_year(known: Sequence[date]) -> tuple[date, ...]:
    def reckoned() -> Iterator[date]:
        for years in range(1, 25):
            yield known[-1] + timedelta(days=round(years * LUNAR_YEAR))

    return (*known, *reckoned())


@lru_cache
def seasons() -> tuple[Season, ...]:
    """The seasons of seasons.toml."""
    read = tomllib.loads((DATA / "seasons.toml").read_text("utf-8"))
    found = []
    for row in read["season"]:
        day, feast = row.pop("day", None), row.pop("feast", None)
        days = _every_year(day) if day else _every_lunar_year(read["hijri"][feast])
        found.append(Season(days=days, **row))
    return tuple(found)


class Year:
    """What the seasons make of the demand for some products."""

    def __init__(self, products: Sequence[Product], epoch: date) -> None:
        self._epoch = epoch
        self._lifts = np.array([[season.lift(product) for product in products] for season in seasons()])
        self._on = lru_cache(maxsize=64)(self._factor)

    def factor(self, day: int) -> Numbers:
        """What each product's demand is multiplied by on a day of the world."""
        return self._on(day)

    def _factor(self, day: int) -> Numbers:
        on = self._epoch + timedelta(days=day)
        strength = np.array([season.strength(on) for season in seasons()])
        return np.asarray(np.prod(1 + (self._lifts - 1) * strength[:, None], axis=0), dtype=np.float64)

    def weekday(self, day: int) -> int:
        """0: Monday."""
        return (self._epoch + timedelta(days=day)).weekday()
