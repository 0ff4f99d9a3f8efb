"""The market's own time, and the file that lets a second start continue the same world."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from demo.world import LONGEST_DAYS


class ClockError(ValueError):
    """A time the market cannot have."""


def day_of(epoch: date, at: datetime) -> int:
    """The day at a time of a world that began on `epoch`; before it is day 0."""
    return min(max(0, (at.date() - epoch).days), LONGEST_DAYS)


class MarketClock:
    """Wall clock, or a fixed time while one is set. Day 0 of the world is `epoch`, midnight UTC.

    `world.json` in `directory` keeps the seed, the epoch and the fixed time. Its seed and epoch win over the settings:
    a world that has begun goes on.
    """

    def __init__(self, directory: Path, seed: int, days: int, epoch: date | None = None) -> None:
        self._file = directory / "world.json"
        self._lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            kept = json.loads(self._file.read_text())
        else:
            first = epoch or datetime.now(UTC).date() - timedelta(days=days)
            kept = {"seed": seed, "epoch": first.isoformat(), "now": None}
        self.seed = int(kept["seed"])
        self.epoch = date.fromisoformat(kept["epoch"])
        self._fixed = datetime.fromisoformat(kept["now"]) if kept.get("now") else None
        self._write()

    @property
    def live(self) -> bool:
        """Whether the wall clock runs."""
        return self._fixed is None

    def now(self) -> datetime:
        """The market's time, UTC."""
        return self._fixed or datetime.now(UTC)

    def day(self, at: datetime) -> int:
        """The world's day at a time; before the epoch it is day 0."""
        return day_of(self.epoch, at)

    def start_of(self, day: int) -> datetime:
        """Midnight UTC at which a day begins."""
        return datetime.combine(self.epoch, time(), UTC) + timedelta(days=day)

    def set(self, text: object) -> None:
        """Fixes the time to an ISO 8601 text, or lets the wall clock run (None).

        Raises:
            ClockError: no time, one without a zone, or one outside the world's days.
        """
        fixed = None if text is None else self._time(text)
        with self._lock:
            self._fixed = fixed
            self._write()

    def _time(self, text: object) -> datetime:
        try:
            found = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise ClockError(f"now: {text!r} is no ISO 8601 time") from error
        if found.tzinfo is None:
            raise ClockError(f"now: {text!r} names no time zone; write Z for UTC")
        found = found.astimezone(UTC)
        if not 0 <= (found.date() - self.epoch).days <= LONGEST_DAYS:
            raise ClockError(f"now: the world begins on {self.epoch} and lasts {LONGEST_DAYS} days, {text} is outside")
        return found

    def state(self) -> dict[str, Any]:
        """What `GET /_market/clock` answers."""
        now = self.now()
        return {
            "now": now.isoformat(),
            "live": self.live,
            "day": self.day(now),
            "epoch": self.epoch.isoformat(),
            "seed": self.seed,
        }

    def _write(self) -> None:
        text = json.dumps(
            {
                "seed": self.seed,
                "epoch": self.epoch.isoformat(),
                "now": self._fixed.isoformat() if self._fixed else None,
            }
        )
        fresh = self._file.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)
