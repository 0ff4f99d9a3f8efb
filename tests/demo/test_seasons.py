"""The real calendar in the world's demand."""

import itertools
from datetime import date, timedelta

import numpy as np
import pytest

from demo.catalogue import products
from demo.seasons import Year, epoch_of, seasons

OF = {season.name: season for season in seasons()}
INDEX = {product.name: index for index, product in enumerate(products())}


def factor(of, on):
    return Year(products(), on).factor(0)[INDEX[of]]


@pytest.mark.parametrize(
    ("season", "full", "out"),
    [
        ("Ramadan", "2026-02-25", "2026-06-01"),
        ("Ramadan", "2025-03-10", "2026-04-01"),
        ("Eid al-Fitr", "2026-03-17", "2026-03-25"),
        ("Eid al-Adha", "2026-05-24", "2026-06-01"),
        ("Eid al-Adha", "2025-06-03", "2025-05-01"),
        ("Rentrée", "2026-09-05", "2026-10-15"),
        ("Yennayer et nouvel an", "2026-01-05", "2026-02-01"),
        ("Été", "2026-07-20", "2026-12-20"),
        ("Hiver", "2026-12-20", "2026-07-20"),
    ],
)
def test_a_season_falls_on_its_real_dates(season, full, out):
    assert OF[season].strength(date.fromisoformat(full)) == 1
    assert OF[season].strength(date.fromisoformat(out)) == 0


def test_feasts_move_eleven_days_a_year_and_are_reckoned_beyond_the_table():
    ramadan = OF["Ramadan"].days
    gaps = {(later - earlier).days for earlier, later in itertools.pairwise(ramadan)}
    assert gaps <= {353, 354, 355, 356}
    assert ramadan[-1].year > 2055


@pytest.mark.parametrize(
    ("product", "season", "usual", "least"),
    [
        ("Dattes coffret 5 kg", "2026-02-25", "2026-06-15", 2.5),
        ("Hachoir à viande HV4 - 1600 W", "2026-05-24", "2026-10-20", 2),
        ("Couteau de boucher inox 25 cm", "2026-05-24", "2026-10-20", 3),
        ("Cartable collège - Bleu", "2026-09-05", "2026-12-01", 4),
        ("Climatiseur 12000 BTU - Tropicalisé", "2026-07-20", "2026-04-20", 3),
        ("Robe kabyle brodée - Taille unique", "2026-01-08", "2026-06-20", 2),
        ("Robe fille tulle - Rose - 6 ans", "2026-03-17", "2026-06-20", 3),
    ],
)
def test_each_season_lifts_what_is_bought_for_it(product, season, usual, least):
    assert factor(product, date.fromisoformat(season)) > least * factor(product, date.fromisoformat(usual))


def test_a_title_s_word_goes_before_its_shelf():
    whey = INDEX["Whey 100% Pure - Chocolat - 1 kg"]
    assert OF["Ramadan"].lift(products()[whey]) == 0.5
    assert OF["Été"].lift(products()[INDEX['Galaxy A06 - 6.7" - 4 Go / 128 Go - Noir']]) == 1


def test_every_lift_fits_some_product():
    fitting = {
        (season.name, name)
        for season in seasons()
        for name in season.lifts
        if any(name in p.path or p.title.startswith(name) or f" {name}" in p.title for p in products())
    }
    assert fitting == {(season.name, name) for season in seasons() for name in season.lifts}


def test_demand_comes_and_goes_without_a_leap():
    year = Year(products(), date(2026, 1, 1))
    leaps = [np.abs(np.log(year.factor(day + 1) / year.factor(day))).max() for day in range(365)]
    assert max(leaps) < 1.0


def test_worlds_of_different_seeds_begin_all_over_the_year():
    starts = [epoch_of(seed) for seed in range(40)]
    assert len({start.month for start in starts}) >= 10
    assert all(date(2025, 1, 1) <= start <= date(2025, 1, 1) + timedelta(days=730) for start in starts)
