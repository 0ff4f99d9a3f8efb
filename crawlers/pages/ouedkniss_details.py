"""One ad of Ouedkniss in detail, as its GraphQL API answers."""

from __future__ import annotations

import re
from typing import Any

from crawlers.pages.errors import LayoutChanged, ProductGone
from crawlers.pages.ouedkniss_ad import is_closed, offer
from crawlers.pages.ouedkniss_answer import answer, api_errors, errors_of
from crawlers.pages.page import Found, Page

ROOTS = ("announcement", "announcementDetails")
"""What the answer calls the ad: the alias under which the site asks, or the root field itself."""
_NOT_THERE = re.compile(
    r"not.?found|no (?:query )?results?|does ?n.t exist|not exist|introuvable|n.existe (?:pas|plus)|deleted|gone"
    r"|no longer|supprim|expir|404",
    re.IGNORECASE,
)


def is_one(body: bytes) -> bool:
    """Whether an answer is one to a question for a single ad."""
    head = body[:400]
    return b'"search"' not in head and any(f'"{name}"'.encode() in head for name in ROOTS)


def parse(page: Page, public_origin: str) -> Found:
    """The offer of one ad in detail.

    Raises:
        ProductGone: the API knows no such ad, or says that it is sold or closed.
        ApiErrors, LayoutChanged, NotHtml, PageTruncated, ChallengePage, BadStatus: the answer cannot be used.
    """
    envelope = answer(page)
    ad, errors = _ad(envelope), errors_of(envelope)
    if errors:
        if ad is None and all(_says_that_it_is_gone(error) for error in errors):
            raise ProductGone(str(errors[0].get("message"))[:200])
        raise api_errors(errors)
    if ad is None:
        raise ProductGone("the API knows no such ad")
    if is_closed(ad):
        raise ProductGone(f"the ad is {str(ad['status']).lower()}")
    try:
        return Found(offers=[offer(ad, page, public_origin, None)])
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise LayoutChanged(f"the ad cannot be read: {type(error).__name__}: {error}") from None


def _ad(envelope: dict[str, Any]) -> dict[str, Any] | None:
    data = envelope.get("data")
    named = [name for name in ROOTS if isinstance(data, dict) and name in data]
    if not named:
        if envelope.get("errors"):
            return None
        raise LayoutChanged("the answer has no data.announcement")
    ad = data[named[0]] if isinstance(data, dict) else None
    if ad is not None and not isinstance(ad, dict):
        raise LayoutChanged("data.announcement is no object")
    return ad


def _says_that_it_is_gone(error: dict[str, Any]) -> bool:
    extensions = error.get("extensions")
    told = [error.get("message"), *(extensions.values() if isinstance(extensions, dict) else ())]
    return any(_NOT_THERE.search(str(text)) for text in told if isinstance(text, str | int))
