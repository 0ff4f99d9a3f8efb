"""The dbt project, run in this process: what dbt parses is kept, so that a refresh costs its SQL and little else."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PROJECT_FILES = (".sql", ".yml", ".csv", ".py", ".md")
MODELS = ("run",)
MODELS_AND_TESTS = ("build", "--exclude-resource-type", "unit_test")
SEEDS_AND_MODELS = (*MODELS_AND_TESTS, "--exclude-resource-type", "test")
_one_at_a_time = threading.Lock()
"""dbt keeps its adapters and flags for the whole process."""


class DbtFailed(RuntimeError):
    """A command did not succeed; the text names what failed and why."""


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Attributes:
        seconds: from its beginning to its end.
        in_statements: seconds of them that its SQL statements took; the rest is dbt's own.
        nodes: seconds of each model, seed, test and hook that was run, by its unique id.
    """

    seconds: float
    in_statements: float
    nodes: dict[str, float]

    @property
    def own(self) -> float:
        """Seconds that dbt itself took."""
        return self.seconds - self.in_statements


class Project:
    """The dbt project in a process that lives on. Commands of several threads wait for each other."""

    def __init__(self, logs: Path) -> None:
        """`logs`: the folder in which dbt keeps dbt.log."""
        self._arguments = ["--project-dir", str(FOLDER), "--profiles-dir", str(FOLDER), "--log-path", str(logs)]
        # dbt's own log would word all of its 3,000 events, and then drop the nine tenths that are for its developers.
        self._arguments += ["--log-level", "none", "--log-level-file", "none", "--no-use-colors", "--no-write-json"]
        self._log = _log_file(logs)
        self._manifest: Any = None
        self._parsed_from: dict[Path, tuple[int, int]] = {}

    def run(self, *arguments: str, stopping: threading.Event | None = None) -> Taken:
        """Runs a dbt command such as MODELS; its statements are interrupted when `stopping` is set.

        Raises:
            DbtFailed: what failed, with dbt's message.
        """
        with _one_at_a_time, _ended_by(stopping or threading.Event()):
            begun = time.perf_counter()
            self._parse_if_changed()
            seconds_of_statements: list[float] = []
            result = self._invoke(list(arguments), seconds_of_statements)
            nodes = getattr(result.result, "results", None) or []
            failed = [node for node in nodes if node.status in ("error", "fail", "runtime error")]
            if not result.success:
                raise DbtFailed(_what_failed(result, failed))
            seconds_of_nodes = {node.node.unique_id: node.execution_time for node in nodes}
            return Taken(time.perf_counter() - begun, sum(seconds_of_statements), seconds_of_nodes)

    def _parse_if_changed(self) -> None:
        files = {
            path: (stat.st_mtime_ns, stat.st_size)
            for path in FOLDER.rglob("*")
            if path.suffix in PROJECT_FILES and not {"target", "logs"} & set(path.relative_to(FOLDER).parts[:1])
            for stat in [path.stat()]
        }
        if self._manifest is None or files != self._parsed_from:
            self._manifest = None
            parsed = self._invoke(["parse"], [])
            if not parsed.success:
                raise DbtFailed(_what_failed(parsed, []))
            self._manifest, self._parsed_from = parsed.result, files

    def _invoke(self, command: list[str], seconds_of_statements: list[float]) -> Any:
        from dbt.cli.main import dbtRunner  # takes 3 s and 100 MB: for who runs it

        def heard(event: Any) -> None:
            if event.info.name == "SQLQueryStatus":
                seconds_of_statements.append(event.data.elapsed)
            if event.info.level != "debug" and event.info.msg:
                self._log.info("[%s] %s", event.info.level, event.info.msg)

        try:
            return dbtRunner(manifest=self._manifest, callbacks=[heard]).invoke([*command, *self._arguments])
        finally:
            _let_go_of_the_file()


def _log_file(folder: Path) -> logging.Logger:
    """Of what was run and what failed: `dbt.log`, and the one before it when it has grown to 10 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = logging.handlers.RotatingFileHandler(folder / "dbt.log", maxBytes=10_000_000, backupCount=1, delay=True)
    writer.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    kept = logging.Logger("dbt", logging.INFO)
    kept.addHandler(writer)
    return kept


def _what_failed(result: Any, failed: list[Any]) -> str:
    if failed:
        return "\n".join(f"{node.node.name}: {(node.message or node.status).strip()}" for node in failed)
    return str(result.exception or "dbt gave no reason")


def _let_go_of_the_file() -> None:
    """Closes the DuckDB file, which dbt-duckdb keeps open, and with it locked, until the process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()


@contextlib.contextmanager
def _ended_by(stopping: threading.Event) -> Iterator[None]:
    """Cancels every statement of DuckDB from the moment at which `stopping` is set to the end of the block."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            if stopping.is_set():
                from dbt.adapters.factory import get_adapter_by_type

                with contextlib.suppress(Exception):  # there is none yet, or its statement has just ended
                    get_adapter_by_type("duckdb").cancel_open_connections()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
