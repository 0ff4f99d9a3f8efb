"""The dbt project on 1, 10 and 30 million observations: DuckDB beside Postgres against the same models by dbt-postgres.

BENCH_DBT_MILLIONS="1 10" chooses the sizes; the two are compared on those of up to 10 million.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import sqlalchemy as sa

import config
from benchmarks import Row, market_log
from benchmarks.dbt_chart import draw
from database import server

MILLIONS = [float(size) for size in os.environ.get("BENCH_DBT_MILLIONS", "1 10 30").split()]
COMPARED_UP_TO = 10
CHART = config.ROOT / "docs" / "images" / "dbt_scale.svg"
REFRESHES = 5
IN_PROCESS = """
import json, sys
from pathlib import Path
from analytics_sql import project
kept = project.Project(Path(sys.argv[1]))
for command in sys.stdin:
    taken = kept.run(*command.split())
    print(json.dumps([taken.seconds, taken.own, taken.nodes]), flush=True)
"""
"""Runs the project as the scheduler does: parsed once, then a dbt command for each line."""


@dataclass(frozen=True)
class Taken:
    """A run of dbt in a process that lives on: seconds in all, dbt's own, of each node; most memory held (GB)."""

    seconds: float
    own: float
    nodes: dict[str, float]
    memory: float

    @property
    def models(self) -> dict[str, float]:
        """Seconds of each model."""
        return {name: seconds for name, seconds in self.nodes.items() if name.startswith("model.")}


def _environment(target: str, folder: Path, address: str) -> dict[str, str]:
    place = sa.make_url(address)
    return os.environ | {
        "DBT_TARGET": target,
        "DATABASE_URL": address,
        "DATA_DIR": str(folder),
        "PGHOST": str(place.query["host"]),
        "PGUSER": str(place.username),
        "PGDATABASE": str(place.database),
        "DBT_TARGET_PATH": str(folder / target),
        "DBT_LOG_PATH": str(folder / "logs"),
        "PYTHONPATH": str(config.ROOT),
    }


class _Dbt:
    """The process that runs the project on one target."""

    def __init__(self, target: str, folder: Path, address: str) -> None:
        environment = _environment(target, folder, address)
        command = [sys.executable, "-c", IN_PROCESS, str(folder / "logs")]
        self._process = subprocess.Popen(
            command, cwd=config.ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> _Dbt:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, command: str) -> Taken:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"dbt {command} failed")
        held = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self._process.pid}/status").read_text())
        assert held
        seconds, own, nodes = json.loads(answer)
        return Taken(seconds, own, nodes, int(held[1]) / 1024**2)


def _measure(folder: Path, millions: float) -> dict[tuple[str, str], Taken]:
    """A first run on one or both targets, and one after 1 % more rows."""
    name = "bench_dbt"
    (folder / "analytics.duckdb").unlink(missing_ok=True)
    address = market_log.database(folder, name)
    market_log.fill(address, int(millions * 1_000_000))
    found = {}
    with _Dbt("duckdb", folder, address) as ours:
        ours.run("seed")
        found["duckdb", "first"] = ours.run("run")
        if millions <= COMPARED_UP_TO:
            with _Dbt("postgres", folder, address) as theirs:
                theirs.run("seed")
                found["postgres", "first"] = theirs.run("run")
        market_log.one_percent_more(address)
        found["duckdb", "more"] = ours.run("run")
    market_log.drop(folder, name)
    return found


def _own_time(folder: Path) -> Row:
    """What dbt itself takes of a refresh in a process that lives on, against a command line's start to end."""
    address = market_log.database(folder, "bench_own")
    market_log.fill(address, 20_000)
    (folder / "own").mkdir()
    with _Dbt("duckdb", folder / "own", address) as ours:
        ours.run("seed")
        ours.run("run")
        taken = min((ours.run("run") for _ in range(REFRESHES)), key=lambda one: one.own)
    line = min(_command_line(folder / "own", address) for _ in range(2))
    market_log.drop(folder, "bench_own")
    return Row(
        name=f"dbt's own time of a refresh in process, {len(taken.nodes)} nodes on 20,000 observations: seconds",
        ratio=taken.own,
        goal="<= 1",
        ours=f"{taken.own:.2f} s of {taken.seconds:.2f} s",
        other=f"{line:.2f} s by the command line",
        note=f"least of {REFRESHES}; the rest is SQL",
    )


def _command_line(folder: Path, address: str) -> float:
    """Seconds of `dbt run` from the start of the program to its end."""
    program = str(Path(sys.executable).with_name("dbt"))
    start = time.perf_counter()
    subprocess.run(
        [program, "--quiet", "run", "--project-dir", "analytics_sql"],
        cwd=config.ROOT,
        env=_environment("duckdb", folder, address),
        check=True,
    )
    return time.perf_counter() - start


def run() -> list[Row]:
    """Times the project at each size and draws the chart."""
    folder = config.settings().data_dir / "bench_dbt"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        own = _own_time(folder)
        sizes = {millions: _measure(folder, millions) for millions in MILLIONS}
    finally:
        server.release(folder)
        shutil.rmtree(folder, ignore_errors=True)
    frame = pl.DataFrame(
        [
            {"millions": millions, "target": target, "run": which, "seconds": taken.seconds}
            for millions, found in sizes.items()
            for (target, which), taken in found.items()
        ]
    )
    draw(frame, CHART)
    rows = [row for millions, found in sizes.items() for row in _rows(f"{millions:g} million observations", found)]
    return [*rows, own]


def _rows(size: str, found: dict[tuple[str, str], Taken]) -> list[Row]:
    first, more = found["duckdb", "first"], found["duckdb", "more"]
    rows = [
        Row(
            name=f"dbt after 1 % more rows against the first run: {size}",
            ratio=more.seconds / first.seconds,
            goal="<= 0.15",
            ours=f"{more.seconds:.1f} s",
            other=f"{first.seconds:.1f} s",
            note=f"in process, {len(first.models)} models; the longest: {_longest(more)}",
        ),
        Row(
            name=f"peak memory of dbt with DuckDB in it, GB: {size}",
            ratio=max(first.memory, more.memory),
            goal="<= 3",
            ours=f"{first.memory:.2f} GB the first run",
            other=f"{more.memory:.2f} GB after 1 % more",
        ),
    ]
    if other := found.get(("postgres", "first")):
        ours = first.seconds - sum(seconds for name, seconds in first.models.items() if name not in other.models)
        rows.insert(
            0,
            Row(
                name=f"the same models by dbt-postgres against DuckDB beside Postgres: {size}",
                ratio=other.seconds / ours,
                goal=">= 5",
                ours=f"{ours:.1f} s",
                other=f"{other.seconds:.1f} s",
                note=f"in process, {len(other.models)} models, ours less those that Postgres cannot run; Postgres "
                f"has two threads of dbt and work_mem 128 MB; the longest of ours: {_longest(first)}; of "
                f"Postgres: {_longest(other)}",
            ),
        )
    return rows


def _longest(taken: Taken) -> str:
    names = sorted(taken.models, key=lambda name: -taken.models[name])[:4]
    return ", ".join(f"{name.removeprefix('model.hanout.')} {taken.models[name]:.1f} s" for name in names)
