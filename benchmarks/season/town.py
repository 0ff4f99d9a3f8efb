"""Those who come to our shop, over HTTP, and the carrier that takes them their parcels."""

from __future__ import annotations

import html
import random
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.market import Listing as MarketListing
from database.orders import Order
from database.shop import Listing, Product
from demo import shoppers
from demo.catalogue import Product as Goods
from demo.shoppers import Offer, Rival, Shopper, Standing, Terms
from demo.world import World
from reseller import books, delivery, journal, sales

CARRIER = "carrier"
HANDED_OVER_EVERY = 3
"""Days between two times at which the carrier brings the cash that it has collected."""
WAY_BACK = 3
"""Days that a parcel needs to come back."""
FIELD = re.compile(r'name="(key|agreed)" value="([^"]*)"')
COMMUNE = re.compile(r'<option value="([^"]+)"></option>')
QUANTITY = re.compile(r"<option(?: selected)?>(\d+)</option>")


@dataclass(slots=True)
class Parcel:
    """An order on its way. `price`: DZD per unit as it was ordered; `due`: the day of its next step."""

    order_id: int
    shopper: Shopper
    price: float
    next: str
    due: int
    days: int


@dataclass
class Town:
    """Everybody who might buy of us.

    Args:
        world: whose goods people want.
        shop: the address of our shop.
    """

    world: World
    shop: str
    standing: Standing = field(default_factory=Standing)
    parcels: list[Parcel] = field(default_factory=list)
    ordered: int = 0
    turned_away: int = 0

    def __post_init__(self) -> None:
        self._goods: dict[str, Goods] = {one.sku: one for one in self.world.products}
        self._number = {one.sku: index for index, one in enumerate(self.world.products)}
        self._of_good: dict[str, list[str]] = {}
        for one in self.world.products:
            self._of_good.setdefault(one.good, []).append(one.sku)
        self._browser = httpx.Client(base_url=self.shop, trust_env=False, timeout=30)

    def close(self) -> None:
        """Closes the connections."""
        self._browser.close()

    def morning(self, day: int, now: datetime) -> None:
        """Calls are made, parcels leave and arrive, and what came of it is talked about."""
        delivered = returned = 0
        rivals = self.rivals(day)
        with database.session() as work:
            for parcel in [one for one in self.parcels if one.due <= day]:
                done = self._step(work, parcel, rivals, day, now)
                delivered, returned = delivered + (done == "delivered"), returned + (done == "returned")
            self.parcels = [one for one in self.parcels if one.next != "ended"]
            owed = books.balance(work, "carrier")
            if day % HANDED_OVER_EVERY == 0 and owed > 0:
                why = "cash collected"
                journal.handed_over(work, owed, key=f"handed over {day}", who=CARRIER, why=why, now=now)
            work.commit()
        self.standing = self.standing.after(delivered=delivered, returned=returned)

    def visit(self, day: int) -> None:
        """People come, look, and some order: each reads our page and sends our form."""
        shown = self._shown()
        rivals, wanted = self.rivals(day), self._wanted(day, shown)
        for shopper in shoppers.visitors(self.world.seed, day, wanted, rivals, sorted(shown), self.standing.known):
            self._visit(shopper, shown[shopper.sku], rivals.get(shopper.sku), day)

    def rivals(self, day: int) -> dict[str, Rival]:
        """By SKU, the cheapest on the market who has the good; the last price of the cheapest where none has it."""
        shelves = self.world.day(day)
        found: dict[str, Rival] = {}
        for skus in self._of_good.values():
            on_sale = [shelves[self._number[sku]] for sku in skus if shelves[self._number[sku]].on_sale]
            if not on_sale:
                continue
            there = [shelf.price for shelf in on_sale if shelf.stock > 0]
            rival = Rival(min(there or [shelf.price for shelf in on_sale]), sold_out=not there)
            found |= dict.fromkeys(skus, rival)
        return found

    def _wanted(self, day: int, shown: Mapping[str, int]) -> dict[str, float]:
        """What people want of each product that we show; who wants a good that we show twice looks at the first."""
        first = {self._goods[sku].good: sku for sku in sorted(shown, reverse=True)}
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

    def _visit(self, shopper: Shopper, listing_id: int, rival: Rival | None, day: int) -> None:
        where = shopper.person.wilaya.code
        path = f"/order/{listing_id}"
        page = self._browser.get(path, params={"quantity": shopper.quantity, "wilaya": where})
        if page.status_code != 200:
            self.turned_away += 1
            return
        read, zone = dict(FIELD.findall(page.text)), delivery.zone(where)
        price = (Decimal(read["agreed"]) - zone.fee) / shopper.quantity
        most = max(map(int, QUANTITY.findall(page.text)), default=0) if "checkout__call" in page.text else 0
        offer = Offer(shopper.sku, float(price), most)
        terms = Terms(round(sum(zone.days) / 2), float(zone.fee))
        if not shoppers.buys(shopper, offer, rival, terms, self.standing.trust):
            return
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, shopper.key))
        person = shopper.person
        communes = [html.unescape(name) for name in COMMUNE.findall(page.text)]
        filled = {
            "key": key,
            "agreed": read["agreed"],
            "quantity": str(shopper.quantity),
            "name": person.name,
            "phone": person.phone,
            "wilaya": str(where),
            "commune": person.commune if person.commune in communes else communes[0],
            "address": person.address,
        }
        answer = self._browser.post(path, data=filled)
        if answer.status_code != 303:
            self.turned_away += 1
            return
        self.ordered += 1
        with database.session() as work:
            order_id = work.scalars(sa.select(Order.id).where(Order.idempotency_key == key)).one()
        days = random.Random(f"{shopper.key}/way").randint(*zone.days)
        self.parcels.append(Parcel(order_id, shopper, offer.price, "call", day + 1, days))

    def _step(self, work: Session, parcel: Parcel, rivals: Mapping[str, Rival], day: int, now: datetime) -> str:
        by = {"who": CARRIER, "now": now}
        shopper, step = parcel.shopper, parcel.next
        zone = delivery.zone(shopper.person.wilaya.code)
        if step == "call":
            if not shoppers.answers_the_call(shopper, 1):
                sales.cancel(work, parcel.order_id, why="nobody answered the call", who="staff", now=now)
                parcel.next = "ended"
                return "cancelled"
            sales.confirm(work, parcel.order_id, why="confirmed by telephone", who="staff", now=now)
            sales.ship(work, parcel.order_id, why="handed to the carrier", who="staff", now=now)
            parcel.next, parcel.due = "door", day + parcel.days
            return "shipped"
        if step == "door":
            offer = Offer(shopper.sku, parcel.price, shopper.quantity)
            terms = Terms(parcel.days + 1, float(zone.fee))
            if shoppers.refuses(shopper, offer, rivals.get(shopper.sku), terms, self.standing.trust):
                sales.refuse(work, parcel.order_id, why="refused at the door", **by)
                parcel.next, parcel.due = "back", day + WAY_BACK
                return "refused"
            sales.deliver(work, parcel.order_id, why="delivered and paid", **by)
            after = shoppers.returned_after(shopper, self.world.truths[self._number[shopper.sku]].quality)
            parcel.next, parcel.due = ("ended", day) if after is None else ("return", day + after)
            return "delivered"
        sales.take_back(work, parcel.order_id, why="came back", **by)
        parcel.next = "ended"
        return "returned" if step == "return" else "back"
