"""What the API takes and answers. Money is a decimal text with its ISO 4217 currency; times are ISO 8601, UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from database.agent import PURCHASE_STATES
from reseller.overview import (
    CrawlRow,
    MartAge,
    OfferRow,
    PricePoint,
    ProposalRow,
    PurchasePage,
    PurchaseRow,
    TrendRow,
)
from reseller.overview import Page as Rows

Item = TypeVar("Item")


class Schema(BaseModel):
    """Unknown members are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class Money(Schema):
    """An amount and its currency."""

    amount: Decimal = Field(examples=["12500.00"])
    currency: str = Field(examples=["DZD"], description="ISO 4217")


def _money(amount: Decimal | None, currency: str | None = "DZD") -> Money | None:
    return Money(amount=amount, currency=currency) if amount is not None and currency else None


def _dinars(amount: Decimal) -> Money:
    return Money(amount=amount, currency="DZD")


class Paging(Schema):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=1_000_000, description="1 is the first; past the end, the last page is answered")
    page_size: int = Field(50, ge=1, le=200)


class Page(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    total: int = Field(description="items in all")
    page: int
    page_size: int
    pages: int


def page_of(rows: Rows[Any], items: list[Item]) -> dict[str, Any]:
    """The page's members, ready for its model."""
    return {"items": items, "total": rows.total, "page": rows.number, "page_size": rows.size, "pages": rows.pages}


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
        ours = OurOffer(price=_dinars(row.our_price), on_hand=row.on_hand) if row.our_price and row.on_hand else None
        return cls(
            id=row.listing_id,
            price=_money(row.price, row.currency),
            price_dzd=_money(row.price_dzd),
            old_price=_money(row.old_price, row.currency),
            low_30d=_money(row.low_30d, row.currency),
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
            close=_money(point.price, point.currency),
            close_dzd=_money(point.price_dzd),
            low_30d=_money(point.low_30d, point.currency),
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
            price=_money(row.price, row.currency),
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


class ProposalQuery(Paging):
    """Which proposals."""

    state: Literal["proposed", "approved", "rejected", "expired"] | None = None


class ProposalPath(Schema):
    """One proposal."""

    proposal_id: int = Field(ge=1, le=2**62)


class Step(Schema):
    """One step of the arithmetic from sale price to profit, per unit."""

    key: str
    amount: Money


class Proposal(Schema):
    """A purchase that the agent proposes. Money per unit unless named a total."""

    id: int
    state: str
    mode: str = Field(description="the agent's mode when it proposed")
    product_id: int
    title: str
    url: str
    supplier: str
    quantity: int
    offer_price: Money
    landed_cost: Money
    landed_cost_total: Money = Field(description="what approving reserves")
    sale_price: Money
    expected_profit: Money
    margin: Decimal = Field(description="expected profit / sale price")
    score: Decimal
    confidence: Decimal
    arithmetic: list[Step]
    reasons: dict[str, Any] = Field(description="why, by language")
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    purchase_id: int | None

    @classmethod
    def of(cls, row: ProposalRow) -> Proposal:
        return cls(
            product_id=row.listing_id,
            offer_price=Money(amount=row.offer_price, currency=row.offer_currency),
            landed_cost=_dinars(row.landed_cost),
            landed_cost_total=_dinars(row.total),
            sale_price=_dinars(row.sale_price),
            expected_profit=_dinars(row.expected_profit),
            arithmetic=[Step(key=step.key, amount=_dinars(step.amount)) for step in row.steps],
            **{name: getattr(row, name) for name in _PLAIN_PROPOSAL},
        )


_PLAIN_PROPOSAL = [
    "id",
    "state",
    "mode",
    "title",
    "url",
    "supplier",
    "quantity",
    "margin",
    "score",
    "confidence",
    "reasons",
    "created_at",
    "decided_at",
    "decided_by",
    "decision_reason",
    "purchase_id",
]


class Decision(Schema):
    """Why; kept with the proposal."""

    reason: str = Field("", max_length=500)


class PurchaseQuery(Paging):
    """Which purchases."""

    state: Literal[PURCHASE_STATES] | None = None  # type: ignore[valid-type]


class PurchasePath(Schema):
    """One purchase."""

    purchase_id: int = Field(ge=1, le=2**62)


class Purchase(Schema):
    """An order to a supplier."""

    id: int
    proposal_id: int
    product_id: int
    title: str
    supplier: str
    supplier_reference: str | None
    state: str
    quantity: int
    unit_price: Money = Field(description="landed cost per unit that was reserved")
    total: Money
    reserved: Money = Field(description="still tied up in the budget")
    idempotency_key: str
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: PurchaseRow) -> Purchase:
        return cls(**_purchase(row))


_PLAIN_PURCHASE = [
    "id",
    "proposal_id",
    "title",
    "supplier",
    "supplier_reference",
    "state",
    "quantity",
    "idempotency_key",
    "created_at",
    "changed_at",
]


def _purchase(row: PurchaseRow) -> dict[str, Any]:
    return {
        "product_id": row.listing_id,
        "unit_price": _dinars(row.unit_price),
        "total": _dinars(row.total),
        "reserved": _dinars(row.reserved),
    } | {name: getattr(row, name) for name in _PLAIN_PURCHASE}


class PurchaseEvent(Schema):
    """One change of a purchase's state."""

    from_state: str | None
    to_state: str
    at: datetime
    who: str
    why: str


class PurchaseDetail(Purchase):
    """A purchase with its trail, oldest first."""

    events: list[PurchaseEvent]

    @classmethod
    def of_page(cls, page: PurchasePage) -> PurchaseDetail:
        events = [
            PurchaseEvent(
                from_state=event.from_state, to_state=event.to_state, at=event.at, who=event.who, why=event.why
            )
            for event in page.events
        ]
        return cls(events=events, **_purchase(page.row))


class Approval(Schema):
    """An approved proposal."""

    purchase: PurchaseDetail
    held_up: str | None = Field(description="why it is not with the supplier yet; it is tried again")


class Credentials(Schema):
    """E-mail and password of an account of the console."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024)


class Token(Schema):
    """A bearer token (RFC 6750)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int = Field(description="seconds")


class CrawlState(Schema):
    """The last crawl of a spider and country."""

    id: int
    spider: str
    country: str
    state: str
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    offers: int
    rejects: int

    @classmethod
    def of(cls, row: CrawlRow) -> CrawlState:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class MartState(Schema):
    """What the marts hold of a marketplace."""

    marketplace: str
    listings: int
    newest_sighting: datetime

    @classmethod
    def of(cls, row: MartAge) -> MartState:
        return cls(marketplace=row.marketplace, listings=row.listings, newest_sighting=row.newest_sighting)


class Health(Schema):
    """Whether the app can do its work. `failing` needs a person now; `degraded` serves with what is there."""

    status: Literal["ok", "degraded", "failing"]
    database: Literal["up", "away"]
    problems: list[str] = Field(description="what is wrong, for a person")
    marts_built: bool
    marts: list[MartState]
    marts_behind: timedelta | None = Field(description="how far newer sightings are ahead of the marts")
    crawls: list[CrawlState]
