"""What shelves, sources and orders are called on the pages, and the colour each shelf has."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _

from reseller.shelves import plain

SHELVES = {
    "phones": _("Phones & tablets"),
    "computers": _("Computers"),
    "audio": _("Sound"),
    "tv": _("TV & electronics"),
    "kitchen": _("Kitchen"),
    "appliances": _("Appliances"),
    "home": _("Home"),
    "beauty": _("Beauty & health"),
    "fashion": _("Fashion"),
    "baby": _("Baby"),
    "games": _("Games & toys"),
    "sport": _("Sport"),
    "grocery": _("Grocery"),
    "cars": _("Car"),
    "tools": _("Tools"),
    "watches": _("Watches"),
    "cameras": _("Cameras"),
    "other": _("Everything else"),
}

SORTS = {
    "relevance": _("Most fitting"),
    "price": _("Cheapest first"),
    "price-desc": _("Dearest first"),
    "drop": _("Biggest drop"),
    "new": _("Newest"),
    "rating": _("Best rated"),
}

MARKETS = {"jumia": _("Jumia"), "ouedkniss": _("Ouedkniss")}


def market(marketplace: str) -> str:
    """A marketplace's own name, in the letters of the page's language."""
    return str(MARKETS.get(marketplace, marketplace.capitalize()))


def slug(title: str) -> str:
    """The part of an address that people read: at most 60 characters, letters of any script."""
    words = re.sub(r"\s+", "-", plain(title))
    return words[:60].strip("-") or "x"
