"""Jumia, any country's shop."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote_plus, urlsplit

from pydantic import Field, field_validator, model_validator
from scrapy import Request
from scrapy.http import Response

from config import settings
from crawlers import markets
from crawlers.pages import jumia, jumia_saved
from crawlers.pages.page import Found, Page
from crawlers.spiders.market import ArgumentError, Arguments, MarketSpider
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject


class JumiaArguments(Arguments):
    """Where in a Jumia shop to look; nothing but a country: every category of the home page's menu."""

    country: Literal["dz", "ma", "eg", "ci", "sn", "ke", "ng", "gh", "ug"] = Field("dz", description="Whose shop.")
    category: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9_-]*$", description="A category's slug.")
    query: str | None = Field(None, min_length=1, description="Words to search for, within the category if given.")
    start_url: str | None = Field(None, description="A listing, a product or the home page of the shop.")
    max_pages: int | None = Field(None, ge=1, le=2000, description="Most listing pages to ask for, in pages.")

    @field_validator("query")
    @classmethod
    def _one_space(cls, value: str | None) -> str | None:
        return " ".join(value.split()) if value else value

    @field_validator("start_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must begin with https:// or http://")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> JumiaArguments:
        if self.start_url and (self.category or self.query):
            raise ValueError("start_url stands alone, without category and query")
        return self


class JumiaSpider(MarketSpider):
    """Listings of a Jumia shop, page by page, or the one page that `start_url` names.

    scrapy crawl jumia -a country=ma -a category=telephones-smartphones
    scrapy crawl jumia -a country=gh -a query=laptop -a max_pages=3
    """

    name = "jumia"
    marketplace = "jumia"
    arguments_type = JumiaArguments
    parse_page = staticmethod(jumia.parse)

    @classmethod
    def saved_page(cls, body: bytes, url: str | None, country: str | None) -> Page:
        """A saved page; its country and address are read from it where they are not given."""
        return jumia_saved.page(body, url, country, datetime.now(UTC))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.market = markets.jumia(self.arguments.country, settings())
        self.pages_left = self.arguments.max_pages or settings().crawl_max_pages
        self.start_address = self._start_address()

    def _start_address(self) -> str:
        category, query, given = self.arguments.category, self.arguments.query, self.arguments.start_url
        if given:
            if not self.market.owns(given):
                raise ArgumentError(f"start_url: {given} is not of {self.market.public_origin}")
            split = urlsplit(given)
            return f"{self.market.public_origin}{split.path or '/'}{'?' + split.query if split.query else ''}"
        path = f"/{category}/" if category else "/catalog/" if query else "/"
        return f"{self.market.public_origin}{path}{'?q=' + quote_plus(query) if query else ''}"

    async def start(self) -> AsyncIterator[Request]:
        """The page to begin with."""
        yield self._request(self.start_address, start=True)

    def _request(self, public_url: str, start: bool, depth: int = 1) -> Request:
        self.pages_left -= 1
        return Request(
            self.market.to_request(public_url),
            headers={"Accept-Language": self.market.language},
            callback=self.parse,
            errback=self.unanswered,
            cb_kwargs={"start": start, "depth": depth},
            priority=-depth,
            dont_filter=start,
        )

    def parse(self, response: Response, start: bool, depth: int) -> Iterator[Offer | Reject | Gone | Request]:
        """Offers of a page and the requests for the pages it leads to."""
        if response.status == 404 and not start:
            self.crawler.stats.inc_value("page/end_of_listing")
            return
        asked = self.market.to_public(response.meta.get("redirect_urls", [response.url])[0])
        page = self.page(response)
        for item in self.read(page, functools.partial(jumia.parse, page, asked), start, asked):
            if isinstance(item, Found):
                yield from self._further(item, depth)
            elif not self._is_index(page.url) or isinstance(item, Reject):
                yield item

    def _is_index(self, url: str) -> bool:
        """The home page only leads to the categories, unless it was asked for itself."""
        return self.arguments.start_url is None and jumia.kind_of_address(url) == "home"

    def _further(self, found: Found, depth: int) -> Iterator[Request]:
        if found.next_url and self.pages_left > 0:
            yield self._request(found.next_url, start=False, depth=depth + 1)
        if self.arguments.start_url is None:
            for address in found.more[: max(self.pages_left, 0)]:
                yield self._request(address, start=True)
