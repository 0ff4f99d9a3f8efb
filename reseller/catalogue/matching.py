"""Which products a query means: as typed, else with typing mistakes forgiven, else what comes nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseller.catalogue.cards import SOURCE, availability, is_ours, offers, ours, trends
from reseller.search_terms import words
from reseller.shelves import plain

CLOSE_WORD = 0.4
"""Least trigram similarity of a mistyped word to one of a title: `iphnoe` to `iphone` is 0.43."""
FAR_WORD = 0.3
"""Least mean similarity of the words typed to a title for it to be worth showing when nothing fits."""
MOST_FOUND = 5000
MOST_NEAR = 12

Match = Literal["exact", "forgiven", "nearest"]
Condition = sa.ColumnElement[bool]

_SPELLINGS = ("أإآٱةى-_/.,+()\"'’", "ااااهي")
_text = sa.func.translate(
    sa.func.lower(
        sa.func.unaccent(sa.func.concat_ws(" ", offers.c.title, ours.c.title, offers.c.brand, offers.c.category_path))
    ),
    _SPELLINGS[0],
    _SPELLINGS[1].ljust(len(_SPELLINGS[0])),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Listings, best first; corrected is the query as the titles spell it."""

    match: Match
    listing_ids: list[int]
    corrected: str


def find(work: Session, query: str, among: Sequence[Condition]) -> Found:
    """The listings among those that meet the conditions that a query with at least one word means."""
    asked = words(query)
    if exact := _read(work, asked, _texts(among), close=False):
        return Found("exact", [listing_id for listing_id, _ in exact], query)
    likely = _texts([*among, _looks_like(work, asked, CLOSE_WORD)])
    if forgiven := _read(work, asked, likely, close=True):
        spelled = _spelled(asked, [text for _, text in forgiven])
        return Found("forgiven", [listing_id for listing_id, _ in forgiven], spelled)
    near = _texts([*among, _looks_like(work, asked, FAR_WORD)])
    nearness = _nearness(asked, near.c.text)
    query_near = sa.select(near.c.listing_id).where(nearness >= FAR_WORD * len(asked))
    best = query_near.order_by(nearness.desc(), near.c.score.desc().nulls_last(), near.c.listing_id).limit(MOST_NEAR)
    return Found("nearest", list(work.scalars(best)), "")


def _texts(among: Sequence[Condition]) -> sa.Subquery:
    """Each listing's searchable text, worked out once: `offset 0` keeps it from being repeated in every condition."""
    columns = (
        offers.c.listing_id,
        _text.label("text"),
        trends.c.score,
        is_ours.label("ours"),
        (availability == "out_of_stock").label("gone"),
    )
    return sa.select(*columns).select_from(SOURCE).where(*among).offset(0).subquery("texts")


def _read(work: Session, asked: Sequence[tuple[str, ...]], texts: sa.Subquery, *, close: bool) -> list[tuple[int, str]]:
    text = texts.c.text
    conditions = [
        sa.or_(*(_holds(word, text) for word in same), *([_closeness(same[0], text) >= CLOSE_WORD] if close else []))
        for same in asked
    ]
    order = (texts.c.gone, texts.c.ours.desc(), _nearness(asked, text).desc(), texts.c.score.desc().nulls_last())
    query = sa.select(texts.c.listing_id, text).where(*conditions).order_by(*order, texts.c.listing_id)
    return [(listing_id, found) for listing_id, found in work.execute(query.limit(MOST_FOUND))]


def _looks_like(work: Session, asked: Sequence[tuple[str, ...]], least: float) -> Condition:
    """Titles with a word like one of those typed, by the trigram index of the mart."""
    work.execute(sa.select(sa.func.set_config("pg_trgm.word_similarity_threshold", str(least), True)))
    return sa.or_(*(offers.c.title.op("%>", is_comparison=True)(same[0]) for same in asked))


def _holds(word: str, text: sa.ColumnElement[str]) -> Condition:
    """Short words must begin a word of the title (`tv` is not in `actv8`); longer ones may lie anywhere."""
    if len(word) <= 3:
        return sa.func.concat(" ", text).contains(f" {word}", autoescape=True)
    return text.contains(word, autoescape=True)


def _closeness(word: str, text: sa.ColumnElement[str]) -> sa.ColumnElement[float]:
    return sa.func.word_similarity(word, text)


def _nearness(asked: Sequence[tuple[str, ...]], text: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
    first, *others = (_closeness(same[0], text) for same in asked)
    return sum(others, first)


def _spelled(asked: Sequence[tuple[str, ...]], texts: Sequence[str]) -> str:
    known = {word for text in texts[:200] for word in plain(text).split()}
    return " ".join(_closest(same[0], known) for same in asked)


def _closest(word: str, known: set[str]) -> str:
    if any(entry.startswith(word) for entry in known):
        return word
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=CLOSE_WORD)), word)
