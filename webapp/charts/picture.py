"""A chart as SVG for both themes: Vega-Lite through vl-convert, numbers and dates as the page writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names, get_month_names
from markupsafe import Markup, escape

from webapp.i18n import NARROW as THIN_SPACE
from webapp.i18n import locale

if TYPE_CHECKING:
    import altair as alt

LIGHT_TO_DARK = {
    "#0b6b4f": "#5cc49d",
    "#a8421f": "#f09a78",
    "#58605a": "#b3b8ae",
    "#e0d5c3": "#343a34",
    "#efe6d8": "#2b2a23",
    "#fbf8f3": "#1d231f",
    "#1f5f8b": "#84bde6",
}
"""Each colour of a chart by its role in both themes; the picture itself follows the reader's theme."""
LINE, LOW, TEXT, GRID, SOLD_OUT, PAPER, OTHER = LIGHT_TO_DARK
RIGHT_TO_LEFT = "\u200f"
"""Around Arabic labels: a picture knows no direction, and a number at the end would stand on the wrong side."""
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ABROAD = re.compile(r' xlink:href="https://vega\.github\.io/vega-datasets/(/[^"]*)"')
"""Vega takes a link without a host for one into its collection of examples."""
FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans Arabic', 'Geeza Pro', sans-serif"


def styled(chart: alt.LayerChart | alt.Chart, width: int, height: int) -> alt.LayerChart | alt.Chart:
    """The chart in our type and lines, in a box of this many pixels."""
    import altair as alt

    return (
        chart.properties(
            width=width, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"), padding=6
        )
        .configure(background="transparent", font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=TEXT, labelFontSize=12, titleColor=TEXT, titleFontSize=12, titleFontWeight="normal",
            gridColor=GRID, domainColor=GRID, tickColor=GRID, gridDash=[2, 3],
        )
    )  # fmt: skip


def svg(chart: alt.LayerChart | alt.Chart, title: str, summary: str, language: str) -> str:
    """The chart drawn, with a title and a description for those who cannot see it."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(
        chart.to_dict(), format_locale=_number_locale(language), time_format_locale=_time_locale()
    )
    return _for_both_themes(drawn, title, summary)


def _number_locale(language: str) -> dict[str, Any]:
    thousands = "," if language == "en" else THIN_SPACE
    return {"decimal": "." if language == "en" else ",", "thousands": thousands, "grouping": [3], "currency": ["", ""]}


def _time_locale() -> dict[str, Any]:
    spoken = locale()
    months = {width: list(get_month_names(width, locale=spoken).values()) for width in ("wide", "abbreviated")}
    names = {width: get_day_names(width, locale=spoken) for width in ("wide", "abbreviated")}
    sunday_first = {width: [day[(at + 6) % 7] for at in range(7)] for width, day in names.items()}
    return {
        "dateTime": "%x %X", "date": "%d/%m/%Y", "time": "%H:%M:%S", "periods": ["AM", "PM"],
        "days": sunday_first["wide"], "shortDays": sunday_first["abbreviated"],
        "months": months["wide"], "shortMonths": months["abbreviated"],
    }  # fmt: skip


def _written(text: str) -> str:
    """Text as XML takes it: control characters make the whole picture unreadable."""
    return str(escape(NOT_IN_XML.sub("", text)))


def _for_both_themes(svg: str, title: str, summary: str) -> str:
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in LIGHT_TO_DARK.items()
    )
    head, body = svg.split(">", 1)
    words = f"<title>{_written(title)}</title><desc>{_written(summary)}</desc>"
    return f"{head}>{words}<style>@media (prefers-color-scheme: dark){{{rules}}}</style>{body}"


def inline(chart: alt.LayerChart | alt.Chart, title: str, summary: str, language: str) -> Markup:
    """The same to stand in a page, where its marks may be pointed at and followed; `charts.css` colours it.

    Its links are left out of the tab order: what they lead to stands in the page's table too.
    """
    whole = svg(chart, title, summary, language)
    whole = re.sub(r"<style>.*?</style>", "", whole, count=1, flags=re.DOTALL)
    whole = re.sub(r' style="[^"]*"', "", whole)
    whole = ABROAD.sub(r' href="\1"', whole)
    whole = whole.replace("<a ", '<a tabindex="-1" ').replace("<svg ", '<svg class="drawn" role="img" ', 1)
    return Markup(whole)  # noqa: S704 - written by Vega, which escapes what it is given
