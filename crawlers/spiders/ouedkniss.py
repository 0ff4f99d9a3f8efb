"""Ouedkniss, over the API that its site uses."""

from __future__ import annotations

import functools
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, field_validator, model_validator
from scrapy import Request
from scrapy.http import JsonRequest, Response
from twisted.python.failure import Failure

from config import settings
from crawlers import markets
from crawlers.pages import ouedkniss_details, ouedkniss_search
from crawlers.pages.ouedkniss_ad import completed
from crawlers.pages.page import Found, Page
from crawlers.spiders import ouedkniss_queries as queries
from crawlers.spiders.market import Arguments, MarketSpider
from pipelines.documents import as_json
from pipelines.gone import Gone
from pipelines.known import ALL_KNOWN, HOLE, Known, is_settled
from pipelines.offer import Offer
from pipelines.reject import Reject
from pipelines.storing import connect

Item = Offer | Reject | Gone

_AD = re.compile(r"(?:https?://[^\s/]+/\S*-d)?([0-9]{1,12})/?(?:[?#]\S*)?")
PAGES_WITHOUT_NEWS = 2
"""Pages in a row that only repeat ads of this crawl, after which a place that never ends is left."""


class OuedknissArguments(Arguments):
    """Where on Ouedkniss to look: categories, words, both, or single ads."""

    category: str | None = Field(None, description="Category slugs, comma separated.")
    query: str | None = Field(None, min_length=1, description="Words to search for, in every category given.")
    ad: str | None = Field(None, description="Single ads in detail: ids or public addresses, comma separated.")
    detail: bool = Field(False, description="Whether each new or changed ad is asked for in detail.")
    incremental: bool = Field(True, description="Whether to stop at the first page that is all known and unchanged.")
    max_pages: int | None = Field(None, ge=1, le=2000, description="Most pages to ask for, in pages of 48 ads.")

    @field_validator("category")
    @classmethod
    def _slugs(cls, value: str | None) -> str | None:
        slugs = [slug.strip() for slug in (value or "").split(",") if slug.strip()]
        wrong = [slug for slug in slugs if not slug.replace("-", "").replace("_", "").isalnum()]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} is no slug")
        return ",".join(dict.fromkeys(slugs)) or None

    @field_validator("ad")
    @classmethod
    def _ids(cls, value: str | None) -> str | None:
        given = [ad.strip() for ad in (value or "").split(",") if ad.strip()]
        found = [_AD.fullmatch(ad) for ad in given]
        wrong = [ad for ad, match in zip(given, found, strict=True) if match is None]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} is neither an id nor the address of an ad")
        return ",".join(dict.fromkeys(match[1] for match in found if match)) or None

    @model_validator(mode="after")
    def _a_place(self) -> OuedknissArguments:
        if self.ad and (self.category or self.query):
            raise ValueError("ad stands alone, without category and query")
        if not self.category and not self.query and not self.ad:
            raise ValueError("give a category or a query, or an ad")
        return self


class OuedknissSpider(MarketSpider):
    """Ads of Ouedkniss, the last renewed first, page by page of each category, or single ads in detail.

    scrapy crawl ouedkniss -a category=telephones,informatique
    scrapy crawl ouedkniss -a query=iphone -a max_pages=2 -a detail=1
    scrapy crawl ouedkniss -a ad=39785675
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
        """The ads of a saved answer, to a search or for one ad, under the addresses of the public site."""
        parse = ouedkniss_details.parse if ouedkniss_details.is_one(page.body) else ouedkniss_search.parse
        return parse(page, f"https://{markets.OUEDKNISS_SITE}")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.market = markets.ouedkniss(settings())
        limit = self.arguments.max_pages or settings().crawl_max_pages
        self.pages_left = limit
        arguments = as_json(self.recorded_arguments)
        self.known = Known(connect, self.name, "dz", settings().markets, arguments, limit)
        self._seen: dict[str | None, set[int]] = {}
        self._without_news: dict[str | None, int] = {}

    @property
    def recorded_arguments(self) -> dict[str, Any]:
        """What was asked for. How (`incremental`) makes no other crawl of it."""
        given: dict[str, Any] = self.arguments.model_dump(exclude_none=True, exclude={"incremental"})
        return {name: value for name, value in given.items() if value is not False}

    async def start(self) -> AsyncIterator[Request]:
        """The first page of each category, or the ads that were named."""
        if self.arguments.ad:
            for number in self.arguments.ad.split(","):
                yield self._detail_request(number)
            return
        categories = self.arguments.category.split(",") if self.arguments.category else [None]
        if len(categories) > self.pages_left:
            self.cut = "max_pages"
        for category in categories[: self.pages_left]:
            yield self._search_request(category, 1)

    def closed(self, _reason: str) -> None:
        """Scrapy's last word."""
        self.known.close()

    def _ask(self, body: dict[str, Any], **options: Any) -> Request:
        headers = {"locale": self.market.language}
        return JsonRequest(f"{self.market.request_origin}/graphql", data=body, headers=headers, **options)

    def _search_request(self, category: str | None, number: int) -> Request:
        self.pages_left -= 1
        return self._ask(
            queries.search(category, self.arguments.query, number),
            callback=self.parse,
            errback=self.unanswered_search,
            cb_kwargs={"category": category, "number": number, "start": number == 1},
            priority=-number,
        )

    def _detail_request(self, number: str, found: Offer | None = None) -> Request:
        self.crawler.stats.inc_value("detail/asked")
        return self._ask(
            queries.details(number),
            callback=self.parse_detail,
            errback=self.unanswered_detail,
            cb_kwargs={"number": number, "found": found, "start": found is None},
            priority=1,
        )

    def _place(self, **names: Any) -> str:
        return f"{self.market.request_origin}/graphql?{urlencode(names)}"

    async def parse(
        self, response: Response, category: str | None, number: int, start: bool
    ) -> AsyncIterator[Item | Request]:
        """Ads of a page, or the requests for their details, and the request for the next page."""
        place = self._place(categorySlug=category or "", q=self.arguments.query or "", page=number)
        page = self.page(response, place)
        parse = functools.partial(ouedkniss_search.parse, page, self.market.public_origin, category)
        offers: list[Offer] = []
        found: Found | None = None
        ended = self.crawler.stats.get_value("page/end_of_listing", 0)
        for item in self.read(page, parse, start):
            if isinstance(item, Offer):
                offers.append(item)
            elif isinstance(item, Found):
                found = item
            else:
                yield item
        if found is None:
            if self.crawler.stats.get_value("page/end_of_listing", 0) == ended:
                self.crawler.stats.inc_value(HOLE)
            return
        settled, may_stop = await self._settled(offers, page.observed_at)
        for offer in offers:
            detailed = self.arguments.detail and offer.external_id not in settled
            yield self._detail_request(offer.external_id, offer) if detailed else offer
        if self._goes_on(category, found, may_stop and len(settled) == len(offers) and not found.rejects):
            yield self._search_request(category, number + 1)

    async def _settled(self, offers: list[Offer], now: datetime) -> tuple[set[str], bool]:
        """The ads that earlier crawls left as they are now, and whether to meet nothing else is a reason to stop."""
        if not self.arguments.incremental:
            return set(), False
        earlier = await self.known.earlier_crawls(now)
        if earlier is None or not (earlier.left_nothing_out or self.arguments.detail):
            return set(), False
        unchanged = await self.known.unchanged(offers, earlier.watermark)
        settled = {offer.external_id for offer in offers if offer.external_id in unchanged}
        if not all(is_settled(offer.attributes.get("renewed_at"), earlier.served_at, now) for offer in offers):
            return settled, False
        return settled, earlier.left_nothing_out and earlier.served_at <= now

    def _goes_on(self, category: str | None, found: Found, all_known: bool) -> bool:
        """Whether the next page is asked for; says why not, if there is one."""
        if not found.has_next:
            return False
        if all_known:
            self.cut = self.cut or "all known and unchanged"
            self.crawler.stats.inc_value(ALL_KNOWN)
            return False
        if self._repeats(category, found):
            self.cut = "pages repeat"
            self.crawler.stats.inc_value("page/repeated")
            self.crawler.stats.inc_value(HOLE)
            return False
        if self.pages_left <= 0:
            self.cut = "max_pages"
            return False
        return True

    def _repeats(self, category: str | None, found: Found) -> bool:
        seen = self._seen.setdefault(category, set())
        ids = {hash(offer.external_id) for offer in found.offers}
        self._without_news[category] = 0 if ids - seen else self._without_news.get(category, 0) + 1
        seen |= ids
        return self._without_news[category] >= PAGES_WITHOUT_NEWS

    def parse_detail(self, response: Response, number: str, found: Offer | None, start: bool) -> Iterator[Item]:
        """The ad in detail, completed by what the search said; if it cannot be read, what the search said alone."""
        page = self.page(response, self._place(announcementDetails=number))
        parse = functools.partial(ouedkniss_details.parse, page, self.market.public_origin)
        asked = found.url if found else f"{self.market.public_origin}/d{number}"
        for item in self.read(page, parse, start, asked, number):
            if isinstance(item, Offer):
                yield completed(item, found) if found else item
            elif not isinstance(item, Found):
                yield item
                if found and isinstance(item, Reject):
                    yield self._alone(found)

    def _alone(self, found: Offer) -> Offer:
        self.crawler.stats.inc_value("detail/failed")
        return found

    def unanswered_search(self, failure: Failure) -> Iterator[Reject]:
        """No page came, so those behind it are not reached."""
        self.crawler.stats.inc_value(HOLE)
        yield from self.unanswered(failure)

    def unanswered_detail(self, failure: Failure) -> Iterator[Item]:
        """No detail came: what the search said goes out alone."""
        yield from self.unanswered(failure)
        request: Request = failure.request
        if found := request.cb_kwargs["found"]:
            yield self._alone(found)
