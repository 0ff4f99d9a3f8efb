"""Seen twice in one crawl, a listing counts once: the first sighting, completed by later ones."""

from __future__ import annotations

import copy

from pipelines.offer import Offer

Key = tuple[str, str, str]

_OPEN = (
    *("brand", "rating", "rating_count", "stock_left", "seller_name", "shipped_from_abroad", "express"),
    *("views", "likes", "position", "sponsored", "category_path", "image_urls"),
)


def complete(first: Offer, later: Offer) -> bool:
    """Fills what the first sighting leaves open from a later one. Returns whether anything was filled."""
    filled = False
    for name in _OPEN:
        value = getattr(later, name)
        if getattr(first, name) in (None, []) and value not in (None, []):
            setattr(first, name, value)
            filled = True
    if first.price is None and later.price is not None:
        first.price, first.currency = later.price, later.currency
        first.old_price, first.price_kind = later.old_price, later.price_kind
        filled = True
    if first.availability == "unknown" and later.availability != "unknown":
        first.availability, filled = later.availability, True
    elif first.availability == "in_stock" and later.availability == "low_stock":
        first.availability, filled = "low_stock", True
    if first.seller_kind == "unknown" and later.seller_kind != "unknown":
        first.seller_kind, filled = later.seller_kind, True
    if missing := {name: text for name, text in later.attributes.items() if name not in first.attributes}:
        first.attributes = first.attributes | missing
        filled = True
    return filled


class Sightings:
    """The listings of one crawl; `pending` are those that wait to be stored, `first_seen` how many are new."""

    def __init__(self) -> None:
        self._known: dict[Key, Offer] = {}
        self.pending: dict[Key, Offer] = {}
        self.first_seen = 0

    def add(self, offer: Offer) -> bool:
        """Takes an offer in. Returns whether this crawl sees its listing for the first time."""
        key = (offer.marketplace, offer.country, offer.external_id)
        known = self._known.get(key)
        if known is None:
            self._known[key] = self.pending[key] = offer
            self.first_seen += 1
            return True
        if key in self.pending:
            complete(self.pending[key], offer)
        else:
            merged = copy.copy(known)
            if complete(merged, offer):
                merged.observed_at = offer.observed_at
                self._known[key] = self.pending[key] = merged
        return False

    def take(self) -> tuple[list[Offer], int]:
        """What is pending, and how many of it are first sightings; both start anew."""
        offers, first = list(self.pending.values()), self.first_seen
        self.pending, self.first_seen = {}, 0
        return offers, first
