"""Offers as lines of PostgreSQL's COPY text format.

An offer has two parts: what it says now, and how it describes its listing. The second is long and seldom changes, so
that a digest of it goes first, and the rest only where the digest is new.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from unicodedata import category

import orjson

from pipelines.documents import as_json
from pipelines.offer import Offer

SAID = (
    *("marketplace", "country", "external_id", "observed_at", "price", "currency", "old_price", "price_kind"),
    *("availability", "rating", "rating_count", "stock_left", "views", "likes", "position", "sponsored"),
)
DESCRIBED = (
    *("url", "title", "brand", "category_path", "seller_name", "seller_kind", "shipped_from_abroad", "express"),
    *("image_urls", "attributes"),
)
NULL = "\x01"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x01": " ", "\0": ""})
_AT_ONCE = 128
_FLAGS = {None: NULL, True: "t", False: "f"}


def copy_into(table: str, columns: Iterable[str]) -> str:
    """The COPY statement that takes lines of `columns`."""
    return f"copy {table} ({', '.join(columns)}) from stdin with (null '{NULL}')"


class Lines(io.RawIOBase):
    """A file for COPY that is written while it is read: the server reads the first lines as the next are made.

    Attributes:
        error: why a line could not be made; psycopg2 keeps it to itself.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self.error: Exception | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, _size: int = -1) -> bytes:
        """Some lines, about 32 kB, however many bytes are asked for: nothing at the end."""
        try:
            return b"".join(islice(self._lines, _AT_ONCE))
        except Exception as error:
            self.error = error
            raise


def encoded(text: str) -> bytes:
    """UTF-8; half a surrogate pair, which no database takes, becomes a question mark."""
    return text.encode("utf-8", "replace")


def digest(described: bytes) -> str:
    """128 bits of a description, as PostgreSQL's type uuid takes them."""
    return blake2b(described, digest_size=16).hexdigest()


def said(offer: Offer) -> str:
    """What an offer says now: its columns `SAID`."""
    price, old_price, rating = offer.price, offer.old_price, offer.rating
    rating_count, stock_left, views = offer.rating_count, offer.stock_left, offer.views
    likes, position, sponsored = offer.likes, offer.position, offer.sponsored
    return _joined(
        (
            offer.marketplace,
            offer.country,
            named(offer.external_id),
            instant(offer.observed_at),
            NULL if price is None else str(price),
            offer.currency or NULL,
            NULL if old_price is None else str(old_price),
            offer.price_kind,
            offer.availability,
            NULL if rating is None else str(rating),
            NULL if rating_count is None else str(rating_count),
            NULL if stock_left is None else str(stock_left),
            NULL if views is None else str(views),
            NULL if likes is None else str(likes),
            NULL if position is None else str(position),
            _FLAGS[sponsored],
        )
    )


def key(offer: Offer) -> str:
    """What names a listing: marketplace, country, external id."""
    return _joined((offer.marketplace, offer.country, named(offer.external_id)))


def named(external_id: str) -> str:
    """An id without what no id means, such as line breaks and NUL; half a surrogate pair becomes a question mark."""
    if external_id.isprintable():
        return external_id
    whole = external_id.encode("utf-8", "replace").decode()
    return "".join([letter for letter in whole if category(letter) != "Cc"])


def described(offer: Offer) -> str:
    """How an offer describes its listing: its columns `DESCRIBED`."""
    return _joined(
        (
            offer.url,
            offer.title,
            offer.brand or NULL,
            _path(tuple(offer.category_path)),
            offer.seller_name or NULL,
            offer.seller_kind,
            _FLAGS[offer.shipped_from_abroad],
            _FLAGS[offer.express],
            _array(offer.image_urls),
            _document(offer.attributes) if offer.attributes else "{}",
        )
    )


def _document(attributes: dict[str, str]) -> str:
    try:
        document = orjson.dumps(attributes).decode()
    except TypeError:
        return as_json(attributes)
    return as_json(attributes) if "\\u0000" in document else document


def _joined(values: tuple[str, ...]) -> str:
    joined = "\t".join(values)
    if "\\" in joined or "\n" in joined or "\r" in joined or "\0" in joined or joined.count("\t") >= len(values):
        joined = "\t".join([value if value == NULL else value.translate(_ESCAPES) for value in values])
    return joined


@lru_cache(64)
def instant(moment: datetime) -> str:
    """A time as text; the offers of one page share it."""
    return moment.isoformat()


def _array(values: Sequence[str]) -> str:
    joined = '","'.join(values)
    if not joined:
        return "{}" if not values else '{""}'
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return f'{{"{joined}"}}'


@lru_cache(4096)
def _path(names: tuple[str, ...]) -> str:
    return _array(names)
