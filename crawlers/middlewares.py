"""Between the spiders and the markets: the replay's proxy, and the market's own time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached

from config import Settings, settings
from crawlers import markets

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MARKET_TIME = "X-Market-Time"


class MarketMiddleware:
    """Sends requests where MARKETS says, robots.txt included, and notes when each response was served."""

    def __init__(self, chosen: Settings) -> None:
        self.markets = chosen.markets
        self.proxy = markets.proxy(chosen)

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> MarketMiddleware:
        """Scrapy's constructor."""
        return cls(settings())

    def process_request(self, request: Request) -> None:
        """In demo and replay nothing leaves the machine, whatever proxy the environment names.

        In live all hosts of a shop share its limit of requests, its robots.txt included.

        Raises:
            IgnoreRequest: in demo, an address outside the machine.
        """
        if self.markets == "replay":
            request.meta["proxy"] = self.proxy
        elif self.markets == "demo":
            request.meta["proxy"] = None
            if not request.url.startswith(f"http://{markets.LOOPBACK}:"):
                raise IgnoreRequest(f"MARKETS=demo asks nothing outside this machine: {request.url}")
        else:
            host = urlparse_cached(request).hostname or ""
            if (slot := markets.slot(host)) != host:
                request.meta["download_slot"] = slot

    def process_response(self, request: Request, response: Response) -> Response:
        """Notes the time in `meta["observed_at"]`; a live market's header says nothing to us."""
        request.meta["observed_at"] = self._market_time(response) or datetime.now(UTC)
        return response

    def _market_time(self, response: Response) -> datetime | None:
        stamp = response.headers.get(MARKET_TIME)
        if stamp is None or self.markets == "live":
            return None
        return datetime.fromisoformat(stamp.decode()).astimezone(UTC)
