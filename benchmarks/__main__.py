"""python -m benchmarks [MODULE...]: runs the benchmarks, writes results.json and the table of README.md."""

from __future__ import annotations

import dataclasses
import importlib
import json
import operator
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks import Row

HERE = Path(__file__).parent
MODULES = ("parse", "store", "crawl", "memory", "browser", "dbt", "trends")
MARK = "<!-- results -->"


def holds(row: Row) -> str:
    """`yes`, `no`, or an empty text where the row has no goal."""
    if not row.goal:
        return ""
    sign, bound = row.goal.split()
    compare = {">=": operator.ge, "<=": operator.le}[sign]
    return "yes" if compare(row.ratio, float(bound)) else "no"


def table(results: dict[str, list[Row]]) -> str:
    """The results as a Markdown table."""
    lines = ["| measured | ratio | goal | met | ours | other | note |", "| --- | --: | --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row.name} | {row.ratio:.2f} | {row.goal} | {holds(row)} | {row.ours} | {row.other} | {row.note} |"
        for rows in results.values()
        for row in rows
    ]
    return "\n".join(lines)


def main(names: list[str]) -> int:
    console = Console(stderr=True)
    results = {}
    for name in names or MODULES:
        with console.status(f"measuring {name} ..."):
            results[name] = importlib.import_module(f"benchmarks.{name}").run()
        for row in results[name]:
            console.print(f"{row.name}: [bold]{row.ratio:.2f}[/] {row.goal} ({row.ours} against {row.other})")
    file = HERE / "results.json"
    kept = json.loads(file.read_text())["results"] if file.exists() else {}
    kept |= {name: [dataclasses.asdict(row) for row in rows] for name, rows in results.items()}
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    file.write_text(
        json.dumps({"date": datetime.now(UTC).date().isoformat(), "machine": machine, "results": kept}, indent=1) + "\n"
    )
    readme = HERE / "README.md"
    head = readme.read_text().split(MARK)[0]
    rows = {name: [Row(**row) for row in kept[name]] for name in MODULES if name in kept}
    readme.write_text(f"{head}{MARK}\n\nMeasured on {machine}.\n\n{table(rows)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
