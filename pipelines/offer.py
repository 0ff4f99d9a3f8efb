"""The Offer: what one listing of one marketplace says at one time. What spiders yield and pipelines store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

PriceKind = Literal["fixed", "negotiable", "from", "none"]
Availability = Literal["in_stock", "low_stock", "out_of_stock", "unknown"]
SellerKind = Literal["official", "shop", "private", "unknown"]


@dataclass(slots=True, kw_only=True)
class Offer:
    """One listing as seen once. A None means that the page does not say.

    Attributes:
        marketplace: `jumia`, `ouedkniss`, ...
        country: ISO 3166-1 alpha-2, lower case.
        external_id: the marketplace's own id (Jumia's SKU, Ouedkniss's ad id).
        category_path: from the widest category to the narrowest.
        price: in `currency`, never euros of a tracking attribute; for a range its lower bound (`price_kind` "from").
        currency: ISO 4217.
        old_price: the struck-through price, in `currency`.
        rating: mean, 0 to 5; None where nobody has rated.
        stock_left: units, where the page says.
        seller_name: a shop's name; None for a private person.
        position: 1 for the first of the listing, counted over its pages.
        attributes: further specifications as text.
        observed_at: aware, UTC; when the page was served.
    """

    marketplace: str
    country: str
    external_id: str
    url: str
    title: str
    observed_at: datetime
    brand: str | None = None
    category_path: list[str] = field(default_factory=list)
    price: Decimal | None = None
    currency: str | None = None
    old_price: Decimal | None = None
    price_kind: PriceKind = "none"
    rating: Decimal | None = None
    rating_count: int | None = None
    availability: Availability = "unknown"
    stock_left: int | None = None
    seller_name: str | None = None
    seller_kind: SellerKind = "unknown"
    shipped_from_abroad: bool | None = None
    express: bool | None = None
    views: int | None = None
    likes: int | None = None
    position: int | None = None
    sponsored: bool | None = None
    image_urls: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
