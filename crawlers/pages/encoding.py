"""Bytes of a page to text: what its byte order mark or its meta element says, and what to do where they are wrong."""

from __future__ import annotations

import codecs
from dataclasses import replace

from w3lib.encoding import html_to_unicode

from crawlers.pages.page import Page

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 4096


def in_utf8(page: Page) -> Page:
    """The page with its body in UTF-8; the very same page where it is so already."""
    head = page.body[:_HEAD]
    if head.startswith(_WIDE_MARKS) or b"\0" in head[:64]:
        return _marked(page, _from_wide(page.body))
    at = head.find(b"charset")
    if at < 0 or head.startswith(codecs.BOM_UTF8) or b"utf-8" in head[at : at + 24].lower():
        return page
    try:
        return _marked(page, page.body.decode())
    except UnicodeDecodeError:
        return _marked(page, html_to_unicode(None, page.body, default_encoding="utf-8")[1])


def text_of(body: bytes) -> str:
    """The text of a body that says UTF-8 or nothing: as that, or as Windows-1252 where most of it is none."""
    text = body.decode("utf-8", "replace")
    invalid = text.count("\ufffd")
    text = body.decode("cp1252", "replace") if invalid > len(body) - len(text) else text
    return text.removeprefix("\ufeff").replace("\0", "")


def _marked(page: Page, text: str) -> Page:
    """With the mark of UTF-8 at its beginning, for its meta element still says otherwise."""
    return replace(page, body=codecs.BOM_UTF8 + text.removeprefix("\ufeff").encode("utf-8", "replace"))


def _from_wide(body: bytes) -> str:
    if body.startswith(_WIDE_MARKS):
        return body.decode("utf-16", "replace")
    little = body[1:64:2].count(0) > body[0:64:2].count(0)
    return body.decode("utf-16-le" if little else "utf-16-be", "replace")
