"""Our storefront: a product's title, price and whether it is offered."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.shop import Listing, PriceChange
from reseller import pricing

TITLE_LENGTH = 120
"""Most characters of a title: two lines on a phone."""

SHOUTING = re.compile(
    r"(?i)\b(promo(tion)?s?|solde?s?|livraison (gratuite|rapide|58 wilayas)|prix choc|offre sp[ée]ciale|meilleur prix"
    r"|disponible|dispo|original(e)? ?100 ?%|100 ?% original(e)?)\b"
)
DECORATION = re.compile(r"[^\w\s.,:;'’\"()\[\]/+&%°\-–²³×*#]|_|[\ufe0f\u200b-\u200f]")


def clean_title(title: str) -> str:
    """A marketplace title as our shop writes it: no advertising, no decoration, no capitals throughout, 120 characters.

    A title of which nothing would be left is kept as it is, spaces tidied.
    """
    text = SHOUTING.sub(" ", DECORATION.sub(" ", title))
    text = re.sub(r"\s+", " ", re.sub(r"([.,:;*#/&\-–])(\s*\1)+", r"\1", text))
    text = re.sub(r"\(\s*\)|\[\s*\]", "", text).strip(" .,:;*#/&-–")
    if not re.search(r"\w", text):
        return " ".join(title.split())[:TITLE_LENGTH]
    words = text.split()
    letters = "".join(character for character in text if character.isalpha())
    if len(words) > 2 and letters.isupper():
        text = " ".join(word.capitalize() if word.isalpha() and len(word) > 3 else word for word in words)
    return _shorten(text)


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

    Does not commit. The title is set once: a person may have changed it since.

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
        row = Listing(product_id=product_id, title=clean_title(title), published_at=now)
        work.add(row)
    elif row.state == "withdrawn":
        row.published_at = now
    row.state, row.price, row.changed_at = "published", price, now
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


def _in_stock(work: Session, product_id: int) -> bool:
    query = sa.text("select available > 0 from shop.stock_available where product_id = :product")
    return bool(work.scalar(query, {"product": product_id}))


def _shorten(text: str) -> str:
    if len(text) <= TITLE_LENGTH:
        return text
    return text[: TITLE_LENGTH + 1].rsplit(" ", 1)[0].rstrip(" .,:;*#/&-–") if " " in text else text[:TITLE_LENGTH]
