"""The Chromium of this thread: started when first needed, kept while a block of work lasts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--blink-settings=imagesEnabled=false",
]


class _Kept(threading.local):
    stack: contextlib.ExitStack | None = None
    browser: Browser | None = None


_kept = _Kept()


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """One browser for all sessions of the block in this thread: starting one costs more than most orders."""
    if _kept.stack is not None:
        yield
        return
    with contextlib.ExitStack() as stack:
        _kept.stack = stack
        try:
            yield
        finally:
            _kept.stack = _kept.browser = None


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """The kept browser, or one for this block.

    Raises:
        playwright.sync_api.Error: it does not start.
    """
    with kept():
        if _kept.browser is None or not _kept.browser.is_connected():
            _kept.browser = _start()
        yield _kept.browser


def _start() -> Browser:
    from playwright.sync_api import sync_playwright

    assert _kept.stack is not None
    playwright = _kept.stack.enter_context(sync_playwright())
    started = playwright.chromium.launch(executable_path=str(settings().browser_path), args=ARGUMENTS)
    _kept.stack.callback(started.close)
    return started
