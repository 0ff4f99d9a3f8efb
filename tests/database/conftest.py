"""Marts that dbt has really built, once for all tests that read them."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
from tests import conftest
from tests.database.analysts_market import fill


@dataclass(frozen=True)
class Built:
    """A database with marts, and the environment for commands on it."""

    url: str
    data_dir: Path
    environment: dict[str, str]

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, cwd=config.ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0 or not check, done.stdout[-6000:] + done.stderr[-3000:]
        return done

    def build(self) -> None:
        dbt = str(Path(sys.executable).with_name("dbt"))
        models = ("--resource-type", "seed", "--resource-type", "model")
        self.run(dbt, "--no-use-colors", "build", *models, "--project-dir", "analytics_sql")


@pytest.fixture(scope="session")
def built_once(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The market of `analysts_market`, with its marts; nobody may change it."""
    name, folder = f"test_{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("built")
    template = f"{conftest.TEMPLATE}_{conftest._migrations_digest()}"
    connection = psycopg2.connect(postgres)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name} template {template} strategy file_copy")
        url = conftest._with_name(postgres, name)
        engine = sa.create_engine(url)
        with Session(engine) as work:
            fill(work)
            work.execute(
                sa.text("drop schema marts cascade")
            )  # with the rights that migrations gave: dbt gives them too
            work.commit()
        engine.dispose()
        places = {"DATABASE_URL": url, "DATA_DIR": str(folder), "DBT_TARGET_PATH": str(folder / "target")}
        built = Built(url, folder, os.environ | places | {"DBT_LOG_PATH": str(folder / "logs"), "COLUMNS": "120"})
        built.build()
        yield built
        cursor.execute(f"drop database {name} with (force)")
    connection.close()


@pytest.fixture
def built(built_once: Built, monkeypatch: pytest.MonkeyPatch) -> Iterator[Built]:
    """The same, as the database of this test."""
    monkeypatch.setenv("DATABASE_URL", built_once.url)
    monkeypatch.setenv("DATA_DIR", str(built_once.data_dir))
    conftest._forget_settings()
    yield built_once
    conftest._forget_settings()
