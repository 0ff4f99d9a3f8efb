"""Seasons: the arithmetic by hand, and two short ones lived through by the command as a user gives it."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest

from benchmarks.season import command
from benchmarks.season.figures import Figures, drawdown
from benchmarks.season.policies import Shown, at_random, by_discount, by_ratings
from config import ROOT


def shown(sku: str, price: int, old: int | None = None, ratings: int = 0) -> Shown:
    return Shown(1, "jumia", "dz", sku, Decimal(price), None if old is None else Decimal(old), ratings, None)


def test_simple_policies_rank_by_what_the_page_says() -> None:
    offers = [shown("A", 900, 1000, 5), shown("B", 500, 1000, 1), shown("C", 100, None, 9), shown("D", 800, 700)]
    assert [one.sku for one in by_discount(offers, 0)] == ["B", "A"], "an old price below the price is no discount"
    assert [one.sku for one in by_ratings(offers, 0)] == ["C", "A", "B", "D"]
    assert at_random(offers, 3) == at_random(offers[::-1], 3)
    assert {one.sku for one in at_random(offers, 3)} == set("ABCD")


def test_a_drawdown_is_the_worst_fall_from_a_height_before() -> None:
    assert drawdown([200_000, 210_000, 190_000, 205_000, 199_000]) == 20_000
    assert drawdown([180_000]) == 20_000, "the capital is a height too"
    assert drawdown([200_000, 210_000]) == 0


@pytest.mark.parametrize("text", ["--seed x", "--days 0", "--days 731", "--policy luck", "--jobs 0"])
def test_a_wrong_argument_is_refused_with_what_to_write(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.parser().parse_args(text.split())
    assert ended.value.code == 2
    assert text.split()[1] in capsys.readouterr().err


def test_seeds_and_policies_may_be_named_in_one_word() -> None:
    given = command.parser().parse_args(["--seed", "1-3,7", "--policy", "all"])
    assert (given.seed, tuple(given.policy)) == ([1, 2, 3, 7], command.POLICIES)


def test_a_season_is_lived_through_with_real_orders_and_the_same_seed_is_the_same_season(tmp_path: Path) -> None:
    """Real pages, purchases, shoppers over HTTP, books; and nobody who buys nothing loses anything."""
    file = tmp_path / "seasons.json"
    arguments = ["--seed", "3", "--days", "10", "--policy", "omniscient,omniscient,hold", "--json", str(file)]
    run = [sys.executable, "-m", "demo.season", *arguments]
    subprocess.run(run, cwd=ROOT, check=True, capture_output=True, timeout=300)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    hold = next(row for row in rows if row["policy"] == "hold")
    one, other = (row for row in rows if row["policy"] == "omniscient")
    assert one == other
    assert (hold["profit"], hold["worth"], hold["orders"]) == (0, [200_000.0] * 10, 0)
    assert one["purchases"] > 3
    assert one["orders"] > 0
    assert one["units_left"] > 0
    assert one["profit"] <= one["booked"], "stock counts for no more than it cost"
    assert one["return_on_capital"] == pytest.approx(one["profit"] / 200_000, abs=1e-4)


def test_a_file_of_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no season\n")
    for option in ("--report", "--json"):
        assert command.main([option, str(file)]) == 2
        assert f"{file} is no file of seasons" in capsys.readouterr().err
    assert command.main(["--report", str(tmp_path / "none.json")]) == 2


def test_seasons_that_a_file_has_are_not_lived_through_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seasons.json"
    figures = Figures(3, "hold", 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, (200_000.0,) * 10)
    file.write_text(json.dumps(figures.row()) + "\n")
    with mock.patch.object(command, "lived", return_value=iter(())) as lived:
        assert command.main(["--seed", "3", "--days", "10", "--policy", "hold,random", "--json", str(file)]) == 0
    assert lived.call_args.args[0] == [(3, "random")]
