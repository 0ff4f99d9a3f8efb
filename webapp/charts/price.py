"""The price-history chart: SVG through Altair and vl-convert, from Polars frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _

from reseller.catalogue import Day
from webapp.charts import NARROW, WIDE, facts, picture
from webapp.charts.picture import LINE, LOW, OTHER, PAPER, RIGHT_TO_LEFT, SOLD_OUT, TEXT
from webapp.i18n import money_text

if TYPE_CHECKING:
    import altair as alt
    import polars as pl


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

    schema: dict[str, Any] = {
        "source": pl.Int8,
        "name": pl.Utf8,
        "day": pl.Date,
        "price": pl.Decimal(14, 2),
        "sold_out": pl.Boolean,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("price").cast(pl.Float64))
    return picture.svg(_chart(frame, currency, language, narrow), title, summary, language)


def _chart(frame: pl.DataFrame, currency: str, language: str, narrow: bool) -> alt.LayerChart | alt.Chart:
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
    return picture.styled(alt.layer(*layers), width, height)


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
