"""The market as a visitor finds it now: the world on the clock's day, less what was ordered since its morning."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from demo.catalogue import Product, departments, products, slug
from demo.classifieds import Classifieds, Posting
from demo.clock import MarketClock, day_of
from demo.customers import Customers
from demo.orders import OrderBook
from demo.rules import Rules
from demo.world import Shelf, World


class Display(NamedTuple):
    """A product as it is shown: `stock` is what the page may say, after the orders of the day."""

    product: Product
    shelf: Shelf
    stock: int
    sponsored: bool

    @property
    def buyable(self) -> bool:
        return self.stock > 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the market. `stamp` changes whenever a page may."""

    now: datetime
    day: int
    stamp: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Category:
    """A listing of the shop: a department, a narrower category, a brand or a seller."""

    slug: str
    trail: tuple[str, ...]
    skus: frozenset[str]

    @property
    def name(self) -> str:
        return self.trail[-1]


def settle(world: World, orders: OrderBook) -> None:
    """Tells a world all that was ever bought in it."""
    bought: Counter[tuple[int, str]] = Counter()
    for at, sku, units in orders.purchases():
        bought[day_of(world.epoch, at), sku] += units
    world.settle(bought)


def words(text: str) -> list[str]:
    """The words of a text, lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return plain.replace("'", " ").split()


def _categories() -> dict[str, Category]:
    found: dict[str, tuple[tuple[str, ...], set[str]]] = {}

    def add(address: str, trail: tuple[str, ...], sku: str) -> None:
        kept, skus = found.setdefault(address, (trail, set()))
        if kept != trail:
            raise ValueError(f"/{address}/ would be both {' > '.join(kept)} and {' > '.join(trail)}")
        skus.add(sku)

    for product in products():
        add(product.department.slug, (product.department.name,), product.sku)
        for depth in range(1, len(product.path) + 1):
            add(slug(product.path[depth - 1]), (product.department.name, *product.path[:depth]), product.sku)
        add(slug(product.brand), (product.brand,), product.sku)
        add(product.seller.slug, (product.seller.name,), product.sku)
    return {address: Category(address, trail, frozenset(skus)) for address, (trail, skus) in found.items()}


class Market:
    """Everything behind both sites. Safe for several threads.

    Args:
        days: how many days ago a new world began, unless `epoch` names its first day.
    """

    def __init__(self, directory: Path, seed: int, days: int, epoch: date | None = None) -> None:
        self.clock = MarketClock(directory, seed, days, epoch)
        self.world = World(self.clock.seed, epoch=self.clock.epoch)
        self.classifieds = Classifieds(self.world)
        self.orders = OrderBook(directory / "orders.sqlite3")
        self.customers = Customers(self.orders)
        self.categories = _categories()
        self.rules = Rules()
        self.menu = [self.categories[department.slug] for department in departments()]
        self._by_number = {product.number: index for index, product in enumerate(self.world.products)}
        self._by_sku = {product.sku: index for index, product in enumerate(self.world.products)}
        self._lock = threading.Lock()
        self._ranked: tuple[tuple[int, int], list[Display]] | None = None
        self._settled = 0

    def moment(self) -> Moment:
        """Now, with every order known to the world."""
        now = self.clock.now()
        day = self.clock.day(now)
        version = self.orders.version()
        if version != self._settled:
            settle(self.world, self.orders)
            self._settled = version
        return Moment(now, day, (day, self.orders.version(now)))

    def display(self, moment: Moment, index: int) -> Display:
        """One product as it stands."""
        product, shelf = self.world.products[index], self.world.day(moment.day)[index]
        since = self.clock.start_of(moment.day) if moment.day else _LONG_AGO
        stock = max(0, shelf.stock - self.orders.taken(product.sku, since, moment.now)) if shelf.on_sale else 0
        return Display(product, shelf, stock, self.world.truths[index].sponsored)

    def by_number(self, moment: Moment, number: int) -> Display | None:
        """The product of an address; None where it is not, not yet or no longer sold."""
        return self._on_sale(moment, self._by_number.get(number))

    def by_sku(self, moment: Moment, sku: str) -> Display | None:
        """The product of a SKU; None where it is not, not yet or no longer sold."""
        return self._on_sale(moment, self._by_sku.get(sku))

    def product_of(self, sku: str) -> Product:
        """The product of a SKU, sold or not."""
        return self.world.products[self._by_sku[sku]]

    def _on_sale(self, moment: Moment, index: int | None) -> Display | None:
        if index is None:
            return None
        found = self.display(moment, index)
        return found if found.shelf.on_sale else None

    def ranking(self, moment: Moment) -> list[Display]:
        """What can be bought now, the best selling first."""
        with self._lock:
            if self._ranked is None or self._ranked[0] != moment.stamp:
                every = (self.display(moment, index) for index in range(len(self.world.products)))
                ranked = sorted(
                    (one for one in every if one.buyable), key=lambda one: (-one.shelf.popularity, one.product.sku)
                )
                self._ranked = (moment.stamp, ranked)
            return self._ranked[1]

    def search(self, moment: Moment, query: str) -> list[Display]:
        """What can be bought now and has every word of the query in title or category."""
        wanted = words(query)
        return [one for one in self.ranking(moment) if _matches(wanted, one.product)]

    def listing(self, moment: Moment, category: Category, query: str = "") -> list[Display]:
        """What can be bought now in a category and has every word of the query."""
        return [one for one in self.search(moment, query) if one.product.sku in category.skus]

    def narrower(self, category: Category) -> list[Category]:
        """The categories one step below, in the order of their names."""
        depth = len(category.trail)
        below = (one for one in self.categories.values() if one.trail[:depth] == category.trail)
        return sorted((one for one in below if len(one.trail) == depth + 1), key=lambda one: one.name)

    def postings(self, moment: Moment) -> tuple[Posting, ...]:
        """The classified ads of today, the last refreshed first."""
        return self.classifieds.day(moment.day)

    def time_of(self, when: tuple[int, int]) -> datetime:
        """A (day, minutes) of a posting as a time, UTC."""
        return self.clock.start_of(when[0]) + timedelta(minutes=when[1])

    def close(self) -> None:
        """Closes the order book."""
        self.orders.close()


def _matches(wanted: list[str], product: Product) -> bool:
    text = " ".join(words(" ".join((product.title, *product.categories))))
    return all(word in text for word in wanted)


_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
