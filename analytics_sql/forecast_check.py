"""Judges the forecast against simple rivals on a shop's invoice lines, at rolling origins over the last weeks.

python -m analytics_sql.forecast_check FILE.parquet [--history FILE.parquet | --alone] [--weeks 8] [--products 300]

The last weeks are held back: a forecast sees only what lies before its origin. Exit code 0 if our error is below that
of all rivals and both intervals cover within 5 points of what they claim, 1 if not, 2 if the file cannot be judged.
docs/FORECAST.md says what is counted and how.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from analytics_sql.backtest import RIVALS, Backtest, backtest
from analytics_sql.forecast import HORIZON, MODEL, MODEL_VERSION
from analytics_sql.panel import Panel, panel
from analytics_sql.retail_lines import UnreadableLines, by_week, read, sold, span, whole_weeks

KNOWN_HISTORY = Path(__file__).parents[2] / "shared" / "real" / "demand"
HELD_BACK = 8
"""Weeks."""
PRODUCTS = 300
LEAST_TRAINING = 4
TOLERANCE = 0.05
PASSED = "below every rival, both intervals within 5 points"
FAILED = "not below every rival, or an interval off by more than 5 points"


def with_history(lines: pl.DataFrame, folder: Path = KNOWN_HISTORY) -> tuple[pl.DataFrame, str]:
    """Puts the stretch that ends where these lines begin before them, if the folder has one; and says which."""
    for file in sorted(folder.glob("*.parquet")):
        earlier = read(file)
        gap = span(lines)[0] - span(earlier)[1]
        if timedelta(0) < gap <= timedelta(weeks=1):
            return pl.concat([earlier, lines]), str(file)
    return lines, ""


def best_selling(sales: pl.DataFrame, number: int, before: int) -> pl.DataFrame:
    """Sales of the products with the most units before a week; ties by code."""
    totals = sales.filter(pl.col("week").is_between(0, before - 1)).group_by("product_id").agg(pl.col("units").sum())
    return sales.join(
        totals.sort("units", "product_id", descending=[True, False]).head(number), on="product_id", how="semi"
    )


def prepared(lines: pl.DataFrame, number: int, held_back: int, whole: bool) -> tuple[Panel, date, int]:
    """The panel to judge on, the Monday it begins and how many weeks are held back.

    Raises:
        UnreadableLines: fewer whole weeks than a forecast and its judgement need.
    """
    first, weeks = whole_weeks(lines)
    held_back = min(held_back, weeks - LEAST_TRAINING)
    if held_back < 1:
        raise UnreadableLines(
            f"{weeks} whole weeks; at least {LEAST_TRAINING + 1} are needed, {LEAST_TRAINING} to learn from"
        )
    sales = by_week(sold(lines), first)
    chosen = best_selling(sales, number, weeks if whole else weeks - held_back)
    return panel(chosen, weeks), first, held_back


def passed(result: Backtest) -> bool:
    """Our error is below each rival's, and the intervals cover what they claim, within 5 points."""
    better = all(result.mase(MODEL) < result.mase(rival) for rival in RIVALS)
    honest = abs(result.coverage(1, 2) - 0.5) <= TOLERANCE and abs(result.coverage(0, 3) - 0.9) <= TOLERANCE
    return better and honest


def table(result: Backtest) -> Table:
    """One row per model, the best first."""
    shown = Table(
        "model",
        *("MASE", *(f"{ahead + 1} ahead" for ahead in range(HORIZON))),
        "in 50 %",
        "in 90 %",
        "width 50 %",
        "width 90 %",
    )
    for column in shown.columns[1:]:
        column.justify = "right"
    for model in sorted((MODEL, *RIVALS), key=result.mase):
        errors = [f"{error:.3f}" for error in (result.mase(model), *result.mase_ahead(model))]
        ours = model == MODEL
        covered = [
            f"{result.coverage(1, 2):.1%}",
            f"{result.coverage(0, 3):.1%}",
            f"{result.width(1, 2):.0f}",
            f"{result.width(0, 3):.0f}",
        ]
        shown.add_row(model, *errors, *(covered if ours else []), style="bold" if ours else "")
    return shown


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m analytics_sql.forecast_check", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="invoice lines: InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice")
    parser.add_argument("--history", type=Path, help="lines that come before those of the file")
    parser.add_argument("--alone", action="store_true", help="do not look for what comes before in ../shared")
    parser.add_argument("--weeks", type=int, default=HELD_BACK, help="weeks held back")
    parser.add_argument("--products", type=int, default=PRODUCTS, help="how many of the best-selling codes")
    parser.add_argument(
        "--best-of-all", action="store_true", help="best-selling of all weeks, not of those before the hold-back"
    )
    return parser.parse_args(given)


def chosen_lines(chosen: argparse.Namespace) -> tuple[pl.DataFrame, str]:
    """The lines to judge on, and the file that was put before those of the one named."""
    lines = read(chosen.file)
    if chosen.history:
        return pl.concat([read(chosen.history), lines]), str(chosen.history)
    return (lines, "") if chosen.alone else with_history(lines)


def main(given: Sequence[str] | None = None) -> int:
    chosen, console = arguments(given), Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    try:
        lines, source = chosen_lines(chosen)
        sales, first, held_back = prepared(lines, chosen.products, chosen.weeks, chosen.best_of_all)
    except UnreadableLines as error:
        console.print(f"[red]Cannot be judged:[/] {error}")
        return 2
    if source:
        console.print(f"Read after {source}")
    if held_back < chosen.weeks:
        console.print(f"[yellow]Only {sales.weeks} whole weeks: {held_back} are held back instead of {chosen.weeks}[/]")
    result = backtest(sales, held_back)
    last = first + timedelta(weeks=sales.weeks, days=-1)
    judged = f"{sales.weeks} weeks ({first} to {last}), the last {held_back} held back"
    console.print(f"{len(result.scale)} products, {judged}, {held_back} origins, 1 to {HORIZON} weeks ahead")
    console.print(table(result))
    won = passed(result)
    console.print(f"{MODEL} {MODEL_VERSION}: {'[green]' + PASSED if won else '[red]' + FAILED}[/]")
    return 0 if won else 1


if __name__ == "__main__":
    sys.exit(main())
