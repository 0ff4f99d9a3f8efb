"""Jumia's Vendor Center over HTTP: limits kept, tokens renewed, pages walked, feeds polled to the end."""

from __future__ import annotations

import contextlib
import logging
import math
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import httpx

from config import settings
from reseller.channels import ChannelRefused, ChannelUnavailable, tokens

log = logging.getLogger(__name__)
CHANNEL = "jumia_vendor"
MOST_ITEMS = 1000
"""Items of one feed."""
LIMITS = ((4, 1.0), (200, 60.0))
"""Requests within seconds, as the Vendor Center allows them."""
TRIES = 5
PAUSE = 1.0
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
LONGEST_WAIT = 120.0
ENDED = ("COMPLETED", "FAILED")


@lru_cache
def trusted() -> ssl.SSLContext:
    """The authorities we trust, read once: reading them takes longer than a request."""
    return httpx.create_ssl_context()


class Pace:
    """Keeps several limits at once. A request counts from its answer on: its way there cannot bring two together."""

    def __init__(self, limits: Sequence[tuple[int, float]] = LIMITS) -> None:
        self._limits = [(seconds, deque[float](maxlen=count)) for count, seconds in limits]
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def slot(self) -> Iterator[None]:
        """Waits until one more request fits into all limits; the block is that request. One at a time."""
        with self._lock:
            while (rest := self._rest()) > 0:
                time.sleep(rest)
            try:
                yield
            finally:
                for _, answered in self._limits:
                    answered.append(time.monotonic())

    def _rest(self) -> float:
        now = time.monotonic()
        full = [answered[0] + seconds - now for seconds, answered in self._limits if len(answered) == answered.maxlen]
        return max(full, default=0.0)


PACE = Pace()
"""Of this process; a sync holds a lock, so that one process at a time sends."""


class Client:
    """One conversation with the Vendor Center.

    Attributes:
        pause: seconds before the first repetition and between two polls of a feed; grows by repetition.
    """

    def __init__(
        self,
        url: str | None = None,
        client_id: str | None = None,
        *,
        pause: float | None = None,
        patience: float = math.inf,
    ) -> None:
        """A conversation that ends, `ChannelUnavailable`, after `patience` seconds, one request more or less."""
        self._url = url or settings().vendor_center_url
        self._client_id = client_id or settings().vendor_center_client_id or ""
        self._token: str | None = None
        self.pause = PAUSE if pause is None else pause
        self._ends = time.monotonic() + patience

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """A read. Asked again where the answer is 5xx or none."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        return self._ask("GET", path, repeat=True, params=given)

    def pages(self, path: str, member: str, **query: Any) -> Iterator[dict[str, Any]]:
        """The members of a list that is answered in pages with `nextToken`."""
        token: str | None = None
        while True:
            page = self.get(path, token=token, **query)
            yield from page.get(member, [])
            before, token = token, page.get("nextToken")
            if page.get("isLastPage", True) or not token:
                return
            if token == before:
                raise ChannelUnavailable(f"{path} answers the same page again and again")

    def send_feed(self, kind: str, items: Sequence[dict[str, Any]], **more: Any) -> str:
        """Sends up to 1,000 items as one feed; returns its id. Not sent again where the answer is lost.

        Args:
            kind: create, update, stock, price or status.

        Raises:
            ChannelRefused: the feed as a whole is not taken.
            ChannelUnavailable: it may or may not have been taken.
        """
        if not 0 < len(items) <= MOST_ITEMS:
            raise ValueError(f"a feed has 1 to {MOST_ITEMS} items, not {len(items)}")
        body = {**more, "products": list(items)}
        found = self._ask("POST", f"/feeds/products/{kind}", repeat=False, json=body)
        if not found.get("feedId"):
            raise ChannelUnavailable(f"the answer to a feed names no feedId: {found}")
        return str(found["feedId"])

    def poll(self, feed_id: str, longest: float = 600.0) -> dict[str, Any]:
        """The feed when it has ended, COMPLETED or FAILED.

        Raises:
            ChannelUnavailable: it has not ended in `longest` seconds; poll again later.
        """
        deadline, pause = time.monotonic() + longest, self.pause
        while True:
            found = self.get(f"/feeds/{feed_id}")
            if found.get("status") in ENDED:
                return found
            if time.monotonic() > deadline:
                raise ChannelUnavailable(f"feed {feed_id} is still {found.get('status')}")
            self._rest(pause, f"feed {feed_id}")
            pause = min(pause * 1.5, 30.0)

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A change of one thing, which may be repeated."""
        return self._ask("PUT", path, repeat=True, json=body)

    def _ask(self, method: str, path: str, *, repeat: bool, **options: Any) -> dict[str, Any]:
        trouble = ""
        for attempt in range(TRIES):
            if attempt:
                log.info("%s %s again: %s", method, path, trouble)
            try:
                answer = self._send(method, path, **options)
            except httpx.HTTPError as error:
                trouble = f"no answer ({error or type(error).__name__})"
                if not repeat and not isinstance(error, httpx.ConnectError):
                    break
                self._rest(self.pause * 2**attempt, trouble)
                continue
            if answer.is_success:
                return _object(answer)
            trouble = f"the Vendor Center answered {answer.status_code}: {answer.text[:200]}"
            if answer.status_code == 401 and attempt < TRIES - 1:
                self._renew(self._token)
            elif answer.status_code == 429:
                self._rest(_retry_after(answer, self.pause * 2**attempt), trouble)
            elif answer.status_code < 500:
                raise ChannelRefused(trouble)
            elif not repeat:
                break
            else:
                self._rest(self.pause * 2**attempt, trouble)
        raise ChannelUnavailable(f"{method} {path}: {trouble}")

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        if self._token is None:
            self._renew(None)
        options |= {"headers": {"Authorization": f"Bearer {self._token}"}, "trust_env": False}
        left = max(self._ends - time.monotonic(), 1.0)
        options["timeout"] = TIMEOUT if left > 30 else httpx.Timeout(left, connect=min(left, 5.0))
        with PACE.slot():
            return httpx.request(method, f"{self._url}{path}", verify=trusted(), **options)

    def _rest(self, seconds: float, trouble: str) -> None:
        if time.monotonic() + seconds > self._ends:
            raise ChannelUnavailable(f"not in time: {trouble}")
        time.sleep(seconds)

    def _renew(self, spent: str | None) -> None:
        self._token = tokens.access_token(CHANNEL, self._url, self._client_id, spent=spent, slot=PACE.slot)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.content else {}
    except ValueError as error:
        raise ChannelUnavailable(f"the answer is no JSON: {answer.text[:200]!r}") from error
    if not isinstance(found, dict):
        raise ChannelUnavailable(f"the answer is no object: {answer.text[:200]!r}")
    return found


def _retry_after(answer: httpx.Response, default: float) -> float:
    try:
        return min(max(float(answer.headers.get("Retry-After", default)), 0.05), LONGEST_WAIT)
    except ValueError:
        return default
