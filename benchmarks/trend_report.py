"""The comparison of the trend scores as a table and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import altair as alt
import numpy as np

from benchmarks.trend_judge import over_worlds

Results = dict[tuple[str, str, str], list[float]]
"""By basis, metric and ranking one figure a world."""
BASES = {"on_usual_week": "growth on the usual week", "on_last_week": "growth on the last week"}
METRICS = {"precision": "precision at 20", "rank": "rank correlation"}
RANKINGS = {
    "v2": "trending_products v2",
    "v1": "trending_products v1",
    "discount": "biggest discount",
    "ratings": "most ratings",
    "random": "random",
}
DOCS = Path(__file__).parent.parent / "docs"
MARK = "<!-- results -->"
OURS, RIVAL = "#0b6b4f", "#58605a"


def table(results: Results) -> str:
    """Each ranking's figures with 95 % intervals, and how far both versions are ahead, as Markdown."""
    columns = [(basis, metric) for basis in BASES for metric in METRICS]
    head = ["", *(f"{METRICS[metric]}, {BASES[basis]}" for basis, metric in columns)]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --: |" * len(columns)]
    for name, title in RANKINGS.items():
        lines.append(f"| {title} | " + " | ".join(str(over_worlds(results[*at, name])) for at in columns) + " |")
    for ours in ("v2", "v1"):
        for other in [name for name in RANKINGS if name not in ("v2", ours)]:
            apart = [over_worlds(np.subtract(results[*at, ours], results[*at, other])) for at in columns]
            lines.append(f"| {ours} less {RANKINGS[other]} | " + " | ".join(map(str, apart)) + " |")
    return "\n".join(lines)


def chart(results: Results) -> alt.HConcatChart:
    """A panel for each metric and basis: mean and interval of each ranking."""
    panels = []
    for basis in BASES:
        for metric in METRICS:
            rows = []
            for name, title in RANKINGS.items():
                found = over_worlds(results[basis, metric, name])
                rows.append(
                    {
                        "ranking": title,
                        "mean": found.mean,
                        "low": found.low,
                        "high": found.high,
                        "ours": name in ("v1", "v2"),
                    }
                )
            y = alt.Y("ranking:N", sort=list(RANKINGS.values()), title=None)
            made = alt.Chart(alt.Data(values=rows)).encode(
                y=y, color=alt.condition("datum.ours", alt.value(OURS), alt.value(RIVAL))
            )
            layers = [
                made.mark_rule(strokeWidth=3, opacity=0.5).encode(
                    x=alt.X("low:Q", title=f"{METRICS[metric]}, {BASES[basis]}", scale=alt.Scale(zero=True)),
                    x2="high:Q",
                ),
                made.mark_point(filled=True, size=70, opacity=1).encode(x="mean:Q"),
            ]
            panels.append(alt.layer(*layers).properties(width=330, height=110))
    rows_of_two = alt.vconcat(alt.hconcat(*panels[:2]), alt.hconcat(*panels[2:]))
    return rows_of_two.configure(background="#ffffff", font="sans-serif").configure_view(stroke=None)


def write(results: Results, seeds: Sequence[int], days: Sequence[int]) -> None:
    """Writes the table into docs/TRENDS.md behind its mark, and the picture beside it."""
    page = DOCS / "TRENDS.md"
    head = page.read_text().split(MARK)[0]
    worlds = f"{len(seeds)} demo worlds, seeds {seeds[0]} to {seeds[-1]}, evenings {', '.join(map(str, days))}"
    means = "means over worlds with 95 % intervals from resampling the worlds 10,000 times"
    page.write_text(
        f"{head}{MARK}\n\n{worlds}; {means}.\n\n{table(results)}\n\n![How well each finds them](images/trends.svg)\n"
    )
    chart(results).save(str(DOCS / "images" / "trends.svg"))
