"""Order within a batch: what concerns one listing twice is stored one after the other, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from pipelines.gone import Gone
from pipelines.offer import Offer

Round = tuple[list[Offer], list[Gone]]


def rounds(offers: list[Offer], gone: list[Gone]) -> list[Round]:
    """Offers and words of gone listings in parts, none of which names a listing twice.

    A statement compares with what was stored before it. So each part has to be stored before the next one.
    """
    if not gone and len({(offer.marketplace, offer.country, offer.external_id) for offer in offers}) == len(offers):
        return [(offers, gone)]
    made: list[Round] = []
    next_round: dict[tuple[str, str, str, str], int] = {}
    items: list[Offer | Gone] = [*offers, *gone]
    for item in sorted(items, key=attrgetter("observed_at")):
        keys = list(_names(item))
        number = max((next_round.get(key, 0) for key in keys), default=0)
        next_round.update(dict.fromkeys(keys, number + 1))
        if number == len(made):
            made.append(([], []))
        if isinstance(item, Offer):
            made[number][0].append(item)
        else:
            made[number][1].append(item)
    return made


def _names(item: Offer | Gone) -> Iterator[tuple[str, str, str, str]]:
    """What a listing can be found by: its id, and its address."""
    if item.external_id is not None:
        yield item.marketplace, item.country, "id", item.external_id
    yield item.marketplace, item.country, "url", item.url
