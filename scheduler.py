"""The clock: runs crawl and agent as processes and dbt for the marts in this one, each under a lock in the database.

python scheduler.py             runs jobs at the times of the settings that end in _CRON until stopped
python scheduler.py --once      runs one whole cycle: crawl, marts, agent, purchases, channels
python scheduler.py --job NAME  runs one job: crawl, marts, agent, purchases or channels; or several, one after another
                    --at TIME   in demo and replay: once for each TIME given, with the market's clock set to it
                    --untested  marts: builds them without testing the data
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

import processes
from analytics_sql import project
from config import Settings, SettingsError, settings
from database import engine, migrate

log = logging.getLogger("scheduler")
stopping = threading.Event()
READY_SECONDS = 30


class Market:
    """The market server of MARKETS=demo or replay; in live there is none and its time is the wall clock."""

    def __init__(self, chosen: Settings) -> None:
        port = {"demo": chosen.demo_jumia_port, "replay": chosen.replay_port}.get(chosen.markets)
        self.address = f"http://127.0.0.1:{port}/_market" if port else None
        self.command = processes.python("-m", "demo", "serve" if chosen.markets == "demo" else "replay")
        self.log_file = chosen.data_dir / "logs" / "market.log"

    def now(self) -> datetime:
        """The market's time, UTC."""
        if not self.address:
            return datetime.now(UTC)
        answer = httpx.get(f"{self.address}/clock", timeout=10, trust_env=False).raise_for_status()
        return datetime.fromisoformat(answer.json()["now"])

    def set(self, now: str) -> None:
        """Sets the market's clock to an ISO time.

        Raises:
            ProcessFailed: the real markets have no clock to set.
        """
        if not self.address:
            raise processes.ProcessFailed("MARKETS=live: nobody sets the clock of the real markets")
        httpx.put(f"{self.address}/clock", json={"now": now}, timeout=10, trust_env=False).raise_for_status()

    def plan(self) -> list[dict]:
        """The crawls that cover what is saved, in time order (replay only)."""
        answer = httpx.get(f"{self.address}/plan", timeout=10, trust_env=False).raise_for_status()
        return list(answer.json())

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError, KeyError, ValueError):
            self.now()
            return True
        return False

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        """Starts the market server unless one answers already, and ends the one it started."""
        if not self.address or self.answers():
            yield
            return
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with processes.running(processes.start(self.command, log=self.log_file)) as server:
            deadline = time.monotonic() + READY_SECONDS
            while not self.answers():
                if server.poll() is not None or time.monotonic() > deadline:
                    tail = self.log_file.read_text(errors="replace")[-600:]
                    raise processes.ProcessFailed(f"the market server did not start:\n{tail}")
                time.sleep(0.1)
            yield


def crawls(chosen: Settings) -> list[list[str]]:
    """The scrapy command lines of one scheduled crawl."""
    jumia = ["crawl", "jumia", "-a", f"country={chosen.jumia_country}"]
    categories = [name.strip() for name in chosen.jumia_categories.split(",") if name.strip()]
    commands = [[*jumia, "-a", f"category={name}"] for name in categories] or [jumia]
    if not chosen.jumia_country:
        commands = []
    if chosen.ouedkniss_categories:
        commands.append(["crawl", "ouedkniss", "-a", f"category={chosen.ouedkniss_categories}"])
    return commands


def run_crawl(chosen: Settings, market: Market) -> None:
    """Crawls every configured market; one that fails does not keep the others from being crawled."""
    if chosen.markets != "replay":
        run_all(crawls(chosen), chosen)
        return
    for step in market.plan():
        if stopping.is_set():
            return
        market.set(step["at"])
        arguments = [part for name, value in step["arguments"].items() for part in ("-a", f"{name}={value}")]
        run_all([["crawl", step["spider"], *arguments]], chosen)


def run_all(commands: list[list[str]], chosen: Settings) -> None:
    """Runs the crawls side by side; each has its own log."""
    started = []
    for number, command in enumerate(commands):
        file = log_file(chosen, f"crawl-{command[1]}-{number}")
        started.append((processes.start(processes.program("scrapy", *command), log=file), " ".join(command), file))
    failures = []
    for process, what, file in started:
        try:
            processes.finish(process, f"scrapy {what}", stopping, file)
        except processes.ProcessFailed as failure:
            failures.append(str(failure))
    if failures:
        raise processes.ProcessFailed("\n".join(failures))


class Marts:
    """The marts in this process: dbt is parsed once, and the data are tested once a day and after a failure."""

    TESTED_EVERY_SECONDS = 20 * 3600

    def __init__(self) -> None:
        self.project: project.Project | None = None
        self.tested: float | None = None
        self.untested = False

    def refresh(self, chosen: Settings, _market: Market) -> None:
        """Builds the marts with dbt; tests them too if they were not within the last 20 hours.

        Raises:
            ProcessFailed: a model or a test failed; names it.
        """
        self.project = self.project or project.Project(chosen.data_dir / "logs")
        test = self.tested is None or time.monotonic() - self.tested > self.TESTED_EVERY_SECONDS
        whole = project.SEEDS_AND_MODELS if self.untested else project.MODELS_AND_TESTS
        try:
            taken = self.project.run(*(whole if test else project.MODELS), stopping=stopping)
        except project.DbtFailed as failure:
            self.tested = None
            if stopping.is_set():
                return
            where = chosen.data_dir / "logs" / "dbt.log"
            raise processes.ProcessFailed(f"dbt build: {failure}\nwhole log: {where}") from failure
        if test:
            self.tested = time.monotonic()
        log.info("marts: %d nodes, %.1f s of them dbt's own", len(taken.nodes), taken.own)


def run_agent(chosen: Settings, market: Market) -> None:
    """Lets the agent look at the marts and decide, at the market's time."""
    command = processes.python("-m", "reseller", "run", "--now", market.now().isoformat(), "--who", "scheduler")
    file = log_file(chosen, "agent")
    processes.finish(processes.start(command, log=file), "the agent", stopping, file)


def run_purchases(chosen: Settings, market: Market) -> None:
    """Sends the purchases that have waited long enough and asks suppliers about the others, at the market's time."""
    command = processes.python("-m", "reseller", "purchases", "--follow", "--now", market.now().isoformat())
    file = log_file(chosen, "purchases")
    processes.finish(processes.start(command, log=file), "the purchases", stopping, file)


def run_channels(chosen: Settings, market: Market) -> None:
    """Has every channel follow our books, at the market's time: the Vendor Center, where we sell there, and the ads."""
    command = processes.python("-m", "reseller", "channels", "--sync", "--now", market.now().isoformat())
    file = log_file(chosen, "channels")
    processes.finish(processes.start(command, log=file), "the channels", stopping, file)


MARTS = Marts()
Job = Callable[[Settings, Market], None]
JOBS: dict[str, Job] = {
    "crawl": run_crawl,
    "marts": MARTS.refresh,
    "agent": run_agent,
    "purchases": run_purchases,
    "channels": run_channels,
}


def log_file(chosen: Settings, name: str) -> Path:
    """A fresh log for one process; the one before is kept beside it."""
    file = chosen.data_dir / "logs" / f"{name}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        file.replace(file.with_suffix(".log.1"))
    return file


@contextlib.contextmanager
def alone(job: str) -> Iterator[bool]:
    """True if no other scheduler runs this job; the lock ends with the connection, so a killed one holds nothing.

    Raises:
        ProcessFailed: the database is away, and the embedded server did not come up again.
    """
    with _connected() as connection:
        lock = sa.text("select pg_try_advisory_lock(hashtext('hanout'), hashtext(:job))")
        yield bool(connection.scalar(lock, {"job": job}))


def _connected() -> sa.Connection:
    """A connection that ends when it is closed: back in the pool it would keep its locks."""
    try:
        connection = engine().connect().execution_options(isolation_level="AUTOCOMMIT")
    except (sa.exc.OperationalError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        raise processes.ProcessFailed(f"the database is away: {error}") from error
    connection.detach()
    return connection


def run(job: str, chosen: Settings, market: Market) -> bool:
    """Runs one job under its lock. Returns whether it succeeded; a job that runs elsewhere counts as success."""
    begun = time.monotonic()
    try:
        with alone(job) as mine:
            if not mine:
                log.warning("%s: skipped, another scheduler runs it", job)
                return True
            log.info("%s: started", job)
            JOBS[job](chosen, market)
    except (processes.ProcessFailed, httpx.HTTPError) as failure:
        log.error("%s: failed after %.1f s: %s", job, time.monotonic() - begun, failure)
        return False
    state = "stopped" if stopping.is_set() else "done"
    log.info("%s: %s in %.1f s", job, state, time.monotonic() - begun)
    return True


def run_at(times: Sequence[str | None], jobs: Sequence[str], chosen: Settings, market: Market) -> bool:
    """Runs jobs once for each time, the market's clock set to it; None leaves the clock alone. Ends where one fails."""
    good = True
    for at in times:
        if at and not stopping.is_set():
            market.set(at)
        for job in jobs:
            good = good and not stopping.is_set() and run(job, chosen, market)
    return good


def run_cycle(chosen: Settings, market: Market) -> bool:
    """One whole cycle. Marts are built and the agent decides even if a crawl failed: the log has what was seen."""
    done = [run(job, chosen, market) for job in JOBS if not stopping.is_set()]
    return all(done)


def run_clock(chosen: Settings, market: Market) -> bool:
    """Runs the jobs at their times until SIGINT or SIGTERM."""
    clock = BackgroundScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 600})
    crons = {
        "crawl": chosen.crawl_cron,
        "marts": chosen.marts_cron,
        "agent": chosen.agent_cron,
        "purchases": chosen.purchases_cron,
        "channels": chosen.channels_cron,
    }
    for job, cron in crons.items():
        clock.add_job(run, CronTrigger.from_crontab(cron), args=[job, chosen, market], id=job)
    clock.start()
    for scheduled in clock.get_jobs():
        log.info("%s: next at %s", scheduled.id, scheduled.next_run_time)
    while not stopping.wait(0.5):
        pass
    log.info("stopping")
    clock.shutdown(wait=True)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--once", action="store_true", help="one whole cycle: all jobs in their order")
    choice.add_argument("--job", action="append", choices=list(JOBS), help="one job; may be given several times")
    parser.add_argument("--at", action="append", metavar="TIME", help="set the market's clock to this ISO time first")
    parser.add_argument("--untested", action="store_true", help="build the marts without testing the data")
    given = parser.parse_args(arguments)
    if given.at and not given.job:
        parser.error("--at goes with --job")
    chosen = settings()
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    processes.set_on_signals(stopping)
    MARTS.untested = given.untested
    migrate.upgrade()
    market = Market(chosen)
    with market.up():
        if given.once:
            good = run_cycle(chosen, market)
        elif given.job:
            good = run_at(given.at or [None], given.job, chosen, market)
        else:
            good = run_clock(chosen, market)
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (SettingsError, processes.ProcessFailed, sa.exc.OperationalError) as error:
        sys.exit(str(error))
