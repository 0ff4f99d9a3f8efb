"""The agent, told what it can only guess: how many people want each good, now and in the weeks to come, and how they
decide. All else it reads as ever: the same pages, marts, rules and money.

What it earns beyond the agent is what better guesses of demand could be worth.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from unittest import mock

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session
from typing_extensions import override

from benchmarks.season.omniscient import KEPT, PARCEL, terms_by_zone
from benchmarks.season.policies import Agent, Evening
from database.market import Listing
from demo import shoppers
from demo.shoppers import Offer, Rival, Standing
from demo.town import Town
from reseller import evidence
from reseller.appraisal import HORIZON
from reseller.demand import OUR_DELIVERY, THEIR_DELIVERY, Rate, Response

SURE = 100.0
"""Shape of a rate that is known: only the dice are left."""
BILL = 10_000.0
"""DZD for which the response is worked out; shoppers look at the proportion of two bills."""


@dataclass(frozen=True)
class Told(Response):
    """How shoppers do answer, as our shop stands with them now."""

    standing: Standing = field(default_factory=Standing)

    @override
    def share_at(self, ratio: float, *, sold_out: bool = False) -> tuple[float, float]:
        ours = Offer("", BILL * ratio - float(OUR_DELIVERY), 1)
        rival = Rival(BILL - float(THEIR_DELIVERY), sold_out)
        likings = [(part, shoppers.liking(ours, rival, terms, self.standing.trust)) for part, terms in terms_by_zone()]
        come = self.standing.known * (shoppers.SEARCHES if sold_out else 1.0)
        return come * PARCEL * KEPT * sum(part / (1 + math.exp(-liking)) for part, liking in likings), 0.0


class Clairvoyant(Agent):
    """One cycle of the agent each evening, with the truth in place of what it learns of demand."""

    def __init__(self, town: Town) -> None:
        self.town, self._day = town, -1
        self._known: tuple[int, np.ndarray] = (-2, np.zeros(0))
        self._place = {one.sku: place for place, one in enumerate(town.world.products)}

    @override
    def evening(self, evening: Evening) -> None:
        self._day = evening.day
        gather, lessons = evidence.gather, evidence.lessons

        def told(work: Session, listing_ids: Collection[int], now: datetime, **more: Any) -> dict[int, Any]:
            found = gather(work, listing_ids, now, **more)
            rates = self._rates(work, listing_ids)
            return {one: replace(known, market=rates.get(one, known.market)) for one, known in found.items()}

        def taught(work: Session, now: datetime) -> evidence.Lessons:
            return replace(lessons(work, now), response=Told(standing=self.town.standing), own={})

        with mock.patch.object(evidence, "gather", told), mock.patch.object(evidence, "lessons", taught):
            super().evening(evening)

    def _rates(self, work: Session, listing_ids: Collection[int]) -> dict[int, Rate]:
        """Units a day that people will want of each listing's good, in the mean of the days in which it has to sell."""
        if self._known[0] != self._day:
            ahead = range(self._day + 1, self._day + 1 + HORIZON)
            self._known = (self._day, np.mean([self.town.world.wanted(day) for day in ahead], axis=0))
        query = sa.select(Listing.id, Listing.external_id).where(Listing.id.in_(listing_ids))
        places = {one: self._place[sku] for one, sku in work.execute(query).tuples() if sku in self._place}
        return {one: Rate(max(float(self._known[1][place]), 1e-6), SURE) for one, place in places.items()}
