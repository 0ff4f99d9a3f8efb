"""Schema `market`: what the crawlers saw. `observation` is a log and is never updated."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from database.base import Base, BigId, Instant, Json, Money, Stamp, one_of

PRICE_KINDS = ("fixed", "negotiable", "from", "none")
AVAILABILITIES = ("in_stock", "low_stock", "out_of_stock", "unknown")
SELLER_KINDS = ("official", "shop", "private", "unknown")
CRAWL_STATES = ("running", "finished", "failed")


class Crawl(Base):
    """One run of one spider: what it was asked, how it ended, how much it brought."""

    __tablename__ = "crawl"
    __table_args__ = (
        one_of("state", CRAWL_STATES),
        one_of("markets", ("live", "demo", "replay")),
        sa.Index(None, "started_at"),
        {"schema": "market", "comment": "One row per run of a spider; never deleted."},
    )

    id: Mapped[BigId]
    spider: Mapped[str]
    marketplace: Mapped[str]
    country: Mapped[str]
    markets: Mapped[str] = mapped_column(comment="live, demo or replay")
    arguments: Mapped[Json]
    state: Mapped[str] = mapped_column(server_default="running")
    reason: Mapped[str | None] = mapped_column(comment="why it ended as it did, for a person")
    started_at: Mapped[Stamp]
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    pages: Mapped[int] = mapped_column(server_default="0", comment="responses that were parsed")
    offers: Mapped[int] = mapped_column(server_default="0", comment="valid offers seen")
    observations: Mapped[int] = mapped_column(server_default="0", comment="observations stored: something had changed")
    rejects: Mapped[int] = mapped_column(server_default="0", comment="items and pages in rejected_item")
    stats: Mapped[Json] = mapped_column(comment="the crawl's Scrapy stats")
    coverage: Mapped[Json] = mapped_column(comment="by field, the fraction of offers that say something, 0 to 1")
    complete: Mapped[bool] = mapped_column(
        server_default=sa.false(), comment="finished, and walked every place it was sent to to its end"
    )
    served_at: Mapped[datetime | None] = mapped_column(
        sa.DateTime(timezone=True), comment="the market's own time of the first page; null: no page came"
    )


class Listing(Base):
    """One offer page of one seller on one marketplace, with what is last known of it."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.UniqueConstraint("external_id", "marketplace", "country"),
        one_of("seller_kind", SELLER_KINDS),
        # Nothing that a sighting moves has an index, and half of each page is free (fillfactor 50, set by a migration):
        # the row's new version fits beside the old one, so that no index is touched.
        {"schema": "market", "comment": "One row per listing of a marketplace; never deleted."},
    )

    id: Mapped[BigId]
    marketplace: Mapped[str]
    country: Mapped[str] = mapped_column(comment="ISO 3166-1 alpha-2, lower case")
    external_id: Mapped[str] = mapped_column(comment="the marketplace's own id: Jumia's SKU, Ouedkniss's ad id")
    url: Mapped[str]
    title: Mapped[str]
    brand: Mapped[str | None]
    category_path: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    seller_name: Mapped[str | None] = mapped_column(comment="shops only; private sellers stay anonymous")
    seller_kind: Mapped[str] = mapped_column(server_default="unknown")
    shipped_from_abroad: Mapped[bool | None]
    express: Mapped[bool | None]
    image_urls: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))
    attributes: Mapped[Json]
    description_digest: Mapped[str | None] = mapped_column(
        sa.Uuid(as_uuid=False), comment="of the description that was merged last: the same again changes nothing"
    )
    first_seen_at: Mapped[Instant]
    last_seen_at: Mapped[Instant] = mapped_column(comment="moves at every sighting, changed or not")
    # No foreign key: it moves with every sighting, and each check costs as much as storing the observation.
    last_crawl_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, comment="the crawl in market.crawl that saw it last; null: seen before this was kept"
    )


class Observation(Base):
    """What a listing said at one time. Stored when something changed or more than 24 hours passed."""

    __tablename__ = "observation"
    __table_args__ = (
        sa.UniqueConstraint("listing_id", "observed_at"),
        one_of("price_kind", PRICE_KINDS),
        one_of("availability", AVAILABILITIES),
        sa.CheckConstraint("price > 0", name="price_positive"),
        sa.CheckConstraint("(price is null) = (price_kind = 'none')", name="price_kind_none_without_price"),
        sa.CheckConstraint("price is null or currency is not null", name="price_has_currency"),
        sa.CheckConstraint("stock_left >= 0", name="stock_left_not_negative"),
        {"schema": "market", "comment": "One row per listing and moment at which something had changed; append only."},
    )

    id: Mapped[BigId] = mapped_column(comment="grows with every stored row: the watermark of the staging models")
    # Foreign keys kept by two triggers of a statement, not of a row: rows come by the hundred, and a third of storing
    # them was this check. What they lead to is never deleted.
    listing_id: Mapped[int] = mapped_column(sa.BigInteger, info={"leads_to": "market.listing.id"})
    crawl_id: Mapped[int] = mapped_column(sa.BigInteger, info={"leads_to": "market.crawl.id"})
    observed_at: Mapped[Instant]
    price: Mapped[Money | None] = mapped_column(comment="in `currency`; null where the listing names none")
    currency: Mapped[str | None] = mapped_column(sa.String(3), comment="ISO 4217")
    old_price: Mapped[Money | None]
    price_kind: Mapped[str]
    rating: Mapped[Decimal | None] = mapped_column(sa.Numeric(3, 2), comment="0 to 5")
    rating_count: Mapped[int | None]
    availability: Mapped[str] = mapped_column(server_default="unknown")
    stock_left: Mapped[int | None] = mapped_column(comment="units, where the page says")
    views: Mapped[int | None]
    likes: Mapped[int | None]
    position: Mapped[int | None] = mapped_column(comment="1 is the first of the listing, counted over its pages")
    sponsored: Mapped[bool | None]


class RejectedItem(Base):
    """An item or page that could not be used, with the reason: nothing is dropped silently."""

    __tablename__ = "rejected_item"
    __table_args__ = (
        sa.Index(None, "crawl_id"),
        {"schema": "market", "comment": "One row per item or page that failed validation."},
    )

    id: Mapped[BigId]
    crawl_id: Mapped[int] = mapped_column(sa.ForeignKey("market.crawl.id"))
    url: Mapped[str | None]
    reason: Mapped[str]
    raw: Mapped[dict[str, object]] = mapped_column(JSONB, comment="the item as it came, scrubbed of personal data")
    rejected_at: Mapped[Stamp]


class StoredBatch(Base):
    """The id of every batch that was stored: a batch sent again from the spool is not stored twice."""

    __tablename__ = "stored_batch"
    __table_args__ = ({"schema": "market", "comment": "One row per batch of offers that was stored."},)

    id: Mapped[str] = mapped_column(sa.Uuid(as_uuid=False), primary_key=True)
    crawl_id: Mapped[int] = mapped_column(sa.ForeignKey("market.crawl.id"))
    stored_at: Mapped[Stamp]
