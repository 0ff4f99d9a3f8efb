"""One product: what it is, where else it is offered, what resembles it, how its price went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts, shop
from database.market import Listing
from reseller import lowest_price
from reseller.catalogue.browse import paths_on
from reseller.catalogue.cards import Card, cards, is_ours, offers, on_sale, on_shelf, price_dzd, trends
from reseller.shelves import plain

SAME_THING = 0.35
"""Least similarity of two titles of one brand to be offers of the same thing, if they agree on the model too."""
SAME_PRICE = (Decimal("0.5"), Decimal(2))
"""How far apart in price two offers of the same thing may be: an accessory often bears the thing's name."""
MOST_ELSEWHERE = 6
MOST_SIMILAR = 12
INTERNAL_ATTRIBUTES = frozenset({"seller_id", "renewed_at", "price_flag"})
"""What a marketplace says for its own use and no shopper asks for."""

_days = marts.price_history_daily


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a listing's price in `currency`; observed is False for a day carried forward."""

    day: date
    price: Decimal | None
    low: Decimal | None
    low_30d: Decimal | None
    currency: str | None
    availability: str
    observed: bool


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product, its specifications, other offers of the same thing (cheapest first) and what resembles it.

    Attributes:
        lowest_before: DZD, the lowest price of ours in the 30 days before a reduction, where it is to be shown.
    """

    card: Card
    seller_name: str | None
    attributes: dict[str, str]
    elsewhere: list[Card]
    similar: list[Card]
    lowest_before: Decimal | None


def product(work: Session, listing_id: int, now: datetime | None = None) -> ProductPage | None:
    """The product of a listing as it is at `now` (default: the clock); None where there is none that may be shown."""
    found = cards(work, [on_shelf, offers.c.listing_id == listing_id], [], 1)
    if not found:
        return None
    card = found[0]
    elsewhere = _elsewhere(work, card)
    listing = work.get(Listing, listing_id)
    known = (listing.attributes if listing else {}).items()
    attributes = {str(name): str(value) for name, value in known if name not in INTERNAL_ATTRIBUTES}
    return ProductPage(
        card,
        listing.seller_name if listing else None,
        attributes,
        elsewhere,
        _similar(work, card, {listing_id, *(other.listing_id for other in elsewhere)}),
        _lowest_before(work, listing_id, now or datetime.now(UTC)) if card.ours else None,
    )


def _lowest_before(work: Session, listing_id: int, now: datetime) -> Decimal | None:
    ours = sa.select(shop.Listing.id).join(shop.Product).where(shop.Product.listing_id == listing_id)
    return lowest_price.shown(work, work.scalars(ours).one(), now)


def _elsewhere(work: Session, card: Card) -> list[Card]:
    likeness = sa.func.similarity(sa.func.unaccent(offers.c.title), sa.func.unaccent(card.title))
    where = [on_sale, offers.c.listing_id != card.listing_id, likeness >= SAME_THING]
    if card.brand:
        named = sa.func.lower(offers.c.brand) == card.brand.lower()
        where.append(sa.or_(named, offers.c.brand.is_(None) & offers.c.title.icontains(card.brand, autoescape=True)))
    if card.price_dzd is not None:
        least, most = (card.price_dzd * bound for bound in SAME_PRICE)
        where.append(price_dzd.between(least, most))
    likely = cards(work, where, [likeness.desc()], 5 * MOST_ELSEWHERE)
    same = [other for other in likely if same_model(card.title, other.title)]
    return sorted(same[:MOST_ELSEWHERE], key=lambda other: (not other.ours, other.price_dzd or 0))


def same_model(one: str, other: str) -> bool:
    """Whether each title holds the first number-bearing word of the other: `A16`, `43`, `M185`.

    Titles differ in all but that: a Galaxy A16 and a Galaxy A06 are more alike than two sellers' words for an A16.
    """
    ours, theirs = _model_words(one), _model_words(other)
    if not ours or not theirs:
        return ours == theirs
    return ours[0] in theirs and theirs[0] in ours


def _model_words(text: str) -> list[str]:
    return [word for word in plain(text).split() if any(sign.isdigit() for sign in word)]


def _similar(work: Session, card: Card, shown: set[int]) -> list[Card]:
    paths = [path for path in paths_on(work, card.shelf) if path is not None]
    same_category = offers.c.category_path == card.category_path
    where = [on_sale, offers.c.listing_id.notin_(shown), offers.c.category_path.in_(paths)]
    score = trends.c.score.desc().nulls_last()
    return cards(work, where, [same_category.desc().nulls_last(), is_ours.desc(), score], MOST_SIMILAR)


def price_history(work: Session, listing_id: int) -> list[Day]:
    """The days of one listing's price, oldest first; empty where nothing is known."""
    return price_histories(work, [listing_id]).get(listing_id, [])


def price_histories(work: Session, listing_ids: Iterable[int]) -> dict[int, list[Day]]:
    """The days of several listings in one query, by listing, oldest first."""
    query = (
        sa.select(
            _days.c.listing_id,
            _days.c.day,
            _days.c.close_price,
            _days.c.low_price,
            _days.c.low_30d_price,
            _days.c.currency,
            _days.c.availability,
            _days.c.observation_count > 0,
        )
        .where(_days.c.listing_id.in_(list(listing_ids)))
        .order_by(_days.c.listing_id, _days.c.day)
    )
    histories: dict[int, list[Day]] = {}
    for listing_id, *values in work.execute(query):
        histories.setdefault(listing_id, []).append(Day(*values))
    return histories
