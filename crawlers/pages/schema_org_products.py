"""Which of the products that a page mentions it is about."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from crawlers.pages.page import Page
from crawlers.pages.schema_org_graph import Graph, Thing
from crawlers.pages.schema_org_sources import Document

PRODUCTS = frozenset(["Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts"])
_LISTED = frozenset(["itemListElement", "item"])
_HOME = frozenset(["home", "accueil", "الرئيسية", "الصفحة الرئيسية", "start", "inicio"])
_MOST_LISTED = 500


def choose(graph: Graph, page: Page, document: Document) -> list[tuple[int | None, Thing]]:
    """The product the page is about, as (None, product); of a page that lists products each, with its position."""
    alone, listed = _products(graph)
    named = {_key(document.headline()), _key(document.opengraph().get("og:title", ""))} - {""}
    addresses = {_place(page.url), _place(document.canonical() or page.url)}
    for product, through in alone:
        if through in ("mainEntity", "mainEntityOfPage") or _place_of(product, page) in addresses:
            return [(None, _fullest(product, alone))]
    for product, _ in alone:
        if _key(product.text("name")) in named:
            return [(None, _fullest(product, alone))]
    if len(alone) == 1 or (alone and len({_key(product.text("name")) for product, _ in alone}) == 1):
        return [(None, _fullest(alone[0][0], alone))]
    several = [product for product, _ in alone] or listed
    return list(enumerate([product for product in several if _place_of(product, page)][:_MOST_LISTED], 1))


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
    return _place(page.absolute(given)) if given else ""


def _place(address: str) -> str:
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
            steps.sort(key=lambda step: int(place) if (place := step.text("position")).isdecimal() else 0)
            names = [step.text("name") or step.text("item") for step in steps]
            trails.append([name for name in names if name and not name.startswith("http")])
    trail = max(trails, key=len, default=[])
    if trail and _key(trail[0]) in _HOME:
        trail = trail[1:]
    if trail and _key(trail[-1]) == _key(title):
        trail = trail[:-1]
    return trail[:10]
