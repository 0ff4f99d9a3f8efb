"""How a crawl ended, in words a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Outcome = tuple[Literal["finished", "failed"], str | None]
_MOST_NAMED = 5


def judge(finish_reason: str, offers: int, pages: int, failures: Sequence[str], troubles: Sequence[str]) -> Outcome:
    """State and reason of a crawl.

    Args:
        finish_reason: why Scrapy stopped; `finished` if nothing stopped it.
        offers: valid offers seen.
        pages: responses that were read.
        failures: places the crawl was sent to that yielded nothing, each with its cause.
        troubles: further pages that could not be used, each with its cause.
    """
    causes = _named([*failures, *troubles])
    if finish_reason != "finished":
        return "failed", _joined(f"stopped early: {finish_reason}", causes)
    if offers == 0:
        return "failed", _joined("no offers", causes)
    if failures:
        return "failed", causes
    if len(troubles) * 2 > pages:
        return "failed", _joined(f"{len(troubles)} of {pages} pages could not be used", causes)
    return "finished", causes or None


def _named(causes: Sequence[str]) -> str:
    more = len(causes) - _MOST_NAMED
    return "; ".join([*causes[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _joined(head: str, causes: str) -> str:
    return f"{head}: {causes}" if causes else head
