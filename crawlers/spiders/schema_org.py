"""What spiders of schema.org pages share: the guard, product pages, shops that are walked by their data."""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import Field, field_validator
from scrapy import Request
from scrapy.http import Response, TextResponse

from config import settings
from crawlers import shops
from crawlers.address_guard import GUARDED, ForbiddenAddress
from crawlers.pages import moved, schema_org, shop_listing
from crawlers.pages.errors import NoProduct, NotHtml, PageError, ProductGone, WrongShop
from crawlers.pages.page import Found, Page, refuse_challenge
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
        """The response as a page object takes it: in UTF-8 where it is that, else as its header declares."""
        declared = b"charset" in response.headers.get("Content-Type", b"").lower()
        if declared and isinstance(response, TextResponse) and not is_utf8(response.body):
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
        replaced: list[str] = []
        parse = functools.partial(self._product, page, response, asked, replaced)
        for item in self.read(page, parse, start, asked=asked):
            if not isinstance(item, Found):
                yield item
        for reason in replaced[:1]:
            yield self.gone(asked, reason, page.observed_at)

    def _product(self, page: Page, response: Response, asked: str, replaced: list[str]) -> Found:
        if page.status in _GONE:
            raise ProductGone(f"the shop answered {page.status}")
        if 300 <= page.status < 400:
            raise ForbiddenTarget(f"it leads to {response.headers.get('Location', b'nowhere').decode('latin-1')[:200]}")
        refuse_other_types(response)
        has_moved = not moved.is_same_place(asked, page.url)
        if has_moved:
            refuse_challenge(page)
            self.refuse_dead_end(page, asked)
        try:
            found = self.parse_page(page)
        except NoProduct as error:
            if has_moved and moved.is_above(asked, page.url):
                raise ProductGone(f"its address leads to a place above it, {page.url}") from error
            raise
        if any(offer.position is not None for offer in found.offers):
            return self.of_listing(found, page, has_moved)
        for offer in found.offers:
            if not has_moved or moved.is_same_product(asked, page.url, schema_org.canonical(page), offer):
                offer.url = asked
            else:
                replaced.append(f"{ProductGone.name}: its address leads to another product, {page.url}")
        return found

    def refuse_dead_end(self, page: Page, asked: str) -> None:
        """Raises ProductGone if an address that was asked for leads to where no product is."""
        if moved.is_home(asked, page.url):
            raise ProductGone("its address leads to the home page")

    def of_listing(self, found: Found, page: Page, has_moved: bool) -> Found:
        """What a listing under the address of a product means: offers where the person gave its address.

        Raises:
            ProductGone: the product's own address leads there.
        """
        if has_moved:
            raise ProductGone(f"its address leads to a listing, {page.url}")
        return found


def refuse_other_types(response: Response) -> None:
    """Raises NotHtml if the header declares something else than a page."""
    declared = response.headers.get("Content-Type", b"").decode("latin-1").split(";")[0].strip().lower()
    if declared and declared not in _HTML and response.status < 400:
        raise NotHtml(f"the shop says that this is {declared}")


def is_utf8(body: bytes) -> bool:
    """Whether a body is in UTF-8: hardly a text in another encoding is by chance."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in body[:64]


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
        """A saved page of the shop.

        Raises:
            WrongShop: its address, or the country, is another shop's.
        """
        shop = cls.shop
        address = url or schema_org.address_named(body) or f"https://{shop.host}/"
        if not shop.owns(address):
            raise WrongShop(f"{address} is not of {shop.host}")
        if country and country.lower() != shop.country:
            raise WrongShop(f"{shop.host} sells in {shop.country}, not in {country}")
        observed_at = datetime.now(UTC)
        return Page(body=body, url=address, country=shop.country, currency=shop.currency, observed_at=observed_at)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.market = shops.market(self.shop, settings())
        self.pages_left = self.arguments.max_pages or settings().crawl_max_pages
        if (address := self.arguments.start_url) and not self.shop.owns(address):
            raise ArgumentError(f"start_url: {address} is not of {self.market.public_origin}")

    async def start(self) -> AsyncIterator[Request]:
        """The first page of each category, or the one product."""
        if self.arguments.start_url:
            yield self.product_request(self.shop.own(self.arguments.start_url), start=True)
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
            products = dict.fromkeys(map(self.shop.own, item.more))
            yield from (self.product_request(address, start=False) for address in products)
            following = self.shop.own(item.next_url) if item.next_url else page.url
            if self.market.owns(following) and following != page.url:
                request = self._listing_request(following, start=False, depth=depth + 1)
                yield from [request] if request else []

    def refuse_dead_end(self, page: Page, asked: str) -> None:
        """Raises ProductGone if a product's address leads to what is none of the shop's products, by its address."""
        super().refuse_dead_end(page, asked)
        if not self.shop.is_product(page.url):
            raise ProductGone(f"its address leads to {page.url}, which is no product")

    def of_listing(self, found: Found, page: Page, has_moved: bool) -> Found:
        """Never an offer: what a product's page lists are other products.

        Raises:
            ProductGone: the product's own address leads elsewhere.
            NoProduct: it does not.
        """
        super().of_listing(found, page, has_moved)
        raise NoProduct(f"the page of a product lists {len(found.offers)} others, and not the product")
