"""A shop that will not answer now: what the crawl says of it, and that it is not asked on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

META = "refusal"
"""Where a response's meta holds its shop's Refusal."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no more is to be asked.

    Attributes:
        name: under which it is counted, such as `page/challenge`.
    """

    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"


class ShopRefused(IgnoreRequest):
    """The request was not sent: its shop has refused an earlier one."""


class RefusalMiddleware:
    """Sends nothing more to a host that has refused, and ends the crawl with that reason if it is of one shop."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.one_shop = not getattr(crawler.spidercls, "several_shops", False)
        self.refused: dict[str, Refusal] = {}
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RefusalMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Lets a request pass.

        Raises:
            ShopRefused: its host has refused.
        """
        if self.refused and (refusal := self.refused.get(urlsplit(request.url).netloc)):
            raise ShopRefused(str(refusal))

    def process_response(self, request: Request, response: Response) -> Response:
        """Notes a refusal; the spider still reads the answer that brought it."""
        if refusal := request.meta.get(META):
            self.refused[urlsplit(request.url).netloc] = refusal
            if self.one_shop and self._closing is None and self.crawler.engine:
                self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=str(refusal)))
        return response
