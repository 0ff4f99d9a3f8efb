"""Whether a crawl brought what the same crawl brought before: its yield, and how many of its offers say what."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from pipelines.offer import Offer

RECENT = 10
"""Finished crawls of the same spider, country, market and arguments that a crawl is compared with, the newest."""
ENOUGH = 3
"""With fewer crawls than that a figure has to fall under a quarter rather than under half."""
LEAST_OFFERS = 20
LEAST_COVERAGE = 0.10

_NONE_IS_SILENCE = (
    *("brand", "price", "old_price", "rating", "rating_count", "stock_left", "seller_name"),
    *("shipped_from_abroad", "express", "views", "likes", "position", "sponsored"),
)
_UNKNOWN_IS_SILENCE = ("availability", "seller_kind")
_EMPTY_IS_SILENCE = ("category_path", "image_urls", "attributes")


class Coverage:
    """How many of a crawl's offers say something, field by field; some half a microsecond an offer."""

    def __init__(self) -> None:
        self.offers = 0
        self._said = dict.fromkeys((*_NONE_IS_SILENCE, *_UNKNOWN_IS_SILENCE, *_EMPTY_IS_SILENCE), 0)

    def add(self, offers: Sequence[Offer]) -> None:
        """Takes a batch in."""
        number = len(offers)
        self.offers += number
        for name in _NONE_IS_SILENCE:
            self._said[name] += number - list(map(attrgetter(name), offers)).count(None)
        for name in _UNKNOWN_IS_SILENCE:
            self._said[name] += number - list(map(attrgetter(name), offers)).count("unknown")
        for name in _EMPTY_IS_SILENCE:
            self._said[name] += sum(map(bool, map(attrgetter(name), offers)))

    def fractions(self) -> dict[str, float]:
        """By field, the fraction of offers that say something, 0 to 1; empty without offers."""
        return {name: round(said / self.offers, 4) for name, said in self._said.items()} if self.offers else {}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is compared of a crawl.

    Attributes:
        pages: responses that were read.
        coverage: by field, the fraction of offers that say something, 0 to 1.
        whole: whether its offers in all can be compared: it stopped for no reason that depends on what it found.
    """

    offers: int
    pages: int
    coverage: dict[str, float] = field(default_factory=dict)
    whole: bool = True


def fallen(now: Figures, before: Sequence[Figures]) -> list[str]:
    """What fell under half of its own recent median, in words: "rating of 85 % of offers, 12 % now".

    Not compared is what says little: crawls that used to bring fewer than 20 offers, fields that fewer than a tenth of
    the offers had, and a fall that chance explains (less than two standard deviations of a Poisson count).

    Args:
        before: the crawls to compare with, at most RECENT.
    """
    if not before:
        return []
    factor = 0.5 if len(before) >= ENOUGH else 0.25
    return [*_yield(now, before, factor), *_coverage(now, before, factor)]


def _yield(now: Figures, before: Sequence[Figures], factor: float) -> Iterator[str]:
    like = [crawl for crawl in before if crawl.whole] if now.whole else []
    if like:
        usual = statistics.median(crawl.offers for crawl in like)
        if usual >= LEAST_OFFERS and now.offers < usual * factor:
            yield f"{now.offers} offers where {usual:.0f} were usual"
            return
    rates = [crawl.offers / crawl.pages for crawl in before if crawl.pages and crawl.offers >= LEAST_OFFERS]
    if rates and now.pages and now.offers / now.pages < statistics.median(rates) * factor:
        yield f"{now.offers / now.pages:.1f} offers a page where {statistics.median(rates):.1f} were usual"


def _coverage(now: Figures, before: Sequence[Figures], factor: float) -> Iterator[str]:
    like = [crawl for crawl in before if crawl.coverage and crawl.offers >= LEAST_OFFERS]
    if not like or now.offers < LEAST_OFFERS:
        return
    for name in sorted({name for crawl in like for name in crawl.coverage}):
        usual = statistics.median(crawl.coverage.get(name, 0.0) for crawl in like)
        found = now.coverage.get(name, 0.0)
        missing = (usual - found) * now.offers
        if usual >= LEAST_COVERAGE and found < usual * factor and missing >= 2 * math.sqrt(usual * now.offers):
            yield f"{name} in {found:.0%} of the offers where {usual:.0%} were usual"
