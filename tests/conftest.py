"""One embedded server for the whole run, one fresh migrated database a test that asks for it, no socket outside."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
import database
from database import connection as database_connection
from database import migrate, server

SHARED = config.ROOT.parent / "shared"
TEST_DATA = config.ROOT / ".data" / "test"
TEMPLATE = "template_hanout"


@pytest.fixture(scope="session", autouse=True)
def _no_address_outside_the_machine() -> Iterator[None]:
    """Every connection of the test process stays on loopback or a Unix socket."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise AssertionError(f"a test tried to reach {address}")
        return connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No .env and no variable of the developer's shell reaches a test."""
    patch = pytest.MonkeyPatch()
    for name in config.Settings.model_fields:
        patch.delenv(name.upper(), raising=False)
    patch.setitem(config.Settings.model_config, "env_file", None)
    patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages; tests that need it are skipped where it is absent."""
    if not (SHARED / "real").is_dir():
        pytest.skip("the folder ../shared with real pages is not here")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> str:
    """URL of the server's database `postgres`, with a migrated template beside it."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        address = given
    else:
        address = server.ensure(TEST_DATA, extra_settings="fsync = off\nsynchronous_commit = off\nautovacuum = off\n")
    with server._exclusive(TEST_DATA / "template.lock"):
        connection = psycopg2.connect(address)
        connection.autocommit = True
        with connection.cursor() as cursor:
            marker = f"{TEMPLATE}_{_migrations_digest()}"
            cursor.execute("select 1 from pg_database where datname = %s", (marker,))
            if cursor.fetchone() is None:
                cursor.execute(f"drop database if exists {marker}_new")
                cursor.execute(f"create database {marker}_new")
                migrate.upgrade(_with_name(address, f"{marker}_new"))
                cursor.execute(f"alter database {marker}_new rename to {marker}")
        connection.close()
    return address


def _migrations_digest() -> str:
    import hashlib

    files = sorted((config.ROOT / "database" / "migrations").rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _with_name(address: str, name: str) -> str:
    return sa.make_url(address).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database_url(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh migrated database, also as DATABASE_URL, so that processes a test starts use it too."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    connection = psycopg2.connect(postgres)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name} template {TEMPLATE}_{_migrations_digest()} strategy file_copy")
    address = _with_name(postgres, name)
    monkeypatch.setenv("DATABASE_URL", address)
    _forget_settings()
    yield address
    if database_connection.engine.cache_info().currsize:
        database.engine().dispose()
    _forget_settings()
    with connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {name} with (force)")
    connection.close()


def _forget_settings() -> None:
    for cached in (config.settings, database_connection.url, database_connection.engine):
        cached.cache_clear()


@pytest.fixture
def work(database_url: str) -> Iterator[Session]:
    """A session on the fresh database; nothing is committed unless the test does."""
    with database.session() as session:
        yield session


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """`configure(MARKETS="demo", ...)`: sets variables for this test and reads the settings anew."""

    def setter(**variables: object) -> config.Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, str(value))
        config.settings.cache_clear()
        return config.settings()

    yield setter
    config.settings.cache_clear()
