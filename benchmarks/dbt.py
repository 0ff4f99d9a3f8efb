"""The dbt project on 1, 10 and 30 million observations: DuckDB beside Postgres against the same models by dbt-postgres.

BENCH_DBT_MILLIONS="1 10" chooses the sizes; the comparison is made on the largest of up to 10 million.
"""

from __future__ import annotations

import json
import os
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
OWN_TIME = """
import json, sys
from pathlib import Path
from analytics_sql import project
kept = project.Project(Path(sys.argv[1]))
kept.run(*project.MODELS_AND_TESTS)
taken = [kept.run(*project.MODELS) for _ in range(int(sys.argv[2]))]
print(json.dumps(min((one.own, one.seconds, one.nodes) for one in taken)))
"""


@dataclass(frozen=True)
class Taken:
    """A dbt command: seconds from the command line to its end, seconds of each model, the most memory it held (GB)."""

    seconds: float
    models: dict[str, float]
    memory: float

    def of(self, names: set[str]) -> float:
        """Seconds of these models."""
        return sum(seconds for name, seconds in self.models.items() if name in names)


def _environment(target: str, folder: Path, address: str) -> dict[str, str]:
    place = sa.make_url(address)
    return os.environ | {
        "DATABASE_URL": address,
        "DATA_DIR": str(folder),
        "PGHOST": str(place.query["host"]),
        "PGUSER": str(place.username),
        "PGDATABASE": str(place.database),
        "DBT_TARGET_PATH": str(folder / target),
        "DBT_LOG_PATH": str(folder / "logs"),
        "PYTHONPATH": str(config.ROOT),
    }


def _dbt(target: str, folder: Path, address: str, *arguments: str) -> Taken:
    program = str(Path(sys.executable).with_name("dbt"))
    command = [program, "--quiet", *arguments, "--project-dir", "analytics_sql", "--target", target]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=config.ROOT, env=_environment(target, folder, address))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"dbt {' '.join(arguments)} --target {target} failed")
    results = json.loads((folder / target / "run_results.json").read_text())["results"]
    models = {one["unique_id"]: one["execution_time"] for one in results if one["unique_id"].startswith("model.")}
    return Taken(seconds, models, used.ru_maxrss / 1024**2)


def _measure(folder: Path, millions: float) -> dict[tuple[str, str], Taken]:
    """A first run on one or both targets, and one after 1 % more rows."""
    name = "bench_dbt"
    targets = ("duckdb", "postgres") if millions <= COMPARED_UP_TO else ("duckdb",)
    (folder / "analytics.duckdb").unlink(missing_ok=True)
    address = market_log.database(folder, name)
    market_log.fill(address, int(millions * 1_000_000))
    found = {}
    for target in targets:
        _dbt(target, folder, address, "seed")
        found[target, "first"] = _dbt(target, folder, address, "run")
    market_log.one_percent_more(address)
    found["duckdb", "more"] = _dbt("duckdb", folder, address, "run")
    market_log.drop(folder, name)
    return found


def _own_time(folder: Path) -> Row:
    """What dbt itself takes of a refresh in a process that lives on, against a command line's start to end."""
    address = market_log.database(folder, "bench_own")
    market_log.fill(address, 20_000)
    environment = _environment("own", folder, address) | {"DATA_DIR": str(folder / "own")}
    command = [sys.executable, "-c", OWN_TIME, str(folder / "logs"), str(REFRESHES)]
    done = subprocess.run(command, cwd=config.ROOT, env=environment, capture_output=True, text=True, check=True)
    own, seconds, nodes = json.loads(done.stdout.splitlines()[-1])
    (folder / "line").mkdir()
    _dbt("duckdb", folder / "line", address, "seed")
    line = min(_dbt("duckdb", folder / "line", address, "run").seconds for _ in range(2))
    market_log.drop(folder, "bench_own")
    return Row(
        name=f"dbt's own time of a refresh in process, {nodes} models on 20,000 observations: seconds",
        ratio=own,
        goal="<= 1",
        ours=f"{own:.2f} s of {seconds:.2f} s",
        other=f"{line:.2f} s by the command line",
        note=f"least of {REFRESHES}; the rest is SQL",
    )


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
            note=f"whole command, {len(first.models)} models; the longest: {_longest(more)}",
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
        ours = first.seconds - first.of(set(first.models) - set(other.models))
        rows.insert(
            0,
            Row(
                name=f"the same models by dbt-postgres against DuckDB beside Postgres: {size}",
                ratio=other.seconds / ours,
                goal=">= 5",
                ours=f"{ours:.1f} s",
                other=f"{other.seconds:.1f} s",
                note=f"whole commands, {len(other.models)} models, ours less those that Postgres cannot run; Postgres "
                f"has two threads of dbt and work_mem 128 MB; the longest of ours: {_longest(first)}; of "
                f"Postgres: {_longest(other)}",
            ),
        )
    return rows


def _longest(taken: Taken) -> str:
    names = sorted(taken.models, key=lambda name: -taken.models[name])[:4]
    return ", ".join(f"{name.removeprefix('model.hanout.')} {taken.models[name]:.1f} s" for name in names)
