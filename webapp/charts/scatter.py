"""What was looked at as a picture: profit from each dinar and day against doubt, each offer a point one may follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from markupsafe import Markup

from webapp.charts import picture
from webapp.charts.picture import GRID, LINE, RIGHT_TO_LEFT, TEXT

if TYPE_CHECKING:
    import altair as alt

SIZE = (620, 340)
OUTER = 0.03
"""Part of the points at either end that stand at the edge: one wild offer does not press the others together."""


@dataclass(frozen=True, slots=True)
class Point:
    """One offer: `doubt` as a share of the demand it is about, `gain` in dinars a day for 1,000 DA."""

    doubt: float
    gain: float
    taken: bool
    words: str
    address: str


def gain_against_doubt(points: Sequence[Point], title: str, summary: str, language: str) -> Markup:
    """The picture, to stand in a page. At least one point."""
    import altair as alt

    width, height = SIZE
    turned = RIGHT_TO_LEFT if language == "ar" else ""
    left, right = _reach([point.doubt for point in points])
    bottom, top = _reach([point.gain for point in points])
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[left, right], nice=False),
        axis=alt.Axis(title=turned + _("doubt about demand") + turned, format=".0%", tickCount=5, grid=False),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[min(bottom, 0), max(top, 0)], nice=False),
        axis=alt.Axis(
            title=turned + _("DA a day for 1,000 DA") + turned, format=".3~g", tickCount=5, domain=False, ticks=False
        ),
    )
    layers = [alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(color=GRID, strokeWidth=1.5).encode(y=y)]
    layers += [_points(points, taken, x, y, (left, right, bottom, top)) for taken in (False, True)]
    return picture.inline(picture.styled(alt.layer(*layers), width, height), title, summary, language)


def _points(
    points: Sequence[Point], taken: bool, x: alt.X, y: alt.Y, box: tuple[float, float, float, float]
) -> alt.Chart:
    import altair as alt

    left, right, bottom, top = box
    rows = [
        {
            "x": min(max(point.doubt, left), right),
            "y": min(max(point.gain, bottom), top),
            "words": point.words,
            "address": point.address,
        }
        for point in points
        if point.taken is taken
    ]
    mark = alt.Chart(alt.Data(values=rows)).mark_point(
        size=110 if taken else 46, filled=taken, color=LINE if taken else TEXT, opacity=0.9 if taken else 0.55
    )
    return mark.encode(x=x, y=y, href="address:N", description="words:N")


def _reach(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    out = int(len(ordered) * OUTER)
    low, high = ordered[out], ordered[-1 - out]
    pad = (high - low or abs(high) or 1) * 0.06
    return low - pad, high + pad
