"""Parcels that come back: how many of those sent with cash on delivery, and what that costs, by where they go.

The figures before own orders teach better are estimates: nobody has published refusals by wilaya.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.orders import Order
from reseller.pricing import ALGERIA, CENT, Economics

AROUND_ALGIERS = frozenset({9, 16, 35, 42})
PLATEAUS = frozenset({3, 4, 5, 7, 12, 14, 17, 20, 28, 32, 34, 38, 40, 45, 51})
SOUTH = frozenset({1, 8, 11, 30, 33, 37, 39, 47, *range(49, 59)}) - PLATEAUS


@dataclass(frozen=True, slots=True)
class Zone:
    """Wilayas that parcels reach alike.

    Attributes:
        share: of our parcels, as a fraction. rate: of its parcels that come back. carriage: there and back, DZD.
    """

    share: Decimal
    rate: Decimal
    carriage: Decimal


ESTIMATES: Mapping[str, Zone] = {
    "algiers": Zone(Decimal("0.30"), Decimal("0.10"), Decimal(500)),
    "north": Zone(Decimal("0.42"), Decimal("0.16"), Decimal(700)),
    "plateaus": Zone(Decimal("0.18"), Decimal("0.17"), Decimal(750)),
    "south": Zone(Decimal("0.10"), Decimal("0.22"), Decimal(1050)),
}
TRUST = 40
"""Parcels of our own that weigh as much as the estimates."""

BACK = ("refused", "returned")
ENDED = ("delivered", *BACK)


def zone_of(wilaya: int) -> str:
    """Key of the zone of an official wilaya code, 1 to 58."""
    if wilaya in AROUND_ALGIERS:
        return "algiers"
    if wilaya in SOUTH:
        return "south"
    return "plateaus" if wilaya in PLATEAUS else "north"


def zones(ended: Mapping[tuple[int, str], int]) -> dict[str, Zone]:
    """The zones as our own parcels show them: counts by (wilaya, state) beside the estimates."""
    sent: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for (wilaya, state), count in ended.items():
        sent[zone_of(wilaya)] += count
        back[zone_of(wilaya)] += count if state in BACK else 0
    every = sum(sent.values())
    return {
        key: replace(
            zone,
            share=(zone.share * TRUST + sent[key]) / (TRUST + every),
            rate=(zone.rate * TRUST * zone.share + back[key]) / (TRUST * zone.share + sent[key]),
        )
        for key, zone in ESTIMATES.items()
    }


def economics(work: Session, base: Economics = ALGERIA) -> Economics:
    """`base` with the return rate and carriage of where our parcels go. Does not commit."""
    counts = work.execute(
        sa.select(Order.wilaya, Order.state, sa.func.count())
        .where(Order.state.in_(ENDED))
        .group_by(Order.wilaya, Order.state)
    )
    found = zones({(wilaya, state): count for wilaya, state, count in counts})
    rate = sum((zone.share * zone.rate for zone in found.values()), Decimal(0))
    carriage = sum((zone.share * zone.rate * zone.carriage for zone in found.values()), Decimal(0)) / rate
    return replace(
        base,
        return_rate=rate.quantize(Decimal("0.0001"), ROUND_HALF_UP),
        return_carriage=carriage.quantize(CENT, ROUND_HALF_UP),
    )
