"""docs/ANALYSTS.md does what it says: every block of code runs, as written, and finds something."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

import config
from database import analyst, server
from tests.database.analysts_page import PAGE, Block, blocks, of
from tests.database.conftest import Built

pytestmark = pytest.mark.xdist_group("built")


@pytest.fixture(scope="module")
def folder(built_once: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the project's to somebody who exported the marts and types what the page says."""
    made = tmp_path_factory.mktemp("project")
    (made / ".venv").symlink_to(sys.prefix)
    (made / ".data").symlink_to(built_once.data_dir)
    shell(built_once, made, [sys.executable, "-m", "database", "export", ".data/export"])
    return made


def shell(built: Built, folder: Path, command: list[str], given: str = "") -> str:
    environment = built.environment | {"PYTHONPATH": str(config.ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_blocks_of_the_kinds_that_are_tried_here_and_a_picture() -> None:
    kinds = {block.language for block in blocks()}
    assert kinds == {"mermaid", "python", "sh", "sql"}
    assert PAGE.read_text().count("```") == 2 * len(blocks())


@pytest.mark.parametrize("block", of("sh"))
def test_a_command_runs(block: Block, built: Built, folder: Path) -> None:
    for command in block.code.splitlines():
        assert shell(built, folder, ["bash", "-euc", command]).strip(), command


@pytest.mark.parametrize("block", of("sql"))
def test_a_query_runs_in_psql_and_finds_rows(block: Block, built: Built, folder: Path) -> None:
    psql = [shutil.which("psql") or str(server.binary("psql")), "-XqAt", "-v", "ON_ERROR_STOP=1"]
    found = shell(built, folder, [*psql, analyst.url()], block.code)
    assert found.strip(), "no rows"


@pytest.fixture
def session(built: Built, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    yield names
    names["engine"].dispose()
    names["duck"].close()


def test_the_python_blocks_run_one_after_the_other_and_each_finds_rows(session: dict[str, Any], folder: Path) -> None:
    python = [block for block in blocks() if block.language == "python"]
    assert len(python) > 12
    for block in python:
        tree = ast.parse("\n" * block.line + block.code, str(PAGE))
        last = tree.body.pop()
        exec(compile(tree, str(PAGE), "exec"), session)
        assert isinstance(last, ast.Expr), f"line {block.line} ends with nothing to look at"
        seen = eval(compile(ast.Expression(last.value), str(PAGE), "eval"), session)
        assert "save(" in block.code or len(seen), f"line {block.line} finds nothing"
    picture = (folder / "prices.svg").read_text()
    assert picture.startswith("<svg")
    assert picture.count("mark-line") >= 1


def test_the_joins_of_the_picture_are_there(built: Built) -> None:
    (picture,) = (block.code for block in blocks() if block.language == "mermaid")
    joins = re.findall(r"^ +(\w+) \S+ (\w+) : (?:\"(.+)\"|(\w+))$", picture, flags=re.M)
    assert len(joins) == picture.count(" : ")
    with psycopg2.connect(analyst.url()) as connection, connection.cursor() as reader:
        for one, other, several, single in joins:
            reader.execute(f"select count(*) from {one} join {other} using ({several or single})")
            assert reader.fetchone() != (0,), (one, other)
    connection.close()


def test_dbt_lets_the_analyst_read_every_mart_also_in_a_schema_that_was_made_anew(built: Built) -> None:
    with psycopg2.connect(analyst.url()) as connection, connection.cursor() as reader:
        reader.execute(
            "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')"
        )
        names = [name for (name,) in reader.fetchall()]
        assert len(names) >= 10
        for name in names:
            reader.execute(f"select 1 from {name} limit 1")
        reader.execute(
            "select c.oid::regclass from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
            " where nspname not in ('pg_catalog', 'information_schema', 'marts') and nspname not like 'pg_toast%'"
            " and relkind in ('r', 'p', 'v', 'm') and has_any_column_privilege(c.oid, 'select')"
        )
        assert reader.fetchall() == [], "of what dbt keeps elsewhere it may read nothing"
    connection.close()


def test_make_export_is_what_the_page_says() -> None:
    command = ["make", "--no-print-directory", "-n", "export", "folder=x"]
    said = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True)
    assert said.stdout.splitlines()[-1].endswith("python -m database export x")
