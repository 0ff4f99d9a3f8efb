"""What schema.org offers say: price, old price, currency, availability, stock, seller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from crawlers.pages.schema_org_graph import Thing, local
from crawlers.pages.schema_org_words import amount, availability_of, currency_of
from pipelines.offer import Availability, PriceKind, SellerKind

_BEST_FIRST: tuple[Availability, ...] = ("in_stock", "low_stock", "unknown", "out_of_stock")
_OLD = frozenset(["ListPrice", "StrikethroughPrice", "MSRP", "SRP", "RegularPrice"])
_NO_PRICE_OF_THE_PRODUCT = frozenset(["DeliveryChargeSpecification", "PaymentChargeSpecification"])
_MOST_OFFERS = 500


@dataclass(slots=True, kw_only=True)
class Terms:
    """The terms under which a product is sold.

    Attributes:
        price: in `currency`; of several offers the lowest, `kind` "from".
        availability_word: the shop's word where it means neither in stock nor sold out.
    """

    price: Decimal | None = None
    old_price: Decimal | None = None
    currency: str | None = None
    kind: PriceKind = "none"
    availability: Availability = "unknown"
    availability_word: str = ""
    stock_left: int | None = None
    seller_name: str | None = None
    seller_kind: SellerKind = "unknown"
    offer_count: int | None = None


def terms_of(product: Thing, at: datetime, fallback_currency: str) -> Terms:
    """The terms of a product or of a group of variants, as of a time; `price` is None where no offer names one."""
    single = list(_offers(product))[:_MOST_OFFERS]
    told = [terms for offer in single if (terms := _one(offer, at, fallback_currency)) is not None]
    if not told:
        return Terms()
    best = min((terms.availability for terms in told), key=_BEST_FIRST.index)
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
    """Offers of the product and of its variants; an AggregateOffer with offers of its own stands for them."""
    for offer in product.things("offers") + product.things("makesOffer"):
        inner = offer.things("offers") if depth < 3 else []
        if inner and amount(offer.text("lowPrice"), None) is None:
            yield from _offers(offer, depth + 1)
        else:
            yield offer
    if depth < 3:
        for variant in product.things("hasVariant"):
            yield from _offers(variant, depth + 1)


def _one(offer: Thing, at: datetime, fallback_currency: str) -> Terms | None:
    if _is_past(offer, at):
        return None
    terms = Terms(currency=currency_of(offer.text("priceCurrency")))
    _price(offer, terms, at, fallback_currency)
    terms.currency = terms.currency or (fallback_currency if terms.price is not None else None)
    _stock(offer, terms)
    seller = next(iter(offer.things("seller") + offer.things("offeredBy")), None)
    if seller and "Person" in seller.types:
        terms.seller_kind = "private"
    elif seller and seller.text("name"):
        terms.seller_name, terms.seller_kind = seller.text("name")[:300], "shop"
    return terms


def _price(offer: Thing, terms: Terms, at: datetime, fallback: str) -> None:
    specifications = _specifications(offer, at)
    for specification in specifications:
        terms.currency = terms.currency or currency_of(specification.text("priceCurrency"))
    currency = terms.currency or fallback
    terms.price, terms.kind = amount(_raw(offer, "price"), currency), "fixed"
    low, high = amount(_raw(offer, "lowPrice"), currency), amount(_raw(offer, "highPrice"), currency)
    if terms.price is None and low is not None:
        terms.price, terms.kind = low, "fixed" if low == high else "from"
        count = offer.text("offerCount")
        terms.offer_count = int(count) if count.isdecimal() and len(count) < 6 else None
    old = [_priced(item, currency) for item in specifications if local(item.text("priceType")) in _OLD]
    now = [_priced(item, currency) for item in specifications if local(item.text("priceType")) not in _OLD]
    currents = [value for value in now if value] or ([value for value in old if value] if terms.price is None else [])
    if terms.price is None and currents:
        terms.price = min(currents)
        ranged = any(_raw(item, "minPrice") and not _raw(item, "price") for item in specifications)
        terms.kind = "from" if ranged else "fixed"
    if terms.price is None:
        terms.kind = "none"
    higher = [value for value in old if value and terms.price and value > terms.price]
    terms.old_price = max(higher, default=None)


def _specifications(offer: Thing, at: datetime) -> list[Thing]:
    """Price specifications that hold for everybody who buys one piece now."""
    found = []
    for specification in offer.things("priceSpecification"):
        for item in [specification, *specification.things("priceComponent")]:
            members_only = item.all("validForMemberTier") or item.all("membershipPointsEarned")
            per_measure = item.all("referenceQuantity") and offer.all("price")
            if item.types & _NO_PRICE_OF_THE_PRODUCT or members_only or per_measure or _is_past(item, at):
                continue
            found.append(item)
    return found


def _priced(specification: Thing, currency: str) -> Decimal | None:
    return amount(_raw(specification, "price"), currency) or amount(_raw(specification, "minPrice"), currency)


def _raw(thing: Thing, name: str) -> object:
    return next((value for value in thing.all(name) if not isinstance(value, Thing | list)), "")


def _is_past(thing: Thing, at: datetime) -> bool:
    """Whether it is no longer, or not yet, valid."""
    through, since = _moment(thing.text("validThrough"), 23), _moment(thing.text("validFrom"), 0)
    return (through is not None and through < at) or (since is not None and since > at)


def _moment(text: str, hour: int) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == 10:
        moment = moment.replace(hour=hour, minute=59 if hour else 0)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stock(offer: Thing, terms: Terms) -> None:
    word = offer.text("availability")
    known = availability_of(word)
    terms.availability, terms.availability_word = known or "unknown", "" if known else local(word)[:100]
    left = next(iter(offer.things("inventoryLevel")), None)
    try:
        units = Decimal(left.text("value") if left else offer.text("inventoryLevel"))
    except InvalidOperation:
        return
    if units.is_finite() and 0 <= units < 2**31:
        terms.stock_left = int(units)
        if terms.availability == "unknown" and not word:
            terms.availability = "in_stock" if units else "out_of_stock"
