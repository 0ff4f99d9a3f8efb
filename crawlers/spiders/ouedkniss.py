"""Ouedkniss, over the API that its site uses."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, field_validator, model_validator
from scrapy import Request
from scrapy.http import JsonRequest, Response

from config import settings
from crawlers import markets
from crawlers.pages import ouedkniss_search
from crawlers.pages.page import Found, Page
from crawlers.spiders.market import Arguments, MarketSpider
from pipelines.offer import Offer
from pipelines.reject import Reject

PAGE_SIZE = 48
# Persons' names and telephone numbers are not asked for.
QUERY = """query SearchQuery($q: String, $filter: SearchFilterInput) {
  search(q: $q, filter: $filter) {
    announcements {
      data {
        id title slug createdAt: refreshedAt isFromStore hasDelivery likeCount description status
        cities { id name slug region { id name slug } }
        store { id name slug isOfficial isVerified }
        defaultMedia(size: MEDIUM) { mediaUrl mimeType thumbnail }
        price pricePreview priceUnit oldPrice oldPricePreview priceType exchangeType
        category { id slug } quantity
        specs { specification { label codename } value valueText }
      }
      paginatorInfo { lastPage hasMorePages total }
    }
  }
}"""


class OuedknissArguments(Arguments):
    """Where on Ouedkniss to look: categories, words, or both."""

    category: str | None = Field(None, description="Category slugs, comma separated.")
    query: str | None = Field(None, min_length=1, description="Words to search for, in every category given.")
    max_pages: int | None = Field(None, ge=1, le=2000, description="Most pages to ask for, in pages of 48 ads.")

    @field_validator("category")
    @classmethod
    def _slugs(cls, value: str | None) -> str | None:
        slugs = [slug.strip() for slug in (value or "").split(",") if slug.strip()]
        wrong = [slug for slug in slugs if not slug.replace("-", "").replace("_", "").isalnum()]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} is no slug")
        return ",".join(dict.fromkeys(slugs)) or None

    @model_validator(mode="after")
    def _a_place(self) -> OuedknissArguments:
        if not self.category and not self.query:
            raise ValueError("give a category or a query")
        return self


class OuedknissSpider(MarketSpider):
    """Ads of Ouedkniss, newest first, page by page of each category.

    scrapy crawl ouedkniss -a category=telephones,informatique
    scrapy crawl ouedkniss -a query=iphone -a max_pages=2
    """

    name = "ouedkniss"
    marketplace = "ouedkniss"
    arguments_type = OuedknissArguments

    @classmethod
    def saved_page(cls, body: bytes, url: str | None, _country: str | None) -> Page:
        """A saved answer of the API."""
        address = url or f"https://{markets.OUEDKNISS_API}/graphql"
        return Page(body=body, url=address, country="dz", currency="DZD", observed_at=datetime.now(UTC))

    @staticmethod
    def parse_page(page: Page) -> Found:
        """The ads of a saved answer, under the addresses of the public site."""
        return ouedkniss_search.parse(page, f"https://{markets.OUEDKNISS_SITE}")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.market = markets.ouedkniss(settings())
        self.pages_left = self.arguments.max_pages or settings().crawl_max_pages

    async def start(self) -> AsyncIterator[Request]:
        """The first page of each category."""
        categories = self.arguments.category.split(",") if self.arguments.category else [None]
        for category in categories[: self.pages_left]:
            yield self._request(category, 1)

    def _request(self, category: str | None, number: int) -> Request:
        self.pages_left -= 1
        search = {
            "categorySlug": category,
            "origin": None,
            "connected": False,
            "delivery": None,
            "regionIds": [],
            "cityIds": [],
            "priceRange": [None, None],
            "exchange": None,
            "hasPictures": False,
            "hasPrice": False,
            "priceUnit": None,
            "fields": [],
            "page": number,
            "orderByField": {"field": "REFRESHED_AT"},
            "count": PAGE_SIZE,
        }
        variables = {"q": self.arguments.query, "filter": search}
        return JsonRequest(
            f"{self.market.request_origin}/graphql",
            data={"operationName": "SearchQuery", "variables": variables, "query": QUERY},
            headers={"locale": self.market.language},
            callback=self.parse,
            errback=self.unanswered,
            cb_kwargs={"category": category, "number": number, "start": number == 1},
            priority=-number,
        )

    def parse(
        self, response: Response, category: str | None, number: int, start: bool
    ) -> Iterator[Offer | Reject | Request]:
        """Ads of a page and the request for the next."""
        place = urlencode({"categorySlug": category or "", "q": self.arguments.query or "", "page": number})
        page = self.page(response, f"{self.market.request_origin}/graphql?{place}")
        parse = functools.partial(ouedkniss_search.parse, page, self.market.public_origin, category)
        for item in self.read(page, parse, start):
            if not isinstance(item, Found):
                yield item
            elif item.has_next and self.pages_left > 0:
                yield self._request(category, number + 1)
