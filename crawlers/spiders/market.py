"""What the spiders share: typed arguments, pages out of responses, errors that are kept and counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers import unanswered
from crawlers.kept_pages import Kept, WorstPage
from crawlers.markets import Market
from crawlers.pages.errors import EmptyResult, PageError, ProductGone
from crawlers.pages.page import Found, Page
from pipelines.gone import Gone
from pipelines.health import LISTED, LISTINGS
from pipelines.offer import Offer
from pipelines.outcome import Causes
from pipelines.reject import Reject
from pipelines.scrub import scrub_text

_EXCERPT = 2000


class ArgumentError(ValueError):
    """A spider argument is unknown or has a value that cannot be used; the text names it."""


class Arguments(BaseModel):
    """Arguments of a spider, given as `-a name=value`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MarketSpider(Spider):
    """A spider of one marketplace.

    Attributes:
        failures: places it was sent to that yielded nothing, each with its cause.
        troubles: further pages that could not be used.
        cut: why it does not walk every place to its end (`max_pages`, `shard`, ...); None if it does.
        remark: what a person should know of a crawl that finished, such as what stayed out of reach.
        idle: why there was nothing to ask for, where that is as it should be; None if there was.
        served_at: the market's time of the first page that was read; aware, UTC.
        state: how the crawl ended, once it has.
    """

    marketplace: ClassVar[str]
    arguments_type: ClassVar[type[Arguments]]
    market: Market

    def __init__(self, **given: Any) -> None:
        super().__init__()
        self.arguments = self.checked(given)
        self.failures = Causes()
        self.troubles = Causes()
        self.cut: str | None = None
        self.remark: str | None = None
        self.idle: str | None = None
        self.served_at: datetime | None = None
        self.state: str | None = None
        self.worst = WorstPage()

    @classmethod
    def checked(cls, given: dict[str, Any]) -> Any:
        """The typed arguments.

        Raises:
            ArgumentError: one is unknown or wrong.
        """
        try:
            return cls.arguments_type.model_validate({name: value for name, value in given.items() if value != ""})
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors()]
            raise ArgumentError(f"spider {cls.name}: {'; '.join(problems)}") from None

    @classmethod
    def saved_page(cls, body: bytes, url: str | None, country: str | None) -> Page:
        """A page that was saved, as `parse_page` takes it; what is not given is read from the page itself.

        Raises:
            UnknownShop: nothing says whose page it is.
        """
        raise NotImplementedError

    @staticmethod
    def parse_page(page: Page) -> Found:
        """What a page of this marketplace yields.

        Raises:
            PageError: the page cannot be used; its subclass says why.
        """
        raise NotImplementedError

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2 of the market."""
        return self.market.country

    @property
    def recorded_arguments(self) -> dict[str, Any]:
        """The arguments as they are written to `market.crawl`."""
        return dict(self.arguments.model_dump(exclude_none=True))

    def page(self, response: Response, url: str | None = None) -> Page:
        """The response as a page object takes it."""
        return Page(
            body=response.body,
            url=url or self.market.to_public(response.url),
            country=self.market.country,
            currency=self.market.currency,
            observed_at=response.meta["observed_at"],
            status=response.status,
        )

    def read(
        self, page: Page, parse: Callable[[], Found], start: bool, asked: str | None = None, sku: str | None = None
    ) -> Iterator[Offer | Reject | Gone | Found]:
        """Rejects and offers of a page, then what was found; for a page that cannot be used a reject alone.

        Args:
            start: whether the crawl was sent to this place, so that to find nothing there is a failure.
            asked: the public address that was asked for, if redirects led elsewhere.
            sku: the marketplace's own id of the product that was asked for, where it is known.
        """
        stats = self.crawler.stats
        stats.inc_value("page/read")
        self.served_at = self.served_at or page.observed_at
        try:
            found = parse()
        except ProductGone as error:
            yield self.gone(asked or page.url, f"{error.name}: {error}", page.observed_at, sku)
            return
        except PageError as error:
            if isinstance(error, EmptyResult) and not start:
                stats.inc_value("page/end_of_listing")
                return
            self.worst.refuse(page, error.name)
            yield self._failed(page.url, error.name, str(error), page.body, start)
            return
        except Exception as error:
            self.logger.exception("A page could not be read: %s", page.url)
            self.worst.refuse(page, "page/unexpected")
            yield self._failed(page.url, "page/unexpected", f"{type(error).__name__}: {error}", page.body, start)
            return
        if _is_product(found):
            stats.inc_value("page/product")
        elif found.offers or found.rejects:
            stats.inc_value(LISTINGS)
            stats.inc_value(LISTED, len(found.offers))
        self.worst.weigh(page, found, start)
        for trouble in found.troubles:
            stats.inc_value(trouble)
        yield from found.rejects
        yield from found.offers
        yield found

    def keep_page(self, folder: Path) -> Kept | None:
        """Writes the page that this crawl could make least of, for `scrapy extract`; None if it read none."""
        return self.worst.keep(folder, self.name, self.marketplace)

    def gone(self, url: str, reason: str, observed_at: datetime, external_id: str | None = None) -> Gone:
        """The word that a listing is no more.

        Args:
            url: the public address that was asked for.
            reason: begins with a name, such as `page/product_gone`.
            observed_at: aware, UTC; when the market said so.
            external_id: the marketplace's own id, where it is known.
        """
        return Gone(
            marketplace=self.marketplace,
            country=self.country,
            url=url,
            reason=reason,
            observed_at=observed_at,
            external_id=external_id,
        )

    def unanswered(self, failure: Failure) -> Iterator[Reject]:
        """Scrapy's errback: no response came, or robots.txt forbids to ask."""
        request: Request = failure.request
        name, cause = unanswered.named(failure)
        start = bool(request.cb_kwargs.get("start"))
        yield self._failed(self.market.to_public(request.url), name, cause, b"", start)

    def _failed(self, url: str, name: str, detail: str, body: bytes, start: bool) -> Reject:
        self.logger.error("%s: %s: %s", name, detail, url)
        (self.failures if start else self.troubles).append(scrub_text(f"{name}: {detail} ({url})"))
        excerpt = re.sub(r"\s+", " ", body[:_EXCERPT].decode("utf-8", "replace"))
        return Reject(url=url, reason=f"{name}: {detail}", raw={"body": excerpt, "bytes": len(body)})


def _is_product(found: Found) -> bool:
    further = found.next_url or found.has_next or found.rejects
    return not further and len(found.offers) == 1 and found.offers[0].position is None
