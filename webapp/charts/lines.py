"""Amounts over time: a line each, named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from webapp.charts import NARROW, picture
from webapp.charts.picture import GRID, LINE, LOW, OTHER, RIGHT_TO_LEFT, TEXT

if TYPE_CHECKING:
    import altair as alt

PANEL = (640, 280)
TONES = {"green": LINE, "blue": OTHER, "terracotta": LOW, "grey": TEXT}
LABEL_SPACE = 0.075
"""Part of the chart's height that the name of a line takes."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is called, its colour (a key of `TONES`) and its value from each day on."""

    name: str
    tone: str
    points: tuple[tuple[date, Decimal], ...]
    dashed: bool = False


def over_time(lines: Sequence[Line], title: str, summary: str, language: str, *, narrow: bool = False) -> str:
    """The lines as SVG, in steps: a value holds until the next one. At least one line has a point."""
    return _drawn(tuple(line for line in lines if line.points), title, summary, language, narrow)


@lru_cache(maxsize=128)
def _drawn(lines: tuple[Line, ...], title: str, summary: str, language: str, narrow: bool) -> str:
    import altair as alt

    width, height = NARROW if narrow else PANEL
    turned = RIGHT_TO_LEFT if language == "ar" else ""
    last = max(line.points[-1][0] for line in lines) + timedelta(days=1)
    first = min(line.points[0][0] for line in lines)
    values = [float(value) for line in lines for _, value in line.points]
    low, high = min([0.0, *values]) if min(values) < max(values) * 0.5 else min(values), max(values)
    margin = (high - low or abs(high) or 1) * 0.12
    domain = [low - (margin if low else 0), high + margin]
    x = alt.X(
        "day:T",
        scale=alt.Scale(type="utc", domain=[str(first), str(last)]),
        axis=alt.Axis(
            title=None,
            tickCount=3 if narrow else 5,
            grid=False,
            labelFlush=True,
            labelExpr=f"'{turned}' + utcFormat(datum.value, '%-d %b') + '{turned}'",
        ),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(title=None, tickCount=4, format=",.0f", domain=False, ticks=False, labelPadding=8),
    )
    layers = [alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=GRID, strokeWidth=1.5).encode(y="zero:Q")]
    layers = layers if domain[0] <= 0 else []
    for line, place in zip(lines, _label_places(lines, domain), strict=True):
        layers += _line(line, last, place, x, y, turned)
    return picture.svg(picture.styled(alt.layer(*layers), width, height), title, summary, language)


def _line(line: Line, last: date, place: float, x: alt.X, y: alt.Y, turned: str) -> list[alt.Chart]:
    import altair as alt

    colour = TONES[line.tone]
    points = [*line.points, (last, line.points[-1][1])]
    rows = [{"day": str(day), "value": float(value)} for day, value in points]
    drawn = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    end = [{"day": str(last), "value": place, "label": turned + line.name + turned}]
    name = alt.Chart(alt.Data(values=end)).encode(x=x, y=y, text="label:N")
    dash = {"strokeDash": [5, 4]} if line.dashed else {}
    return [
        drawn.mark_line(interpolate="step-after", color=colour, strokeWidth=1.5 if line.dashed else 2.5, **dash),
        name.mark_text(align="right", dx=-4, dy=-9, color=colour, fontSize=12, fontWeight="bold"),
    ]


def _label_places(lines: Sequence[Line], domain: list[float]) -> list[float]:
    """Where each name stands: at its line's end, moved up where it would cover another."""
    space = (domain[1] - domain[0]) * LABEL_SPACE
    places: dict[int, float] = {}
    floor = float("-inf")
    for at in sorted(range(len(lines)), key=lambda one: lines[one].points[-1][1]):
        floor = places[at] = max(float(lines[at].points[-1][1]), floor + space)
    return [places[at] for at in range(len(lines))]
