"""Price charts drawn on the server: SVG through Altair and vl-convert, from Polars frames, and sparklines."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names, get_month_names
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import escape

from reseller.catalogue import Day
from webapp.i18n import NARROW, day, locale, money_text

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

WIDE, NARROW_SIZE = (1040, 320), (358, 260)
SPARK = (120, 28)
LIGHT_TO_DARK = {
    "#0b6b4f": "#5cc49d",
    "#a8421f": "#f09a78",
    "#58605a": "#b3b8ae",
    "#e0d5c3": "#343a34",
    "#efe6d8": "#2b2a23",
    "#fbf8f3": "#141815",
}
"""Each colour of a chart by its role in both themes; the picture itself follows the reader's theme."""
LINE, LOW, TEXT, GRID, SOLD_OUT, PAPER = LIGHT_TO_DARK
RIGHT_TO_LEFT = "\u200f"
"""Around Arabic labels: a picture knows no direction, and a number at the end would stand on the wrong side."""
FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans Arabic', 'Geeza Pro', sans-serif"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about a price history besides drawing it."""

    summary: str
    changes: list[Day]
    version: str
    wide: tuple[int, int] = WIDE
    narrow: tuple[int, int] = NARROW_SIZE


def facts(history: Sequence[Day]) -> Facts | None:
    """The history in words; None where fewer than two days have a price."""
    priced = [entry for entry in history if entry.price is not None]
    if len(priced) < 2:
        return None
    lowest, highest = min(priced, key=_price), max(priced, key=_price)
    values = {
        "days": (priced[-1].day - priced[0].day).days + 1,
        "now": money_text(_price(priced[-1]), priced[-1].currency),
        "low": money_text(_price(lowest), lowest.currency),
        "high": money_text(_price(highest), highest.currency),
        "when": day(lowest.day),
    }
    if _price(lowest) == _price(highest):
        summary = _("Over %(days)s days the price stayed at %(now)s.", **values)
    else:
        summary = _(
            "Over %(days)s days the price lay between %(low)s (%(when)s) and %(high)s; it is now %(now)s.", **values
        )
    changes = [
        entry
        for before, entry in zip([None, *history], history, strict=False)
        if before is None or (before.price, before.availability) != (entry.price, entry.availability)
    ]
    last = f"{history[-1].day}{history[-1].price}{len(history)}"
    return Facts(summary, changes[::-1][:40], f"{zlib.crc32(last.encode()):x}")


def _price(entry: Day) -> Decimal:
    return entry.price or Decimal(0)


def sparkline(history: Sequence[Day], days: int = 30) -> str | None:
    """The `d` of a path through the last days' prices, in a box of 120 by 28; None where it says nothing."""
    prices = [float(entry.price) for entry in history[-days:] if entry.price is not None]
    if len(prices) < 3 or min(prices) == max(prices):
        return None
    low, high = min(prices), max(prices)
    width, height = SPARK
    step = width / (len(prices) - 1)
    points = [(at * step, 3 + (height - 6) * (1 - (price - low) / (high - low))) for at, price in enumerate(prices)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def price_history(history: Sequence[Day], title: str, language: str, *, narrow: bool = False) -> str:
    """The chart as SVG: steps of the price, its low of 30 days marked, sold-out days shaded, direct labels."""
    with force_locale({"fr": "fr", "ar": "ar_DZ", "en": "en_GB"}[language]):
        about = facts(history)
        key = tuple((entry.day, entry.price, entry.currency, entry.availability == "out_of_stock") for entry in history)
        return _drawn(key, title, about.summary if about else title, language, narrow)


@lru_cache(maxsize=512)
def _drawn(history: tuple[tuple[date, Any, str | None, bool], ...], title: str, summary: str, language: str,
           narrow: bool) -> str:  # fmt: skip
    import polars as pl
    import vl_convert

    frame = pl.DataFrame(
        history, schema={"day": pl.Date, "price": pl.Decimal(14, 2), "currency": pl.Utf8, "sold_out": pl.Boolean},
        orient="row",
    ).with_columns(pl.col("price").cast(pl.Float64))  # fmt: skip
    drawing = _chart(frame.filter(pl.col("price").is_not_null()), _sold_out_spans(frame), language, narrow)
    svg = vl_convert.vegalite_to_svg(
        drawing.to_dict(), format_locale=_number_locale(language), time_format_locale=_time_locale()
    )
    return _for_both_themes(svg, title, summary)


def _sold_out_spans(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return (
        frame.with_columns(run=pl.col("sold_out").rle_id())
        .filter("sold_out")
        .group_by("run", maintain_order=True)
        .agg(start=pl.col("day").min(), end=pl.col("day").max() + timedelta(days=1))
    )


def _chart(frame: pl.DataFrame, sold_out: pl.DataFrame, language: str, narrow: bool) -> alt.LayerChart:
    import altair as alt
    import polars as pl

    width, height = NARROW_SIZE if narrow else WIDE
    currency = str(frame["currency"][-1] or "")
    recent = frame.filter(pl.col("day") > frame["day"].max() - timedelta(days=30))  # type: ignore[operator]
    lowest = recent.filter(pl.col("price") == pl.col("price").min()).head(1)
    first, last = frame["day"].min(), frame["day"].max()
    turned = RIGHT_TO_LEFT if language == "ar" else ""
    low, high = float(frame["price"].min()), float(frame["price"].max())  # type: ignore[arg-type]
    margin = max((high - low) * 0.22, high * 0.04)
    x = alt.X(
        "day:T",
        scale=alt.Scale(type="utc", domain=[str(first), str(last + timedelta(days=1))]),  # type: ignore[operator]
        axis=alt.Axis(
            title=None,
            tickCount=3 if narrow else 6,
            grid=False,
            labelFlush=True,
            labelExpr=f"'{turned}' + utcFormat(datum.value, '%-d %b') + '{turned}'",
        ),
    )
    y = alt.Y(
        "price:Q",
        scale=alt.Scale(domain=[max(low - margin, 0), high + margin], nice=False),
        axis=alt.Axis(title=None, tickCount=4, format=",.0f", domain=False, ticks=False, labelPadding=8),
    )
    spans = alt.Chart(_rows(sold_out)).encode(x=alt.X("start:T", scale=alt.Scale(type="utc")), x2="end:T")
    words = _("30-day low: %(price)s", price=money_text(Decimal(str(lowest["price"][0])), currency))
    lows = _rows(lowest.with_columns(label=pl.lit(turned + words + turned)))
    below = lowest["day"][0] < first + (last - first) * 0.75  # type: ignore[operator]
    marked = alt.Chart(lows).encode(x=x, y=y)
    side = "left" if below else "right"
    layers = [
        spans.mark_rect(color=SOLD_OUT, opacity=1),
        spans.mark_text(text=_("sold out"), y=12, align="left", dx=5, color=TEXT, fontSize=11),
        alt.Chart(_rows(_to_its_end(frame)))
        .mark_line(interpolate="step-after", color=LINE, strokeWidth=2.5)
        .encode(x=x, y=y),
        marked.mark_point(size=80, filled=True, fill=LOW, stroke=PAPER, strokeWidth=2, opacity=1),
        marked.mark_text(align=side, dy=18, color=LOW, fontSize=12, fontWeight="bold").encode(text="label:N"),
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


def _to_its_end(frame: pl.DataFrame) -> pl.DataFrame:
    """The last day lasts a day, too."""
    import polars as pl

    return pl.concat([frame, frame.tail(1).with_columns(pl.col("day") + timedelta(days=1))])


def _rows(frame: pl.DataFrame) -> alt.Data:
    import altair as alt
    import polars as pl

    return alt.Data(values=frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts())


def _number_locale(language: str) -> dict[str, Any]:
    thousands = "," if language == "en" else NARROW
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


def _for_both_themes(svg: str, title: str, summary: str) -> str:
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}' for light, dark in LIGHT_TO_DARK.items()
    )
    head, body = svg.split(">", 1)
    words = f"<title>{escape(title)}</title><desc>{escape(summary)}</desc>"
    return f"{head}>{words}<style>@media (prefers-color-scheme: dark){{{rules}}}</style>{body}"
