"""What became of a product whose address leads to another one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawlers.pages.schema_org_products import place, same_host
from pipelines.normalise import canonical_url
from pipelines.offer import Offer

_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][a-z]{2})?(?=/|$)", re.IGNORECASE)
_INDEX = re.compile(r"/?(?:index\.(?:php|html?|aspx?))?/?", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:html?|php|aspx?)$", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d+)-|.*[-_](\d{5,})")
_SHORTEST_SKU, _SHORTEST_SLUG = 3, 4


def is_same_place(asked: str, reached: str) -> bool:
    """Whether two addresses are one but for scheme, `www.`, a last slash, trackers, or a query that was added."""
    here, there = place(canonical_url(asked)), place(canonical_url(reached))
    return here == there or (here.endswith("?") and there.startswith(here))


def is_home(asked: str, reached: str) -> bool:
    """Whether the address of a product leads to the shop's home page: bare, of a language, or with its query lost."""
    query = urlsplit(canonical_url(reached)).query
    return _is_bare(reached) and not re.search(r"\d", query) and not _is_home_itself(asked)


def _is_home_itself(address: str) -> bool:
    return _is_bare(address) and not urlsplit(canonical_url(address)).query


def _is_bare(address: str) -> bool:
    return _INDEX.fullmatch(_LANGUAGE.sub("", urlsplit(address).path, count=1)) is not None


def is_above(asked: str, reached: str) -> bool:
    """Whether the address leads to a place above the product's own, which is a category."""
    upper = urlsplit(reached).path.rstrip("/") + "/"
    return same_host(asked, reached) and urlsplit(asked).path.startswith(upper) and not urlsplit(reached).query


def is_same_product(asked: str, reached: str, canonical: str | None, offer: Offer) -> bool:
    """Whether the page that was reached still shows the product that was asked for, under a new address.

    Its canonical address says so, or the SKU or the number in the address that was asked, or the same last part.
    """
    if canonical and is_same_place(asked, canonical):
        return True
    if not same_host(asked, reached):
        return False
    sku = offer.external_id.rpartition("/")[2].casefold()
    if len(sku) >= _SHORTEST_SKU and re.search(rf"(?<![^\W_]){re.escape(sku)}(?![^\W_])", asked.casefold()):
        return True
    if urlsplit(canonical_url(asked)).query or urlsplit(canonical_url(reached)).query:
        return False
    old, new = _slug(asked), _slug(reached)
    number = _number(old)
    return (number is not None and number == _number(new)) or (old == new and len(old) >= _SHORTEST_SLUG)


def _slug(address: str) -> str:
    return _SUFFIX.sub("", urlsplit(address).path.rstrip("/").rpartition("/")[2]).casefold()


def _number(slug: str) -> str | None:
    found = _NUMBERED.match(slug)
    return next(filter(None, found.groups())) if found else None
