"""Which of the products that a page mentions it is about."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawlers.pages.page import Page
from crawlers.pages.schema_org_graph import Graph, Thing
from crawlers.pages.schema_org_sources import Document

PRODUCTS = frozenset(["Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts"])
_LISTED = frozenset(["itemListElement", "item"])
_PRODUCT_TYPES = frozenset(["product", "og:product", "product.item"])
_MAIN = frozenset(["mainEntity", "mainEntityOfPage"])
_HOME = frozenset(["home", "accueil", "الرئيسية", "الصفحة الرئيسية", "start", "inicio"])
_MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page says of itself: its addresses and the names of what it shows, each in one spelling."""

    page: Page
    names: frozenset[str]
    addresses: frozenset[str]
    is_product: bool

    @classmethod
    def of(cls, page: Page, document: Document) -> Subject:
        """From its address, its headline and its OpenGraph."""
        tags = document.opengraph()
        return cls(
            page=page,
            names=frozenset({_key(document.headline()), _key(tags.get("og:title", ""))} - {""}),
            addresses=frozenset([place(page.url), place(document.canonical() or page.url)]),
            is_product=tags.get("og:type", "").strip().lower() in _PRODUCT_TYPES,
        )

    def is_elsewhere(self, product: Thing) -> bool:
        """Whether a product has a page of its own that is another one."""
        own = _place_of(product, self.page)
        path, _, query = own.partition("?")
        near = [address for address in self.addresses if address.partition("?")[0] == path]
        return bool(own) and own not in self.addresses and (not near or bool(query and near[0].partition("?")[2]))

    def resembles(self, product: Thing) -> bool:
        """Whether its name is a part of the page's, or has it as a part, in whole words."""
        name = f" {_key(product.text('name'))} "
        return bool(name.strip()) and any(name in f" {own} " or f" {own} " in name for own in self.names)

    def is_of_another_host(self, product: Thing) -> bool:
        """Whether it names an address of its own on another host, such as the shop's former one."""
        own = _place_of(product, self.page)
        return bool(own) and own.partition("/")[0] != place(self.page.url).partition("/")[0]


Choice = Callable[[Graph, Subject], Thing | None]


def named(graph: Graph, subject: Subject) -> Thing | None:
    """The product that the page surely is about: by its data, by its address or by its name."""
    alone, _ = _products(graph)
    for product, through in alone:
        if through in _MAIN or _place_of(product, subject.page) in subject.addresses:
            return _fullest(product, alone)
    return next((_fullest(one, alone) for one, _ in alone if _key(one.text("name")) in subject.names), None)


def alike(graph: Graph, subject: Subject) -> Thing | None:
    """The one product with no page elsewhere whose name holds the page's, or is held by it."""
    alone, _ = _products(graph)
    return _one_of([one for one, _ in alone if not subject.is_elsewhere(one) and subject.resembles(one)], alone)


def here(graph: Graph, subject: Subject) -> Thing | None:
    """The one product with no page elsewhere."""
    alone, _ = _products(graph)
    return _one_of([one for one, _ in alone if not subject.is_elsewhere(one)], alone)


def only(graph: Graph, subject: Subject) -> Thing | None:
    """The one product with a page elsewhere that may yet be this one: by its name, its host, or for want of a name.

    Of several, one by its name only where the page calls itself a product's: of a category many names hold the name.
    """
    alone, _ = _products(graph)
    product = _one_of([one for one, _ in alone], alone)
    if product is None:
        similar = [one for one, _ in alone if subject.is_product and subject.resembles(one)]
        return _one_of(similar, alone)
    doubtful = subject.names and not subject.resembles(product) and not subject.is_of_another_host(product)
    return None if doubtful else product


def _one_of(candidates: list[Thing], alone: list[tuple[Thing, str]]) -> Thing | None:
    names = {_key(product.text("name")) for product in candidates}
    return _fullest(candidates[0], alone) if len(names) == 1 else None


def listed(graph: Graph, subject: Subject) -> list[tuple[int, Thing]]:
    """Products of a page that is about none of them, each with its position."""
    alone, members = _products(graph)
    several = [product for product, _ in alone] or members
    return list(enumerate([product for product in several if _place_of(product, subject.page)][:_MOST_LISTED], 1))


def _products(graph: Graph) -> tuple[list[tuple[Thing, str]], list[Thing]]:
    """Products that stand for themselves, each with the property that leads to it, and products of a list."""
    alone: list[tuple[Thing, str]] = []
    listed: list[Thing] = []
    for thing, through in graph.things():
        if "Offer" in thing.types or "AggregateOffer" in thing.types:
            alone += [
                (_with_offer(product, thing), through) for product in thing.things("itemOffered") if _is_one(product)
            ]
        elif _is_one(thing):
            if through in _LISTED:
                listed.append(thing)
            elif thing.data.get("@type") is not None:
                alone.append((thing, through))
    return alone, listed


def _is_one(thing: Thing) -> bool:
    return bool(thing.types & PRODUCTS)


def _with_offer(product: Thing, offer: Thing) -> Thing:
    terms = {name: value for name, value in offer.data.items() if name != "itemOffered"}
    return Thing(product.graph, {"offers": terms} | product.data)


def _fullest(product: Thing, alone: list[tuple[Thing, str]]) -> Thing:
    """Of several mentions of one product, as two plugins of a shop make them, one that is offered."""
    name = _key(product.text("name"))
    same = [product, *[other for other, _ in alone if _key(other.text("name")) == name]]
    return next((thing for thing in same if thing.all("offers") or thing.all("hasVariant")), product)


def _place_of(product: Thing, page: Page) -> str:
    offered = next(iter(offer.text("url") for offer in product.things("offers")), "")
    given = product.text("url") or (product.id if product.id.startswith(("http", "/")) else "") or offered
    return place(page.absolute(given)) if given else ""


def place(address: str) -> str:
    """What the spellings of an address have in common."""
    split = urlsplit(address)
    return f"{split.netloc.lower().removeprefix('www.')}{split.path.rstrip('/')}?{split.query}"


def same_host(one: str, other: str) -> bool:
    """Whether two addresses are of one host, `www.` or not."""
    first, second = (urlsplit(address).netloc.lower().removeprefix("www.") for address in (one, other))
    return first == second


def _key(text: str) -> str:
    """What two spellings of a name have in common."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def breadcrumbs(graph: Graph, title: str) -> list[str]:
    """Categories from the widest to the narrowest, of the longest trail, without the home page and the product."""
    trails = []
    for thing, _ in graph.things():
        if "BreadcrumbList" in thing.types:
            steps = thing.things("itemListElement")
            steps.sort(key=lambda step: int(number) if (number := step.text("position")).isdecimal() else 0)
            names = [step.text("name") or step.text("item") for step in steps]
            trails.append([name for name in names if name and not name.startswith("http")])
    trail = max(trails, key=len, default=[])
    if trail and _key(trail[0]) in _HOME:
        trail = trail[1:]
    if trail and _key(trail[-1]) == _key(title):
        trail = trail[:-1]
    return trail[:10]
