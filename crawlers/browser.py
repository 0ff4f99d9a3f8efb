"""The browser behind BROWSER=1: Chromium through scrapy-playwright, under its own name and without pictures."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config import settings

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page
    from playwright.async_api import Request as BrowserRequest
    from playwright.async_api import Response as BrowserResponse
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from config import Settings

PAGES_PER_CONTEXT = 25
_LOOK_AGAIN_SECONDS = 0.2
_NEEDED = frozenset(("document", "script", "xhr", "fetch"))
_CHALLENGE_HOSTS = ("challenges.cloudflare.com",)
_CHALLENGE_PATH = "/cdn-cgi/"
_HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"


def scrapy_settings(chosen: Settings, proxy: str | None) -> dict[str, Any]:
    """What BROWSER=1 adds to Scrapy's settings; without it none of this is loaded."""
    launch: dict[str, Any] = {
        "executable_path": str(chosen.browser_path),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
    }
    if proxy:
        launch["proxy"] = {"server": proxy}
    return {
        "DOWNLOAD_HANDLERS": {"https" if chosen.markets == "live" else "http": _HANDLER},
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 30_000,
        "PLAYWRIGHT_ABORT_REQUEST": "crawlers.browser.is_superfluous",
    }


def is_superfluous(request: BrowserRequest) -> bool:
    """Whether a request of the browser is none that reading a page or passing a challenge needs."""
    address = urlsplit(request.url)
    if request.is_navigation_request():
        before = request.redirected_from
        return before is not None and urlsplit(before.url).hostname != address.hostname
    if request.resource_type not in _NEEDED:
        return True
    return not (address.path.startswith(_CHALLENGE_PATH) or address.hostname in _CHALLENGE_HOSTS)


@dataclass(eq=False)
class Loaded:
    """One page in the browser: its answers, the requests it took, and its context."""

    patience: float
    started: float = field(default_factory=time.monotonic)
    documents: list[BrowserResponse] = field(default_factory=list)
    asked: int = 0
    context: BrowserContext | None = None
    body: bytes | None = None

    def count(self, request: BrowserRequest) -> None:
        """Counts a request that leaves the browser."""
        self.asked += not is_superfluous(request)

    def note(self, response: BrowserResponse) -> None:
        """Keeps the answers that are pages; the last is the one that counts."""
        if response.request.is_navigation_request() and response.frame.parent_frame is None:
            self.documents.append(response)

    async def wait(self, page: Page) -> None:
        """Waits until the challenge is over, or `patience` seconds, and takes the page as it was sent."""
        from playwright.async_api import Error

        from crawlers.challenges import is_challenge

        self.context = page.context
        while True:
            try:
                last = self.documents[-1]
                body = await last.body()
                if not is_challenge(last.status, "cf-mitigated" in last.headers, body):
                    self.body = body
                    return
            except (Error, IndexError):
                pass  # the page is being left for the next one
            if time.monotonic() - self.started > self.patience:
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)


class Browser:
    """Prepares requests for the browser and takes its answers. After PAGES_PER_CONTEXT pages a context is closed."""

    META = "browser"

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.sent = 0
        self.under_way: Counter[str] = Counter()

    def prepare(self, request: Request) -> None:
        """Makes a request one of the browser's."""
        from scrapy_playwright.page import PageMethod

        context = f"{self.sent // PAGES_PER_CONTEXT}"
        self.sent += 1
        self.under_way[context] += 1
        loaded = Loaded(settings().browser_seconds)
        agent = self.crawler.settings["USER_AGENT"]
        request.meta.update(
            {
                self.META: loaded,
                "playwright": True,
                "playwright_context": context,
                "playwright_context_kwargs": {"user_agent": agent, "service_workers": "block"},
                "playwright_page_event_handlers": {"request": loaded.count, "response": loaded.note},
                "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
                "playwright_page_methods": [PageMethod(loaded.wait)],
            }
        )

    async def answered(self, request: Request, response: Response) -> Response:
        """The page that came after the challenge, byte for byte as the shop sent it."""
        loaded: Loaded = request.meta[self.META]
        await self.left(request)
        self._charge(request, loaded.asked)
        if loaded.body is None:
            return response
        return response.replace(status=loaded.documents[-1].status, body=loaded.body)

    async def left(self, request: Request) -> None:
        """Closes the request's context if it was the last page of one that gets no more."""
        context = request.meta["playwright_context"]
        self.under_way[context] -= 1
        if self.under_way[context] or int(context) == self.sent // PAGES_PER_CONTEXT:
            return
        del self.under_way[context]
        if opened := request.meta[self.META].context:
            await opened.close()

    def _charge(self, request: Request, asked: int) -> None:
        """What a page asked for besides itself counts against the shop's limit: the next request waits for it too."""
        assert self.crawler.engine
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot and asked > 1:
            slot.lastseen += (asked - 1) * slot.delay
