"""Everybody who might buy of us, and what becomes of what they order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from demo import parcels, shoppers
from demo.parcels import Desk, Morning, Parcel
from demo.shoppers import Rival, Shopper, Standing
from demo.storefront import Storefront
from demo.world import World

HANDED_OVER_EVERY = 3
"""Days between two times at which the carrier brings the cash that it has collected."""
OPENS, CLOSES = 8.0, 22.0
"""Hours, UTC, between which shoppers come."""
NEW = Standing()


class Town:
    """People who want the goods of `world` and know, or come to know, our shop.

    Attributes:
        standing: how our shop stands with them. ordered: orders so far.
    """

    def __init__(self, world: World, storefront: Storefront, desk: Desk, standing: Standing = NEW) -> None:
        self.world, self.standing, self.ordered = world, standing, 0
        self._storefront, self._desk = storefront, desk
        self._parcels: list[Parcel] = []
        self._number = {one.sku: index for index, one in enumerate(world.products)}
        self._good = {one.sku: one.good for one in world.products}
        self._sellers: dict[str, list[str]] = {}
        for one in world.products:
            self._sellers.setdefault(one.good, []).append(one.sku)

    def state(self) -> dict[str, Any]:
        """What a later run needs to go on, for a file."""
        return {
            "standing": asdict(self.standing),
            "ordered": self.ordered,
            "parcels": [one.row() for one in self._parcels],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave."""
        self.standing, self.ordered = Standing(**state["standing"]), state["ordered"]
        self._parcels = [Parcel.read(row) for row in state["parcels"]]

    def morning(self, day: int) -> dict[str, int]:
        """Calls are made, parcels leave and arrive, and what came of it is talked about: how many came to which end."""
        morning = Morning(day, self.standing.trust, self.rivals(day))
        self._parcels, ends = parcels.move(self._parcels, morning, self._desk)
        if day % HANDED_OVER_EVERY == 0:
            self._desk.hand_over()
        self.standing = self.standing.after(delivered=ends["delivered"], returned=ends["returned"])
        return dict(ends)

    def visit(self, day: int, shown: Mapping[str, int], since: float = 0.0, until: float = 24.0) -> int:
        """People come, look, and some order; how many came.

        Args:
            shown: what our shop sells: the address of each good by its SKU on the market.
            since, until: hours of the day, UTC, between which they come.
        """
        came, rivals = 0, self.rivals(day)
        wanted = self._wanted(day, shown)
        for shopper in shoppers.visitors(self.world.seed, day, wanted, rivals, sorted(shown), self.standing.known):
            if since <= hour(shopper) < until:
                came += 1
                self._look(shopper, shown[shopper.sku], rivals.get(shopper.sku))
        return came

    def _look(self, shopper: Shopper, listing_id: int, rival: Rival | None) -> None:
        page = self._storefront.read(shopper, listing_id)
        if page is None or not shoppers.buys(shopper, page.offer, rival, page.terms, self.standing.trust):
            return
        order = self._storefront.order(shopper, listing_id, page)
        if order is not None and all(one.order != order for one in self._parcels):
            self.ordered += 1
            quality = self.world.truths[self._number[shopper.sku]].quality
            self._parcels.append(Parcel.of(order, shopper, page, quality))

    def rivals(self, day: int) -> dict[str, Rival]:
        """By SKU, the cheapest on the market who has the good; the last price of the cheapest where none has it."""
        shelves = self.world.day(day)
        found: dict[str, Rival] = {}
        for skus in self._sellers.values():
            on_sale = [shelf for sku in skus if (shelf := shelves[self._number[sku]]).on_sale]
            if on_sale:
                there = [shelf.price for shelf in on_sale if shelf.stock > 0]
                rival = Rival(min(there or [shelf.price for shelf in on_sale]), sold_out=not there)
                found |= dict.fromkeys(skus, rival)
        return found

    def _wanted(self, day: int, shown: Collection[str]) -> dict[str, float]:
        """What people want of each product that we show; who wants a good that we show twice looks at the first."""
        first = {self._good[sku]: sku for sku in sorted(shown, reverse=True)}
        units = self.world.wanted(day)
        return {sku: units[self._number[sku]] for sku in first.values()}


def hour(shopper: Shopper) -> float:
    """The hour of the day, UTC, at which a shopper comes."""
    return OPENS + (CLOSES - OPENS) * shopper.moods[5]
