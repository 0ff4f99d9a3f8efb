"""The judgement of the forecast, on invoice lines as a shop writes them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import config
from analytics_sql import forecast_chart, forecast_check
from analytics_sql.backtest import RIVALS, Backtest, scales
from analytics_sql.forecast import MODEL
from analytics_sql.retail_lines import UnreadableLines, by_week, read, sold, span, whole_weeks

MONDAY = date(2011, 1, 3)
DEMAND = config.ROOT.parent / "shared" / "real" / "demand"


def line(day: date, code: str = "10001", units: int = 5, invoice: str = "536365", price: float = 2.5) -> dict[str, Any]:
    at = datetime.combine(day, time(9, 30))
    return {"InvoiceNo": invoice, "StockCode": code, "Quantity": units, "InvoiceDate": at, "UnitPrice": price}


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    pl.DataFrame(lines).write_parquet(path)
    return path


def shop(weeks: int, first: date = MONDAY, codes: int = 12) -> list[dict[str, Any]]:
    """Noisy sales on each weekday but Saturday, a few thick and many thin."""
    draw = np.random.default_rng(4)
    days = [first + timedelta(days=day) for day in range(7 * weeks) if (first + timedelta(days=day)).weekday() != 5]
    rates = np.geomspace(0.3, 20, codes)
    return [
        line(day, code=str(10001 + number), units=int(units))
        for day in days
        for number, units in enumerate(draw.negative_binomial(1, 1 / (1 + rates)))
        if units
    ]


def demand(tmp_path: Path, *lines: dict[str, Any]) -> list[tuple[str, date, float]]:
    return sold(read(written(tmp_path / "lines.parquet", list(lines)))).sort("product_id", "day").rows()


def test_a_line_undone_the_same_day_never_counted_and_a_later_return_does_not_undo_demand(tmp_path: Path) -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert demand(
        tmp_path,
        line(MONDAY, units=80995),
        line(MONDAY, units=-80995, invoice="C581484"),
        line(MONDAY, units=6),
        line(MONDAY, units=2),
        line(tuesday, units=-6, invoice="C536379"),
    ) == [("10001", MONDAY, 8.0)]


def test_services_gifts_and_broken_goods_are_no_demand_and_a_code_is_one_in_either_case(tmp_path: Path) -> None:
    assert demand(
        tmp_path,
        line(MONDAY, code="POST"),
        line(MONDAY, code="gift_0001_20"),
        line(MONDAY, units=-40, price=0.0),
        line(MONDAY, units=40, price=0.0),
        line(MONDAY, code="85123a", units=1),
        line(MONDAY, code="85123A", units=2),
    ) == [("85123A", MONDAY, 3.0)]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (MONDAY, MONDAY + timedelta(days=20), (MONDAY, 3)),
        (MONDAY, MONDAY + timedelta(days=18), (MONDAY, 2)),
        (MONDAY + timedelta(days=1), MONDAY + timedelta(days=20), (MONDAY + timedelta(days=7), 2)),
    ],
    ids=["whole", "ends on a Friday", "begins on a Tuesday"],
)
def test_a_partial_week_is_not_judged(tmp_path: Path, first: date, last: date, expected: tuple[date, int]) -> None:
    lines = [each for each in shop(3) if first <= each["InvoiceDate"].date() <= last]
    assert whole_weeks(read(written(tmp_path / "lines.parquet", lines))) == expected


def test_a_week_without_a_line_counts_as_one_without_sales(tmp_path: Path) -> None:
    lines = [each for each in shop(5) if not 7 <= (each["InvoiceDate"].date() - MONDAY).days < 14]
    file = read(written(tmp_path / "lines.parquet", lines))
    assert whole_weeks(file) == (MONDAY, 5)
    assert sorted(by_week(sold(file), MONDAY)["week"].unique()) == [0, 2, 3, 4]


def test_lines_that_continue_known_ones_are_read_after_them(tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.mkdir()
    written(known / "earlier.parquet", shop(4))
    later = read(written(tmp_path / "later.parquet", shop(4, MONDAY + timedelta(weeks=4))))
    both, source = forecast_check.with_history(later, known)
    assert Path(source).name == "earlier.parquet"
    assert span(both)[0] == MONDAY
    whole = read(written(tmp_path / "whole.parquet", shop(8)))
    assert forecast_check.with_history(whole, known)[1] == ""


def test_the_scale_is_the_mean_change_since_the_first_sale() -> None:
    assert scales(np.array([[np.nan, 2.0, 5.0, 1.0], [np.nan, np.nan, np.nan, 4.0]])).tolist() == [3.5, 0.0]


def judged(error: float, quantiles: tuple[float, float, float, float]) -> Backtest:
    """Twenty products of one week each that sold 0, 1, ... 19; rivals are wrong by 2."""
    actual = np.arange(20.0).reshape(20, 1, 1)
    points = {MODEL: actual + error} | dict.fromkeys(RIVALS, actual + 2)
    return Backtest(actual, points, np.tile(np.array(quantiles), (20, 1, 1, 1)), np.ones(20))


@pytest.mark.parametrize(
    ("error", "quantiles", "expected"),
    [
        (1, (1, 5, 14, 18), True),
        (2, (1, 5, 14, 18), False),
        (1, (1, 5, 16, 18), False),
        (1, (1, 5, 14, 15), False),
    ],
    ids=["better and honest", "no better", "50 % holds 60", "90 % holds 75"],
)
def test_who_is_no_better_or_covers_more_or_less_than_claimed_fails(
    error: float, quantiles: tuple[float, float, float, float], expected: bool
) -> None:
    assert forecast_check.passed(judged(error, quantiles)) is expected


def test_too_short_a_file_and_a_foreign_one_are_named_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = written(tmp_path / "short.parquet", shop(4))
    assert forecast_check.main([str(short), "--alone"]) == 2
    assert "4 whole weeks; at least 5 are needed" in capsys.readouterr().out
    foreign = written(tmp_path / "foreign.parquet", [{"a": 1}])
    assert forecast_check.main([str(foreign)]) == 2
    assert "no column InvoiceDate" in capsys.readouterr().out.replace("\n", " ")
    with pytest.raises(UnreadableLines):
        read(tmp_path / "absent.parquet")


def test_the_command_prints_every_model_and_an_exit_code_that_says_what_the_table_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = forecast_check.main([str(written(tmp_path / "lines.parquet", shop(12))), "--alone"])
    said = capsys.readouterr().out
    assert "12 products, 12 weeks (2011-01-03 to 2011-03-27), the last 8 held back, 8 origins" in said
    assert [model for model in (MODEL, *RIVALS) if f"│ {model} " not in said] == []
    assert code == (0 if forecast_check.PASSED in said else 1)


def test_on_a_real_shop_it_beats_every_rival_and_covers_what_it_claims(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(DEMAND.glob("*.parquet"))
    if not files:
        pytest.skip("the real sales are not here")
    assert forecast_check.main([str(files[0])]) == 0, capsys.readouterr().out


def test_the_chart_shows_what_came_and_what_was_forecast_before_it(tmp_path: Path) -> None:
    sales, first, held_back = forecast_check.prepared(
        read(written(tmp_path / "lines.parquet", shop(30))),
        forecast_check.PRODUCTS,
        forecast_check.HELD_BACK,
        whole=False,
    )
    frame = forecast_chart.drawn(sales, first)
    came, ahead = frame.filter(pl.col("came").is_not_null()), frame.filter(pl.col("units").is_not_null())
    assert came["week"].to_list() == list(range(4, 30))
    assert ahead["week"].to_list() == list(range(30 - held_back, 30))
    assert ahead["origin"].to_list() == [22] * 4 + [26] * 4
    assert ahead["day"][0] == MONDAY + timedelta(weeks=22)
    forecast_chart.chart(frame).save(str(tmp_path / "chart.svg"))
    assert "10012, number 1 by units" in (tmp_path / "chart.svg").read_text()
