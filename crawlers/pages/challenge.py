"""Whether an answer asks for proof of a person instead of being the page."""

from __future__ import annotations

import re

_REFUSING = frozenset((401, 403, 429, 503))
_SMALL = 60_000
"""Bytes. A challenge is a small page whatever its status; a page of a shop is ten times as large."""
_HEAD = 20_000
# A page that is there may carry a captcha's widget in a form, or a script that only watches: that is no challenge.
_MARKS = (b"_cf_chl_opt", b"cf-browser-verification")
_WIDGETS = (
    *(b"/cdn-cgi/challenge-platform/", b"cf-turnstile", b"captcha-delivery.com"),
    *(b"px-captcha", b"g-recaptcha", b"h-captcha"),
)
_TITLES = (
    rb"\s*(?:just a moment|un instant|pardon our interruption|robot check|access to this page has been denied"
    rb"|attention required!|access denied)"
)
_BEGINS = re.compile(_TITLES)
_TITLE = re.compile(_TITLES + rb"(?:\s*\|[^<]*cloudflare[^<]*|(?:\.|\xe2\x80\xa6|&hellip;|\s)*)</title")
_PAGE_OF_A_SHOP = re.compile(rb"__STORE__|__INITIAL_STATE__|c-prd\b|<urlset|<sitemapindex|application/ld\+json")


def is_challenge(status: int, body: bytes) -> bool:
    """Whether a body is a challenge. With a status that does not refuse, only what nothing else carries tells it.

    Args:
        body: unpacked.
    """
    refusing = status in _REFUSING
    if not refusing and len(body) > _SMALL:
        return False
    head = body[:_HEAD].lower()
    marks = _MARKS + _WIDGETS if refusing else _MARKS
    told = any(mark in head for mark in marks) or _is_titled(_BEGINS if refusing else _TITLE, head)
    return told and not _PAGE_OF_A_SHOP.search(body)


def _is_titled(title: re.Pattern[bytes], head: bytes) -> bool:
    opening = head.find(b"<title")
    return opening >= 0 and title.match(head, head.find(b">", opening) + 1) is not None
