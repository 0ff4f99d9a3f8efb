"""Documents and texts as PostgreSQL and the spool take them, whatever a shop has put into them."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

import orjson

_DEEPEST = 100
_CUT = "[deeper than 100 levels]"
_MOST_BITS = 10_000
_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")


def dumped(value: Any) -> bytes:
    """A document of anything. What JSON or UTF-8 cannot hold is told as text, so that one odd value costs nobody else.

    orjson refuses a whole document for an integer of more than 64 bits, for half a surrogate pair and for more than 254
    levels. Only such a document is written the slow way.
    """
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return orjson.dumps(_plain(value, 0))


def as_json(value: Any) -> str:
    """A document as PostgreSQL's jsonb takes it: without NUL."""
    document = dumped(value).decode()
    # Its escape is taken out; an escaped backslash before the letters u0000 is not.
    return _NUL.sub(lambda found: found[1], document) if "\\u0000" in document else document


def plain_text(text: str) -> str:
    """A text as PostgreSQL takes it: without NUL; half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _plain(value: Any, depth: int) -> Any:
    """The same of nothing but what JSON has, in the range of what orjson takes."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else _digits(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict | list | tuple) and depth == _DEEPEST:
        return _CUT
    if isinstance(value, dict):
        return {plain_text(_told(name)): _plain(member, depth + 1) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member, depth + 1) for member in value]
    return plain_text(_told(value))


def _digits(number: int) -> str:
    """Text, since readers of JSON would round it; Python writes no more than 4,300 digits."""
    bits = number.bit_length()
    return str(number) if bits < _MOST_BITS else f"an integer of {bits} bits"


def _told(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return _digits(value)
    try:
        return str(value)
    except Exception:  # whatever another's class does
        return f"an unspeakable {type(value).__name__}"
