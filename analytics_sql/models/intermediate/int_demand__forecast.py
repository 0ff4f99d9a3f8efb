"""The forecast as a model: dbt-duckdb runs it in process, between the demand of days and the mart."""

import polars as pl

from analytics_sql.forecast_days import COLUMNS, forecast_days


def model(dbt, session):
    dbt.config(materialized="table")
    sales = dbt.ref("int_demand_days").fetchall()
    (until,) = dbt.ref("int_demand__until").fetchone()
    if not sales:
        return empty(session)
    frame = pl.DataFrame(sales, schema={"product_id": pl.Int64, "day": pl.Date, "units": pl.Float64}, orient="row")
    return forecast_days(frame, until).to_arrow()


def empty(session):
    """No rows, without importing what reads Arrow."""
    kinds = {pl.Int64: "bigint", pl.Int32: "integer", pl.Float64: "double", pl.Date: "date", pl.String: "varchar"}
    columns = ", ".join(f"cast(null as {kinds[kind]}) as {name}" for name, kind in COLUMNS.items())
    return session.query(f"select {columns} where false")
