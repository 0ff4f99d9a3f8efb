"""Products, their prices, what trends."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from reseller.overview import OfferRow, PricePoint, TrendRow
from webapp.api.schemas.base import Money, Paging, Schema, dinars, money


class ProductQuery(Paging):
    """Which products."""

    q: str = Field("", max_length=200, description="words of title, brand; accents and case are ignored")
    marketplace: str | None = Field(None, max_length=40, description="jumia, ouedkniss, ...")
    department: str | None = Field(None, max_length=200, description="first of the category path")
    in_stock: bool = Field(False, description="only what can be bought now")
    in_our_shop: bool = Field(False, description="only what our own shop sells")


class OurOffer(Schema):
    """What our own shop asks."""

    price: Money
    on_hand: int = Field(description="units")


class Product(Schema):
    """A product as a marketplace lists it, as last seen."""

    id: int = Field(description="the listing")
    marketplace: str
    country: str = Field(description="ISO 3166-1 alpha-2, lower case")
    external_id: str = Field(description="the marketplace's own id")
    url: str
    title: str
    brand: str | None
    category_path: list[str]
    seller_kind: str
    availability: str = Field(description="in_stock, low_stock, out_of_stock or unknown")
    price: Money | None = Field(description="in the marketplace's currency; null where the listing names none")
    price_dzd: Money | None = Field(description="the same in dinars")
    old_price: Money | None
    low_30d: Money | None = Field(description="lowest price of the last 30 days")
    rating: Decimal | None = Field(description="0 to 5")
    rating_count: int | None
    first_seen_at: datetime
    last_seen_at: datetime
    our_offer: OurOffer | None = Field(description="null where our shop does not sell it now")

    @classmethod
    def of(cls, row: OfferRow) -> Product:
        ours = OurOffer(price=dinars(row.our_price), on_hand=row.on_hand) if row.our_price and row.on_hand else None
        return cls(
            id=row.listing_id,
            price=money(row.price, row.currency),
            price_dzd=money(row.price_dzd),
            old_price=money(row.old_price, row.currency),
            low_30d=money(row.low_30d, row.currency),
            category_path=row.categories,
            our_offer=ours,
            **{name: getattr(row, name) for name in _PLAIN_OFFER},
        )


_PLAIN_OFFER = [
    "marketplace",
    "country",
    "external_id",
    "url",
    "title",
    "brand",
    "seller_kind",
    "availability",
    "rating",
    "rating_count",
    "first_seen_at",
    "last_seen_at",
]


class ProductPath(Schema):
    """One product."""

    product_id: int = Field(ge=1, le=2**62)


class PriceDay(Schema):
    """One day of a product's price."""

    day: date
    close: Money | None
    close_dzd: Money | None
    low_30d: Money | None = Field(description="lowest price of that day and the 29 before")
    availability: str

    @classmethod
    def of(cls, point: PricePoint) -> PriceDay:
        return cls(
            day=point.day,
            close=money(point.price, point.currency),
            close_dzd=money(point.price_dzd),
            low_30d=money(point.low_30d, point.currency),
            availability=point.availability,
        )


class PriceHistory(Schema):
    """A product's prices, a day each, oldest first."""

    product_id: int
    days: list[PriceDay]


class TrendingQuery(Paging):
    """Which trending products."""

    q: str = Field("", max_length=200)
    department: str | None = Field(None, max_length=200)
    marketplace: str | None = Field(None, max_length=40)


class Trending(Schema):
    """A product that starts to sell."""

    product_id: int
    rank: int
    title: str
    brand: str | None
    marketplace: str
    department: str | None
    url: str
    price: Money | None
    change_7d_percent: Decimal | None = Field(description="negative where the price fell")
    score: Decimal = Field(description="0 to 100")
    score_sales: Decimal | None = Field(description="0 to 1")
    score_price: Decimal | None = Field(description="0 to 1")
    score_engagement: Decimal | None = Field(description="0 to 1")
    confidence: Decimal = Field(description="0 to 1")
    reason: dict[str, str | None] = Field(description="why, by language: fr, ar, en")

    @classmethod
    def of(cls, row: TrendRow) -> Trending:
        return cls(
            product_id=row.listing_id,
            price=money(row.price, row.currency),
            change_7d_percent=row.change_7d,
            reason={"fr": row.reason_fr, "ar": row.reason_ar, "en": row.reason_en},
            **{name: getattr(row, name) for name in _PLAIN_TREND},
        )


_PLAIN_TREND = [
    "rank",
    "title",
    "brand",
    "marketplace",
    "department",
    "url",
    "score",
    "score_sales",
    "score_price",
    "score_engagement",
    "confidence",
]
