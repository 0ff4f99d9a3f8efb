"""Offers as lines of PostgreSQL's COPY text format."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import fields

import orjson

from pipelines.offer import Offer

COLUMNS = tuple(column.name for column in fields(Offer))

_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _text(value: str | None) -> str:
    if value is None:
        return _NULL
    return value if value.isalnum() else value.translate(_ESCAPES)


def _plain(value: object) -> str:
    return _NULL if value is None else str(value)


def _flag(value: bool | None) -> str:
    return _NULL if value is None else "t" if value else "f"


def _array(values: list[str]) -> str:
    if not values:
        return "{}"
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return ("{" + ",".join(quoted) + "}").translate(_ESCAPES)


def _json(values: dict[str, str]) -> str:
    return orjson.dumps(values).decode().translate(_ESCAPES) if values else "{}"


def _line(ordinal: int, offer: Offer) -> str:
    return "\t".join(
        (
            str(ordinal),
            offer.marketplace,
            offer.country,
            _text(offer.external_id),
            _text(offer.url),
            _text(offer.title),
            offer.observed_at.isoformat(),
            _text(offer.brand),
            _array(offer.category_path),
            _plain(offer.price),
            _plain(offer.currency),
            _plain(offer.old_price),
            offer.price_kind,
            _plain(offer.rating),
            _plain(offer.rating_count),
            offer.availability,
            _plain(offer.stock_left),
            _text(offer.seller_name),
            offer.seller_kind,
            _flag(offer.shipped_from_abroad),
            _flag(offer.express),
            _plain(offer.views),
            _plain(offer.likes),
            _plain(offer.position),
            _flag(offer.sponsored),
            _array(offer.image_urls),
            _json(offer.attributes),
        )
    )


def lines(offers: Iterable[Offer]) -> io.BytesIO:
    """A file for `COPY ... (ordinal, <COLUMNS>) FROM STDIN`."""
    text = "\n".join(_line(ordinal, offer) for ordinal, offer in enumerate(offers))
    return io.BytesIO(text.encode("utf-8", "replace") + b"\n")
