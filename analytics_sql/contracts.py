"""The columns of the live marts, as promised to whoever reads them.

    python -m analytics_sql.contracts check     fails where the models no longer keep what was promised
    python -m analytics_sql.contracts write     records what the models say now, unless that breaks a live mart

A promise is one file in `analytics_sql/published/`, named like the mart's table. A version is live until the
`deprecation_date` in its file has passed. dbt compares contracts too (`state:modified.contract`), but only with a whole
manifest of another run, only for its own materializations, and tolerates a narrower number.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from analytics_sql.manifest import parsed, unique_keys
from analytics_sql.project import FOLDER, DbtFailed

MART_SCHEMA = "marts"
ADVICE = (
    "Readers name this table. Leave it as it is and build the change beside it as a new version; give this one a\n"
    "deprecation_date. docs/CHANGE_A_MART.md shows how."
)


@dataclass(frozen=True)
class Promise:
    """What readers of one mart version rely on.

    `columns` maps a name to type and nullability (`bigint not null`); `unique` lists what is unique together.
    """

    model: str
    version: int | None
    deprecation_date: date | None
    columns: dict[str, str]
    unique: list[list[str]]

    def is_live(self, today: date) -> bool:
        """Whether readers may still rely on it."""
        return self.deprecation_date is None or today <= self.deprecation_date


def promised(folder: Path) -> dict[str, Promise]:
    """The recorded promises by the name of their table."""
    return {file.stem: _read(file) for file in sorted(folder.glob("*.json"))}


def _read(file: Path) -> Promise:
    said = json.loads(file.read_text())
    ends = said["deprecation_date"]
    return Promise(**{**said, "deprecation_date": date.fromisoformat(ends) if ends else None})


def contracted(manifest: Mapping[str, Any]) -> dict[str, Promise]:
    """What the models of a manifest promise, by table. Without an enforced contract there is none."""
    nodes = manifest["nodes"].values()
    marts = [node for node in nodes if node["resource_type"] == "model" and node["schema"] == MART_SCHEMA]
    return {node["alias"]: _promise(manifest, node) for node in marts if node["contract"]["enforced"]}


def _promise(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> Promise:
    ends = node["deprecation_date"]
    return Promise(
        model=node["name"],
        version=node["version"],
        deprecation_date=datetime.fromisoformat(ends).date() if ends else None,
        columns={column["name"]: _kind(column) for column in node["columns"].values()},
        unique=unique_keys(manifest, node),
    )


def _kind(column: Mapping[str, Any]) -> str:
    not_null = any(constraint["type"] in ("not_null", "primary_key") for constraint in column["constraints"])
    return f"{column['data_type']}{' not null' if not_null else ''}"


def breaks(before: Mapping[str, Promise], now: Mapping[str, Promise], today: date) -> list[str]:
    """What `now` takes from readers of the marts that are live in `before`, a line each; empty where nothing."""
    found = []
    for table, promise in before.items():
        if promise.is_live(today):
            found += [f"marts.{table}{loss}" for loss in _losses(promise, now.get(table), today)]
    return found


def _losses(before: Promise, now: Promise | None, today: date) -> list[str]:
    if now is None:
        return [" is gone, or its contract is no longer enforced"]
    losses = [loss for name, kind in before.columns.items() for loss in _column_losses(name, kind, now.columns)]
    losses += [f": rows are no longer unique by {', '.join(key)}" for key in before.unique if key not in now.unique]
    if (reason := _hastened(before.deprecation_date, now.deprecation_date, today)) is not None:
        losses.append(f": deprecation_date {now.deprecation_date} {reason}")
    return losses


def _hastened(before: date | None, now: date | None, today: date) -> str | None:
    if now is None or now == before:
        return None
    if now < today:
        return "has passed before anybody could read of it"
    return f"is before {before}, which readers were told" if before is not None and now < before else None


def _column_losses(name: str, kind: str, columns: Mapping[str, str]) -> list[str]:
    became = columns.get(name)
    if became is None:
        return [f".{name} is gone (dropped or renamed)"]
    before, after = kind.removesuffix(" not null"), became.removesuffix(" not null")
    if before != after:
        return [f".{name} was {before} and is {after}"]
    return [f".{name} can be null now"] if kind != before and became == after else []


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def unrecorded(before: Mapping[str, Promise], now: Mapping[str, Promise]) -> list[str]:
    """Marts whose record is not what their models say."""
    return sorted(table for table in {*before, *now} if before.get(table) != now.get(table))


def write(promises: Mapping[str, Promise], folder: Path) -> None:
    """Makes the records of a folder those of `promises`."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.json"):
        if file.stem not in promises:
            file.unlink()
    for table, promise in promises.items():
        text = json.dumps(asdict(promise), indent=2, default=str, ensure_ascii=False)
        (folder / f"{table}.json").write_text(text + "\n")


def main(arguments: list[str] | None = None) -> int:
    """0 where the promises are kept, 1 where not, 2 where dbt does not understand the project; says why on stderr."""
    parser = argparse.ArgumentParser(prog="python -m analytics_sql.contracts", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["check", "write"])
    parser.add_argument("--project-dir", type=Path, default=FOLDER, help="a dbt project (this one)")
    parser.add_argument("--manifest", type=Path, help="a manifest.json of it, to spare the parsing")
    parser.add_argument("--today", type=date.fromisoformat, default=today(), help="YYYY-MM-DD, UTC")
    given = parser.parse_args(arguments)
    folder = given.project_dir / "published"
    try:
        manifest = json.loads(given.manifest.read_text()) if given.manifest else parsed(given.project_dir)
    except DbtFailed:  # dbt has said why
        return 2
    before, now = promised(folder), contracted(manifest)
    if broken := breaks(before, now, given.today):
        print("A live mart breaks its promise:", *(f"  {line}" for line in broken), ADVICE, sep="\n", file=sys.stderr)
        return 1
    stale = unrecorded(before, now)
    if given.command == "write":
        write(now, folder)
        print(f"{len(now)} marts recorded; changed: {', '.join(stale) or 'none'}")
    elif stale:
        print(
            f"Nothing breaks, but not recorded yet: {', '.join(stale)}. Readers may rely on what is recorded, so\n"
            "do it on purpose: python -m analytics_sql.contracts write",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
