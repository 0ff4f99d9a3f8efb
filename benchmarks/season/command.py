"""python -m demo.season: what a way of buying earns in a season of the demo economy."""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

import psycopg2
import sqlalchemy as sa

from benchmarks.season import report
from benchmarks.season.figures import Figures
from benchmarks.season.live import TEMPLATE, Season, built, live
from database import migrate, server

POLICIES = ("agent", "discount", "popular", "random", "hold", "clairvoyant", "omniscient")


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    top = argparse.ArgumentParser(prog="python -m demo.season", description=__doc__)
    top.add_argument("--seed", type=_seeds, default=[1], metavar="N[,N|-N...]", help="worlds, such as 7 or 1-20 (1)")
    top.add_argument("--days", type=_days, default=120, help="days on which is sold (120)")
    top.add_argument("--policy", type=_policies, default=["agent"], metavar="|".join(POLICIES), help="also: all, a,b")
    top.add_argument(
        "--json", type=Path, metavar="FILE", help="append each season's figures as a line of JSON; skip those it has"
    )
    top.add_argument("--report", type=Path, metavar="FILE", help="write docs/SEASONS.md from such a file; no season")
    top.add_argument("--jobs", type=_jobs, default=os.cpu_count() or 1, help="seasons at a time (as many as cores)")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Lives through the seasons and prints a row for each; 1 where one broke off, 2 for a file of something else."""
    given = parser().parse_args(arguments)
    try:
        kept = _kept(given.report or given.json, missing_is_empty=not given.report)
    except (OSError, ValueError, TypeError) as error:
        print(f"{given.report or given.json} is no file of seasons: {error}", file=sys.stderr)
        return 2
    if given.report:
        report.write(kept)
        return 0
    known = {(one.seed, one.policy) for one in kept if one.days == given.days}
    wanted = [one for one in itertools.product(given.seed, given.policy) if one not in known]
    print(f"{'seed':>5} {'policy':<12} {'profit':>10} {'on capital':>10} {'sold':>6} {'left':>9} {'drawdown':>9}")
    status = 0
    for (seed, policy), ended in lived(wanted, given.days, given.jobs):
        try:
            one, seconds = ended.result()
        except Exception as error:
            print(f"{seed:>5} {policy:<12} broke off: {error!r}", file=sys.stderr, flush=True)
            status = 1
            continue
        print(
            f"{one.seed:>5} {one.policy:<12} {one.profit:>10,.0f} {one.return_on_capital:>10.1%}"
            f" {one.sell_through:>6.0%} {one.stock_left:>9,.0f} {one.drawdown:>9,.0f}"
            f"   {one.purchases} purchases, {one.orders} orders, {seconds:.0f} s",
            flush=True,
        )
        if given.json:
            with given.json.open("a") as file:
                file.write(json.dumps(one.row()) + "\n")
    return status


def _kept(file: Path | None, *, missing_is_empty: bool) -> list[Figures]:
    if file is None or (missing_is_empty and not file.exists()):
        return []
    return [Figures.read(json.loads(line)) for line in file.read_text().splitlines()]


Outcome = Future[tuple[Figures, float]]
"""A season's figures and the seconds it took, or why it broke off."""


def lived(wanted: Sequence[tuple[int, str]], days: int, jobs: int) -> Iterator[tuple[tuple[int, str], Outcome]]:
    """What became of each seed and policy, as the seasons end."""
    folder = Path(tempfile.mkdtemp(prefix="season-"))
    maintenance = server.ensure(folder, extra_settings="fsync = off\nsynchronous_commit = off\n")
    try:
        processes = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, processes, max_tasks_per_child=1) as pool:
            empty = _database(maintenance, TEMPLATE, "template1")
            migrate.upgrade(empty)
            pool.submit(built, empty, folder / TEMPLATE).result()
            waiting = {}
            for number, (seed, policy) in enumerate(wanted):
                name = f"{TEMPLATE}_{number}"
                season = Season(seed, days, policy, _database(maintenance, name), folder / name)
                waiting[pool.submit(_timed, season)] = (seed, policy), name
            for done in as_completed(waiting):
                lived_through, name = waiting[done]
                _execute(maintenance, f"drop database {name} with (force)")
                shutil.rmtree(folder / name, ignore_errors=True)
                yield lived_through, done
    finally:
        server.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _timed(season: Season) -> tuple[Figures, float]:
    begun = time.perf_counter()
    return live(season), time.perf_counter() - begun


def _database(maintenance: str, name: str, template: str = TEMPLATE) -> str:
    _execute(maintenance, f"create database {name} template {template}")
    return sa.make_url(maintenance).set(database=name).render_as_string(hide_password=False)


def _execute(address: str, statement: str) -> None:
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def _seeds(text: str) -> list[int]:
    try:
        parts = [part.split("-") for part in text.split(",")]
        return [seed for part in parts for seed in range(int(part[0]), int(part[-1]) + 1)]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} names no seeds: write 7 or 1-20 or 3,5,8") from None


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 730:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 730")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seasons at a time from 1 to 64")
    return int(text)


def _policies(text: str) -> list[str]:
    chosen = list(POLICIES) if text == "all" else text.split(",")
    if unknown := set(chosen) - set(POLICIES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(POLICIES)}, or all")
    return chosen
