"""Checks every offer against what a listing can be. Each defect has a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import get_args

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
_COUNTS = ("rating_count", "stock_left", "views", "likes")


def defects(offer: Offer) -> list[str]:
    """Names of what is wrong with an offer, such as `offer/price/negative`; empty for a good one."""
    return [] if _is_usual(offer) else [*_identity(offer), *_price(offer), *_signals(offer)]


def _is_usual(offer: Offer) -> bool:
    """Whether an offer is like nearly all: without a defect, told in half a microsecond."""
    price, old_price, rating = offer.price, offer.old_price, offer.rating
    count, left, position = offer.rating_count, offer.stock_left, offer.position
    return bool(
        price is not None
        and str(price)[-3:-2] == "."
        and 0 < price < MOST_MONEY
        and offer.currency in _USUAL_CURRENCIES
        and offer.price_kind in _PRICED
        and (old_price is None or (str(old_price)[-3:-2] == "." and 0 < old_price < MOST_MONEY))
        and (rating is None or (rating.is_finite() and 0 <= rating <= 5))
        and (count is None or 0 <= count <= MOST_COUNT)
        and (left is None or 0 <= left <= MOST_COUNT)
        and (position is None or 0 < position <= MOST_COUNT)
        and offer.views is None
        and offer.likes is None
        and offer.availability in _AVAILABILITIES
        and offer.seller_kind in _SELLERS
        and 0 < len(offer.external_id) <= LONGEST["external_id"]
        and 0 < len(offer.title) <= LONGEST["title"]
        and 0 < len(offer.marketplace) <= LONGEST["marketplace"]
        and (not offer.brand or len(offer.brand) <= LONGEST["brand"])
        and (not offer.seller_name or len(offer.seller_name) <= LONGEST["seller_name"])
        and len(offer.url) <= LONGEST["url"]
        and offer.url.startswith(_SCHEMES)
        and len(offer.country) == 2
        and offer.country.islower()
        and sum(map(len, offer.category_path)) <= LONGEST["title"]
        and offer.observed_at.tzinfo is not None
    )


def _identity(offer: Offer) -> Iterator[str]:
    for name in ("marketplace", "external_id", "title"):
        if not getattr(offer, name):
            yield f"offer/{name}/missing"
    for name, longest in LONGEST.items():
        if len(getattr(offer, name) or "") > longest:
            yield f"offer/{name}/too_long"
    if sum(map(len, offer.category_path)) > LONGEST["title"]:
        yield "offer/category_path/too_long"
    if len(offer.country) != 2 or not offer.country.islower():
        yield "offer/country/not_iso"
    if not offer.url.startswith(_SCHEMES):
        yield "offer/url/not_absolute"
    if offer.observed_at.tzinfo is None:
        yield "offer/observed_at/naive"


def _price(offer: Offer) -> Iterator[str]:
    if offer.price_kind not in _KINDS:
        yield "offer/price_kind/unknown"
    elif (offer.price is None) != (offer.price_kind == "none"):
        yield "offer/price_kind/contradicts_price"
    if offer.price is not None:
        yield from _money(offer.price, "price")
        currency = offer.currency or ""
        if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
            yield "offer/currency/not_iso"
    if offer.old_price is not None:
        yield from _money(offer.old_price, "old_price")


def _money(amount: Decimal, name: str) -> Iterator[str]:
    if not amount.is_finite():
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
    if offer.rating is not None and not (offer.rating.is_finite() and 0 <= offer.rating <= 5):
        yield "offer/rating/out_of_range"
    if offer.availability not in _AVAILABILITIES:
        yield "offer/availability/unknown"
    if offer.seller_kind not in _SELLERS:
        yield "offer/seller_kind/unknown"
    if offer.position is not None and not 1 <= offer.position <= MOST_COUNT:
        yield "offer/position/not_positive"
    for name in _COUNTS:
        count = getattr(offer, name)
        if count is not None and not 0 <= count <= MOST_COUNT:
            yield f"offer/{name}/{'negative' if count < 0 else 'too_large'}"


class ValidatePipeline:
    """200: a bad offer goes on as a reject that names every defect."""

    def process_item(self, item: Offer | Reject | Gone) -> Offer | Reject | Gone:
        """The offer itself, or what it is rejected as."""
        if not isinstance(item, Offer):
            return item
        found = defects(item)
        return Reject(url=item.url, reason=", ".join(found), raw=asdict(item)) if found else item
