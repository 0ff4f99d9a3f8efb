"""What one schema.org offer says: price, old price, currency, availability, stock, seller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from crawlers.pages.schema_org_graph import Thing, local
from crawlers.pages.schema_org_words import amount, availability_of, currency_of
from pipelines.offer import Availability, PriceKind, SellerKind

BEST_FIRST: tuple[Availability, ...] = ("in_stock", "low_stock", "unknown", "out_of_stock")
_OLD = frozenset(["ListPrice", "StrikethroughPrice", "MSRP", "SRP", "RegularPrice"])
_SALE = "SalePrice"
_NO_PRICE_OF_THE_PRODUCT = frozenset(["DeliveryChargeSpecification", "PaymentChargeSpecification"])


@dataclass(slots=True, kw_only=True)
class Terms:
    """The terms under which a product is sold.

    Attributes:
        price: in `currency`; of several offers the lowest, `kind` "from".
        availability_word: the shop's word where it means neither in stock nor sold out.
        expired: whether the price is one that the shop promised until a day that is past.
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
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """As of when offers are read, the shop's own currency, and whether their last day is looked at."""

    at: datetime
    currency: str
    dated: bool = True

    def excludes(self, thing: Thing) -> bool:
        """Whether a thing is no longer, or not yet, valid."""
        through, since = _moment(thing.text("validThrough"), 23), _moment(thing.text("validFrom"), 0)
        late = self.dated and through is not None and through < self.at
        return late or (since is not None and since > self.at)


def one(offer: Thing, reading: Reading) -> Terms:
    """The terms of one offer."""
    terms = Terms(currency=currency_of(offer.text("priceCurrency"), reading.currency))
    _price(offer, terms, reading)
    terms.currency = terms.currency or (reading.currency if terms.price is not None else None)
    _stock(offer, terms)
    seller = next(iter(offer.things("seller") + offer.things("offeredBy")), None)
    if seller and "Person" in seller.types:
        terms.seller_kind = "private"
    elif seller and seller.text("name"):
        terms.seller_name, terms.seller_kind = seller.text("name")[:300], "shop"
    return terms


def _price(offer: Thing, terms: Terms, reading: Reading) -> None:
    specifications = _specifications(offer, reading)
    for specification in specifications:
        terms.currency = terms.currency or currency_of(specification.text("priceCurrency"), reading.currency)
    currency = terms.currency or reading.currency
    terms.price, terms.kind = amount(raw(offer, "price"), currency), "fixed"
    low, high = amount(raw(offer, "lowPrice"), currency), amount(raw(offer, "highPrice"), currency)
    if terms.price is None and low is not None:
        terms.price, terms.kind = low, "fixed" if low == high else "from"
        count = offer.text("offerCount")
        terms.offer_count = int(count) if count.isdecimal() and len(count) < 6 else None
    old = _amounts([item for item in specifications if _price_type(item) in _OLD], currency)
    now = _amounts([item for item in specifications if _price_type(item) not in _OLD], currency)
    sale = _amounts([item for item in specifications if _price_type(item) == _SALE], currency)
    if terms.price is None and (now or old):
        terms.price = min(now or old)
        ranged = any(raw(item, "minPrice") and not raw(item, "price") for item in specifications)
        terms.kind = "from" if ranged else "fixed"
    elif terms.price is not None and sale and min(sale) < terms.price:
        old, terms.price = [*old, terms.price], min(sale)
    if terms.price is None:
        terms.kind = "none"
    higher = [value for value in old if terms.price and value > terms.price]
    terms.old_price = max(higher, default=None)


def _specifications(offer: Thing, reading: Reading) -> list[Thing]:
    """Price specifications that hold for everybody who buys one piece now.

    Those for a measure, or for several pieces, only where there is no other price.
    """
    whole: list[Thing] = []
    partial: list[Thing] = []
    for specification in offer.things("priceSpecification"):
        for item in [specification, *specification.things("priceComponent")]:
            members_only = item.all("validForMemberTier") or item.all("membershipPointsEarned")
            if item.types & _NO_PRICE_OF_THE_PRODUCT or members_only or reading.excludes(item):
                continue
            (partial if item.all("referenceQuantity") or is_bulk(item) else whole).append(item)
    other = _amounts(whole, reading.currency) or offer.all("price") or offer.all("lowPrice")
    return whole if other else whole + partial


def is_bulk(thing: Thing) -> bool:
    """Whether it is for several pieces at once."""
    quantity = next(iter(thing.things("eligibleQuantity")), None)
    least = amount(raw(quantity, "minValue"), None) or amount(raw(quantity, "value"), None) if quantity else None
    return least is not None and least > 1


def _amounts(specifications: list[Thing], currency: str) -> list[Decimal]:
    found = (amount(raw(item, "price"), currency) or amount(raw(item, "minPrice"), currency) for item in specifications)
    return [value for value in found if value]


def _price_type(specification: Thing) -> str:
    return local(specification.text("priceType"))


def raw(thing: Thing, name: str) -> object:
    """The first plain value of a property; empty without one."""
    return next((value for value in thing.all(name) if not isinstance(value, Thing | list)), "")


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
