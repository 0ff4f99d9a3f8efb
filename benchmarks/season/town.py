"""Everybody who might buy of us, and what becomes of what they order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

import database
from benchmarks.season import carrier
from benchmarks.season.carrier import Morning, Parcel
from benchmarks.season.storefront import Browser
from database.market import Listing as MarketListing
from database.orders import Order
from database.shop import Listing, Product
from demo import shoppers
from demo.shoppers import Rival, Standing
from demo.world import World


class Town:
    """People who want the goods of `world` and know, or come to know, our shop at `address`.

    Attributes:
        standing: how our shop stands with them. ordered: orders so far.
    """

    def __init__(self, world: World, address: str) -> None:
        self.world, self.standing, self.ordered = world, Standing(), 0
        self._browser = Browser(address)
        self._parcels: list[Parcel] = []
        self._number = {one.sku: index for index, one in enumerate(world.products)}
        self._good = {one.sku: one.good for one in world.products}
        self._sellers: dict[str, list[str]] = {}
        for one in world.products:
            self._sellers.setdefault(one.good, []).append(one.sku)

    def close(self) -> None:
        """Closes the connections."""
        self._browser.close()

    def morning(self, day: int, now: datetime) -> None:
        """Calls are made, parcels leave and arrive, and what came of it is talked about."""
        morning = Morning(day, now, self.standing.trust, self.rivals(day))
        with database.session() as work:
            self._parcels, ends = carrier.move(work, self._parcels, morning)
            carrier.hand_over(work, day, now)
            work.commit()
        self.standing = self.standing.after(delivered=ends["delivered"], returned=ends["returned"])

    def visit(self, day: int) -> None:
        """People come, look, and some order."""
        shown, rivals = self._shown(), self.rivals(day)
        wanted = self._wanted(day, shown)
        for shopper in shoppers.visitors(self.world.seed, day, wanted, rivals, sorted(shown), self.standing.known):
            listing_id = shown[shopper.sku]
            page = self._browser.read(shopper, listing_id)
            if page is None or not shoppers.buys(
                shopper, page.offer, rivals.get(shopper.sku), page.terms, self.standing.trust
            ):
                continue
            if (key := self._browser.order(shopper, listing_id, page)) is not None:
                self.ordered += 1
                quality = self.world.truths[self._number[shopper.sku]].quality
                parcel = Parcel(_order_of(key), shopper, page.offer.price, quality, "call", day + 1)
                self._parcels.append(parcel)

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

    def _shown(self) -> dict[str, int]:
        """Market listing by the SKU there, of what our shop offers."""
        query = (
            sa.select(MarketListing.external_id, MarketListing.id)
            .join(Product, Product.listing_id == MarketListing.id)
            .join(Listing, Listing.product_id == Product.id)
            .where(Listing.state == "published")
        )
        with database.session() as work:
            return dict(work.execute(query).tuples().all())


def _order_of(key: str) -> int:
    with database.session() as work:
        return work.scalars(sa.select(Order.id).where(Order.idempotency_key == key)).one()
