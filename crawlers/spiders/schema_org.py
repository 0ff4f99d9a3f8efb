"""What spiders of schema.org pages share: the guard, product pages, shops that are walked by their data."""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from scrapy import Request
from scrapy.http import Response, TextResponse

from config import settings
from crawlers import shops
from crawlers.address_guard import GUARDED, ForbiddenAddress
from crawlers.pages import schema_org, shop_listing
from crawlers.pages.errors import NotHtml, PageError, ProductGone
from crawlers.pages.page import Found, Page
from crawlers.spiders.market import ArgumentError, Arguments, MarketSpider
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject

_GONE = (404, 410)
_HTML = ("text/html", "application/xhtml+xml")


class ForbiddenTarget(PageError):
    """A redirect that is not followed, such as one to a file."""

    name = ForbiddenAddress.name


class SchemaOrgSpider(MarketSpider):
    """Product pages anywhere, behind the address guard."""

    guarded = True
    custom_settings: ClassVar[dict[str, Any]] = GUARDED
    several_shops: ClassVar[bool] = False

    @classmethod
    def parse_page(cls, page: Page) -> Found:
        """The offers of a product page."""
        return schema_org.parse(page, cls.marketplace, cls.several_shops)

    def page(self, response: Response, url: str | None = None) -> Page:
        """The response as a page object takes it, in the encoding that its header declares."""
        if isinstance(response, TextResponse) and b"charset" in response.headers.get("Content-Type", b"").lower():
            response = response.replace(body=codecs.BOM_UTF8 + response.text.encode("utf-8", "replace"))
        return super().page(response, url)

    def product_request(self, address: str, start: bool) -> Request:
        """The request for a product's page."""
        return Request(
            self.market.to_request(address),
            headers={"Accept-Language": self.market.language},
            callback=self.parse_product,
            errback=self.unanswered,
            cb_kwargs={"start": start},
        )

    def parse_product(self, response: Response, start: bool) -> Iterator[Offer | Reject | Gone | Request]:
        """The offers of a product's page, under the address that was asked for, or the word that it is gone."""
        asked = self.market.to_public(response.meta.get("redirect_urls", [response.url])[0])
        page = self.page(response)
        parse = functools.partial(self._product, page, response, asked)
        for item in self.read(page, parse, start, asked=asked):
            if not isinstance(item, Found):
                yield item

    def _product(self, page: Page, response: Response, asked: str) -> Found:
        if page.status in _GONE:
            raise ProductGone(f"the shop answered {page.status}")
        if 300 <= page.status < 400:
            raise ForbiddenTarget(f"it leads to {response.headers.get('Location', b'nowhere').decode('latin-1')[:200]}")
        if urlsplit(asked).path.strip("/") and not urlsplit(page.url).path.strip("/"):
            raise ProductGone("its address leads to the home page")
        refuse_other_types(response)
        found = self.parse_page(page)
        for offer in found.offers:
            if offer.position is None:
                offer.url = asked
        return found


def refuse_other_types(response: Response) -> None:
    """Raises NotHtml if the header declares something else than a page."""
    declared = response.headers.get("Content-Type", b"").decode("latin-1").split(";")[0].strip().lower()
    if declared and declared not in _HTML and response.status < 400:
        raise NotHtml(f"the shop says that this is {declared}")


class ShopArguments(Arguments):
    """Where in the shop to look; nothing: each of the categories that its spider names."""

    category: str | None = Field(None, description="Paths of listings, comma separated.")
    start_url: str | None = Field(None, description="One product of the shop.")
    max_pages: int | None = Field(None, ge=1, le=2000, description="Most listing pages to ask for, in pages.")

    @field_validator("category")
    @classmethod
    def _paths(cls, value: str | None) -> str | None:
        paths = [path.strip().strip("/") for path in (value or "").split(",") if path.strip()]
        if wrong := [path for path in paths if not re.fullmatch(r"[\w./-]+", path)]:
            raise ValueError(f"{', '.join(wrong)} is no path")
        return ",".join(dict.fromkeys(paths)) or None


class ShopSpider(SchemaOrgSpider):
    """One shop that publishes schema.org data: its listings page by page, and the products they lead to."""

    arguments_type = ShopArguments
    shop: ClassVar[shops.Shop]

    @classmethod
    def saved_page(cls, body: bytes, url: str | None, country: str | None) -> Page:
        """A saved page of the shop."""
        address = url or schema_org.address_named(body) or f"https://{cls.shop.host}/"
        country = country or cls.shop.country
        return Page(body=body, url=address, country=country, currency=cls.shop.currency, observed_at=datetime.now(UTC))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.market = shops.market(self.shop, settings())
        self.pages_left = self.arguments.max_pages or settings().crawl_max_pages
        if (address := self.arguments.start_url) and not self.market.owns(address):
            raise ArgumentError(f"start_url: {address} is not of {self.market.public_origin}")

    async def start(self) -> AsyncIterator[Request]:
        """The first page of each category, or the one product."""
        if self.arguments.start_url:
            yield self.product_request(self.arguments.start_url, start=True)
            return
        given = self.arguments.category
        for path in given.split(",") if given else self.shop.categories:
            if request := self._listing_request(f"{self.market.public_origin}/{path.lstrip('/')}", start=True):
                yield request

    def _listing_request(self, address: str, start: bool, depth: int = 1) -> Request | None:
        if self.pages_left < 1:
            self.cut = "max_pages"
            return None
        self.pages_left -= 1
        return Request(
            self.market.to_request(address),
            headers={"Accept-Language": self.market.language},
            callback=self.parse,
            errback=self.unanswered,
            cb_kwargs={"start": start, "depth": depth},
            priority=10 - depth,
        )

    def parse(self, response: Response, start: bool, depth: int) -> Iterator[Offer | Reject | Gone | Request]:
        """The requests for the products of a listing and for its next page."""
        page = self.page(response)
        for item in self.read(page, functools.partial(shop_listing.parse, page, self.shop.is_product), start):
            if not isinstance(item, Found):
                yield item
                continue
            yield from (self.product_request(address, start=False) for address in item.more)
            if item.next_url and self.market.owns(item.next_url):
                following = self._listing_request(item.next_url, start=False, depth=depth + 1)
                yield from [following] if following else []
