from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from database import dbt_plugin, duckdb_postgres
from tests.analytics_sql.conftest import Dbt


def test_the_extension_is_the_one_of_the_installed_duckdb() -> None:
    assert f"v{duckdb.__version__}" in duckdb_postgres.postgres_extension().parts


def test_a_wheel_of_another_version_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb, "__version__", "0.0.1")
    with pytest.raises(FileNotFoundError, match=r"does not match DuckDB 0\.0\.1"):
        duckdb_postgres.postgres_extension()


@pytest.mark.parametrize("dsn", ["host=127.0.0.1 port=1 user=a password=s3cret", "postgresql://a:s3cret@127.0.0.1:1/x"])
def test_a_server_that_is_away_is_named_without_its_password(dsn: str) -> None:
    with pytest.raises(duckdb.IOException, match=r"127\.0\.0\.1.*Connection refused") as failed:
        duckdb_postgres.attach(duckdb.connect(), dsn)
    assert "s3cret" not in str(failed.value)


def test_dbt_alone_starts_the_embedded_server_and_makes_its_tables(
    dbt_command: Dbt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    dbt_command("run", "--project-dir", "analytics_sql", "--select", "stg_observations", "stg_listings")
    assert (tmp_path / "postgres" / "PG_VERSION").exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists(), "nobody else uses it, so it is stopped"
    with duckdb.connect(str(tmp_path / dbt_plugin.FILE), read_only=True) as file:
        assert file.execute("select count(*) from staging.stg_listings").fetchone() == (0,)
