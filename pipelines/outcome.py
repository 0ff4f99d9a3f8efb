"""How a crawl ended, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

Outcome = tuple[Literal["finished", "failed"], str | None]
_MOST_NAMED = 5


class Causes:
    """Causes in the order of their coming: all are counted, the first few kept, however long a crawl lasts."""

    def __init__(self, causes: Iterable[str] = ()) -> None:
        self._named: list[str] = []
        self._count = 0
        for cause in causes:
            self.append(cause)

    def append(self, cause: str) -> None:
        """Takes one more in."""
        self._count += 1
        if len(self._named) < _MOST_NAMED:
            self._named.append(cause)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)


def judge(
    finish_reason: str,
    offers: int,
    pages: int,
    failures: Causes,
    troubles: Causes,
    gone: int = 0,
    idle: str | None = None,
) -> Outcome:
    """State and reason of a crawl.

    Args:
        finish_reason: why Scrapy stopped; `finished` if nothing stopped it.
        offers: valid offers seen.
        pages: responses that were read.
        failures: places the crawl was sent to that yielded nothing, each with its cause.
        troubles: further pages that could not be used, each with its cause.
        gone: listings that the market says are no more: an answer too.
        idle: why a crawl had nothing to ask for, if that is no failure.
    """
    causes = _named(failures, troubles)
    if finish_reason != "finished":
        return "failed", _joined(f"stopped early: {finish_reason}", causes)
    if idle and not (offers or gone or failures or troubles):
        return "finished", idle
    if offers + gone == 0:
        return "failed", _joined("no offers", causes)
    if failures:
        return "failed", causes
    if len(troubles) * 2 > pages:
        return "failed", _joined(f"{len(troubles)} of {pages} pages could not be used", causes)
    return "finished", causes or None


def _named(*groups: Causes) -> str:
    causes = [cause for group in groups for cause in group][:_MOST_NAMED]
    more = sum(map(len, groups)) - len(causes)
    return "; ".join([*causes, *([f"and {more} more"] if more > 0 else [])])


def _joined(head: str, causes: str) -> str:
    return f"{head}: {causes}" if causes else head
