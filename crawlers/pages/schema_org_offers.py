"""Which of the offers of a schema.org product count, and what they say together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from crawlers.pages.schema_org_graph import Thing, local
from crawlers.pages.schema_org_terms import BEST_FIRST, Reading, Terms, is_bulk, one, raw
from crawlers.pages.schema_org_words import amount, availability_of

_SECOND_HAND = frozenset(["UsedCondition", "RefurbishedCondition", "DamagedCondition"])
# What an AggregateOffer says once for all of its offers.
_FOR_ALL = ("priceCurrency", "availability", "seller", "offeredBy", "itemCondition")
_MOST_OFFERS = 500


def terms_of(product: Thing, at: datetime, fallback_currency: str) -> Terms:
    """The terms of a product or of a group of variants, as of a time; `price` is None where no offer names one.

    Offers whose last day is past count only where no other names a price: shops forget to renew that day.
    """
    single = _for_one_new_piece(list(islice(_offers(product), _MOST_OFFERS)))
    told = _told(single, Reading(at, fallback_currency))
    expired = False
    if all(terms.price is None for terms in told):
        late = _told(single, Reading(at, fallback_currency, dated=False))
        expired = any(terms.price is not None for terms in late)
        told = late if expired else told
    if not told:
        return Terms()
    chosen = _chosen(told, fallback_currency)
    chosen.expired = expired
    return chosen


def _told(offers: list[Thing], reading: Reading) -> list[Terms]:
    return [one(offer, reading) for offer in offers if not reading.excludes(offer)]


def _chosen(told: list[Terms], fallback_currency: str) -> Terms:
    """The lowest terms that can be had."""
    best = min((terms.availability for terms in told), key=BEST_FIRST.index)
    buyable = [terms for terms in told if terms.price is not None and terms.availability == best]
    priced = buyable or [terms for terms in told if terms.price is not None]
    if not priced:
        chosen = told[0]
    else:
        own = [terms for terms in priced if terms.currency == fallback_currency] or priced
        own = [terms for terms in own if terms.currency == own[0].currency]
        chosen = min(own, key=lambda terms: terms.price or 0)
        if len({terms.price for terms in own}) > 1:
            chosen.kind = "from"
    chosen.availability = best
    chosen.offer_count = chosen.offer_count or (len(told) if len(told) > 1 else None)
    return chosen


def _offers(product: Thing, depth: int = 0) -> Iterator[Thing]:
    """Offers of the product and of its variants. The offers in an AggregateOffer stand for it if one names a price."""
    for offer in product.things("offers") + product.things("makesOffer"):
        inner = [_inherited(one, offer) for one in offer.things("offers")] if depth < 3 else []
        low = amount(offer.text("lowPrice"), None)
        if inner and (low is None or any(map(_names_price, inner))):
            yield from _offers(Thing(offer.graph, {"offers": [one.data for one in inner]}), depth + 1)
        elif inner and not offer.text("availability"):
            words = [word for one in inner if (word := one.text("availability"))]
            best = min(words, key=lambda word: BEST_FIRST.index(availability_of(word) or "unknown"), default="")
            yield Thing(offer.graph, offer.data | {"availability": best})
        else:
            yield offer
    if depth < 3:
        for variant in product.things("hasVariant"):
            yield from _offers(variant, depth + 1)


def _inherited(offer: Thing, aggregate: Thing) -> Thing:
    given = {name: aggregate.data[name] for name in _FOR_ALL if name in aggregate.data and not offer.all(name)}
    return Thing(offer.graph, offer.data | given)


def _names_price(offer: Thing) -> bool:
    named = [raw(offer, "price"), *(raw(item, "price") for item in offer.things("priceSpecification"))]
    return any(amount(value, None) for value in named)


def _for_one_new_piece(offers: list[Thing]) -> list[Thing]:
    """Without offers of several pieces, and of used ones, where another says a price or that it is sold out."""
    for is_other in (is_bulk, _is_second_hand):
        left = [offer for offer in offers if not is_other(offer)]
        offers = left if any(map(_says_something, left)) else offers
    return offers


def _says_something(offer: Thing) -> bool:
    low = amount(raw(offer, "lowPrice"), None)
    return _names_price(offer) or low is not None or availability_of(offer.text("availability")) == "out_of_stock"


def _is_second_hand(offer: Thing) -> bool:
    return local(offer.text("itemCondition")) in _SECOND_HAND
