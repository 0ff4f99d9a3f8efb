"""What goes to the database, and to the spool when that is away: batches of a crawl and the crawl's end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import orjson

from pipelines.documents import dumped
from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject

_MONEY = ("price", "old_price", "rating")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStart:
    """Who crawls what. `run` names the crawl until, and wherever, its row in `market.crawl` is made.

    Attributes:
        process_started: when the process began, in seconds since 1970: its number alone comes again.
    """

    spider: str
    marketplace: str
    country: str
    markets: str
    arguments: dict[str, Any]
    host: str
    pid: int
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    run: str = field(default_factory=lambda: str(uuid.uuid4()))
    process_started: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is stored in one transaction, once, however often it is sent.

    Attributes:
        offers: each of another listing.
        first_sightings: how many of the offers this crawl had not sent before.
    """

    crawl: CrawlStart
    offers: list[Offer]
    rejects: list[Reject]
    first_sightings: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlEnd:
    """How a crawl ended; storing it again changes nothing.

    Attributes:
        coverage: by field, the fraction of offers that say something, 0 to 1.
        complete: whether the crawl walked every place it was sent to to its end.
        served_at: the market's own time of the first page.
        gone: listings that the market says are no more; believed only if the crawl finished.
        kept: the command that reads the page which was kept for a person.
    """

    crawl: CrawlStart
    state: Literal["finished", "failed"]
    reason: str | None
    pages: int
    stats: dict[str, Any]
    coverage: dict[str, float] = field(default_factory=dict)
    complete: bool = False
    served_at: datetime | None = None
    gone: list[Gone] = field(default_factory=list)
    kept: str | None = None
    finished_at: datetime = field(default_factory=lambda: datetime.now(UTC))


Record = Batch | CrawlEnd


def to_bytes(record: Record) -> bytes:
    """The record as JSON; money as exact text."""
    kind = "batch" if isinstance(record, Batch) else "end"
    return dumped({"kind": kind, "record": record})


def from_bytes(document: bytes) -> Record:
    """The record that `to_bytes` wrote.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, ArithmeticError: the document is damaged.
    """
    outer = orjson.loads(document)
    values = outer["record"]
    crawl = values["crawl"]
    values["crawl"] = CrawlStart(**crawl | {"started_at": _time(crawl["started_at"])})
    if outer["kind"] == "end":
        times = {name: _time(values[name]) for name in ("finished_at", "served_at") if values.get(name)}
        return CrawlEnd(**values | times | {"gone": [_gone(gone) for gone in values.get("gone", ())]})
    values["offers"] = [_offer(offer) for offer in values["offers"]]
    values["rejects"] = [_reject(reject) for reject in values["rejects"]]
    values.pop("gone", None)  # of an earlier release, always empty
    return Batch(**values)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _reject(values: dict[str, Any]) -> Reject:
    return Reject(**values | {"rejected_at": _time(values["rejected_at"])})


def _gone(values: dict[str, Any]) -> Gone:
    return Gone(**values | {"observed_at": _time(values["observed_at"])})


def _offer(values: dict[str, Any]) -> Offer:
    money = {name: Decimal(values[name]) for name in _MONEY if values[name] is not None}
    return Offer(**values | money | {"observed_at": _time(values["observed_at"])})
