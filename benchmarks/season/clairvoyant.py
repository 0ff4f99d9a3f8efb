"""A policy that is given what nobody can know: what people will want, what the market will ask, how shoppers decide.

It is a bound in the sense of a well-informed keeper, not of mathematics: it knows expectations and every future price
and sold-out shelf of the market, not the dice; it plans greedily and within the same money and rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import sqlalchemy as sa

import database
from benchmarks.season.policies import Shown, buy, tonight
from benchmarks.season.town import Town
from database.market import Listing as MarketListing
from database.shop import Listing, Product
from demo import shoppers
from demo.people import wilayas
from demo.shoppers import Offer, Rival, Terms
from reseller import delivery, pricing, purchasing, repricing
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


@dataclass(frozen=True, slots=True)
class Future:
    """What a product will bring at a price: units a day, by day from `LEAD` on."""

    quote: pricing.Quote
    units: np.ndarray

    def gains(self, most: int) -> list[tuple[float, float]]:
        """(dinars, days tied up) of each further unit: its profit, less a fifth of its cost where it stays."""
        total = np.cumsum(self.units)
        found = []
        for number in range(1, most + 1):
            day = int(np.searchsorted(total, number - 0.5))
            sold = day < len(total)
            gain = float(self.quote.profit) if sold else -0.3 * float(self.quote.landed.total)
            found.append((gain, LEAD + (day if sold else len(total)) + 4))
        return found


class Clairvoyant:
    """Buys and prices with the future in hand."""

    needs_marts = False

    def __init__(self, town: Town) -> None:
        self.town, self.world = town, town.world
        self._number = {one.sku: index for index, one in enumerate(self.world.products)}
        total = sum(one.weight for one in wilayas())
        zones: dict[str, tuple[float, Terms]] = {}
        for one in wilayas():
            zone = delivery.zone(one.code)
            terms = Terms(round(sum(zone.days) / 2), float(zone.fee))
            zones[zone.name] = (zones.get(zone.name, (0.0, terms))[0] + one.weight / total, terms)
        self._zones = tuple(zones.values())

    def evening(self, day: int, now: datetime, *, buying: bool) -> None:
        """Prices what lies here for the days to come; buys what will bring most a dinar and day."""
        purchasing.poll(now)
        rivals = [self.town.rivals(day + ahead) for ahead in range(1, AHEAD + LEAD + 1)]
        self._reprice(day, rivals, now)
        if buying:
            self._buy(day, rivals, now)

    def _buy(self, day: int, rivals: Sequence[dict[str, Rival]], now: datetime) -> None:
        with database.session() as work:
            offers = tonight(work, now.replace(hour=0, minute=0))
        wishes: list[tuple[float, int, Shown, pricing.Quote]] = []
        for one in offers:
            landed = pricing.landed_cost(one.price, from_abroad=False)
            floor = pricing.charm_up(pricing.floor_price(landed.total, Decimal("0.12")))
            best: tuple[float, int, Shown, pricing.Quote] | None = None
            for price in label_prices(floor, pricing.charm_down(one.price * 2)):
                future = Future(pricing.quote_at(price, landed), self._units(one.sku, float(price), day, rivals, LEAD))
                gains = future.gains(MOST)
                units = sum(gain / (float(landed.total) * days) >= LEAST for gain, days in gains)
                if units:
                    value = sum(gain / days for gain, days in gains[:units])
                    if best is None or value > best[0]:
                        best = (value, units, one, future.quote)
            if best:
                wishes.append(best)
        for value, units, one, quote in sorted(wishes, key=lambda w: -w[0] / (w[1] * float(w[3].landed.total))):
            if not buy(one, quote, units, now):
                break

    def _units(self, sku: str, price: float, day: int, rivals: Sequence[dict[str, Rival]], first: int) -> np.ndarray:
        """Units a day that shoppers would keep of us at a price, from the `first` day after the next on."""
        index, standing = self._number[sku], self.town.standing
        units = []
        for ahead in range(first, len(rivals)):
            rival = rivals[ahead].get(sku)
            sold_out = rival is None or rival.sold_out
            come = self._wanted(day + 1 + ahead)[index] * standing.known * (shoppers.SEARCHES if sold_out else 1.0)
            offer = Offer(sku, price, 99)
            chance = sum(
                share / (1 + np.exp(-shoppers.liking(offer, rival, terms, standing.trust)))
                for share, terms in self._zones
            )
            units.append(come * chance * PARCEL * KEPT)
        return np.array(units)

    def _wanted(self, day: int) -> tuple[float, ...]:
        return self._kept.setdefault(day, self.world.wanted(day)) if hasattr(self, "_kept") else self._first(day)

    def _first(self, day: int) -> tuple[float, ...]:
        self._kept: dict[int, tuple[float, ...]] = {}
        return self._wanted(day)

    def _reprice(self, day: int, rivals: Sequence[dict[str, Rival]], now: datetime) -> None:
        query = (
            sa.select(Listing.id, Listing.price, MarketListing.external_id, Listing.product_id)
            .join(Product, Product.id == Listing.product_id)
            .join(MarketListing, MarketListing.id == Product.listing_id)
            .where(Listing.state == "published")
        )
        with database.session() as work:
            rows = work.execute(query).all()
            from reseller import lots

            for row in rows:
                stock = lots.on_hand(work, row.product_id)
                if not stock:
                    continue
                left, cost = sum(lot.quantity for lot in stock), max(lot.unit_cost for lot in stock)
                age = (now - min(lot.received_at for lot in stock)) / timedelta(days=1)
                price = self._best(row.external_id, left, cost, max(7, int(AHEAD - age)), day, rivals)
                if price != row.price:
                    repricing.set_price(work, row.id, price, who="keeper", reason="the future", now=now)
            work.commit()

    def _best(
        self, sku: str, left: int, cost: Decimal, days: int, day: int, rivals: Sequence[dict[str, Rival]]
    ) -> Decimal:
        lowest = pricing.charm_up(pricing.loss_price(cost, Decimal("0.19")))
        landed = pricing.Landed(cost, Decimal(0), Decimal(0))

        def earns(price: Decimal) -> float:
            sold = np.minimum(np.cumsum(self._units(sku, float(price), day, rivals, 0)[:days]), left)
            profit = float(pricing.quote_at(price, landed).profit)
            # a unit sold sooner can work again: half a percent a day
            rest = left - float(sold[-1])
            sooner = float(np.diff(sold, prepend=0.0) @ np.arange(len(sold), 0, -1)) * 0.005 * float(cost)
            return float(sold[-1]) * profit + sooner - rest * 0.3 * float(cost)

        return max(label_prices(lowest, pricing.charm_down(cost * 2)), key=earns)
