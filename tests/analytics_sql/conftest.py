"""The real dbt in a process of its own, on a real Postgres, with a DuckDB file of its own."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import config

Dbt = Callable[..., str]
MODELS_ONLY = ("build", "--resource-type", "seed", "--resource-type", "model")
"""Builds everything and tests nothing."""

# Importing and parsing are most of a small run. The server does both once; every run is a fork of it with its state.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["dbt.adapters.duckdb.impl", "tests.analytics_sql.parsed"])


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What dbt has parsed, kept for the whole run."""
    return tmp_path_factory.mktemp("target")


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What dbt knows of the project, as it writes it down. Needs no database."""
    file = tmp_path_factory.mktemp("manifest") / "manifest.json"
    process = _processes.Process(target=_write_manifest, args=(file,))
    process.start()
    process.join(timeout=120)
    assert process.exitcode == 0
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _write_manifest(file: Path) -> None:
    from tests.analytics_sql.parsed import manifest

    manifest.writable_manifest().write(str(file))


@pytest.fixture
def dbt_environment(database_url: str, dbt_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's database and a DuckDB file in the test's folder, for every process that is started."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DBT_TARGET_PATH", str(dbt_target))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))


@pytest.fixture
def dbt(dbt_environment: None, tmp_path: Path) -> Dbt:
    """`dbt("run", ...)` in the repository, on DuckDB: its output. Fails as dbt fails."""

    def run(*arguments: str) -> str:
        assert "--target" not in arguments, "parsed for DuckDB; dbt_command parses for the other target"
        output = tmp_path / "output"
        everything = ["--no-use-colors", *arguments, "--project-dir", "analytics_sql"]
        process = _processes.Process(target=_run, args=(everything, dict(os.environ), output))
        process.start()
        process.join(timeout=240)
        said = output.read_text()
        assert process.exitcode == 0, said[-6000:]
        return said

    return run


def _run(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(config.ROOT)
    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from dbt.cli.main import dbtRunner

    from tests.analytics_sql.parsed import manifest

    result = dbtRunner(manifest=manifest).invoke(arguments)
    if result.exception:
        print(result.exception, flush=True)
    sys.exit(not result.success)


@pytest.fixture
def dbt_command(dbt_environment: None) -> Dbt:
    """The same from the command line, in a folder of choice."""

    def run(*arguments: str, cwd: Path = config.ROOT) -> str:
        command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments]
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout

    return run
