"""Draws what a dbt run costs against the rows of the log."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import polars as pl

NAMES = {
    ("postgres", "first"): "dbt-postgres, first run",
    ("duckdb", "first"): "DuckDB, first run",
    ("duckdb", "more"): "DuckDB, 1 % more rows",
}
COLOURS = ["#8a6d3b", "#0b6b4f", "#7fb8a4"]


def chart(frame: pl.DataFrame) -> alt.LayerChart:
    """Of columns millions, target, run, seconds: a line for each target and run, both axes logarithmic."""
    named = [row | {"name": NAMES[row["target"], row["run"]]} for row in frame.to_dicts()]
    made = alt.Chart(alt.Data(values=named)).encode(
        alt.X(
            "millions:Q",
            title="million observations",
            scale=alt.Scale(type="log", domain=[0.7, 40], nice=False),
            axis=alt.Axis(values=[1, 10, 30]),
        ),
        alt.Y("seconds:Q", title="seconds of a run", scale=alt.Scale(type="log")),
        alt.Color("name:N", title=None, scale=alt.Scale(domain=list(NAMES.values()), range=COLOURS)),
    )
    labels = made.mark_text(dy=-9, fontSize=10).encode(text=alt.Text("seconds:Q", format=",.0f"))
    return (
        (made.mark_line(strokeWidth=2) + made.mark_point(filled=True, size=50) + labels)
        .properties(width=520, height=300)
        .configure(background="#ffffff", font="sans-serif")
        .configure_view(stroke=None)
    )


def draw(frame: pl.DataFrame, out: Path) -> None:
    """Writes the chart as SVG."""
    out.parent.mkdir(parents=True, exist_ok=True)
    chart(frame).save(str(out))
