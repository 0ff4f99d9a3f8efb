"""The forecast as a mart: from movements of stock to rows in PostgreSQL, by the real dbt."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics_sql.forecast import MODEL, MODEL_VERSION
from database import dbt_plugin, marts
from tests.analytics_sql.conftest import Dbt
from tests.analytics_sql.shop_sales import product

LAST = date(2026, 6, 14)
BUILD = ("build", "--select", "+demand_forecast", "--indirect-selection", "cautious")


def rows(work: Session) -> list[sa.Row]:
    work.rollback()
    table = marts.demand_forecast
    found = list(work.execute(sa.select(table).order_by(table.c.product_id, table.c.day)))
    work.rollback()
    return found


def shop(work: Session) -> tuple[int, int, int]:
    """A product that sells 3 a day, one that sold once, and one that never did. Something moves on the day after."""
    steady = [(LAST - timedelta(days=age), "sale", -3) for age in range(69, -1, -1)]
    steady += [(LAST - timedelta(days=5), "return", 2), (LAST + timedelta(days=1), "sale", -500)]
    made = product(work, "STEADY", steady), product(work, "ONCE", [(LAST, "sale", -1)]), product(work, "NEVER", [])
    work.commit()
    return made


def test_each_product_that_has_sold_has_28_days_which_a_lost_duckdb_file_does_not_change(
    work: Session, dbt: Dbt, tmp_path: Path
) -> None:
    steady, once, _never = shop(work)
    dbt(*BUILD)
    found = rows(work)
    days = [LAST + timedelta(days=ahead) for ahead in range(1, 29)]
    assert [(row.product_id, row.day) for row in found] == [(each, day) for each in (steady, once) for day in days]
    assert {row.trained_until for row in found} == {LAST}
    assert {(row.model, row.model_version) for row in found} == {(MODEL, MODEL_VERSION)}
    assert {(row.product_id, row.weeks_known) for row in found} == {(steady, 10), (once, 1)}
    weeks = [sum(row.expected_units for row in found[start : start + 7]) for start in range(0, 28, 7)]
    assert [float(week) for week in weeks] == pytest.approx([21] * 4, rel=0.1)

    (tmp_path / dbt_plugin.FILE).unlink()
    dbt(*BUILD)
    assert rows(work) == found


def test_a_shop_that_has_sold_nothing_has_an_empty_forecast(work: Session, dbt: Dbt) -> None:
    product(work, "NEVER", [])
    work.commit()
    dbt(*BUILD)
    assert rows(work) == []
