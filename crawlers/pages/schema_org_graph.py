"""schema.org data as things with properties, whichever syntax and spelling they came in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from w3lib.html import remove_tags

Value = Any
_PREFIX = re.compile(r"^(?:(?:https?:)?//(?:www\.)?schema\.org/|(?:www\.)?schema\.org/|schema:)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_DEEPEST = 40
# Leads to other products than the page's own.
_SIMILAR = ["isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "isConsumableFor", "itemReviewed"]
_ASIDE = frozenset([*_SIMILAR, "isVariantOf", "review", "reviews", "hasVariant", "offers", "makesOffer"])


def clean(text: object) -> str:
    """A text of the page without entities, tags and superfluous spaces."""
    plain = html.unescape(html.unescape(str(text)))
    return _SPACE.sub(" ", remove_tags(plain) if "<" in plain and ">" in plain else plain).strip()


def local(name: object) -> str:
    """`Product` of `https://schema.org/Product`, `schema:Product` and `Product`."""
    return _PREFIX.sub("", str(name).strip())


@dataclass(slots=True)
class Graph:
    """All things of one syntax of a page, with the references between them."""

    roots: list[Value] = field(default_factory=list)
    by_id: dict[str, dict[str, Value]] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: list[Value]) -> Graph:
        """The graph of parsed JSON-LD, of extruct's microdata or of its RDFa."""
        made = cls()
        made.roots = [made._plain(document, 0) for document in documents]
        return made

    def _plain(self, value: Value, depth: int) -> Value:
        if depth > _DEEPEST:
            return None
        if isinstance(value, list):
            return [self._plain(member, depth + 1) for member in value]
        if not isinstance(value, dict):
            return value
        if "@value" in value:
            return value["@value"]
        plain = {local(name): self._plain(member, depth + 1) for name, member in value.items()}
        if isinstance(plain.get("@id"), str) and len(plain) > 1:
            self.by_id.setdefault(plain["@id"], plain)
        return plain

    def follow(self, value: Value) -> Value:
        """What a reference `{"@id": ...}` stands for."""
        if isinstance(value, dict) and set(value) == {"@id"}:
            return self.by_id.get(str(value["@id"]), value)
        return value

    def things(self) -> Iterator[tuple[Thing, str]]:
        """Every thing in the order of the page, each with the property that leads to it, related products left out."""
        seen: set[int] = set()
        waiting = [(root, "") for root in reversed(self.roots)]
        while waiting:
            value, through = waiting.pop()
            value = self.follow(value)
            if isinstance(value, list):
                waiting += [(member, through) for member in reversed(value)]
            elif isinstance(value, dict) and id(value) not in seen:
                seen.add(id(value))
                yield Thing(self, value), through
                waiting += [(member, name) for name, member in reversed(value.items()) if name not in _ASIDE]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: a product, an offer, a brand."""

    graph: Graph
    data: dict[str, Value]

    @property
    def types(self) -> frozenset[str]:
        """Names of its types, without the vocabulary's address, with a capital: some themes write `product`."""
        given = self.data.get("@type", self.data.get("type"))
        names = [local(name) for name in (given if isinstance(given, list) else [given]) if name]
        return frozenset(name[:1].upper() + name[1:] for name in names)

    @property
    def id(self) -> str:
        """Its address as a reference; empty without one."""
        found = self.data.get("@id", self.data.get("id"))
        return found if isinstance(found, str) else ""

    def all(self, name: str) -> list[Value]:
        """Every value of a property, things as `Thing`."""
        given = self.data.get(name)
        values = [self.graph.follow(value) for value in (given if isinstance(given, list) else [given])]
        return [Thing(self.graph, value) if isinstance(value, dict) else value for value in values if value is not None]

    def things(self, name: str) -> list[Thing]:
        """The values of a property that are things."""
        return [value for value in self.all(name) if isinstance(value, Thing)]

    def texts(self, *names: str) -> list[str]:
        """The values of properties as texts: of a thing its name, value or address; empty ones left out."""
        found = [self._as_text(value) for name in names for value in self.all(name)]
        return [text for text in found if text]

    def text(self, *names: str) -> str:
        """The first such text; empty without one."""
        return next(iter(self.texts(*names)), "")

    @staticmethod
    def _as_text(value: Value) -> str:
        if isinstance(value, Thing):
            return value.text("name", "value") or local(value.id)
        return "" if isinstance(value, bool | list) else clean(value)
