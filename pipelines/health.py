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
LISTINGS, LISTED = "page/listing", "page/listing_offers"
"""Names in a crawl's stats: pages of listings that were read, and the offers on them."""
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
        listings: pages of listings that were read; pages of single products say nothing about yield.
        listed: offers on these pages.
        coverage: by field, the fraction of offers that say something, 0 to 1.
        whole: whether its offers in all can be compared: it stopped for no reason that depends on what it found.
    """

    offers: int
    listings: int = 0
    listed: int = 0
    coverage: dict[str, float] = field(default_factory=dict)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """A crawl beside those before it.

    Attributes:
        usual: by field, the median fraction of offers that said something; empty if there is nothing to compare with.
        fallen: what fell under half of its own recent median, in words: "rating in 12% of the offers where 85% were
            usual". By the field's name, or `offers`, or `offers_a_page`.
    """

    usual: dict[str, float] = field(default_factory=dict)
    fallen: dict[str, str] = field(default_factory=dict)


def compared(now: Figures, before: Sequence[Figures]) -> Comparison:
    """A crawl beside the ones to compare it with, at most RECENT.

    Not compared is what says little: crawls that used to bring fewer than 20 offers, fields that fewer than a tenth of
    the offers had, and a fall that chance explains (less than two standard deviations of a Poisson count).
    """
    if not before:
        return Comparison()
    factor = 0.5 if len(before) >= ENOUGH else 0.25
    usual = _usual_coverage(before)
    return Comparison(usual, dict([*_yield(now, before, factor), *_coverage(now, usual, factor)]))


def _yield(now: Figures, before: Sequence[Figures], factor: float) -> Iterator[tuple[str, str]]:
    like = [crawl for crawl in before if crawl.whole] if now.whole else []
    if like:
        usual = statistics.median(crawl.offers for crawl in like)
        if usual >= LEAST_OFFERS and now.offers < usual * factor:
            yield "offers", f"{now.offers} offers where {usual:.0f} were usual"
            return
    rates = [crawl.listed / crawl.listings for crawl in before if crawl.listings and crawl.listed >= LEAST_OFFERS]
    if rates and now.listings and now.listed / now.listings < statistics.median(rates) * factor:
        rate = now.listed / now.listings
        yield "offers_a_page", f"{rate:.1f} offers a page where {statistics.median(rates):.1f} were usual"


def _usual_coverage(before: Sequence[Figures]) -> dict[str, float]:
    like = [crawl.coverage for crawl in before if crawl.coverage and crawl.offers >= LEAST_OFFERS]
    names = sorted({name for coverage in like for name in coverage})
    return {name: statistics.median(coverage.get(name, 0.0) for coverage in like) for name in names}


def _coverage(now: Figures, usual: dict[str, float], factor: float) -> Iterator[tuple[str, str]]:
    if now.offers < LEAST_OFFERS:
        return
    for name, share in usual.items():
        found = now.coverage.get(name, 0.0)
        missing = (share - found) * now.offers
        if share >= LEAST_COVERAGE and found < share * factor and missing >= 2 * math.sqrt(share * now.offers):
            yield name, f"{name} in {found:.0%} of the offers where {share:.0%} were usual"
