"""The price-history chart: SVG through Altair and vl-convert, from Polars frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.dates import get_day_names, get_month_names
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import escape

from reseller.catalogue import Day
from webapp.charts import NARROW, WIDE, facts
from webapp.i18n import NARROW as THIN_SPACE
from webapp.i18n import locale, money_text

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

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
FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans Arabic', 'Geeza Pro', sans-serif"


class Source(NamedTuple):
    """Where else the same thing is offered, and how its price went there."""

    name: str
    history: Sequence[Day]


def price_history(
    history: Sequence[Day],
    title: str,
    language: str,
    *,
    name: str = "",
    others: Sequence[Source] = (),
    narrow: bool = False,
) -> str:
    """The chart as SVG: steps of the price, its low of 30 days marked, sold-out days shaded, direct labels.

    Args:
        name: what the line itself is called, where there are others beside it.
        others: at most two more lines, thinner, of the same currency, each labelled at its end.
    """
    with force_locale({"fr": "fr", "ar": "ar_DZ", "en": "en_GB"}[language]):
        about = facts(history)
        currency = history[-1].currency
        comparable = [other for other in others if other.history and other.history[-1].currency == currency][:2]
        sources = (Source(name, history), *comparable)
        rows = tuple(
            (at, source.name, entry.day, entry.price, entry.availability == "out_of_stock")
            for at, source in enumerate(sources)
            for entry in source.history
        )
        return _drawn(rows, currency or "", title, about.summary if about else title, language, narrow)


@lru_cache(maxsize=512)
def _drawn(
    rows: tuple[tuple[int, str, date, Decimal | None, bool], ...],
    currency: str,
    title: str,
    summary: str,
    language: str,
    narrow: bool,
) -> str:
    import polars as pl
    import vl_convert

    schema: dict[str, Any] = {
        "source": pl.Int8,
        "name": pl.Utf8,
        "day": pl.Date,
        "price": pl.Decimal(14, 2),
        "sold_out": pl.Boolean,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("price").cast(pl.Float64))
    svg = vl_convert.vegalite_to_svg(
        _chart(frame, currency, language, narrow).to_dict(),
        format_locale=_number_locale(language),
        time_format_locale=_time_locale(),
    )
    return _for_both_themes(svg, title, summary)


def _chart(frame: pl.DataFrame, currency: str, language: str, narrow: bool) -> alt.LayerChart:
    import altair as alt
    import polars as pl

    width, height = NARROW if narrow else WIDE
    turned = RIGHT_TO_LEFT if language == "ar" else ""
    own = frame.filter(pl.col("source") == 0)
    priced = frame.filter(pl.col("price").is_not_null() & (pl.col("day") >= own["day"].min()))
    x, y = _axes(priced, turned, narrow)
    layers = [
        *_sold_out(own),
        *_lines(priced, x, y, turned),
        *_low(priced.filter(pl.col("source") == 0), x, y, currency, turned),
    ]
    return (
        alt.layer(*layers)
        .properties(width=width, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"), padding=6)
        .configure(background="transparent", font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=TEXT, labelFontSize=12, gridColor=GRID, domainColor=GRID, tickColor=GRID, gridDash=[2, 3]
        )
    )


def _axes(priced: pl.DataFrame, turned: str, narrow: bool) -> tuple[alt.X, alt.Y]:
    import altair as alt

    first, last = _span(priced)
    low, high = float(priced["price"].min()), float(priced["price"].max())  # type: ignore[arg-type]
    margin = max((high - low) * 0.22, high * 0.04)
    dates = alt.Axis(
        title=None, tickCount=3 if narrow else 6, grid=False, labelFlush=True,
        labelExpr=f"'{turned}' + utcFormat(datum.value, '%-d %b') + '{turned}'",
    )  # fmt: skip
    prices = alt.Axis(title=None, tickCount=4, format=",.0f", domain=False, ticks=False, labelPadding=8)
    return (
        alt.X("day:T", scale=alt.Scale(type="utc", domain=[str(first), str(last + timedelta(days=1))]), axis=dates),
        alt.Y("price:Q", scale=alt.Scale(domain=[max(low - margin, 0), high + margin], nice=False), axis=prices),
    )


def _span(frame: pl.DataFrame) -> tuple[date, date]:
    days = frame["day"].to_list()
    return min(days), max(days)


def _sold_out(own: pl.DataFrame) -> list[alt.Chart]:
    import altair as alt
    import polars as pl

    spans = (
        own.with_columns(run=pl.col("sold_out").rle_id())
        .filter("sold_out")
        .group_by("run", maintain_order=True)
        .agg(start=pl.col("day").min(), end=pl.col("day").max() + timedelta(days=1))
    )
    chart = alt.Chart(_rows(spans)).encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T")
    words = chart.mark_text(text=_("sold out"), y=12, align="left", dx=5, color=TEXT, fontSize=11)
    return [chart.mark_rect(color=SOLD_OUT, opacity=1), words]


def _lines(priced: pl.DataFrame, x: alt.X, y: alt.Y, turned: str) -> list[alt.Chart]:
    import altair as alt
    import polars as pl

    sources = priced["source"].unique(maintain_order=True).to_list()
    layers = []
    for source in reversed(sources):
        line = _to_its_end(priced.filter(pl.col("source") == source))
        colour, thickness = (LINE, 2.5) if source == 0 else (OTHER, 1.5)
        chart = alt.Chart(_rows(line)).encode(x=x, y=y)
        layers.append(chart.mark_line(interpolate="step-after", color=colour, strokeWidth=thickness))
        if len(sources) > 1:
            end = line.tail(1).with_columns(label=turned + pl.col("name") + turned)
            name = alt.Chart(_rows(end)).encode(x=x, y=y, text="label:N")
            layers.append(name.mark_text(align="right", dx=-4, dy=-8, color=colour, fontSize=12))
    return layers


def _low(own: pl.DataFrame, x: alt.X, y: alt.Y, currency: str, turned: str) -> list[alt.Chart]:
    import altair as alt
    import polars as pl

    first, last = _span(own)
    recent = own.filter(pl.col("day") > last - timedelta(days=30))
    lowest = recent.filter(pl.col("price") == pl.col("price").min()).head(1)
    words = _("30-day low: %(price)s", price=money_text(Decimal(str(lowest["price"][0])), currency))
    marked = alt.Chart(_rows(lowest.with_columns(label=pl.lit(turned + words + turned)))).encode(x=x, y=y)
    side = "left" if lowest["day"][0] < first + (last - first) * 0.6 else "right"
    return [
        marked.mark_point(size=80, filled=True, fill=LOW, stroke=PAPER, strokeWidth=2, opacity=1),
        marked.mark_text(align=side, dy=18, color=LOW, fontSize=12, fontWeight="bold").encode(text="label:N"),
    ]


def _to_its_end(frame: pl.DataFrame) -> pl.DataFrame:
    """The last day lasts a day, too."""
    import polars as pl

    return pl.concat([frame, frame.tail(1).with_columns(pl.col("day") + timedelta(days=1))])


def _rows(frame: pl.DataFrame) -> alt.Data:
    import altair as alt
    import polars as pl

    return alt.Data(values=frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts())


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
