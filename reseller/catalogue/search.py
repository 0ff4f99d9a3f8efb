"""Finding products: by words, forgiving typing mistakes, and by shelf, brand, source and price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from reseller.catalogue.browse import REAL_DROP_PCT, paths_on
from reseller.catalogue.cards import (
    SOURCE,
    Card,
    availability,
    brand,
    cards,
    is_ours,
    offers,
    on_shelf,
    price_dzd,
    trends,
)
from reseller.catalogue.matching import MOST_NEAR, Found, Match, find
from reseller.search_terms import words

Sort = Literal["relevance", "price", "price-desc", "drop", "new", "rating"]
SORTS: tuple[Sort, ...] = ("relevance", "price", "price-desc", "drop", "new", "rating")
PAGE_SIZE = 24
MOST_BRANDS = 12
MOST_PAGES = 200
WELL_RATED = Decimal(4)
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a shopper asks for. Prices in DZD; sources are `shop` or marketplaces; page counts from 1."""

    query: str = ""
    shelf: str | None = None
    brands: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool = False
    dropped: bool = False
    well_rated: bool = False
    sort: Sort = "relevance"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Facets:
    """What the words alone found: brands and sources with their counts, the range of prices in DZD."""

    brands: list[tuple[str, int]] = field(default_factory=list)
    sources: list[tuple[str, int]] = field(default_factory=list)
    price_min: Decimal | None = None
    price_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of what was found.

    Attributes:
        match: `exact`; `forgiven`: found for words close to those typed, see `corrected`; `nearest`: nothing fits, and
            these come nearest.
        total: products found, over all pages; of `nearest`, those shown.
        filtered_out: nothing is left, but without the filters there would be.
    """

    cards: list[Card]
    total: int
    page: int
    pages: int
    match: Match
    corrected: str
    facets: Facets
    filtered_out: bool = False


def search(work: Session, wanted: Wanted) -> SearchResult:
    """The page of products that `wanted` describes; where no title fits the words, what comes nearest."""
    shelf = [on_shelf, *_on(work, wanted.shelf)]
    if not words(wanted.query):
        return _page(work, wanted, shelf) or _nearest(work, [], shelf)
    found = find(work, wanted.query, shelf)
    if found.match == "nearest":
        return _nearest(work, found.listing_ids, shelf)
    page = _page(work, wanted, [_one_of(found.listing_ids)], found)
    return page or _nearest(work, [], shelf)


def _one_of(listing_ids: Sequence[int]) -> Condition:
    return offers.c.listing_id == sa.any_(sa.literal(list(listing_ids), ARRAY(sa.BigInteger)))


def _on(work: Session, shelf: str | None) -> list[Condition]:
    if shelf is None:
        return []
    paths = paths_on(work, shelf)
    named = offers.c.category_path.in_([path for path in paths if path is not None])
    return [sa.or_(named, offers.c.category_path.is_(None)) if None in paths else named]


def _narrowed(wanted: Wanted) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.brands:
        conditions.append(sa.func.lower(offers.c.brand).in_([chosen.lower() for chosen in wanted.brands]))
    if wanted.sources:
        conditions.append(_source.in_(wanted.sources))
    if wanted.price_min is not None:
        conditions.append(price_dzd >= wanted.price_min)
    if wanted.price_max is not None:
        conditions.append(price_dzd <= wanted.price_max)
    if wanted.in_stock:
        conditions.append(availability.in_(("in_stock", "low_stock")))
    if wanted.dropped:
        conditions.append(trends.c.price_change_7d_pct <= REAL_DROP_PCT)
    if wanted.well_rated:
        conditions.append(offers.c.rating >= WELL_RATED)
    return conditions


_source: sa.ColumnElement[str] = sa.case((is_ours, "shop"), else_=offers.c.marketplace)


def _order(sort: Sort) -> list[sa.ColumnElement[Any]]:
    score = trends.c.score.desc().nulls_last()
    orders: dict[Sort, list[sa.ColumnElement[Any]]] = {
        "relevance": [availability == "out_of_stock", is_ours.desc(), score],
        "price": [price_dzd.asc().nulls_last()],
        "price-desc": [price_dzd.desc().nulls_last()],
        "drop": [trends.c.price_change_7d_pct.asc().nulls_last()],
        "new": [offers.c.first_seen_at.desc()],
        "rating": [offers.c.rating.desc().nulls_last(), offers.c.rating_count.desc().nulls_last()],
    }
    return orders[sort]


def _page(work: Session, wanted: Wanted, base: list[Condition], found: Found | None = None) -> SearchResult | None:
    facets, everything = _facets(work, base)
    if not everything:
        return None
    where = [*base, *_narrowed(wanted)]
    total = _count(work, where) if len(where) > len(base) else everything
    pages = min(max(1, -(-total // PAGE_SIZE)), MOST_PAGES)
    page = min(max(1, wanted.page), pages)
    shown = _shown(work, wanted, where, found, (page - 1) * PAGE_SIZE)
    match: Match
    match, corrected = ("forgiven", found.corrected) if found and found.match == "forgiven" else ("exact", wanted.query)
    return SearchResult(shown, total, page, pages, match, corrected, facets, filtered_out=total == 0)


def _count(work: Session, where: list[Condition]) -> int:
    return work.scalar(sa.select(sa.func.count()).select_from(SOURCE).where(*where)) or 0


def _shown(work: Session, wanted: Wanted, where: list[Condition], found: Found | None, offset: int) -> list[Card]:
    if found is None or wanted.sort != "relevance":
        return cards(work, where, _order(wanted.sort), PAGE_SIZE, offset)
    kept = set(work.scalars(sa.select(offers.c.listing_id).select_from(SOURCE).where(*where)))
    return _in_order(work, [one for one in found.listing_ids if one in kept][offset : offset + PAGE_SIZE])


def _in_order(work: Session, listing_ids: Sequence[int]) -> list[Card]:
    by_id = {card.listing_id: card for card in cards(work, [_one_of(listing_ids)], [], len(listing_ids))}
    return [by_id[one] for one in listing_ids]


def _facets(work: Session, base: list[Condition]) -> tuple[Facets, int]:
    named = sa.func.coalesce(brand, "")
    sets = sa.func.grouping_sets(sa.tuple_(named), sa.tuple_(_source), sa.tuple_())
    query = sa.select(
        sa.func.grouping(named, _source),
        named,
        _source,
        sa.func.count(),
        sa.func.min(price_dzd),
        sa.func.max(price_dzd),
    )
    rows = work.execute(query.select_from(SOURCE).where(*base).group_by(sets)).all()
    brands = sorted(((row[1], row[3]) for row in rows if row[0] == 1 and row[1]), key=lambda item: (-item[1], item[0]))
    sources = sorted((row[2], row[3]) for row in rows if row[0] == 2)
    (whole,) = (row for row in rows if row[0] == 3)
    return Facets(brands[:MOST_BRANDS], sources, whole[4], whole[5]), whole[3]


def _nearest(work: Session, listing_ids: Sequence[int], shelf: list[Condition]) -> SearchResult:
    """Those that come nearest, else those of the shelf that trend, else those that trend at all."""
    score = [trends.c.score.desc().nulls_last()]
    shown = (
        _in_order(work, listing_ids)
        or cards(work, shelf, score, MOST_NEAR)
        or cards(work, [on_shelf], score, MOST_NEAR)
    )
    return SearchResult(shown, len(shown), 1, 1, "nearest", "", Facets())


def without(wanted: Wanted, **changes: Any) -> Wanted:
    """The same wish with some fields changed, on its first page."""
    return replace(wanted, page=1, **changes)
