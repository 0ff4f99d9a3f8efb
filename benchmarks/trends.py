"""Both versions of the trend score and three simple rivals: who finds the products whose sales grow most in 7 days?

python -m benchmarks trends                the worlds that are reported
python -m benchmarks.trends SEED [SEED...]  the same table for worlds of these seeds; writes nothing
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import numpy as np
import polars as pl
from rich.console import Console

from benchmarks import Row
from benchmarks.trend_judge import AHEAD, Numbers, growth, over_worlds, precision, rank_correlation, sales
from benchmarks.trend_report import BASES, METRICS, RANKINGS, Results, table, write
from benchmarks.trend_worlds import ranked
from config import settings

SEEDS = tuple(range(1, 13))
"""Worlds that are reported. Weights were chosen on worlds 101 to 116."""
DAYS = (28, 35, 42, 49)
"""Evenings at which the marts are read: after four weeks of history once a week, over one cycle of fashion."""
RIVALS = ("discount", "ratings", "random")


def judged(frame: pl.DataFrame, sold: pl.DataFrame, seed: int, day: int) -> dict[tuple[str, str, str], float]:
    """By basis, metric and ranking the figure of one world on one evening."""
    rows = frame.join(growth(sold, day), on="external_id", how="inner", validate="1:1").sort("external_id")
    random = np.random.default_rng((seed, day)).random(len(rows))
    scores: dict[str, Numbers] = {name: random if name == "random" else rows[name].to_numpy() for name in RANKINGS}
    measures = {"precision": precision, "rank": rank_correlation}
    return {
        (basis, metric, name): measures[metric](score, rows[basis].to_numpy())
        for basis in BASES
        for metric in METRICS
        for name, score in scores.items()
    }


def measured(seeds: Sequence[int], days: tuple[int, ...] = DAYS) -> Results:
    """By basis, metric and ranking one figure a world, the mean over its evenings."""
    folder = settings().data_dir / "bench_trends"
    shutil.rmtree(folder, ignore_errors=True)
    found: Results = {}
    for seed, frames in ranked(seeds, days, folder):
        sold = sales(seed, max(days) + AHEAD + 1)
        evenings = [judged(frame, sold, seed, day) for day, frame in frames.items()]
        for key in evenings[0]:
            found.setdefault(key, []).append(float(np.mean([evening[key] for evening in evenings])))
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _row(results: Results, basis: str, metric: str, ours: str, other: str) -> Row:
    one, two = results[basis, metric, ours], results[basis, metric, other]
    apart = over_worlds(np.subtract(one, two))
    return Row(
        name=f"trends, {METRICS[metric]} by {BASES[basis]}: {RANKINGS[ours]} less {RANKINGS[other]}, lower edge",
        ratio=apart.low,
        goal=">= 0",
        ours=str(over_worlds(one)),
        other=str(over_worlds(two)),
        note=f"a difference, not a ratio: {apart} over {len(one)} worlds, paired",
        samples=one,
    )


def run() -> list[Row]:
    """Lives through the worlds, writes TRENDS.md and its picture, and compares the rankings in pairs."""
    results = measured(SEEDS)
    write(results, SEEDS, DAYS)
    Console(stderr=True).print(table(results), markup=False, soft_wrap=True)
    pairs = [("v2", "v1"), *((ours, rival) for ours in ("v2", "v1") for rival in RIVALS)]
    return [_row(results, basis, metric, *pair) for basis in BASES for metric in METRICS for pair in pairs]


if __name__ == "__main__":
    print(table(measured([int(seed) for seed in sys.argv[1:]])))
