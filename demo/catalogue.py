"""What the market sells: products, sellers and classified ads, as the data files name them. Nothing here moves."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
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
    """A department of the shop; `slug` is its address."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its page describes it. `list_price` in whole dinars, what the seller asks without a discount."""

    sku: str
    number: int
    brand: str
    name: str
    list_price: int
    seller: Seller
    department: Department
    path: tuple[str, ...]
    specifications: dict[str, str] = field(hash=False)

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
    return tuple(Department(**row) for row in _read("products.toml")["department"])


def _products() -> Iterator[Product]:
    known = {department.slug: department for department in departments()}
    for shelf in _read("products.toml")["shelf"]:
        for brand, name, price, seller, *rest in shelf["products"]:
            yield Product(
                sku=_sku(brand, name, shelf["code"]),
                number=10_000_000 + _digest(f"{brand}/{name}/number") % 80_000_000,
                brand=brand,
                name=name,
                list_price=price,
                seller=sellers()[seller],
                department=known[shelf["department"]],
                path=tuple(shelf["path"]),
                specifications=_pairs(rest[0]) if rest else {},
            )


@lru_cache
def products() -> tuple[Product, ...]:
    """Every product that is, was or will be sold.

    Raises:
        ValueError: two products got the same SKU or address.
    """
    found = tuple(_products())
    if len({p.sku for p in found}) < len(found) or len({p.number for p in found}) < len(found):
        raise ValueError("two products of products.toml share a SKU or a number")
    return found


@lru_cache
def stores() -> dict[str, Store]:
    """Stores of the classifieds site by key."""
    return {row["key"]: Store(**row) for row in _read("ads.toml")["store"]}


def _followed(beginning: str | None) -> Product | None:
    if beginning is None:
        return None
    return next(product for product in products() if product.name.startswith(beginning))


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
