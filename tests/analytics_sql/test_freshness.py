"""`dbt source freshness` on a live database: what is fresh passes, what is old warns, what is older fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.analytics_sql.conftest import Dbt
from tests.factories import crawl, listing, observation

TARGETS = ("duckdb", "postgres")


@pytest.fixture(params=TARGETS)
def target(
    request: pytest.FixtureRequest,
    database_url: str,
    dbt_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    dbt_target: Path,
) -> str:
    """A target of the profile, on the test's database."""
    place = sa.make_url(database_url)
    values: dict[str, Any] = {
        "PGHOST": place.query.get("host", place.host),
        "PGPORT": place.port or 5432,
        "PGUSER": place.username,
        "PGPASSWORD": place.password or "",
        "PGDATABASE": place.database,
    }
    if request.param == "postgres":
        values["DBT_TARGET_PATH"] = dbt_target / "postgres"
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    return str(request.param)


def test_a_source_passes_when_fresh_warns_after_a_day_and_fails_after_three(
    target: str, work: Session, dbt_command: Dbt
) -> None:
    now = datetime.now(UTC)
    by = crawl(work, started_at=now - timedelta(hours=20))
    seen = listing(work, last_seen_at=now - timedelta(days=2))
    observation(work, seen, by, observed_at=now - timedelta(days=4))
    work.commit()
    with pytest.raises(AssertionError) as failure:
        dbt_command("source", "freshness", "--project-dir", "analytics_sql", "--target", target)
    said = str(failure.value)
    assert "PASS freshness of market.crawl" in said
    assert "WARN freshness of market.listing" in said
    assert "ERROR STALE freshness of market.observation" in said
    assert "shop.stock_movement" not in said
