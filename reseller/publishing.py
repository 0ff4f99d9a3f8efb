"""Our storefront: a product's words, price and whether it is offered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.shop import Listing, PriceChange, Product
from reseller import content, pricing
from reseller.content.contacts import without_contacts
from reseller.content.titles import TITLE_LENGTH, clean_title
from reseller.refusals import Refused
from reseller.shelves import KEYS

__all__ = ["TITLE_LENGTH", "clean_title", "edit", "follow_stock", "publish"]


def publish(
    work: Session,
    product_id: int,
    *,
    title: str,
    price: Decimal,
    unit_cost: Decimal,
    margin_floor: Decimal,
    who: str,
    reason: str,
    now: datetime,
) -> Listing:
    """Offers a product at `price`, raised to the margin floor where need be; the price change is logged.

    Does not commit. The title is set once: a person may have changed it since. Description, attributes and shelf are
    composed anew from what is known now, except for what a person has written (`edit`).

    Args:
        price: wanted, DZD per unit.
        unit_cost: landed cost, DZD per unit.
        margin_floor: fraction of the sale price.
    """
    floor = pricing.floor_price(unit_cost, margin_floor)
    price = pricing.charm_up(floor) if price < floor else price
    row = work.scalar(sa.select(Listing).where(Listing.product_id == product_id).with_for_update())
    before = row.price if row else None
    if row is None:
        row = Listing(product_id=product_id, title=clean_title(title), edited=[], published_at=now)
        work.add(row)
    elif row.state == "withdrawn":
        row.published_at = now
    row.state, row.price, row.changed_at = "published", price, now
    _describe(work, row)
    work.flush()
    if price != before:
        work.add(
            PriceChange(
                listing_id=row.id, old_price=before, new_price=price, floor=floor, reason=reason, who=who, at=now
            )
        )
        work.flush()
    return row


def follow_stock(work: Session, product_id: int, *, now: datetime) -> Listing | None:
    """Withdraws a product's listing when its stock is used up or promised, offers it again when there is some.

    Does not commit.

    Returns the listing; None where the product never had one.
    """
    row = work.scalar(sa.select(Listing).where(Listing.product_id == product_id).with_for_update())
    if row is None:
        return None
    state = "published" if _in_stock(work, product_id) else "withdrawn"
    if state != row.state:
        row.state, row.changed_at = state, now
        work.flush()
    return row


def edit(
    work: Session,
    listing_id: int,
    *,
    now: datetime,
    title: str | None = None,
    description: dict[str, str] | None = None,
    attributes: dict[str, str] | None = None,
    shelf: str | None = None,
) -> Listing:
    """A person writes what our shop says of a product; the agent leaves these fields alone from now on.

    Does not commit.

    Args:
        description: by language, `fr ar en`; a language that is left out keeps its text.

    Raises:
        Refused: `not_found`, `bad_value`: an empty or overlong text, an unknown shelf or language, a contact.
    """
    row = work.scalar(sa.select(Listing).where(Listing.id == listing_id).with_for_update())
    if row is None:
        raise Refused("not_found", f"There is no listing {listing_id} in our shop.", listing=listing_id)
    given: dict[str, object] = {"title": title, "description": description, "attributes": attributes, "shelf": shelf}
    changed = {name: value for name, value in given.items() if value is not None}
    _refuse_bad_words(title, description, attributes, shelf)
    if description is not None:
        changed["description"] = {**row.description, **dict[str, object](description)}
    for name, value in changed.items():
        setattr(row, name, value)
    row.edited = sorted({*row.edited, *changed})
    row.changed_at = now
    work.flush()
    return row


def _refuse_bad_words(
    title: str | None, description: dict[str, str] | None, attributes: dict[str, str] | None, shelf: str | None
) -> None:
    if title is not None and not 0 < len(title.strip()) <= TITLE_LENGTH:
        raise Refused("bad_value", f"A title has 1 to {TITLE_LENGTH} characters.", field="title")
    if shelf is not None and shelf not in KEYS:
        raise Refused("bad_value", f"There is no shelf {shelf!r}.", field="shelf")
    if description is not None and not set(description) <= {"fr", "ar", "en"}:
        raise Refused("bad_value", "A description is French, Arabic or English.", field="description")
    texts = {"title": [title or ""], "description": list((description or {}).values())}
    texts["attributes"] = [*(attributes or {}), *(attributes or {}).values()]
    for name, said in texts.items():
        if any(without_contacts(text) != " ".join(text.split()) for text in said):
            message = f"The {name} holds a telephone number, an address or a name of a messenger."
            raise Refused("bad_value", message, field=name)


def _describe(work: Session, row: Listing) -> None:
    words = content.compose(work.get_one(Product, row.product_id), row.title)
    for name in ("description", "attributes", "shelf"):
        if name not in row.edited:
            setattr(row, name, getattr(words, name))


def _in_stock(work: Session, product_id: int) -> bool:
    query = sa.text("select available > 0 from shop.stock_available where product_id = :product")
    return bool(work.scalar(query, {"product": product_id}))
