"""What the market sells: products, sellers and classified ads, as the data files name them. Nothing here moves."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

DATA = Path(__file__).parent / "data"
SKU_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells a product. `score` in percent."""

    key: str
    id: int
    name: str
    kind: Literal["official", "shop", "abroad"]
    score: int
    followers: int

    @property
    def slug(self) -> str:
        return slug(self.name)


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the shop; `slug` is its address, `copiers` are the sellers who take up what sells well there."""

    slug: str
    name: str
    copiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its page describes it, by one seller.

    Attributes:
        list_price: whole dinars, what its seller asks without a discount when the world begins.
        copy_of: SKU of the listing that was there first, where another seller offers the same good.
    """

    sku: str
    number: int
    brand: str
    name: str
    list_price: int
    seller: Seller
    department: Department
    path: tuple[str, ...]
    specifications: dict[str, str] = field(hash=False)
    copy_of: str | None = None

    @property
    def good(self) -> str:
        """The same for every seller's listing of one good."""
        return self.copy_of or self.sku

    @property
    def kind(self) -> str:
        """Goods of a kind can take each other's place."""
        return "/".join((self.department.slug, *self.path))

    @property
    def title(self) -> str:
        return self.name if self.brand == "Generic" else f"{self.brand} {self.name}"

    @property
    def url(self) -> str:
        return f"/{slug(f'{self.brand} {self.name}')}-{self.number}.html"

    @property
    def categories(self) -> tuple[str, ...]:
        """From the department to the narrowest category."""
        return (self.department.name, *self.path)


@dataclass(frozen=True, slots=True)
class Store:
    """A shop on the classifieds site."""

    key: str
    id: int
    name: str
    slug: str
    official: bool
    verified: bool
    followers: int


@dataclass(frozen=True, slots=True)
class Ad:
    """A classified ad as written. `price` in whole dinars, None where the seller names none."""

    number: int
    title: str
    price: int | None
    unit: str
    price_type: str | None
    exchange: bool
    old_price: int | None
    store: Store | None
    person: str
    city: str
    region: str
    text: str
    category: str
    category_name: str
    follows: Product | None


def slug(text: str) -> str:
    """Lower case ASCII with single hyphens: never `--`, which robots.txt forbids."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:12], "big")


def _sku(brand: str, name: str, code: str) -> str:
    """19 characters as the shop forms them: brand, three digits, category, six of a hash, NAFAMZ."""
    number = _digest(f"{brand}/{name}")
    tail = ""
    for _ in range(6):
        number, index = divmod(number, len(SKU_ALPHABET))
        tail += SKU_ALPHABET[index]
    initials = (slug(brand).replace("-", "") + "xx")[:2].upper()
    return f"{initials}{_digest(brand) % 1000:03}{code}{tail}NAFAMZ"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text("utf-8"))


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(";") if pair)


@lru_cache
def sellers() -> dict[str, Seller]:
    """Sellers by key."""
    return {row["key"]: Seller(**row) for row in _read("sellers.toml")["seller"]}


@lru_cache
def departments() -> tuple[Department, ...]:
    """Departments in the order of the menu."""
    rows = _read("products.toml")["department"]
    return tuple(Department(row["slug"], row["name"], tuple(row["copiers"])) for row in rows)


Row = tuple[str, str, int, str, dict[str, str]]
"""Brand, name, list price, seller and specifications of a product."""


def _members(family: dict[str, Any]) -> Iterator[Row]:
    """The products of a family: each key of `prices` in the first place of its name, each of `also` in the second."""
    first, *second = re.findall(r"{(.*?)}", family["name"])
    for (value, price), other in product(family["prices"].items(), family.get("also", [""])):
        placed = {first: value, **({second[0]: other} if second else {})}
        yield family["brand"], family["name"].format(**placed), price, family["seller"], placed


def _rows(shelf: dict[str, Any]) -> Iterator[Row]:
    for brand, name, price, seller, *rest in shelf.get("products", ()):
        yield brand, name, price, seller, _pairs(rest[0]) if rest else {}
    for family in shelf.get("families", ()):
        yield from _members(family)


def _products() -> Iterator[Product]:
    known = {department.slug: department for department in departments()}
    for shelf in _read("products.toml")["shelf"] + _read("families.toml")["shelf"]:
        for brand, name, price, seller, specifications in _rows(shelf):
            yield Product(
                sku=_sku(brand, name, shelf["code"]),
                number=_number(f"{brand}/{name}"),
                brand=brand,
                name=name,
                list_price=price,
                seller=sellers()[seller],
                department=known[shelf["department"]],
                path=tuple(shelf["path"]),
                specifications=specifications,
            )


def _number(text: str) -> int:
    return 10_000_000 + _digest(f"{text}/number") % 80_000_000


def _copies(originals: Iterable[Product]) -> Iterator[Product]:
    """What another seller may come to offer as well: for one good in three, by its name."""
    for one in originals:
        chance = _digest(f"{one.brand}/{one.name}/copy")
        others = [key for key in one.department.copiers if key != one.seller.key]
        if chance % 3 or not others:
            continue
        seller = sellers()[others[chance // 3 % len(others)]]
        yield replace(
            one,
            sku=_sku(one.brand, f"{one.name}/{seller.key}", one.sku[5:7]),
            number=_number(f"{one.brand}/{one.name}/{seller.key}"),
            seller=seller,
            copy_of=one.sku,
        )


@lru_cache
def products() -> tuple[Product, ...]:
    """Every listing that is, was or may come to be: the goods, then the copies that other sellers may offer.

    Raises:
        ValueError: two listings got the same SKU or address.
    """
    originals = tuple(_products())
    found = (*originals, *_copies(originals))
    if len({p.sku for p in found}) < len(found) or len({p.number for p in found}) < len(found):
        raise ValueError("two products share a SKU or a number")
    return found


@lru_cache
def stores() -> dict[str, Store]:
    """Stores of the classifieds site by key."""
    return {row["key"]: Store(**row) for row in _read("ads.toml")["store"]}


def _followed(beginning: str | None) -> Product | None:
    if beginning is None:
        return None
    return next(one for one in products() if one.name.startswith(beginning))


def _ads() -> Iterator[Ad]:
    rows = [(category, row) for category in _read("ads.toml")["category"] for row in category["ads"]]
    for number, (category, (title, price, seller, place, text, options)) in enumerate(rows, start=1):
        chosen = _pairs(options)
        city, region = place.split(", ")
        store = stores().get(seller)
        yield Ad(
            number=number,
            title=title,
            price=price or None,
            unit=chosen.get("unit", "UNIT"),
            price_type=chosen.get("type"),
            exchange=chosen.get("exchange") == "yes",
            old_price=int(chosen["old"]) if "old" in chosen else None,
            store=store,
            person=store.name if store else seller,
            city=city,
            region=region,
            text=text,
            category=category["slug"],
            category_name=category["name"],
            follows=_followed(chosen.get("follows")),
        )


@lru_cache
def ads() -> tuple[Ad, ...]:
    """Every classified ad that is ever posted."""
    return tuple(_ads())
