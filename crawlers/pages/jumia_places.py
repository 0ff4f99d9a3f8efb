"""What a Jumia listing says of its own extent, and of the narrower listings that it is made of."""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from crawlers.pages.page import Page
from crawlers.pages.prices import parse_count

PAGE_SIZE = 40
MOST_PAGES = 50
# Found by their last letters in one pass of C over half a megabyte; a pattern would take milliseconds.
_TOTALS = (b"products found", b"sultat", b"products\n", b"produits trouv", b"results")
_TOTAL = re.compile(r"(\d[\d\s.,\u00a0\u202f]*)(?:r(?:é|e\u0301))?\s*$")
_MOBILE_PAGES = re.compile(rb'"pagination"\s*:\s*\{[^{}]*"total"\s*:\s*(\d{1,6})')
_LAST_PAGES = (
    b"Last Page",
    "Dernière page".encode(),
    b"Derni&egrave;re page",
    b"Derni&#232;re page",
    "الصفحة الأخيرة".encode(),
)
_PAGER = re.compile(rb">\s*(\d{1,4})\s*<span\b[^<>]{0,200}>\s*/\s*(\d{1,4})\s*</span")
_FRENCH = b'lang="fr'
_HEAD = 3000
_PAGE_ASKED = re.compile(rb"[?&;]page=(\d{1,6})")
_FACET = re.compile(
    rb"<article[^>]*>\s*<h2[^>]*>\s*(?:Category|Categories|Cat(?:\xc3\xa9|\xe9|e\xcc\x81|&[#\w]{1,8};)gories?)\s*</h2>"
    rb"(.*?)</article>",
    re.S,
)
_LINK = re.compile(rb"<a\b([^>]*)>")
HREF = re.compile(rb"""(?<![\w-])href\s*=\s*["']\s*([^"'\s]+)""", re.IGNORECASE)
_INPUT = re.compile(rb"<input\b[^>]{0,2000}>", re.IGNORECASE)
_OF_PRICE = re.compile(rb"""(?<![\w-])name\s*=\s*["']?price(?=["'\s/>])""")
_PRICES = re.compile(rb"""(?<![\w-])value\s*=\s*["']?(\d{1,15})-(\d{1,15})(?=["'\s/>])""")
_BAND = re.compile(r"(\d+)-(\d+)")
_NARROWER = b"-phxl"


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a listing reaches.

    Attributes:
        total: products that it says to have; None where it does not say, as on mobile pages without their JSON.
        pages: how many of its pages can be asked for.
        shown: products on its first page.
    """

    total: int | None
    pages: int
    shown: int

    @property
    def beyond(self) -> int:
        """Products behind the last page that can be asked for."""
        return max((self.total or 0) - max(self.pages * PAGE_SIZE, self.shown), 0)

    @property
    def sure_pages(self) -> int:
        """How many of its pages have to be there, since it says how many products or pages it has; else 1."""
        return self.pages if self.total is None else min(self.pages, math.ceil(self.total / PAGE_SIZE)) or 1


def extent(page: Page, shown: int, has_next: bool) -> Extent:
    """The extent of a listing, from its first page.

    Args:
        shown: products on this page.
        has_next: whether a next page follows; a listing without one ends here, unless it links its last page.
    """
    total = _total(page.body)
    if total is None:
        pager = _PAGER.search(page.body) if has_next else None
        return Extent(None, int(pager.group(2)) if pager else 1, shown)
    if total <= max(shown, PAGE_SIZE):
        return Extent(total, 1, shown)
    return Extent(total, _pages(page.body) or (MOST_PAGES if has_next else 1), shown)


def parts(page: Page) -> list[str]:
    """Public addresses of the sub-categories of a listing, in the order of the page."""
    facet = _FACET.search(page.body)
    links = _LINK.findall(facet.group(1)) if facet else []
    addresses = [HREF.search(link) for link in links if _NARROWER in link]
    written = [html.unescape(found.group(1).decode("utf-8", "replace")) for found in addresses if found]
    return page.links(written)


def prices(page: Page) -> tuple[int, int] | None:
    """Lowest and highest price of a listing, in the shop's currency; None where it does not say."""
    if asked := _BAND.fullmatch(parse_qs(urlsplit(page.url).query).get("price", [""])[0]):
        return int(asked.group(1)), int(asked.group(2))
    for tag in _INPUT.findall(page.body):
        if _OF_PRICE.search(tag) and (found := _PRICES.search(tag)):
            return int(found.group(1)), int(found.group(2))
    return None


def number_shown(body: bytes) -> int | None:
    """The number of its page that a mobile listing shows: 2 of "2/37"; None where it shows none."""
    pager = _PAGER.search(body)
    return int(pager.group(1)) if pager else None


def halves(address: str, between: tuple[int, int]) -> list[str]:
    """A listing's two halves by price, at the geometric mean since prices crowd at the low end; [] where it has none.

    Args:
        between: lowest and highest price, in the shop's currency; a product at the middle is in both halves.
    """
    low, high = between
    if high - low < 2:
        return []
    middle = min(max(round((max(low, 1) * high) ** 0.5), low + 1), high - 1)
    base = re.sub(r"([?&])price=[^&]*&?", r"\1", address).rstrip("?&")
    joint = "&" if "?" in base else "?"
    return [f"{base}{joint}price={first}-{last}" for first, last in ((low, middle), (middle, high))]


def _likely_first(words: tuple[bytes, ...], body: bytes) -> tuple[bytes, ...]:
    """The English words stand first, the French second: on a French page they are more likely."""
    return (words[1], words[0], *words[2:]) if body.find(_FRENCH, 0, _HEAD) >= 0 else words


def _total(body: bytes) -> int | None:
    for words in _likely_first(_TOTALS, body):
        at = body.find(words)
        while at >= 0:
            before = html.unescape(body[max(at - 40, 0) : at].decode("utf-8", "ignore"))
            if (count := _TOTAL.search(before)) and (total := parse_count(count.group(1))) is not None:
                return total
            at = body.find(words, at + 1)
    return None


def _pages(body: bytes) -> int | None:
    for label in _likely_first(_LAST_PAGES, body):
        at = body.find(label)
        opening = body.rfind(b"<a", 0, at) if at >= 0 else -1
        end = body.find(b">", at)
        if opening >= 0 and (asked := _PAGE_ASKED.search(body[opening : end if end >= 0 else at])):
            return int(asked.group(1))
    mobile = body.find(b'"pagination"')
    found = _MOBILE_PAGES.match(body, mobile) if mobile >= 0 else None
    return int(found.group(1)) if found else None
