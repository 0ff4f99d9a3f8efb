"""What a Jumia listing says of its own extent, and of the narrower listings that it is made of."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from crawlers.pages.page import Page

PAGE_SIZE = 40
MOST_PAGES = 50
# Found by their last letters in one pass of C over half a megabyte; a pattern would take milliseconds.
_TOTALS = (b"products found", b"sultat", b"products\n", b"produits trouv", b"results")
_TOTAL = re.compile(r"(\d[\d\s.,\u00a0\u202f]*)(?:ré)?\s*$")
_MOBILE_PAGES = re.compile(rb'"pagination"\s*:\s*\{[^{}]*"total"\s*:\s*(\d+)')
_LAST_PAGES = (b"Last Page", "Dernière page".encode())
_FRENCH = b'lang="fr'
_HEAD = 3000
_PAGE_ASKED = re.compile(rb"[?&;]page=(\d+)")
_FACET = re.compile(rb"<article[^>]*>\s*<h2[^>]*>\s*(?:Category|Cat\xc3\xa9gorie)s?\s*</h2>(.*?)</article>", re.S)
_LINK = re.compile(rb"<a\b([^>]*)>")
_HREF = re.compile(rb"""\bhref\s*=\s*["']\s*([^"'\s]+)""", re.IGNORECASE)
_PRICES = re.compile(rb'<input\b[^>]*\bname="price"[^>]*\bvalue="(\d+)-(\d+)"')
_BAND = re.compile(r"(\d+)-(\d+)")
_NARROWER = b"-phxl"


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a listing reaches.

    Attributes:
        total: products that it says to have; None where it does not say.
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


def extent(page: Page, shown: int, has_next: bool) -> Extent:
    """The extent of a listing, from its first page.

    Args:
        shown: products on this page.
        has_next: whether a next page follows; a listing without one ends here, unless it links its last page.
    """
    total = _total(page.body)
    if total is None or total <= max(shown, PAGE_SIZE):
        return Extent(total, 1, shown)
    return Extent(total, _pages(page.body) or (MOST_PAGES if has_next else 1), shown)


def parts(page: Page) -> list[str]:
    """Public addresses of the sub-categories of a listing, in the order of the page."""
    facet = _FACET.search(page.body)
    links = _LINK.findall(facet.group(1)) if facet else []
    addresses = [_HREF.search(link) for link in links if _NARROWER in link]
    return [page.absolute(html.unescape(found.group(1).decode())) for found in addresses if found]


def prices(page: Page) -> tuple[int, int] | None:
    """Lowest and highest price of a listing, in the shop's currency; None where it does not say."""
    if asked := _BAND.fullmatch(parse_qs(urlsplit(page.url).query).get("price", [""])[0]):
        return int(asked.group(1)), int(asked.group(2))
    found = _PRICES.search(page.body)
    return (int(found.group(1)), int(found.group(2))) if found else None


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
            if count := _TOTAL.search(body[max(at - 40, 0) : at].decode("utf-8", "ignore")):
                return int(re.sub(r"\D", "", count.group(1)))
            at = body.find(words, at + 1)
    return None


def _pages(body: bytes) -> int | None:
    for label in _likely_first(_LAST_PAGES, body):
        at = body.find(label)
        tag = body[body.rfind(b"<a", 0, at) : at] if at >= 0 else b""
        if asked := _PAGE_ASKED.search(tag):
            return int(asked.group(1))
    mobile = body.find(b'"pagination"')
    found = _MOBILE_PAGES.match(body, mobile) if mobile >= 0 else None
    return int(found.group(1)) if found else None
