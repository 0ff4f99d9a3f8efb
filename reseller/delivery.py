"""What delivery costs, by wilaya: estimates (`delivery.toml`) until a carrier's tariff has been read. DZD a parcel."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from reseller.refusals import Refused

TARIFF = Path(__file__).with_name("delivery.toml")


@dataclass(frozen=True, slots=True)
class Zone:
    """Wilayas to which a parcel costs the same.

    Attributes:
        fee: what the shopper pays.
        cost: what the carrier asks of us.
        back: what the carrier asks for a parcel that comes back, on top of `cost`.
        days: least and most from the confirming call to the door.
    """

    name: str
    fee: Decimal
    cost: Decimal
    back: Decimal
    days: tuple[int, int]
    wilayas: frozenset[int]


@lru_cache
def zones() -> tuple[Zone, ...]:
    """All zones, from Algiers outwards."""
    return tuple(_zone(row) for row in _tariff()["zone"])


def zone(wilaya: int) -> Zone:
    """The zone of a wilaya.

    Raises:
        Refused: `bad_value`, there is no such wilaya.
    """
    found = next((zone for zone in zones() if wilaya in zone.wilayas), None)
    if found is None:
        raise Refused("bad_value", f"There is no wilaya {wilaya}.", field="wilaya")
    return found


def cash_handling(collected: Decimal) -> Decimal:
    """What the carrier keeps for collecting cash, in DZD."""
    return round(collected * Decimal(_tariff()["cash_handling"]["share"]), 2)


@lru_cache
def _tariff() -> dict[str, Any]:
    return tomllib.loads(TARIFF.read_text())


def _zone(row: dict[str, Any]) -> Zone:
    amounts = {name: Decimal(row[name]) for name in ("fee", "cost", "back")}
    return Zone(name=row["name"], **amounts, days=(row["days"][0], row["days"][1]), wilayas=frozenset(row["wilayas"]))
