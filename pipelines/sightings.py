"""Seen twice in one crawl, a listing counts once: its first sighting is what the crawl says of it."""

from __future__ import annotations

from array import array

from pipelines.offer import Offer

_BUCKETS = 2**16


class Sightings:
    """The listings that one crawl has seen, about 9 bytes each, so that a long crawl stays small.

    Kept are 64-bit hashes: two of a million listings share one with a chance of 1 in 37 million. Python's own set would
    take 80 bytes a listing.
    """

    def __init__(self) -> None:
        self._buckets: list[array[int] | None] = [None] * _BUCKETS
        self._count = 0

    def add(self, offer: Offer) -> bool:
        """Takes an offer's listing in. Returns whether this crawl sees it for the first time."""
        key = hash((offer.marketplace, offer.country, offer.external_id))
        place = key % _BUCKETS
        bucket = self._buckets[place]
        if bucket is None:
            self._buckets[place] = array("q", (key,))
        elif key in bucket:
            return False
        else:
            bucket.append(key)
        self._count += 1
        return True

    def __len__(self) -> int:
        return self._count
