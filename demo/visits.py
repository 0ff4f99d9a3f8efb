"""Lets people come to our shop as the market's days go by: over HTTP, to the storefront and to the console.

What has become of everybody is kept in DATA_DIR/demo/town.json, so that a later start goes on from there.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx

import processes
from config import Settings
from demo.desk import Console
from demo.market import settle
from demo.orders import OrderBook
from demo.shoppers import Standing
from demo.storefront import Storefront
from demo.town import CLOSES, OPENS, Town
from demo.world import World

CALLS_AT = 15.0
"""Hour, UTC, at which the staff takes up what waits, as the clock goes: until then a person may."""
LOOKS_EVERY = 5.0
"""Seconds between two looks at the market's clock."""

stopping = threading.Event()


class AlreadyComing(RuntimeError):
    """Another process has the town; the text says what to do."""


class TownLost(RuntimeError):
    """What was kept of the town cannot be read; the text says what to do."""


class Clock:
    """The clock of the market behind `client`."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        state = client.get("/_market/clock").raise_for_status().json()
        self.seed, self.epoch = int(state["seed"]), date.fromisoformat(state["epoch"])

    def now(self) -> tuple[int, float]:
        """The world's day and the hour of it, UTC."""
        state = self._client.get("/_market/clock").raise_for_status().json()
        now = datetime.fromisoformat(state["now"]).astimezone(UTC)
        return int(state["day"]), now.hour + now.minute / 60 + now.second / 3600

    def set(self, day: int, hour: float) -> None:
        """Fixes the time."""
        then = datetime.combine(self.epoch, datetime.min.time(), UTC) + timedelta(days=day, hours=hour)
        self._client.put("/_market/clock", json={"now": then.isoformat()}).raise_for_status()


class Visits:
    """Days of the town, each hour of them once.

    Args:
        shown: what our shop sells (`Storefront.shown`).
        learn: tells the town's world what was bought in it.
        file: where the town's state is kept.
    """

    def __init__(
        self, clock: Clock, town: Town, shown: Callable[[], dict[str, int]], learn: Callable[[], None], file: Path
    ) -> None:
        self._clock, self._town, self._shown, self._learn, self._file = clock, town, shown, learn, file
        self._day, self._hour, self._worked = -1, 0.0, -1
        if file.exists():
            try:
                kept = json.loads(file.read_text())
                self._day, self._hour, self._worked = kept["day"], kept["hour"], kept["worked"]
                town.restore(kept["town"])
            except (KeyError, TypeError, ValueError) as error:
                raise TownLost(f"{file} cannot be read ({error!r}); without it people begin anew: remove it") from error

    def live_through(self, days: int) -> Iterator[str]:
        """Sets the clock to every hour of so many days that matter, from the day after it on; what happened, by day.

        Days that were lived through before are left out.
        """
        first = self._clock.now()[0] + 1
        for day in range(first, first + days):
            if stopping.is_set() or day <= self._day:
                continue
            self._clock.set(day, OPENS)
            said = self._work(day)
            self._clock.set(day, (OPENS + CLOSES) / 2)
            yield f"{said}; {self._visits(day, 24.0)}"

    def follow(self) -> Iterator[str]:
        """What happens as the clock goes, until `stopping`. Days that it jumps over found the shop closed."""
        while not stopping.wait(LOOKS_EVERY):
            try:
                yield from self._look()
            except httpx.TransportError as error:
                yield f"no answer, trying again: {error!r}"

    def _look(self) -> Iterator[str]:
        day, hour = self._clock.now()
        if day > self._worked and hour >= CALLS_AT:
            yield self._work(day)
        if hour >= OPENS and (day, hour) > (self._day, self._hour):
            before = self._town.ordered
            said = self._visits(day, hour)
            if self._town.ordered > before:
                yield said

    def _work(self, day: int) -> str:
        self._learn()
        ends = self._town.morning(day)
        self._worked = day
        self._keep()
        return f"day {day}: " + (", ".join(f"{many} {end}" for end, many in sorted(ends.items())) or "no parcel moved")

    def _visits(self, day: int, until: float) -> str:
        since = self._hour if day == self._day else 0.0
        before = self._town.ordered
        came = self._town.visit(day, self._shown(), since, until)
        self._day, self._hour = day, until
        self._keep()
        return f"{came} came, {self._town.ordered - before} ordered"

    def _keep(self) -> None:
        kept = {"day": self._day, "hour": self._hour, "worked": self._worked, "town": self._town.state()}
        text = json.dumps(kept)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(text + "\n")
        fresh.replace(self._file)


def run(chosen: Settings, shop: str, days: int | None, known: float) -> None:
    """Lives through `days`, or follows the market's clock until SIGTERM or Ctrl-C; prints what happens.

    Args:
        shop: address of our shop.
        known: share of the buyers who know it when the first of them comes.

    Raises:
        httpx.HTTPError: the market or the shop does not answer.
        NoEntry: the console does not know the demo's staff.
        AlreadyComing: another process lets these people come.
        TownLost: what was kept of them cannot be read.
    """
    processes.set_on_signals(stopping)
    folder = chosen.data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        alone = stack.enter_context((folder / "town.lock").open("w"))
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyComing(
                "People are coming already (`make run` lets them); they follow the market's clock:"
                " python -m demo clock --set 2026-05-01T16:00:00Z"
            ) from None
        market = f"http://127.0.0.1:{chosen.demo_jumia_port}"
        clock = Clock(stack.enter_context(httpx.Client(base_url=market, trust_env=False, timeout=10)))
        shoppers, staff = (
            stack.enter_context(httpx.Client(base_url=shop, trust_env=False, timeout=30)) for _ in range(2)
        )
        world, storefront = World(clock.seed, epoch=clock.epoch), Storefront(shoppers)

        def learn() -> None:
            with contextlib.closing(OrderBook(folder / "orders.sqlite3")) as orders:
                settle(world, orders)

        town = Town(world, storefront, Console(staff), Standing(known=known))
        visits = Visits(clock, town, storefront.shown, learn, folder / "town.json")
        for said in visits.follow() if days is None else visits.live_through(days):
            print(said, flush=True)
