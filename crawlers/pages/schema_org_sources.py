"""The syntaxes in which a page carries schema.org data, and its OpenGraph: read with extruct, each on its own."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import chompjs
import lxml.etree
import lxml.html

from crawlers.pages.encoding import in_utf8, text_of
from crawlers.pages.errors import NotHtml, TooLarge
from crawlers.pages.page import Page
from crawlers.pages.schema_org_graph import Graph

LARGEST = 10 * 1024 * 1024
"""Bytes."""
LARGEST_RDFA = 2_000_000
_SCRIPTS = lxml.etree.XPath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]")
_METAS = lxml.etree.XPath("//meta[@content and (@property or @name)]")


def readable(page: Page) -> Page:
    """The page with its body in UTF-8, whatever it says of its encoding.

    Raises:
        TooLarge: the body has over 10 MB.
    """
    if len(page.body) > LARGEST:
        raise TooLarge(f"{len(page.body)} bytes, and a product page has at most {LARGEST}")
    return replace(page, body=text_of(in_utf8(page).body).encode("utf-8", "replace"))


class Document:
    """A parsed page whose body is in UTF-8.

    Attributes:
        unreadable: what the page carries and nobody can read, each beginning with the defect's name.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bytes = page.body
        self.unreadable: list[str] = []
        try:
            self.tree = lxml.html.document_fromstring(self.bytes, parser=lxml.html.HTMLParser(encoding="utf-8"))
        except (lxml.etree.LxmlError, ValueError) as error:
            raise NotHtml(f"the body of {len(page.body)} bytes is no HTML: {error}") from error

    def graphs(self) -> Iterator[tuple[str, Graph]]:
        """Each syntax that the page has, the most trustworthy first; a syntax is read when it is asked for."""
        for name, read in (("json-ld", self._json_ld), ("microdata", self._microdata), ("rdfa", self._rdfa)):
            try:
                found = read()
            except Exception as error:  # whatever a hostile page makes of a parser, the other syntaxes still count
                self.unreadable.append(f"page/{name}_unreadable: {type(error).__name__}: {error}")
                continue
            if found:
                yield name, Graph.of(found)

    def _json_ld(self) -> list[Any]:
        found: list[Any] = []
        for script in _SCRIPTS(self.tree):
            try:
                found += _json_of(script)
            except (ValueError, RecursionError) as error:
                self.unreadable.append(f"page/json-ld_unreadable: {error}"[:300])
        return found

    def _microdata(self) -> list[Any]:
        if b"itemscope" not in self.bytes:
            return []
        return _extracted(self.tree, "microdata", base_url=self.page.url, uniform=True)

    def _rdfa(self) -> list[Any]:
        if b"typeof" not in self.bytes:
            return []
        if len(self.bytes) > LARGEST_RDFA:
            self.unreadable.append(f"page/rdfa_unreadable: not read in a page of {len(self.bytes)} bytes")
            return []
        return _extracted(self.bytes, "rdfa", base_url=self.page.url)

    def opengraph(self) -> dict[str, str]:
        """OpenGraph and product properties, the first of each name, wherever the page put them."""
        found: dict[str, str] = {}
        for meta in _METAS(self.tree):
            name = (meta.get("property") or meta.get("name")).strip().lower()
            if name.startswith(("og:", "product:")) and meta.get("content").strip():
                found.setdefault(name, meta.get("content").strip())
        return found

    def canonical(self) -> str | None:
        """The address under which the page wants to be known, absolute."""
        links = self.tree.xpath("//link[@rel='canonical']/@href")
        address = links[0] if links else self.opengraph().get("og:url")
        return self.page.absolute(address) if address else None

    def headline(self) -> str:
        """The text of the first h1."""
        found = self.tree.xpath("string((//h1)[1])")
        return " ".join(str(found).split())


def _extracted(source: Any, syntax: str, **named: Any) -> list[Any]:
    import extruct  # brings RDF libraries that take half a second; every spider is loaded by every command

    return list(extruct.extract(source, syntaxes=[syntax], **named)[syntax])


def _json_of(script: Any) -> list[Any]:
    text = (script.text or "").replace("<![CDATA[", "").replace("]]>", "").strip()
    text = text.removeprefix("<!--").removesuffix("-->").strip().removeprefix("//").removesuffix("//").strip()
    if "&quot;" in text and '"' not in text:
        text = html.unescape(text)
    script.text = text
    script.set("type", "application/ld+json")
    try:
        return _extracted(script, "json-ld")
    except ValueError:
        first: Any = chompjs.parse_js_object(text)
        # Some themes write one object after another into one script.
        documents: list[Any] = list(chompjs.parse_js_objects(text))
        return documents if documents[:1] == [first] else first if isinstance(first, list) else [first]
