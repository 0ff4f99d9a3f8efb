"""A page of Ouedkniss's search, as its GraphQL API answers."""

from __future__ import annotations

from typing import Any

from crawlers.pages.errors import EmptyResult, LayoutChanged
from crawlers.pages.ouedkniss_ad import offer
from crawlers.pages.ouedkniss_answer import answer, api_errors, errors_of
from crawlers.pages.page import Found, Page
from pipelines.reject import Reject

_UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError)
_TO_THE_ADS = ["search", "announcements", "data"]


def parse(page: Page, public_origin: str, category: str | None = None) -> Found:
    """Offers of one page of ads.

    An error of the API that names one ad (by its GraphQL path) costs that ad, since a field that is null because of it
    would be taken for a price that is no more; any other error costs the page.

    Args:
        public_origin: where ads have their public address, such as `https://www.ouedkniss.com`.
        category: the slug that was asked for; stands in where the answer names none.

    Raises:
        EmptyResult: the first page has no ads: a wrong slug is no error to the API.
        ApiErrors, LayoutChanged, NotHtml, PageTruncated, ChallengePage, BadStatus: the answer cannot be used.
    """
    envelope = answer(page)
    broken = _broken_ads(errors_of(envelope))
    announcements = _announcements(envelope)
    ads, paginator = announcements.get("data"), announcements.get("paginatorInfo") or {}
    if ads is None and paginator.get("total") != 0:
        raise LayoutChanged("the list of ads is null")
    if not ads:
        raise EmptyResult(f"no ads under {category or 'this search'}")
    found = Found(has_next=_has_next(paginator, page))
    for place, ad in enumerate(ads):
        try:
            if place in broken:
                raise ValueError(f"the API failed on it: {broken[place]}")
            found.offers.append(offer(ad, page, public_origin, category))
        except _UNREADABLE as error:
            reason = f"offer/unreadable: {type(error).__name__}: {error}"
            raw = {name: value for name, value in ad.items() if name != "user"} if isinstance(ad, dict) else {"ad": ad}
            found.rejects.append(Reject(url=page.url, reason=reason, raw=raw))
    if not found.offers:
        raise LayoutChanged(f"none of {len(ads)} ads can be read: {found.rejects[0].reason}")
    return found


def _broken_ads(errors: list[dict[str, Any]]) -> dict[int, str]:
    """Ads, by their place on the page, that errors name."""
    broken: dict[int, str] = {}
    for error in errors:
        path = error.get("path")
        if not (isinstance(path, list) and path[:3] == _TO_THE_ADS and len(path) > 3 and isinstance(path[3], int)):
            raise api_errors(errors)
        broken[path[3]] = str(error.get("message"))[:200]
    return broken


def _has_next(paginator: dict[str, Any], page: Page) -> bool:
    more = paginator.get("hasMorePages")
    if more is None and isinstance(last := paginator.get("lastPage"), int):
        return page.number < last
    return bool(more)


def _announcements(envelope: dict[str, Any]) -> dict[str, Any]:
    node: Any = envelope
    for name in ("data", "search", "announcements"):
        node = node.get(name) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise LayoutChanged("the answer has no data.search.announcements")
    return node
