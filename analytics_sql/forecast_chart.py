"""Draws what was forecast and what came, of a few products.

python -m analytics_sql.forecast_chart FILE.parquet OUT.svg
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl

from analytics_sql.forecast import HORIZON, forecast
from analytics_sql.forecast_check import HELD_BACK, PRODUCTS, prepared
from analytics_sql.panel import Panel
from analytics_sql.retail_lines import read

RANKS = (1, 60, 150, 300)
"""Which of the best-selling products are shown."""
SHOWN_WEEKS = 26
EDGES = ("low_90", "low_50", "high_50", "high_90")
OURS, CAME = "#0b6b4f", "#58605a"


def drawn(sales: Panel, first: date) -> pl.DataFrame:
    """What came and what was forecast 8 and 4 weeks before the end: name, day, came, units and the four edges."""
    before = sales.weeks - HELD_BACK
    order = np.argsort(-np.nansum(sales.units[:, :before], axis=1), kind="stable")
    rows = {int(order[rank - 1]): rank for rank in RANKS if rank <= len(order)}
    frames = [pl.DataFrame(list(_came(sales, rows))), pl.DataFrame(list(_forecast(sales, rows)))]
    return pl.concat(frames, how="diagonal").with_columns(day=pl.lit(first) + pl.duration(weeks=pl.col("week")))


def _came(sales: Panel, rows: dict[int, int]) -> Iterator[dict[str, object]]:
    for row, rank in rows.items():
        for week in range(sales.weeks - SHOWN_WEEKS, sales.weeks):
            yield {"name": _name(sales, row, rank), "week": week, "came": float(sales.units[row, week])}


def _forecast(sales: Panel, rows: dict[int, int]) -> Iterator[dict[str, object]]:
    for origin in range(sales.weeks - HELD_BACK, sales.weeks, HORIZON):
        made = forecast(sales.until(origin))
        place = {product: number for number, product in enumerate(made.ids)}
        for row, rank in rows.items():
            number = place[sales.ids[row]]
            for ahead in range(HORIZON):
                edges = dict(zip(EDGES, made.quantiles[number, ahead].tolist(), strict=True))
                units = {"units": float(made.units[number, ahead]), "week": origin + ahead, "origin": origin}
                yield {"name": _name(sales, row, rank)} | units | edges


def _name(sales: Panel, row: int, rank: int) -> str:
    return f"{sales.ids[row]}, number {rank} by units"


def chart(frame: pl.DataFrame) -> alt.FacetChart:
    """A panel for each product, each with its own scale."""
    made = alt.Chart(alt.Data(values=frame.with_columns(pl.col("day").cast(pl.String)).to_dicts()))
    x = alt.X("day:T", axis=alt.Axis(title=None, format="%d %b", grid=False, tickCount=6))
    ahead = made.transform_filter("isValid(datum.origin)").encode(x=x, detail="origin:N")
    layers = [
        ahead.mark_area(color=OURS, opacity=0.18).encode(alt.Y("low_90:Q", title="units a week"), y2="high_90:Q"),
        ahead.mark_area(color=OURS, opacity=0.35).encode(y="low_50:Q", y2="high_50:Q"),
        ahead.mark_line(color=OURS, strokeWidth=2).encode(y="units:Q"),
        made.transform_filter("isValid(datum.came)")
        .mark_line(color=CAME, point={"color": CAME, "size": 18}, strokeWidth=1)
        .encode(x=x, y="came:Q"),
    ]
    facets = alt.layer(*layers).properties(width=330, height=150)
    return (
        facets.facet(
            alt.Facet("name:N", title=None, sort=frame["name"].unique(maintain_order=True).to_list()), columns=2
        )
        .resolve_scale(y="independent")
        .configure(background="#ffffff", font="sans-serif")
        .configure_view(stroke=None)
    )


def main(file: Path, out: Path) -> None:
    sales, first, _ = prepared(read(file), PRODUCTS, HELD_BACK, whole=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    chart(drawn(sales, first)).save(str(out))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
