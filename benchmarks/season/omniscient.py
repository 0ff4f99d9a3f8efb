"""A policy that is given what nobody can know: what people will want, what the market will ask, how shoppers decide.

It is a bound in the sense of a well-informed keeper, not of mathematics: it knows expectations and every future price
and sold-out shelf of the market, not the dice; it plans greedily and within the same money and rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import sqlalchemy as sa
from typing_extensions import override

import database
from benchmarks.season.policies import Evening, Policy, Shown, buy, tonight
from database.market import Listing as MarketListing
from database.shop import Listing, Product
from demo import shoppers
from demo.people import wilayas
from demo.shoppers import Offer, Rival, Terms
from demo.town import Town
from reseller import control, delivery, lots, pricing, purchasing, repricing, returns
from reseller.appraisal import label_prices

AHEAD = 30
LEAD = 2
"""Days until what is bought stands on the shelf."""
PARCEL = 1.19
"""Units of an order, in the mean."""
KEPT = 0.87 * 0.9
"""Orders that are confirmed and not refused."""
LEAST = 0.004
"""Profit a dinar and day from which a unit is worth its money."""
MOST = 12


@cache
def terms_by_zone() -> tuple[tuple[float, Terms], ...]:
    """Our delivery to each zone, and the part of the people who live there."""
    total = sum(one.weight for one in wilayas())
    zones: dict[str, tuple[float, Terms]] = {}
    for one in wilayas():
        zone = delivery.zone(one.code)
        terms = Terms(round(sum(zone.days) / 2), float(zone.fee))
        zones[zone.name] = (zones.get(zone.name, (0.0, terms))[0] + one.weight / total, terms)
    return tuple(zones.values())


@dataclass(frozen=True, slots=True)
class Future:
    """What a product will bring at a price: units a day, by day from `LEAD` on."""

    quote: pricing.Quote
    units: np.ndarray

    def gains(self, most: int) -> list[tuple[float, float]]:
        """(dinars, days tied up) of each further unit: its profit, less a fifth of its cost where it stays."""
        total = np.cumsum(self.units)
        found: list[tuple[float, float]] = []
        for number in range(1, most + 1):
            day = int(np.searchsorted(total, number - 0.5))
            sold = day < len(total)
            gain = float(self.quote.profit) if sold else -0.3 * float(self.quote.landed.total)
            found.append((gain, LEAD + (day if sold else len(total)) + 4))
        return found


class Omniscient(Policy):
    """Buys and prices with the future in hand."""

    needs_marts = False

    def __init__(self, town: Town) -> None:
        self.town, self.world = town, town.world
        self._kept: dict[int, tuple[float, ...]] = {}
        self._number = {one.sku: index for index, one in enumerate(self.world.products)}

    @override
    def evening(self, evening: Evening) -> None:
        """Prices what lies here for the days to come; buys what will bring most a dinar and day."""
        day, now = evening.day, evening.now
        purchasing.poll(now)
        rivals = [self.town.rivals(day + ahead) for ahead in range(1, AHEAD + LEAD + 1)]
        self._reprice(day, rivals, now)
        if evening.buying:
            self._buy(day, rivals, now)

    def _buy(self, day: int, rivals: Sequence[dict[str, Rival]], now: datetime) -> None:
        with database.session() as work:
            offers = tonight(work, now.replace(hour=0, minute=0))
            margin_floor = control.get(work).margin_floor
        wishes = [wish for one in offers if (wish := self._wish(one, day, rivals, margin_floor)) is not None]
        for _, units, one, quote in sorted(wishes, key=lambda wish: (-wish[0], wish[2].sku)):
            if not buy(one, quote, units, now):
                break

    def _wish(
        self, one: Shown, day: int, rivals: Sequence[dict[str, Rival]], margin_floor: Decimal
    ) -> tuple[float, int, Shown, pricing.Quote] | None:
        """(Profit a dinar and day, units, offer, price) at its best price; None where nothing is worth its money."""
        landed = pricing.landed_cost(one.price, from_abroad=False)
        floor = pricing.charm_up(pricing.floor_price(landed.total, margin_floor))
        prices = label_prices(floor, pricing.charm_down(one.price * 2))
        best: tuple[float, int, Shown, pricing.Quote] | None = None
        most = 0.0
        for price, units in zip(prices, self._units(one.sku, prices, day, rivals, LEAD), strict=True):
            future = Future(pricing.quote_at(price, landed), units)
            gains = [(gain, days) for gain, days in future.gains(MOST) if gain / (float(landed.total) * days) >= LEAST]
            value = sum(gain / days for gain, days in gains)
            if value > most:
                most = value
                best = (value / (len(gains) * float(landed.total)), len(gains), one, future.quote)
        return best

    def _units(
        self, sku: str, prices: Sequence[Decimal], day: int, rivals: Sequence[dict[str, Rival]], first: int
    ) -> np.ndarray:
        """Units that shoppers would keep of us: a row a price, a column a day, from the `first` after the next on."""
        offer = Offer(sku, np.array(prices, dtype=float), 99)  # type: ignore[arg-type]
        chances: dict[Rival | None, np.ndarray] = {}
        columns = []
        for ahead in range(first, len(rivals)):
            rival = rivals[ahead].get(sku)
            if rival not in chances:
                chances[rival] = self._chance(offer, rival)
            sold_out = rival is None or rival.sold_out
            come = self._wanted(day + 1 + ahead)[self._number[sku]] * (shoppers.SEARCHES if sold_out else 1.0)
            columns.append(come * self.town.standing.known * PARCEL * KEPT * chances[rival])
        return np.stack(columns, axis=1)

    def _chance(self, offer: Offer, rival: Rival | None) -> np.ndarray:
        """That who comes orders, over all wilayas."""
        trust = self.town.standing.trust
        likings = [(share, shoppers.liking(offer, rival, terms, trust)) for share, terms in terms_by_zone()]
        return np.asarray(sum(share / (1 + np.exp(-liking)) for share, liking in likings))

    def _wanted(self, day: int) -> tuple[float, ...]:
        if day not in self._kept:
            self._kept[day] = self.world.wanted(day)
        return self._kept[day]

    def _reprice(self, day: int, rivals: Sequence[dict[str, Rival]], now: datetime) -> None:
        query = (
            sa.select(Listing.id, Listing.price, MarketListing.external_id, Listing.product_id)
            .join(Product, Product.id == Listing.product_id)
            .join(MarketListing, MarketListing.id == Product.listing_id)
            .where(Listing.state == "published")
        )
        with database.session() as work:
            for row in work.execute(query).all():
                stock = lots.on_hand(work, row.product_id)
                if not stock:
                    continue
                left, cost = sum(lot.quantity for lot in stock), max(lot.unit_cost for lot in stock)
                age = (now - min(lot.received_at for lot in stock)) / timedelta(days=1)
                least = pricing.charm_up(pricing.loss_price(cost, Decimal("0.19"), returns.economics(work)))
                price = self._best(row.external_id, left, cost, least, rivals[: max(7, int(AHEAD - age))], day)
                if price != row.price:
                    repricing.set_price(work, row.id, price, who="keeper", reason="the future", now=now)
            work.commit()

    def _best(
        self, sku: str, left: int, cost: Decimal, least: Decimal, rivals: Sequence[dict[str, Rival]], day: int
    ) -> Decimal:
        """The price, of those from `least` on, at which what is left earns most in the days of `rivals`; what stays
        loses 30 %, what goes soon can work again for half a percent a day."""
        landed = pricing.Landed(cost, Decimal(0), Decimal(0))
        prices = label_prices(least, max(least, pricing.charm_down(cost * 2)))
        best, most = prices[0], -np.inf
        for price, units in zip(prices, self._units(sku, prices, day, rivals, 0), strict=True):
            sold = np.minimum(np.cumsum(units), left)
            sooner = float(np.diff(sold, prepend=0.0) @ np.arange(len(sold), 0, -1)) * 0.005 * float(cost)
            profit = float(sold[-1]) * float(pricing.quote_at(price, landed).profit)
            if (earned := profit + sooner - (left - float(sold[-1])) * 0.3 * float(cost)) > most:
                best, most = price, earned
        return best
