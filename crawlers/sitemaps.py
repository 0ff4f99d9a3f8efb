"""Sitemaps: indexes of further ones and lists of addresses, gzipped or not."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import lxml.etree
from scrapy.utils.sitemap import Sitemap

from crawlers.pages.errors import PageError

MOST_BYTES = 50 * 1024 * 1024
"""What the protocol allows a sitemap to have, unpacked."""
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_HEAD = 4096


class NoSitemap(PageError):
    """The body is no sitemap, or unpacks to more than one may have."""

    name = "page/no_sitemap"


def read(body: bytes) -> Iterator[str]:
    """The addresses in a sitemap, in its order.

    Raises:
        NoSitemap: it is none, or unpacks to more than MOST_BYTES.
    """
    if body.startswith(_GZIP):
        body = _unpacked(body)
    if not _ROOT.search(body, 0, _HEAD):
        raise NoSitemap(f"the body of {len(body)} bytes is no sitemap")
    try:
        for entry in Sitemap(body):
            if address := entry.get("loc"):
                yield address
    except lxml.etree.XMLSyntaxError as error:
        raise NoSitemap(f"the sitemap cannot be read: {error}") from None


def is_sitemap(address: str) -> bool:
    """Whether an address names a further sitemap."""
    return urlsplit(address).path.endswith((".xml", ".xml.gz"))


def _unpacked(body: bytes) -> bytes:
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpack.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise NoSitemap(f"the sitemap cannot be unpacked: {error}") from None
    if unpack.unconsumed_tail:
        raise NoSitemap(f"the sitemap unpacks to more than {MOST_BYTES} bytes")
    return unpacked
