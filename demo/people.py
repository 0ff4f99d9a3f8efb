"""Invented shoppers: a name, a telephone number that nobody has, and a real place, drawn from a text alone."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from demo.catalogue import DATA


@dataclass(frozen=True, slots=True)
class Wilaya:
    """A wilaya. `weight`: inhabitants in thousands. `zone`: 1 the coast to 4 the deep South."""

    code: int
    name: str
    weight: int
    zone: int
    communes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Who an order is for. `phone` begins with +213500, +213600 or +213700, which no operator has given out."""

    name: str
    phone: str
    wilaya: Wilaya
    commune: str
    address: str


@lru_cache
def _read() -> dict[str, Any]:
    return tomllib.loads((DATA / "people.toml").read_text("utf-8"))


@lru_cache
def wilayas() -> tuple[Wilaya, ...]:
    """The 58 wilayas, by code."""
    return tuple(
        Wilaya(code, name, weight, zone, tuple(communes)) for code, name, weight, zone, communes in _read()["wilayas"]
    )


def person(rng: random.Random) -> Person:
    """Somebody, from anywhere, as many from each wilaya as live there."""
    read = _read()
    where = rng.choices(wilayas(), [wilaya.weight for wilaya in wilayas()])[0]
    return Person(
        name=f"{rng.choice(read['first_names'])} {rng.choice(read['last_names'])}",
        phone=f"+213{rng.choice('567')}00{rng.randrange(10**6):06}",
        wilaya=where,
        commune=rng.choice(where.communes),
        address=f"{rng.randint(1, 90)}, {rng.choice(read['streets'])}",
    )
