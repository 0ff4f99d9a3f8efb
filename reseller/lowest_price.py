"""The lowest price of the 30 days before a reduction: what the law of some countries asks to be shown beside it.

Directive 98/6/EC, article 6a (the Omnibus directive): whoever announces a reduction names the lowest price of at least
the 30 days before it. Algeria asks for nothing of the kind; a shop may show it all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import settings
from database.shop import PriceChange

WINDOW = timedelta(days=30)
ASKED_BY_LAW = frozenset(
    ("at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi", "fr", "de", "gr", "hu", "ie", "it", "lv", "lt", "lu", "mt",
     "nl", "pl", "pt", "ro", "sk", "si", "es", "se", "is", "li", "no")
)  # fmt: skip
"""Countries of the European Economic Area, ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """A price that fell: since when, and the lowest price of the 30 days before, DZD."""

    since: datetime
    price: Decimal
    lowest_before: Decimal

    @property
    def is_real(self) -> bool:
        """Whether it is below that lowest price; else no reduction may be announced."""
        return self.price < self.lowest_before


def reduction(work: Session, listing_id: int, now: datetime) -> Reduction | None:
    """The reduction that one of our listings stands in at `now`; None where its last change was none."""
    changes = work.execute(
        sa.select(PriceChange.at, PriceChange.old_price, PriceChange.new_price)
        .where(PriceChange.listing_id == listing_id, PriceChange.at <= now)
        .order_by(PriceChange.at, PriceChange.id)
    ).all()
    if not changes or changes[-1].old_price is None or changes[-1].new_price >= changes[-1].old_price:
        return None
    last = changes[-1]
    # A price counts if it was in force at any instant of the window: until the change after it.
    ends = [after.at for after in changes[1:]]
    before = [one.new_price for one, end in zip(changes, ends, strict=False) if end > last.at - WINDOW]
    return Reduction(last.at, last.new_price, min([*before, last.old_price]))


def is_shown(country: str) -> bool:
    """Whether shoppers of a country are shown it: as SHOP_LOWEST_PRICE says, by law or always or never."""
    rule = settings().shop_lowest_price
    return rule == "always" or (rule == "law" and country.lower() in ASKED_BY_LAW)


def shown(work: Session, listing_id: int, now: datetime, *, country: str | None = None) -> Decimal | None:
    """The lowest price before, DZD, where it is to be shown beside ours; `country` of the shopper, else of the shop.

    None where no reduction may be announced, too: a percentage counts from this price and from no other.
    """
    if not is_shown(country or settings().shop_country):
        return None
    found = reduction(work, listing_id, now)
    return found.lowest_before if found is not None and found.is_real else None
