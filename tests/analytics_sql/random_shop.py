"""A shop in which things happen as they may come: orders of every fate, returns in parts, losses, corrections."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from database.orders import Order
from tests.analytics_sql.shop_orders import OPENING, Shop

NEXT = {
    "placed": ("confirmed", "cancelled"),
    "confirmed": ("shipped", "shipped", "shipped", "shipped", "cancelled"),
    "shipped": ("delivered", "delivered", "refused", "returned"),
}
BACK = ("delivered", "refused", "returned")
COSTS = ("delivery_out", "delivery_back", "payment_fee", "marketplace_fee")
AVAILABLE = sa.text("select available from shop.stock_available where product_id = :product")


class RandomShop:
    """The same seed does the same; now and then a movement is dated earlier than those posted before it."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.products = [shop.product(f"P{number}") for number in range(4)]
        self.customers = [shop.customer() for _ in range(5)]
        self.orders: list[Order] = []
        self.back: dict[int, int] = defaultdict(int)
        for product in self.products:
            self.receive(product, OPENING)

    def live(self, steps: int) -> None:
        deeds = (self.receive, *[self.order] * 3, *[self.go] * 3, self.take_back, self.lose, self.outside, self.pay)
        for step in range(steps):
            at = OPENING + timedelta(hours=7 * step) - timedelta(hours=self.chance.choice((0, 0, 0, 50)))
            self.chance.choice(deeds)(self.chance.choice(self.products), at)

    def money(self, least: int, most: int) -> str:
        return f"{self.chance.randint(least, most) / 100:.2f}"

    def available(self, product: int) -> int:
        return self.shop.work.scalar(AVAILABLE, {"product": product}) or 0

    def receive(self, product: int, at: datetime) -> None:
        self.shop.move(product, "receipt", self.chance.randint(1, 6), at, cost=self.money(1, 99999))

    def order(self, _product: int, at: datetime) -> None:
        chosen = self.chance.sample(self.products, self.chance.randint(1, 3))
        left = {product: self.available(product) for product in chosen}
        lines = {
            product: (self.chance.randint(1, min(units, 4)), self.money(0, 199999))
            for product, units in left.items()
            if units > 0
        }
        if lines:
            fee = self.chance.choice(("0", "400", "650.50"))
            self.orders.append(self.shop.order(lines, at, customer=self.chance.choice(self.customers), fee=fee))

    def go(self, _product: int, at: datetime) -> None:
        going = [order for order in self.orders if order.state in NEXT]
        if going:
            order = self.chance.choice(going)
            self.shop.go(order, self.chance.choice(NEXT[order.state]), at=at)

    def take_back(self, _product: int, at: datetime) -> None:
        gone = [order for order in self.orders if order.state in BACK]
        for line in self.shop.lines(self.chance.choice(gone)) if gone else []:
            if (away := line.quantity - self.back[line.id]) > 0:
                units = self.chance.randint(1, away)
                self.back[line.id] += units
                self.shop.move(line.product_id, "return", units, at, line=line)
                if self.chance.random() < 0.2:
                    self.shop.move(line.product_id, "loss", -units, at, line=line)

    def lose(self, product: int, at: datetime) -> None:
        if self.available(product) > 0:
            self.shop.move(product, self.chance.choice(("loss", "correction")), -1, at)

    def outside(self, product: int, at: datetime) -> None:
        """What no order names: a sale, or where little is left a return or units found."""
        if self.available(product) > 1:
            self.shop.move(product, "sale", -2, at)
        else:
            self.shop.move(product, self.chance.choice(("return", "correction")), 1, at)

    def pay(self, _product: int, at: datetime) -> None:
        if self.orders:
            self.shop.pay(self.chance.choice(self.orders), self.chance.choice(COSTS), self.money(1, 99999), at)
