"""The account's order history, as its pages show it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from reseller.suppliers.jumia_reading import PageChanged, PastOrder, dinars
from reseller.suppliers.jumia_session import Session

if TYPE_CHECKING:
    from playwright.sync_api import Locator


HISTORY = "/customer/order/index/"


def history(at: Session) -> list[PastOrder]:
    """Every order that the history's page, which is open, lists; the latest first."""
    at.doing = "reading the order history"
    at.one("#orders")
    return [_order(article) for article in at.page.locator("#orders article.ord").all()]


def order_of(at: Session, number: str) -> PastOrder | None:
    """One order by the shop's number; None where the account has no such order."""
    at.doing = f"reading order {number}"
    if not number.isdigit() or at.open(f"/customer/order/{number}/").status == 404:
        return None
    found = _order(at.one("#order article.ord"))
    if found.number != number:
        raise PageChanged(f"the page of order {number} shows order {found.number}")
    return found


def _order(article: Locator) -> PastOrder:
    lines = article.locator("[data-sku]").all()
    return PastOrder(
        number=_told(article, "data-number"),
        ordered_at=_time(_told(_only(article, "time"), "datetime")),
        state=_told(article, "data-state"),
        total=dinars(_only(article, ".total").inner_text()),
        delivery_fee=dinars(_only(article, ".delivery").inner_text()),
        lines=tuple(
            (_told(line, "data-sku"), _units(_told(line, "data-quantity")), dinars(_only(line, ".prc").inner_text()))
            for line in lines
        ),
    )


def _only(within: Locator, selector: str) -> Locator:
    found = within.locator(selector)
    if (number := found.count()) != 1:
        raise PageChanged(f"{number} elements {selector!r} in an order")
    return found


def _told(element: Locator, name: str) -> str:
    if not (value := element.get_attribute(name)):
        raise PageChanged(f"an order does not tell its {name}")
    return str(value)


def _time(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise PageChanged(f"{text!r} is no time") from None
    if read.tzinfo is None:
        raise PageChanged(f"{text!r} names no time zone")
    return read


def _units(text: str) -> int:
    if not text.isdigit():
        raise PageChanged(f"{text!r} is no quantity")
    return int(text)
