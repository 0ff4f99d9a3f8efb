"""What a browser shows of a text, and where in the text each of its signs is written."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

_WRITTEN = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});|%[2-7][0-9a-fA-F]"
    r"|</?(?:br|wbr|b|i|u|em|strong|span|font|small|mark|sup|sub|a|p|div)\b[^<>]{0,200}>",
    re.IGNORECASE,
)


def shown(text: str) -> tuple[str, list[int]] | None:
    """The text without markup, a space for each tag that stands between words, and the place of each sign.

    The places end with the length of the text, so that a span of the signs has two of them. None: there is no markup.
    """
    signs, places, at = [], list[int](), 0
    for found in _WRITTEN.finditer(text):
        start, end = found.span()
        sign = " " if found[0][0] == "<" else unquote(found[0]) if found[0][0] == "%" else html.unescape(found[0])
        signs += [text[at:start], sign]
        places += [*range(at, start), *[start] * len(sign)]
        at = end
    if not signs:
        return None
    return "".join([*signs, text[at:]]), [*places, *range(at, len(text) + 1)]
