"""The real dbt, as a process, on a real Postgres, with a DuckDB file of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import config

Dbt = Callable[..., str]
MODELS_ONLY = ("build", "--resource-type", "seed", "--resource-type", "model")
"""Builds everything and tests nothing."""


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What dbt has parsed, kept for the whole run."""
    return tmp_path_factory.mktemp("target")


@pytest.fixture
def dbt(database_url: str, dbt_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dbt:
    """`dbt("run", ...)`: runs it in the repository on the test's database; its output. Fails as it fails."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DBT_TARGET_PATH", str(dbt_target))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))

    def run(*arguments: str, cwd: Path = config.ROOT, project: str = "analytics_sql") -> str:
        return run_dbt(*arguments, "--project-dir", project, cwd=cwd)

    return run


def run_dbt(*arguments: str, cwd: Path = config.ROOT) -> str:
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments]
    done = subprocess.run(command, cwd=cwd, env=dict(os.environ), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout
