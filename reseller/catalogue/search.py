"""Finding products: by words, forgiving typing mistakes, and by shelf, brand, source and price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseller.catalogue.browse import REAL_DROP_PCT, paths_on
from reseller.catalogue.cards import (
    SOURCE,
    Card,
    availability,
    cards,
    is_ours,
    offers,
    on_shelf,
    price_dzd,
    title,
    trends,
)
from reseller.search_terms import words
from reseller.shelves import plain

Sort = Literal["relevance", "price", "price-desc", "drop", "new", "rating"]
SORTS: tuple[Sort, ...] = ("relevance", "price", "price-desc", "drop", "new", "rating")
PAGE_SIZE = 24
CLOSE_WORD = 0.4
"""Least trigram similarity of a mistyped word to one of a title: `iphnoe` to `iphone` is 0.43."""
FAR_WORD = 0.3
"""Least mean similarity of the words typed to a title for it to be worth showing when nothing fits."""
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
    match: Literal["exact", "forgiven", "nearest"]
    corrected: str
    facets: Facets
    filtered_out: bool = False


_letters = "أإآٱةى"
_document = sa.func.translate(
    sa.func.lower(
        sa.func.unaccent(sa.func.concat_ws(" ", title, offers.c.brand, offers.c.category_path, offers.c.title))
    ),
    _letters + "-_/.,+()",
    "ااااهي        ",
)


def search(work: Session, wanted: Wanted) -> SearchResult:
    """The page of products that `wanted` describes; where no title fits the words, what comes nearest."""
    asked = words(wanted.query)
    shelf = [on_shelf, *_on(work, wanted.shelf)]
    for match, text, rank in _readings(asked):
        found = [*shelf, *text]
        facets = _facets(work, found)
        if facets.price_max is None and not facets.brands and not facets.sources:
            continue
        corrected = _corrected(work, asked, found) if match == "forgiven" else wanted.query
        return _page(work, wanted, found, rank, facets, match, corrected)
    return _nearest(work, asked, shelf)


def _readings(
    asked: Sequence[tuple[str, ...]],
) -> list[tuple[Literal["exact", "forgiven"], list[Condition], list[sa.ColumnElement[Any]]]]:
    """As typed; then with each word allowed to be mistyped."""
    exact = [sa.or_(*(_holds(word) for word in same)) for same in asked]
    close = [sa.or_(*(_holds(word) for word in same), _closeness(same[0]) >= CLOSE_WORD) for same in asked]
    nearness = [sum((_closeness(same[0]) for same in asked), sa.literal(0.0)).desc()] if asked else []
    return [("exact", exact, nearness), *([("forgiven", close, nearness)] if asked else [])]  # type: ignore[list-item]


def _holds(word: str) -> Condition:
    """Short words must begin a word of the title (`tv` is not in `actv8`); longer ones may lie anywhere."""
    if len(word) <= 3:
        return sa.func.concat(" ", _document).contains(f" {word}", autoescape=True)
    return _document.contains(word, autoescape=True)


def _closeness(word: str) -> sa.ColumnElement[float]:
    return sa.func.word_similarity(word, _document)


def _on(work: Session, shelf: str | None) -> list[Condition]:
    if shelf is None:
        return []
    paths = paths_on(work, shelf)
    named = offers.c.category_path.in_([path for path in paths if path is not None])
    return [sa.or_(named, offers.c.category_path.is_(None)) if None in paths else named]


def _narrowed(wanted: Wanted) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.brands:
        conditions.append(sa.func.lower(offers.c.brand).in_([brand.lower() for brand in wanted.brands]))
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


def _order(sort: Sort, nearness: Sequence[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    gone = availability == "out_of_stock"
    score = trends.c.score.desc().nulls_last()
    orders: dict[Sort, list[sa.ColumnElement[Any]]] = {
        "relevance": [gone, is_ours.desc(), *nearness, score],
        "price": [price_dzd.asc().nulls_last()],
        "price-desc": [price_dzd.desc().nulls_last()],
        "drop": [trends.c.price_change_7d_pct.asc().nulls_last()],
        "new": [offers.c.first_seen_at.desc()],
        "rating": [offers.c.rating.desc().nulls_last(), offers.c.rating_count.desc().nulls_last()],
    }
    return orders[sort]


def _page(
    work: Session,
    wanted: Wanted,
    found: list[Condition],
    nearness: Sequence[sa.ColumnElement[Any]],
    facets: Facets,
    match: Literal["exact", "forgiven"],
    corrected: str,
) -> SearchResult:
    where = [*found, *_narrowed(wanted)]
    total = work.scalar(sa.select(sa.func.count()).select_from(SOURCE).where(*where)) or 0
    pages = min(max(1, -(-total // PAGE_SIZE)), MOST_PAGES)
    page = min(max(1, wanted.page), pages)
    shown = cards(work, where, _order(wanted.sort, nearness), PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return SearchResult(shown, total, page, pages, match, corrected, facets, filtered_out=total == 0)


def _facets(work: Session, found: list[Condition]) -> Facets:
    brand = sa.func.coalesce(offers.c.brand, "")
    sets = sa.func.grouping_sets(sa.tuple_(brand), sa.tuple_(_source), sa.tuple_())
    query = (
        sa.select(
            sa.func.grouping(brand, _source),
            brand,
            _source,
            sa.func.count(),
            sa.func.min(price_dzd),
            sa.func.max(price_dzd),
        )
        .select_from(SOURCE)
        .where(*found)
        .group_by(sets)
    )
    rows = work.execute(query).all()
    brands = sorted(((row[1], row[3]) for row in rows if row[0] == 1 and row[1]), key=lambda item: (-item[1], item[0]))
    sources = sorted((row[2], row[3]) for row in rows if row[0] == 2)
    (whole,) = (row for row in rows if row[0] == 3)
    return Facets(brands[:MOST_BRANDS], sources, whole[4], whole[5])


def _nearest(work: Session, asked: Sequence[tuple[str, ...]], shelf: list[Condition]) -> SearchResult:
    nearness = sum((_closeness(same[0]) for same in asked), sa.literal(0.0))
    near = cards(work, [*shelf, nearness >= FAR_WORD * len(asked)], [nearness.desc()], PAGE_SIZE // 2) if asked else []
    shown = near or cards(work, [on_shelf], [trends.c.score.desc().nulls_last()], PAGE_SIZE // 2)
    return SearchResult(shown, len(shown), 1, 1, "nearest", "", Facets())


def _corrected(work: Session, asked: Sequence[tuple[str, ...]], found: list[Condition]) -> str:
    """What the titles found write in place of each word typed."""
    texts = sa.select(_document.label("text")).select_from(SOURCE).where(*found).limit(200).subquery()
    word = sa.func.regexp_split_to_table(texts.c.text, r"\s+").label("word")
    known = [plain(entry) for entry in work.scalars(sa.select(word).distinct())]
    return " ".join(_closest(same[0], known) for same in asked)


def _closest(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    starting = [entry for entry in known if entry.startswith(word)]
    return (starting and word) or next(iter(get_close_matches(word, known, n=1, cutoff=0.4)), word)


def without(wanted: Wanted, **changes: Any) -> Wanted:
    """The same wish with some fields changed, on its first page."""
    return replace(wanted, page=1, **changes)
