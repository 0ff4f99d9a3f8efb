"""Jumia, any country's shop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request, signals
from scrapy.http import Response
from twisted.python.failure import Failure

from config import settings
from crawlers import markets, refusals, sitemaps
from crawlers.pages import jumia, jumia_linked, jumia_places, jumia_saved
from crawlers.pages.errors import BadStatus, ChallengePage, EmptyResult, ProductGone, WrongShop
from crawlers.pages.page import Found, Page, refuse_challenge
from crawlers.shard import Shard
from crawlers.spiders.jumia_arguments import JumiaArguments
from crawlers.spiders.market import MarketSpider
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

Item = Offer | Reject | Gone
_MOVED = frozenset((301, 302, 303, 307, 308))
_DEAD = frozenset((404, 410))
_MOST_HOPS = 4
_DEEPEST_SITEMAP = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is asked for, and why.

    Attributes:
        address: public, as it was first asked for.
        start: whether the crawl was sent here, so that to find nothing is a failure.
        number: of the page in its listing, from 1.
        part: whether this listing is only a part of the one that was asked for.
        hops: redirects on the way here.
        pages: how many pages this listing is sure to have, by what its first page says.
    """

    address: str
    start: bool
    number: int = 1
    part: bool = False
    hops: int = 0
    pages: int = 1

    @property
    def kind(self) -> jumia.Kind:
        """What the address names."""
        return jumia.kind_of_address(self.address)


class JumiaSpider(MarketSpider):
    """Listings and products of a Jumia shop: a category, a search, its menu, its sitemaps or the pages of `start_url`.

    scrapy crawl jumia -a country=ma -a category=telephones-smartphones
    scrapy crawl jumia -a country=gh -a query=laptop -a max_pages=3
    scrapy crawl jumia -a country=ke -a source=sitemap -a kind=product -a shard=0/4
    """

    name = "jumia"
    marketplace = "jumia"
    arguments_type = JumiaArguments
    parse_page = staticmethod(jumia.parse)

    @classmethod
    def saved_page(cls, body: bytes, url: str | None, country: str | None) -> Page:
        """A saved page; its country and address are read from it where they are not given."""
        return jumia_saved.page(body, url, country, datetime.now(UTC))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: Any) -> JumiaSpider:
        """Scrapy's constructor. Shards share the shop's limit: each of n asks n times as seldom."""
        made: JumiaSpider = super().from_crawler(crawler, *args, **given)
        if made.shard:
            delay = crawler.settings.getfloat("DOWNLOAD_DELAY") * made.shard.count
            crawler.settings.set("DOWNLOAD_DELAY", delay, priority="spider")
        crawler.signals.connect(made.learn_rules, signals.robots_parsed)
        return made

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.market = markets.jumia(self.arguments.country, settings())
        self.allowed_domains = self.market.hosts
        self.pages_left = self.arguments.max_pages or settings().crawl_max_pages
        self.start_addresses = self.arguments.addresses(self.market)
        self.shard = Shard.parse(self.arguments.shard) if self.arguments.shard else None
        self.cut = "shard" if self.shard else None
        self.idle = f"none of the places is of shard {self.shard}" if self.shard else None
        self.rules: dict[str, RobotParser] = {}
        self.out_of_reach = self.out_of = 0

    def learn_rules(self, robotparser: RobotParser, request: Request) -> None:
        """Keeps what a robots.txt says, for addresses that are made up here."""
        self.rules[urlsplit(request.url).netloc] = robotparser

    async def start(self) -> AsyncIterator[Request]:
        """The pages to begin with."""
        if self.market.sitemap and self.arguments.source == "sitemap":
            yield self._sitemap_request(self.market.sitemap, depth=1)
        for address in self.start_addresses:
            if self.arguments.walks_menu or self._is_mine(address):
                for request in self._ask(Visit(address, start=True)):
                    yield request

    def _is_mine(self, address: str) -> bool:
        return self.shard is None or self.shard.takes(address)

    def _ask(self, visit: Visit) -> Iterator[Request]:
        """The request for a page, unless as many as allowed have been asked for."""
        if self.pages_left > 0:
            self.pages_left -= 1
            self.idle = self.idle if self.arguments.walks_menu and visit.kind == "home" else None
            yield self._request(visit, visit.address)
        else:
            self.cut = self.cut or "max_pages"

    def _request(self, visit: Visit, address: str) -> Request:
        return Request(
            self.market.to_request(address),
            headers={"Accept-Language": self.market.language},
            callback=self.parse,
            errback=self.unanswered,
            cb_kwargs={"visit": visit, "start": visit.start},
            meta={"dont_redirect": True},
            priority=-visit.number - 100 * visit.part,
            dont_filter=visit.hops > 0,
        )

    def parse(self, response: Response, visit: Visit, start: bool) -> Iterator[Item | Request]:
        """Offers of a page and the requests for the pages it leads to."""
        if response.status == 404 and (visit.number > 1 or visit.part):
            self._end_listing(visit)
            return
        if followed := self._followed(response, visit):
            yield followed
            return
        page = self.page(response)
        for item in self.read(page, lambda: self._read(page, visit, response), start, visit.address):
            if isinstance(item, Found):
                yield from self._replaced(item, page, visit)
                yield from self._further(item, page, visit)
                continue
            if visit.part and isinstance(item, Offer):
                item.position = None
            if not self._is_index(page.url) or isinstance(item, Reject):
                yield item

    def _end_listing(self, visit: Visit) -> None:
        """A page past the last is not there; a narrower listing that is not there leaves its products out of reach."""
        if visit.number == 1:
            self.crawler.stats.inc_value("listing/part_missing")
            self.cut = self.cut or "part missing"
            self.remark = self.remark or f"a narrower listing that the shop links is not there: {visit.address}"
        elif not self._misses(visit):
            self.crawler.stats.inc_value("page/end_of_listing")

    def _misses(self, visit: Visit) -> bool:
        """Whether a page without products is one that has to have some, which leaves the listing unread to its end."""
        if not 1 < visit.number <= visit.pages:
            return False
        self.crawler.stats.inc_value("listing/page_missing")
        self.cut = self.cut or "page missing"
        self.remark = self.remark or f"page {visit.number} of {visit.pages} is not there: {visit.address}"
        return True

    def _replaced(self, found: Found, page: Page, visit: Visit) -> Iterator[Gone]:
        """The word that a product is no more whose address leads to another one; a new name of the same is none."""
        numbers = {jumia_linked.number_in(address) for address in (page.url, *(offer.url for offer in found.offers))}
        asked = jumia_linked.number_in(visit.address)
        if visit.kind == "product" and visit.hops and asked and asked not in numbers:
            reason = f"{ProductGone.name}: {visit.address} leads to another product, {page.url}"
            yield self.gone(visit.address, reason, page.observed_at)

    def unanswered(self, failure: Failure) -> Iterator[Reject]:
        """Scrapy's errback. What was not sent because the shop has refused is told once, by the answer that refused."""
        if not failure.check(refusals.ShopRefused):
            yield from super().unanswered(failure)

    def _followed(self, response: Response, visit: Visit) -> Request | None:
        """The request for where a page has moved, if that is the same kind of page of the same shop."""
        if response.status not in _MOVED or visit.hops >= _MOST_HOPS:
            return None
        target = self._target(response)
        if not self.market.owns(target) or visit.kind not in ("home", jumia.kind_of_address(target)):
            return None
        return self._request(replace(visit, hops=visit.hops + 1), self.market.canonical(target))

    def _target(self, response: Response) -> str:
        """Where a redirect leads, as a public address; empty where that is none."""
        location = response.headers.get("Location", b"").decode("latin-1")
        try:
            address = urljoin(response.url, location)
            urlsplit(address)
        except ValueError:
            return ""
        return self.market.to_public(address)

    def _read(self, page: Page, visit: Visit, response: Response) -> Found:
        if refusal := response.meta.get(refusals.META):
            raise (ChallengePage if refusal.name == ChallengePage.name else BadStatus)(refusal.detail)
        moved = page.status in _MOVED
        answered = self._target(response) if moved else page.url
        if not self.market.owns(answered):
            raise WrongShop(f"{visit.address} leads to {answered or 'what is no address'}")
        if visit.kind == "product" and page.status in _DEAD:
            raise ProductGone(f"the shop answered {page.status}")
        _refuse_other_kind(visit, answered)
        if moved:
            raise BadStatus(f"the shop answered {page.status} and {visit.hops} redirects before it")
        try:
            return jumia.parse(page, visit.address)
        except EmptyResult:
            self._misses(visit)
            raise

    def _is_index(self, url: str) -> bool:
        """The home page only leads to the categories, unless it was asked for itself."""
        return self.arguments.start_url is None and jumia.kind_of_address(url) == "home"

    def _further(self, found: Found, page: Page, visit: Visit) -> Iterator[Request]:
        if self.arguments.walks_menu and visit.kind == "home":
            for address in filter(self._is_mine, found.more):
                yield from self._ask(Visit(address, start=True))
            return
        extent = self._extent(found, page) if page.number == 1 and visit.kind == "listing" else None
        parts = self._parts(extent, page) if extent and extent.beyond else []
        if found.next_url and not (parts and "price=" in page.url):
            pages = extent.sure_pages if extent else visit.pages
            yield from self._ask(
                replace(visit, address=found.next_url, start=False, number=visit.number + 1, pages=pages, hops=0)
            )
        for address in parts:
            yield from self._ask(Visit(address, start=False, part=True))

    def _extent(self, found: Found, page: Page) -> jumia_places.Extent:
        return jumia_places.extent(page, len(found.offers) + len(found.rejects), found.next_url is not None)

    def _parts(self, extent: jumia_places.Extent, page: Page) -> list[str]:
        """Narrower listings of one that has more products than its pages show; [] if it has none."""
        banded = "price=" in page.url
        parts = [] if banded else [part for part in jumia_places.parts(page) if self._may_ask(part)]
        if not parts and (between := jumia_places.prices(page)):
            parts = [half for half in jumia_places.halves(page.url, between) if self._may_ask(half)]
        self.crawler.stats.inc_value("listing/split" if parts else "listing/out_of_reach")
        if not parts:
            self._leave(extent)
        return parts

    def _may_ask(self, address: str) -> bool:
        """Whether an address is the shop's and its robots.txt allows it."""
        request = self.market.to_request(address)
        rules = self.rules.get(urlsplit(request).netloc)
        agent = self.settings["ROBOTSTXT_USER_AGENT"] or self.settings["USER_AGENT"]
        return self.market.owns(address) and (rules is None or rules.allowed(request, agent))

    def _leave(self, extent: jumia_places.Extent) -> None:
        self.cut = self.cut or "page cap"
        self.out_of_reach += extent.beyond
        self.out_of += extent.total or 0
        self.remark = f"{self.out_of_reach} of {self.out_of} products beyond page {extent.pages} are out of reach"

    def _sitemap_request(self, address: str, depth: int) -> Request:
        scheme = urlsplit(self.market.request_origin).scheme
        return Request(
            f"{scheme}:{address.partition(':')[2]}",
            callback=self.parse_sitemap,
            errback=self.unanswered,
            cb_kwargs={"depth": depth, "start": depth == 1},
            priority=depth,
        )

    def parse_sitemap(self, response: Response, depth: int, start: bool) -> Iterator[Item | Request]:
        """The further sitemaps and the places that a sitemap names."""
        page = self.page(response, response.url)
        for item in self.read(page, lambda: _listed(page), start):
            if not isinstance(item, Found):
                yield item
                continue
            for address in item.more:
                if sitemaps.is_sitemap(address):
                    if depth < _DEEPEST_SITEMAP:
                        yield self._sitemap_request(address, depth + 1)
                elif self._is_wanted(address):
                    yield from self._ask(Visit(self.market.canonical(address), start=False))

    def _is_wanted(self, address: str) -> bool:
        kind = jumia.kind_of_address(address)
        wanted = kind in (self.arguments.kind or "listing", self.arguments.kind or "product")
        return wanted and self.market.owns(address) and self._is_mine(self.market.canonical(address))


def _listed(page: Page) -> Found:
    refuse_challenge(page)
    return Found(more=list(sitemaps.read(page.body)))


def _refuse_other_kind(visit: Visit, answered: str) -> None:
    kind = jumia.kind_of_address(answered)
    if visit.kind == "product" and kind != "product":
        raise ProductGone(f"{visit.address} leads to {answered}")
    if visit.kind == "listing" and kind == "home":
        raise EmptyResult(f"{visit.address} leads to the home page")
