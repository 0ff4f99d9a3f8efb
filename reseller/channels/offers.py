"""What channels are told of our products: one offer a listing of our storefront."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from config import settings
from database import market
from database.shop import Listing, Product
from reseller import content
from reseller.channels.pool import available_units
from reseller.content.pictures import Picture, folder, pictures
from reseller.shelves import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product of ours as any channel may show it.

    Attributes:
        price: DZD per unit, without delivery.
        available: units that are promised to nobody.
        description: by language.
        attributes: normalised, see `reseller.content.attributes`.
        condition: new, used or refurbished.
        link: its page in our shop; empty where it has none.
    """

    product_id: int
    sku: str
    published: bool
    title: str
    description: dict[str, str]
    attributes: dict[str, str]
    shelf: str
    condition: str
    price: Decimal
    available: int
    link: str
    pictures: list[Picture]


def offers(work: Session, *conditions: sa.ColumnElement[bool], base: str | None = None) -> Iterator[Offer]:
    """Our listings in the order in which they were made, read a few hundred at a time.

    Args:
        conditions: on `Listing` and `Product`; none: all.
        base: address of our shop; default SHOP_URL.
    """
    query = (
        sa.select(Listing, Product, market.Listing, available_units.c.available)
        .join(Product, Product.id == Listing.product_id)
        .outerjoin(market.Listing, market.Listing.id == Product.listing_id)
        .outerjoin(available_units, available_units.c.product_id == Product.id)
        .where(*conditions)
        .order_by(Listing.id)
        .execution_options(yield_per=300, populate_existing=True)
    )
    for listing, product, source, units in work.execute(query):
        yield _offer(listing, product, source, max(0, units or 0), base or settings().shop_url)


def offer_of(work: Session, product_id: int) -> Offer | None:
    """The offer of one product; None where it never stood in our storefront."""
    return next(offers(work, Listing.product_id == product_id), None)


def _offer(listing: Listing, product: Product, source: market.Listing | None, units: int, base: str) -> Offer:
    description, attributes, shelf = listing.description, listing.attributes, listing.shelf
    if not description:  # listed before our shop composed its words
        words = content.compose(product, listing.title)
        description, attributes, shelf = {**words.description}, {**words.attributes}, words.shelf
    known = {str(name): str(value) for name, value in attributes.items()}
    return Offer(
        product_id=product.id,
        sku=product.sku,
        published=listing.state == "published",
        title=listing.title,
        description={str(name): str(text) for name, text in description.items()},
        attributes=known,
        shelf=shelf or "other",
        condition=known.get("condition") or _condition(source),
        price=listing.price,
        available=units if listing.state == "published" else 0,
        link=f"{base}/p/{product.listing_id}-{_slug(listing.title)}" if product.listing_id else "",
        pictures=pictures(product.sku, source.image_urls if source else [], base),
    )


def _condition(source: market.Listing | None) -> str:
    """Shops sell new goods; of an ad that does not say, the lesser is said."""
    return (
        "new" if source is not None and (source.marketplace == "jumia" or source.seller_kind != "private") else "used"
    )


def _slug(title: str) -> str:
    """As the storefront writes it, so that the link is not redirected."""
    return re.sub(r"\s+", "-", plain(title))[:60].strip("-") or "x"


def fingerprint(work: Session, *says: str) -> str:
    """A digest that changes whenever one of our offers does, computed without reading them here.

    Args:
        says: what else the answer depends on, such as the language.
    """
    row = sa.func.concat_ws(
        "|",
        Listing.id,
        Listing.state,
        Listing.title,
        Listing.price,
        Listing.changed_at,
        available_units.c.available,
        market.Listing.description_digest,
    )
    rows = sa.func.string_agg(row, aggregate_order_by(sa.literal_column("'/'"), Listing.id))
    query = sa.select(sa.func.md5(sa.func.coalesce(rows, "")))
    query = (
        query.select_from(Listing)
        .join(Product, Product.id == Listing.product_id)
        .outerjoin(market.Listing, market.Listing.id == Product.listing_id)
        .outerjoin(available_units, available_units.c.product_id == Product.id)
    )
    files = folder().stat().st_mtime_ns if folder().is_dir() else 0
    chosen = settings()
    known = (work.scalar(query), files, chosen.shop_pictures, chosen.shop_url, chosen.shop_name, *says)
    return hashlib.sha256(repr(known).encode()).hexdigest()[:32]
