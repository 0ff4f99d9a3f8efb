"""The second trend score on a small market: what is absurd, or seen twice, takes over nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import market, marts
from tests.analytics_sql.conftest import MODELS_ONLY, Dbt
from tests.analytics_sql.market_rows import days_ago, watched
from tests.factories import crawl

DAYS = 20
A_MINUTE = 1 / 1440
Says = list[tuple[float, dict[str, Any]]]


def daily(number: int, of: Any = None) -> Says:
    """Twenty days of a listing that gains a rating a day at a price that stands; `of(age)` says what differs."""
    return [
        (
            float(age),
            {"price": Decimal("5000"), "rating_count": 40 + number + DAYS - age, "position": number}
            | (of(age) if of else {}),
        )
        for age in range(DAYS, -1, -1)
    ]


def rises(age: float) -> dict[str, Any]:
    """Six ratings a day for three days, ever higher in the listing, and a fifth cheaper since today."""
    gained = {"rating_count": 60 + int(max(0, 4 - age)) * 6, "position": int(5 + age)}
    return gained | ({"price": Decimal("4000")} if age == 0 else {})


def leaps(age: float) -> dict[str, Any]:
    return {"rating_count": 1_000_000 + 60 if age == 0 else 60}


def twice(says: Says) -> Says:
    """Seen a minute before as well, far down in the listing of another category."""
    seen_before = [(age + A_MINUTE, said | {"position": 400}) for age, said in says]
    return sorted([*seen_before, *says], key=lambda one: -one[0])


def crowd(work: Session) -> dict[str, market.Listing]:
    by = crawl(work)
    made = {f"usual {number}": watched(work, by, daily(number), title=f"Article {number}") for number in range(1, 13)}
    made["riser"] = watched(work, by, daily(20, rises), title="Ce qui part")
    made["leap"] = watched(work, by, daily(21, leaps), title="Un million d'avis en un jour")
    made["once"] = watched(work, by, daily(22, rises), title="Vu une fois par jour")
    made["twice"] = watched(work, by, twice(daily(22, rises)), title="Vu deux fois par jour")
    made["typo"] = watched(
        work, by, daily(23, lambda age: {"price": Decimal("0.05") if age == 0 else Decimal("5000")}), title="Faute"
    )
    made["gone"] = watched(work, by, daily(24, rises)[:8], title="Plus vu", last_seen_at=days_ago(13))
    return made


@pytest.fixture
def trends(work: Session, dbt: Dbt) -> dict[str, Any]:
    """The mart's rows by the names of `crowd`."""
    listings = crowd(work)
    work.commit()
    dbt(*MODELS_ONLY, "--select", "+trending_products")
    rows = {row.listing_id: row for row in work.execute(sa.select(marts.trending_products_v2))}
    return {name: rows[listing.id] for name, listing in listings.items()}


def test_neither_a_leap_nor_a_typo_nor_a_second_sighting_takes_over_the_ranks(trends: dict[str, Any]) -> None:
    riser, leap, typo = trends["riser"], trends["leap"], trends["typo"]
    usual = sorted(row.score for name, row in trends.items() if name.startswith("usual"))
    assert riser.rank_overall <= 3
    assert riser.score > 60 > usual[-1]
    # A million ratings in a day are a correction: nobody bought that, and the others stand where they stood.
    assert leap.score <= usual[-1]
    # A price of five centimes is at most a cut among cuts, and below one with sales behind it.
    assert typo.score < riser.score
    assert typo.price_vs_median_pct == Decimal("-100.00")
    # Two sightings a minute apart weigh like one.
    assert trends["twice"].score == pytest.approx(trends["once"].score, abs=Decimal(3))
    assert trends["twice"].reason_en == trends["once"].reason_en
    assert (riser.days_off_shelf_7d, riser.seller_count) == (0, 1)
    assert riser.reason_fr == "Prix −20 %, 24 avis de plus en 7 jours"
    # What nobody has seen for two weeks says little: its confidence is a quarter.
    assert trends["gone"].confidence < riser.confidence / 2
    assert trends["gone"].score < riser.score
