"""The state that Jumia embeds in its pages as JSON, desktop (`__STORE__`) and mobile (`__INITIAL_STATE__`)."""

from __future__ import annotations

import json
import re
from typing import Any

import chompjs
import orjson

from crawlers.pages.encoding import text_of
from crawlers.pages.errors import PageTruncated, WrongShop
from crawlers.pages.page import Page

State = dict[str, Any]

EMBEDDED_UNREADABLE = "page/embedded_unreadable"
_NAMES = (b"__STORE__", b"__INITIAL_STATE__")
_ASSIGNED = re.compile(rb"(?:[\"']\s*\])?\s*=\s*(?=\{)")
_LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_TRAILING = frozenset(b"; \r\n\t")
CLOSING = re.compile(rb"</script", re.IGNORECASE)


def embedded_state(page: Page, troubles: list[str]) -> State | None:
    """The embedded state; None where the page has none, or one that cannot be read, which is noted as a trouble.

    Raises:
        PageTruncated: the JSON begins and does not end.
        WrongShop: it names another country than the page was asked from.
    """
    state = find(page.body, troubles)
    country = state.get("countryCode") if state else None
    if isinstance(country, str) and country.lower() != page.country:
        raise WrongShop(f"a page of {country.lower()} came from the shop of {page.country}")
    return state


def find(body: bytes, troubles: list[str]) -> State | None:
    """The embedded state of a body, whosever it is.

    Raises:
        PageTruncated: the JSON begins and does not end.
    """
    begin = _begin(body)
    if begin < 0:
        return None
    end = body.find(b"</script", begin)
    if end < 0:
        closing = CLOSING.search(body, begin)
        if closing is None:
            raise PageTruncated("the embedded JSON is cut off")
        end = closing.start()
    state = decode(body[begin:end])
    if state is None:
        troubles.append(EMBEDDED_UNREADABLE)
    return state


def _begin(body: bytes) -> int:
    """Where the object starts; looked for from the end, near which it stands."""
    for name in _NAMES:
        at = body.rfind(name)
        while at >= 0:
            if assigned := _ASSIGNED.match(body, at + len(name)):
                return assigned.end()
            at = body.rfind(name, 0, at)
    return -1


def decode(script: bytes) -> State | None:
    """The object that a script begins with, as `decoded` reads it; None where it is none."""
    value = decoded(script)
    return value if isinstance(value, dict) else None


def decoded(script: bytes) -> object:
    """The value that a script begins with: JSON, JSON with more script after it, or the same as a formatter of
    JavaScript writes it (bare names, single quotes, trailing commas); half a character becomes U+FFFD. None where it is
    none of these."""
    end = len(script)
    while end and script[end - 1] in _TRAILING:
        end -= 1
    try:
        return orjson.loads(memoryview(script)[:end])
    except orjson.JSONDecodeError:
        return _decode_script(text_of(script))


def _decode_script(script: str) -> object:
    script = _LONE_SURROGATE.sub(r"\\ufffd", script)
    try:
        return json.JSONDecoder(strict=False).raw_decode(script)[0]
    except (ValueError, RecursionError):
        pass
    try:
        return chompjs.parse_js_object(script)
    except (ValueError, RecursionError, AttributeError):
        return None


def products(state: State) -> list[State]:
    """The products of a state: of the catalogue page on a listing, of the page itself on a product page."""
    found = state.get("products")
    if not found:
        view = state.get("viewData")
        found = view.get("products") if isinstance(view, dict) else None
    return found if isinstance(found, list) else []
