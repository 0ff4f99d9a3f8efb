"""Invoice lines of a shop (the columns of the UCI Online Retail data) as weekly sales per stock code."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

COLUMNS = {"InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice"}
PRODUCT = r"^\d{5}"
"""Codes of things on a shelf; POST, DOT, M, BANK CHARGES, gift_0001_20 are services and corrections."""


class UnreadableLines(ValueError):
    """The file is not of invoice lines, or too short to say anything."""


def read(path: Path) -> pl.DataFrame:
    """Reads a Parquet file of invoice lines.

    Raises:
        UnreadableLines: not Parquet, a column is missing or of another kind, or no line.
    """
    try:
        lines = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnreadableLines(f"{path}: {error}") from error
    if missing := COLUMNS - set(lines.columns):
        raise UnreadableLines(f"{path}: no column {', '.join(sorted(missing))}")
    if lines.is_empty():
        raise UnreadableLines(f"{path}: no lines")
    try:
        return lines.select(
            pl.col("InvoiceNo").cast(pl.String),
            pl.col("StockCode").cast(pl.String).str.to_uppercase().alias("product_id"),
            _day(lines).alias("day"),
            pl.col("Quantity").cast(pl.Float64).alias("units"),
            pl.col("UnitPrice").cast(pl.Float64).alias("price"),
        ).drop_nulls()
    except pl.exceptions.PolarsError as error:
        raise UnreadableLines(f"{path}: {error}") from error


def _day(lines: pl.DataFrame) -> pl.Expr:
    """InvoiceDate as a date; a text begins with one, as 2011-09-05."""
    written = pl.col("InvoiceDate")
    return written.str.head(10).str.to_date() if lines.schema["InvoiceDate"] == pl.String else written.cast(pl.Date)


def sold(lines: pl.DataFrame) -> pl.DataFrame:
    """What was asked for: product_id, day, units.

    A line counts if it has a price and a positive quantity. One whose exact opposite (invoice C..., same code, day and
    quantity) was booked the same day never counted: the shop's orders of 74,215 and 80,995 units were typing errors.
    A return on a later day does not undo the demand of the day of sale.
    """
    cancelled = pl.col("InvoiceNo").str.to_uppercase().str.starts_with("C")
    products = lines.filter(pl.col("product_id").str.contains(PRODUCT))
    undone = products.filter(cancelled).select("product_id", "day", units=-pl.col("units")).unique()
    return (
        products.filter(~cancelled & (pl.col("units") > 0) & (pl.col("price") > 0))
        .join(undone, on=["product_id", "day", "units"], how="anti")
        .group_by("product_id", "day")
        .agg(pl.col("units").sum())
    )


def span(lines: pl.DataFrame) -> tuple[date, date]:
    """The first and the last day."""
    first, last = lines.select(pl.col("day").min(), pl.col("day").max().alias("last")).row(0)
    return first, last


def whole_weeks(lines: pl.DataFrame) -> tuple[date, int]:
    """The first Monday of a whole week, and how many whole weeks follow.

    Weeks begin on Mondays. The first is whole if the lines begin on it by Monday, the last if they reach the last
    weekday on which the shop usually trades. A week without a line counts, as one without sales.
    """
    days = lines.select(pl.col("day").unique().sort())
    last_weekdays = days.group_by(pl.col("day").dt.truncate("1w")).agg(last=pl.col("day").dt.weekday().max())
    usual = int(np.median(last_weekdays["last"].to_numpy()))
    begin, last = span(lines)
    first = begin + timedelta(days=-begin.weekday() % 7)
    end = last - timedelta(days=last.weekday()) + timedelta(weeks=1 if last.isoweekday() >= usual else 0)
    return first, max((end - first).days // 7, 0)


def by_week(sales: pl.DataFrame, first: date) -> pl.DataFrame:
    """Sales with the number of their week in place of the day; week 0 begins on `first`."""
    return sales.select("product_id", ((pl.col("day") - first).dt.total_days() // 7).alias("week"), "units")
