"""Challenges: a shop wants proof of a person. A browser is tried if the settings say so, else nothing more is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config import settings
from crawlers import refusals
from crawlers.browser import Browser
from crawlers.pages import challenge
from crawlers.pages.errors import ChallengePage
from crawlers.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


def is_challenge(status: int, mitigated: bool, body: bytes) -> bool:
    """Whether an answer asks for proof of a person instead of being the page.

    Args:
        mitigated: whether the header `cf-mitigated` is there.
        body: unpacked.
    """
    return mitigated or challenge.is_challenge(status, body)


class ChallengeMiddleware:
    """Recognises challenges before they are retried. Stands behind the unpacking and before the retries.

    With BROWSER=1 the request is sent again through a browser, and so is every further one to that shop. A challenge
    that stays, or stays without a browser, is a refusal in the response's meta, which ends the crawl of one shop.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats
        self.crawler = crawler
        self.guarded = getattr(crawler.spidercls, "guarded", False)  # a browser would resolve names without the guard
        self.browser = Browser(crawler) if settings().browser and not self.guarded else None
        self.wary: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ChallengeMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Once a shop has challenged, the browser asks it at once."""
        if self.wary and self.browser and _host(request) in self.wary and not _is_robots(request):
            self.browser.prepare(request)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """The response, or the request for the browser."""
        if self.browser and Browser.META in request.meta:
            response = await self.browser.answered(request, response)
        if not is_challenge(response.status, b"Cf-Mitigated" in response.headers, response.body):
            return response
        self.stats.inc_value("page/challenged")
        if _is_robots(request):
            return response
        if self.browser and Browser.META not in request.meta:
            self.wary.add(_host(request))
            return request.replace(dont_filter=True)
        detail = f"the shop answered {response.status} with a challenge; {self._hint()}"
        request.meta[refusals.META] = Refusal(ChallengePage.name, detail)
        request.meta["dont_retry"] = True
        return response

    def _hint(self) -> str:
        if self.guarded:
            return "this spider asks no shop through a browser"
        return "a browser did not pass it" if self.browser else "set BROWSER=1 to try it in a browser"

    async def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002
        """A page that the browser could not load gives its place back."""
        if self.browser and Browser.META in request.meta:
            await self.browser.left(request)


def _host(request: Request) -> str:
    host: str = urlsplit(request.url).netloc
    return host


def _is_robots(request: Request) -> bool:
    """Scrapy asks for robots.txt itself; that stays so, browser or not."""
    return bool(request.meta.get("dont_obey_robotstxt"))
