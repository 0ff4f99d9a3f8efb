"""Offers as lines of PostgreSQL's COPY text format."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache

import orjson

from pipelines.offer import Offer

COLUMNS = tuple(column.name for column in fields(Offer))
NULL = "\x01"
_TABS = len(COLUMNS)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x01": " "})
_FLAGS = {None: NULL, True: "t", False: "f"}


def copy_into(table: str) -> str:
    """The COPY statement that takes `lines`, for a table with the columns `ordinal` and those of an Offer."""
    return f"copy {table} (ordinal, {', '.join(COLUMNS)}) from stdin with (null '{NULL}')"


def _array(values: Iterable[str]) -> str:
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted) + "}"


@lru_cache(4096)
def _path(names: tuple[str, ...]) -> str:
    return _array(names)


def _line(ordinal: int, offer: Offer) -> str:
    price, old_price, rating = offer.price, offer.old_price, offer.rating
    rating_count, stock_left, position = offer.rating_count, offer.stock_left, offer.position
    values = (
        str(ordinal),
        offer.marketplace,
        offer.country,
        offer.external_id,
        offer.url,
        offer.title,
        offer.observed_at.isoformat(),
        NULL if offer.brand is None else offer.brand,
        _path(tuple(offer.category_path)),
        NULL if price is None else str(price),
        NULL if offer.currency is None else offer.currency,
        NULL if old_price is None else str(old_price),
        offer.price_kind,
        NULL if rating is None else str(rating),
        NULL if rating_count is None else str(rating_count),
        offer.availability,
        NULL if stock_left is None else str(stock_left),
        NULL if offer.seller_name is None else offer.seller_name,
        offer.seller_kind,
        _FLAGS[offer.shipped_from_abroad],
        _FLAGS[offer.express],
        NULL if offer.views is None else str(offer.views),
        NULL if offer.likes is None else str(offer.likes),
        NULL if position is None else str(position),
        _FLAGS[offer.sponsored],
        _array(offer.image_urls),
        orjson.dumps(offer.attributes).decode() if offer.attributes else "{}",
    )
    line = "\t".join(values)
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != _TABS:
        line = "\t".join(value if value == NULL else value.translate(_ESCAPES) for value in values)
    return line


def lines(offers: Iterable[Offer]) -> io.BytesIO:
    """A file for the statement `copy_into`, one line an offer, numbered in their order."""
    text = "\n".join([_line(ordinal, offer) for ordinal, offer in enumerate(offers)])
    return io.BytesIO(text.encode("utf-8", "replace") + b"\n")
