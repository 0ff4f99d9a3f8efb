"""What a page object works on, what it returns, and whether a body is a page at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urljoin, urlsplit

from crawlers.pages.challenge import is_challenge
from crawlers.pages.errors import BadStatus, ChallengePage, NotHtml, PageTruncated
from pipelines.offer import Offer
from pipelines.reject import Reject

_MOST_DIGITS = 6
_BEGINNING = 4096
_ARCHIVED = re.compile(r"/web/\d{4,14}(?:[a-z]{2}_)?/(https?://.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One response, with what the page itself does not say.

    Attributes:
        url: the public address of the page.
        country: ISO 3166-1 alpha-2 of the shop, lower case.
        currency: ISO 4217 of the shop.
        observed_at: aware, UTC; when the page was served.
    """

    body: bytes
    url: str
    country: str
    currency: str
    observed_at: datetime
    status: int = 200

    @property
    def number(self) -> int:
        """The page number in the address, 1 where it names none."""
        return number_named(self.url) or 1

    @property
    def origin(self) -> str:
        """Scheme and host of the address."""
        split = urlsplit(self.url)
        return f"{split.scheme}://{split.netloc}"

    def absolute(self, address: str) -> str:
        """An address of the page, made absolute, without its fragment, and without the archive that kept the page.

        Raises:
            ValueError: it is no address, such as https://[/.
        """
        whole = urljoin(self.url, address.strip()).split("#", 1)[0]
        if whole.startswith("file:"):
            whole = f"{self.origin}/{whole.rsplit('/', 1)[-1]}"
        archived = _ARCHIVED.search(whole)
        return archived.group(1) if archived else whole

    def link(self, address: str) -> str | None:
        """An address as `absolute` makes it; None for what is none."""
        try:
            return self.absolute(address)
        except ValueError:
            return None

    def links(self, addresses: Iterable[str]) -> list[str]:
        """Addresses as `absolute` makes them, without what is none."""
        return [link for address in addresses if (link := self.link(address))]


def number_named(address: str) -> int | None:
    """The number of the page in its listing that an address names; None where it names none."""
    if "page=" not in address:
        return None
    value = parse_qs(urlsplit(address).query).get("page", [""])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS and int(value) else None


@dataclass(slots=True)
class Found:
    """What a page yields.

    Attributes:
        offers: in the order of the page.
        rejects: products of the page that could not be read.
        next_url: address of the next page; None on the last.
        more: other addresses to visit, such as the categories of a home page.
        has_next: whether an API says that more pages follow.
        troubles: names of what is wrong with a page that was read nevertheless, to be counted.
    """

    offers: list[Offer] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    next_url: str | None = None
    more: list[str] = field(default_factory=list)
    has_next: bool = False
    troubles: list[str] = field(default_factory=list)


def refuse_challenge(page: Page) -> None:
    """Raises ChallengePage or BadStatus unless the answer is meant for the asker."""
    if is_challenge(page.status, page.body):
        raise ChallengePage(f"the shop answered {page.status} with a challenge")
    if page.status >= 400:
        raise BadStatus(f"the shop answered {page.status}")


def refuse_non_html(page: Page) -> None:
    """Raises NotHtml unless the body begins like a page or a fragment of one."""
    head = page.body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<") or not any(tag in head for tag in (b"<html", b"<!doctype html", b"<div", b"<body")):
        raise NotHtml(f"the body of {len(page.body)} bytes is no HTML")


def refuse_truncated(page: Page) -> None:
    """Raises PageTruncated if a page has no end, or a fragment leaves elements open.

    HTML lets a page leave out the tags of its end: without them it ends where every element that it opened is closed.
    """
    lower = page.body.lower()
    if b"<html" in lower[:_BEGINNING] and b"</html" in lower:
        return
    closed = all(lower.count(b"<" + name) == lower.count(b"</" + name) for name in (b"div", b"script"))
    bare = b"<html" in lower[:_BEGINNING] and not (b"<div" in lower and lower.rstrip().endswith(b">"))
    if bare or not closed:
        raise PageTruncated(f"the page ends after {len(page.body)} bytes, before its end")
