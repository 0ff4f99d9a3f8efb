"""Sitemaps: indexes of further ones and lists of addresses, gzipped or not."""

from __future__ import annotations

import codecs
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
_CLOSING = re.compile(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>\s*(?:<!--(?:(?!-->).)*-->\s*)*\Z", re.DOTALL)
_EMPTY = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b[^<>]*/>\s*\Z")
_HEAD = 4096
_TAIL = 4096
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class NoSitemap(PageError):
    """The body is no sitemap or not all of one, or unpacks to more than one may have."""

    name = "page/no_sitemap"


def read(body: bytes) -> Iterator[str]:
    """The addresses in a sitemap, in its order.

    Raises:
        NoSitemap: it is none, ends before its end, or unpacks to more than MOST_BYTES.
    """
    if body.startswith(_GZIP):
        body = _unpacked(body)
    if body.startswith(_WIDE_MARKS):
        body = body.decode("utf-16", "replace").replace("utf-16", "utf-8", 1).replace("UTF-16", "utf-8", 1).encode()
    if not _ROOT.search(body, 0, _HEAD):
        raise NoSitemap(f"the body of {len(body)} bytes is no sitemap")
    tail = body[-_TAIL:].rstrip(b"\0")
    if not (_CLOSING.search(tail) or _EMPTY.search(tail)):
        raise NoSitemap(f"the sitemap ends after {len(body)} bytes, before its end")
    try:
        for entry in Sitemap(body):
            if (address := entry.get("loc")) and _is_address(address):
                yield address
    except lxml.etree.XMLSyntaxError as error:
        raise NoSitemap(f"the sitemap cannot be read: {error}") from None


def is_sitemap(address: str) -> bool:
    """Whether an address names a further sitemap."""
    return urlsplit(address).path.endswith((".xml", ".xml.gz"))


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False


def _unpacked(body: bytes) -> bytes:
    """What a file of one or more gzip members holds."""
    parts: list[bytes] = []
    left = MOST_BYTES
    while body.startswith(_GZIP):
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            # zlib takes 0 for "no bound".
            parts.append(unpack.decompress(body, left + 1))
        except zlib.error as error:
            raise NoSitemap(f"the sitemap cannot be unpacked: {error}") from None
        left -= len(parts[-1])
        if left < 0:
            raise NoSitemap(f"the sitemap unpacks to more than {MOST_BYTES} bytes")
        if not unpack.eof:
            raise NoSitemap("the packed sitemap ends before its end")
        body = unpack.unused_data.lstrip(b"\0")
    return b"".join(parts)
