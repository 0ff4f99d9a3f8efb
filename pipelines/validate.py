"""Checks every offer against what a listing can be. Each defect has a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import get_args
from urllib.parse import urlsplit

from pipelines.gone import Gone
from pipelines.offer import Availability, Offer, PriceKind, SellerKind
from pipelines.reject import Reject

MOST_MONEY = Decimal(10) ** 12
MOST_COUNT = 2**31 - 1
LONGEST = {"marketplace": 40, "external_id": 200, "title": 1000, "brand": 200, "seller_name": 300, "url": 2000}
"""Characters. No marketplace writes more, and an index of the database takes no more than 2,700 bytes."""
_CENT = Decimal("0.01")
_KINDS = frozenset(get_args(PriceKind))
_AVAILABILITIES = frozenset(get_args(Availability))
_SELLERS = frozenset(get_args(SellerKind))
_PRICED = _KINDS - {"none"}
_USUAL_CURRENCIES = frozenset(("DZD", "MAD", "XOF", "EGP", "GHS", "KES", "NGN", "UGX", "TND", "EUR", "USD"))
_SCHEMES = ("https://", "http://")
_NEEDED = frozenset(("marketplace", "external_id", "title"))
_COUNTS = ("rating_count", "stock_left", "views", "likes", "position")


def defects(offer: Offer) -> list[str]:
    """Names of what is wrong with an offer, such as `offer/price/negative`; empty for a good one."""
    try:
        usual = _is_usual(offer)
    except (TypeError, AttributeError):  # something is of another kind than it should be
        usual = False
    return [] if usual else [*_identity(offer), *_price(offer), *_signals(offer)]


def _is_usual(offer: Offer) -> bool:
    """Whether an offer is like nearly all: without a defect, told in a microsecond.

    Raises:
        TypeError, AttributeError: it is not.
    """
    price, old_price, rating = offer.price, offer.old_price, offer.rating
    count, left, position, url = offer.rating_count, offer.stock_left, offer.position, offer.url
    return bool(
        type(price) is Decimal
        and str(price)[-3:-2] == "."
        and 0 < price < MOST_MONEY
        and offer.currency in _USUAL_CURRENCIES
        and offer.price_kind in _PRICED
        and (
            old_price is None
            or (type(old_price) is Decimal and str(old_price)[-3:-2] == "." and 0 < old_price < MOST_MONEY)
        )
        and (rating is None or (rating.is_finite() and 0 <= rating <= 5))
        and (count is None or (type(count) is int and 0 <= count <= MOST_COUNT))
        and (left is None or (type(left) is int and 0 <= left <= MOST_COUNT))
        and (position is None or (type(position) is int and 0 < position <= MOST_COUNT))
        and offer.views is None
        and offer.likes is None
        and offer.availability in _AVAILABILITIES
        and offer.seller_kind in _SELLERS
        and type(offer.external_id) is type(offer.title) is type(offer.marketplace) is str
        and 0 < len(offer.external_id) <= LONGEST["external_id"]
        and 0 < len(offer.title) <= LONGEST["title"]
        and 0 < len(offer.marketplace) <= LONGEST["marketplace"]
        and (not offer.brand or len(offer.brand) <= LONGEST["brand"])
        and (not offer.seller_name or len(offer.seller_name) <= LONGEST["seller_name"])
        and len(url) <= LONGEST["url"]
        and url.startswith(_SCHEMES)
        and url.find("/", 8) > 8
        and url.isascii()
        and "[" not in url
        and len(offer.country) == 2
        and offer.country.islower()
        and sum(map(len, offer.category_path)) <= LONGEST["title"]
        and offer.observed_at.tzinfo is not None
    )


def _identity(offer: Offer) -> Iterator[str]:
    for name, longest in LONGEST.items():
        yield from _text(offer, name, longest)
    if sum(map(len, offer.category_path)) > LONGEST["title"]:
        yield "offer/category_path/too_long"
    if not isinstance(offer.country, str) or len(offer.country) != 2 or not offer.country.islower():
        yield "offer/country/not_iso"
    if not _leads_somewhere(offer.url):
        yield "offer/url/not_absolute"
    if not isinstance(offer.observed_at, datetime) or offer.observed_at.tzinfo is None:
        yield "offer/observed_at/naive"


def _text(offer: Offer, name: str, longest: int) -> Iterator[str]:
    text = getattr(offer, name)
    if not isinstance(text or "", str):
        yield f"offer/{name}/not_text"
    elif not text and name in _NEEDED:
        yield f"offer/{name}/missing"
    elif len(text or "") > longest:
        yield f"offer/{name}/too_long"


def _leads_somewhere(url: object) -> bool:
    if not isinstance(url, str) or not url.startswith(_SCHEMES):
        return False
    end = url.find("/", 8)
    return _is_origin(url if end < 0 else url[:end])


@lru_cache(256)
def _is_origin(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:  # brackets that hold no address, letters that no host may have
        return False


def _price(offer: Offer) -> Iterator[str]:
    if not _is_one_of(offer.price_kind, _KINDS):
        yield "offer/price_kind/unknown"
    elif (offer.price is None) != (offer.price_kind == "none"):
        yield "offer/price_kind/contradicts_price"
    yield from _money(offer.price, "price")
    yield from _money(offer.old_price, "old_price")
    currency = offer.currency
    if currency is None and offer.price is None:
        return
    if not isinstance(currency, str) or len(currency) != 3 or not (currency.isalpha() and currency.isascii()):
        yield "offer/currency/not_iso"


def _money(amount: object, name: str) -> Iterator[str]:
    if amount is None:
        return
    if not isinstance(amount, Decimal):
        yield f"offer/{name}/not_a_number"
    elif not amount.is_finite():
        yield f"offer/{name}/not_finite"
    elif amount < 0:
        yield f"offer/{name}/negative"
    elif amount == 0:
        yield f"offer/{name}/zero"
    elif amount >= MOST_MONEY:
        yield f"offer/{name}/too_large"
    elif amount != amount.quantize(_CENT):
        yield f"offer/{name}/too_precise"


def _signals(offer: Offer) -> Iterator[str]:
    rating = offer.rating
    if rating is not None and not (isinstance(rating, Decimal) and rating.is_finite() and 0 <= rating <= 5):
        yield "offer/rating/out_of_range"
    if not _is_one_of(offer.availability, _AVAILABILITIES):
        yield "offer/availability/unknown"
    if not _is_one_of(offer.seller_kind, _SELLERS):
        yield "offer/seller_kind/unknown"
    for name in _COUNTS:
        yield from _count(getattr(offer, name), name)


def _is_one_of(word: object, words: frozenset[str]) -> bool:
    return isinstance(word, str) and word in words


def _count(count: object, name: str) -> Iterator[str]:
    if count is None:
        return
    if type(count) is not int:
        yield f"offer/{name}/not_a_number"
    elif name == "position" and count < 1:
        yield "offer/position/not_positive"
    elif not 0 <= count <= MOST_COUNT:
        yield f"offer/{name}/{'negative' if count < 0 else 'too_large'}"


class ValidatePipeline:
    """200: a bad offer goes on as a reject that names every defect."""

    def process_item(self, item: Offer | Reject | Gone) -> Offer | Reject | Gone:
        """The offer itself, or what it is rejected as."""
        if not isinstance(item, Offer):
            return item
        found = defects(item)
        return Reject(url=item.url, reason=", ".join(found), raw=asdict(item)) if found else item
