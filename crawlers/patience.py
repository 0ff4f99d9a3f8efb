"""Retry-After: a shop that asks to wait is waited for, all of it, up to a bound."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy import signals

from crawlers import refusals
from crawlers.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

log = logging.getLogger(__name__)

_BUSY = frozenset((429, 503))
_LEAST_DELAY = 0.001


def seconds_asked(header: str, now: datetime) -> float | None:
    """What a Retry-After asks for, in seconds from now, never negative; None if it says nothing that can be read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max((parsedate_to_datetime(text).astimezone(UTC) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


class PatienceMiddleware:
    """Holds back every request to a shop until the time that it asked for has passed; then Scrapy's retries go on.

    Scrapy's own retries come at once. `RETRY_AFTER_MOST` seconds are waited in a row, without a good answer between;
    more is a refusal in the response's meta. A 429 that names no time waits `RETRY_AFTER_DEFAULT` seconds, doubled with
    each in a row.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most: float = crawler.settings.getfloat("RETRY_AFTER_MOST", 600.0)
        self.default: float = crawler.settings.getfloat("RETRY_AFTER_DEFAULT", 0.0)
        self.busy_since: dict[str, float] = {}
        self.not_before: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatienceMiddleware:
        """Scrapy's constructor. AutoThrottle, an extension, hears of each response before this does."""
        made = cls(crawler)
        crawler.signals.connect(made.hold_on, signals.response_downloaded)
        return made

    def hold_on(self, request: Request) -> None:
        """Holds a slot back again, whose delay AutoThrottle has changed in the meantime.

        It does so at each response, also at those that were under way when the shop asked to wait, and the delay is
        part of the time at which the slot's next request leaves.
        """
        if self.not_before:
            self._hold(request.meta.get("download_slot", ""))

    def process_response(self, request: Request, response: Response) -> Response:
        """Holds the shop's slot back, or says that it asks for too much."""
        slot = request.meta.get("download_slot", "")
        if response.status not in _BUSY:
            if self.busy_since:
                self.busy_since.pop(slot, None)
            return response
        wait = self._wait(request, response)
        if not wait:
            return response
        now = monotonic()
        if now + wait - self.busy_since.setdefault(slot, now) > self.most:
            detail = f"the shop answered {response.status} and asks to wait {wait:.0f} s; {self.most:.0f} s is the most"
            request.meta[refusals.META] = Refusal("page/asked_to_wait", detail)
            request.meta["dont_retry"] = True
        else:
            log.warning("%s asks to wait %.0f s", slot, wait)
            self.crawler.stats.inc_value("page/waited_for")
            self.not_before[slot] = max(self.not_before.get(slot, 0.0), now + wait)
            self._hold(slot)
        return response

    def _wait(self, request: Request, response: Response) -> float:
        told = seconds_asked(response.headers.get("Retry-After", b"").decode("latin-1"), datetime.now(UTC))
        if told is None and response.status == 429:
            times: int = request.meta.get("retry_times", 0)
            return self.default * 2.0**times
        return told or 0.0

    def _hold(self, key: str) -> None:
        """The slot's next request leaves once its delay has passed since `lastseen`."""
        until = self.not_before.get(key)
        if until is None:
            return
        if until <= monotonic():
            del self.not_before[key]
            return
        assert self.crawler.engine
        slot = self.crawler.engine.downloader.slots.get(key)
        if slot is None:
            return
        slot.delay = max(slot.delay, _LEAST_DELAY)
        slot.lastseen = max(slot.lastseen, until - slot.delay)
