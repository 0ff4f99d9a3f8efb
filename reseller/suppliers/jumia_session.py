"""A real Chromium at the shop. Whatever it cannot make sense of becomes a screenshot and a person's task."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from config import settings
from reseller.suppliers import SupplierNeedsPerson, SupplierUnavailable, browsers
from reseller.suppliers.jumia_reading import PageChanged, is_challenge

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Response

log = logging.getLogger(__name__)

STEP_SECONDS = 30.0
"""Longest wait for one step; what a shop under load needs, as a person would wait."""
WIDGETS = "iframe[src*=captcha], .g-recaptcha, .h-captcha, .cf-turnstile, #px-captcha"
_STATE = "() => window.__STORE__ ?? window.__INITIAL_STATE__ ?? null"


class Session:
    """A page of the browser, at one shop.

    Attributes:
        doing: the step under way, for the trail.
    """

    def __init__(self, page: Page, origin: str, key: str) -> None:
        self.page = page
        self.origin = origin
        self.key = key
        self.doing = "opening the shop"

    def open(self, path: str) -> Response:
        """Goes to a page of the shop.

        Raises:
            SupplierUnavailable: the shop answers with an error of its own.
            SupplierNeedsPerson: it wants proof of a person.
        """
        return self._answered(self.page.goto(self.origin + path, wait_until="domcontentloaded"))

    def send(self, button: Locator) -> Response:
        """Clicks what leads to another page, and waits for that page.

        Raises:
            SupplierUnavailable, SupplierNeedsPerson: as `open`.
        """
        with self.page.expect_navigation(wait_until="domcontentloaded") as navigation:
            button.click()
        return self._answered(navigation.value)

    def one(self, selector: str) -> Locator:
        """The one element of a selector.

        Raises:
            PageChanged: there is none, or more than one.
        """
        found = self.page.locator(selector)
        if (number := found.count()) != 1:
            raise PageChanged(f"{number} elements {selector!r} where one is expected")
        return found

    def text(self, selector: str) -> str:
        """The visible text of the one element of a selector."""
        return str(self.one(selector).inner_text())

    def text_if_there(self, selector: str) -> str | None:
        """The visible text of an element, None where there is none."""
        found = self.page.locator(selector)
        return found.first.inner_text() if found.count() else None

    def state(self) -> dict[str, Any] | None:
        """What the page embeds as its state."""
        found = self.page.evaluate(_STATE)
        return found if isinstance(found, dict) else None

    def screenshot(self) -> str | None:
        """Keeps what the browser sees; the file's name below DATA_DIR/screenshots. What cannot be kept is logged."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{re.sub(r'[^0-9a-f-]', '', self.key) or 'look'}.png"
        folder = settings().data_dir / "screenshots"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            secrets = [self.page.locator("input[type=password], input[type=email], input[type=tel]")]
            self.page.screenshot(path=folder / name, mask=secrets, timeout=STEP_SECONDS * 1000)
        except Exception as error:  # the reason that led here matters more than its picture
            log.warning("no screenshot of %s: %s", self.doing, error)
            return None
        return name

    def _answered(self, answer: Response | None) -> Response:
        if answer is None:
            raise PageChanged("the page did not change")
        if is_challenge(answer.status, self.page.title()) or self.page.locator(WIDGETS).count():
            raise SupplierNeedsPerson(f"the shop wants proof of a person (status {answer.status})")
        if answer.status >= 500:
            raise SupplierUnavailable(f"the shop answered {answer.status}")
        return answer


@contextlib.contextmanager
def session(origin: str, key: str) -> Iterator[Session]:
    """A fresh context of the browser, without history or cookies; its troubles are told with a screenshot.

    Raises:
        SupplierUnavailable: no browser, no connection, an error of the shop.
        SupplierNeedsPerson: a captcha, or a page that is not what it was.
    """
    from playwright.sync_api import Error, TimeoutError

    with contextlib.ExitStack() as stack:
        try:
            browser = stack.enter_context(browsers.browser())
            context = browser.new_context(locale="fr-DZ", viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
        except Error as error:
            raise SupplierUnavailable(f"the browser does not start: {_first_line(error)}") from error
        page.set_default_timeout(STEP_SECONDS * 1000)
        at = Session(page, origin, key)
        try:
            yield at
        except SupplierUnavailable as problem:
            raise type(problem)(f"{at.doing}: {problem}", problem.screenshot or at.screenshot()) from problem
        except PageChanged as problem:
            message = f"{at.doing}: the page is not what it was, {problem}"
            raise SupplierNeedsPerson(message, at.screenshot()) from problem
        except TimeoutError as error:
            raise SupplierUnavailable(f"{at.doing}: too slow, {_first_line(error)}", at.screenshot()) from error
        except Error as error:
            raise SupplierUnavailable(f"{at.doing}: {_first_line(error)}", at.screenshot()) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
