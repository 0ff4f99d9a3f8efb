"""What the pages of the shop say, read from text and embedded state: no browser, no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from reseller.suppliers import Confirmation, Offer, Request, SupplierNeedsPerson

_AMOUNT = re.compile(r"(\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+|\d+)(\.\d{2})?\s*(?:DA|Dhs|DZD)")
_CHALLENGE = re.compile(
    r"just a moment|un instant|robot check|captcha|attention required|access denied|pardon our interruption",
    re.IGNORECASE,
)
_REFUSING = frozenset((403, 429))


class PageChanged(Exception):
    """A page does not say what it used to say, or not where it used to."""


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order of the account's history; money in DZD, `lines` as (SKU, units, unit price)."""

    number: str
    ordered_at: datetime
    state: str
    total: Decimal
    delivery_fee: Decimal
    lines: tuple[tuple[str, int, Decimal], ...]

    def confirmation(self) -> Confirmation:
        """The order as a supplier's answer.

        Raises:
            PageChanged: more than one product, an unknown state, or a total that is not the sum.
        """
        if len(self.lines) != 1 or self.state not in ("ordered", "delivered", "cancelled"):
            raise PageChanged(f"order {self.number} is {self.state!r} with {len(self.lines)} products")
        sku, quantity, unit_price = self.lines[0]
        if self.total != quantity * unit_price + self.delivery_fee:
            raise PageChanged(f"the total of order {self.number}, {self.total} DA, is not the sum of its parts")
        return Confirmation(
            reference=self.number,
            sku=sku,
            quantity=quantity,
            unit_price=unit_price,
            state=self.state,  # type: ignore[arg-type]
            delivery_fee=self.delivery_fee,
        )


def dinars(text: str) -> Decimal:
    """The one amount of a text such as 12,500 DA.

    Raises:
        PageChanged: there is none, or more than one.
    """
    found = _AMOUNT.findall(text)
    if len(found) != 1:
        raise PageChanged(f"no single price in {text.strip()[:80]!r}")
    whole, cents = found[0]
    return Decimal(re.sub(r"\D", "", whole) + (cents or ".00"))


def is_challenge(status: int, title: str) -> bool:
    """Whether a page asks for proof of a person."""
    return status in _REFUSING or bool(_CHALLENGE.search(title))


def offer(state: dict[str, Any] | None, shown_price: str | None, shown_title: str | None) -> Offer | None:
    """The offer of a product page; None where the shop shows another page instead, as it does for what is gone.

    Args:
        state: `__STORE__` or `__INITIAL_STATE__`.
        shown_price, shown_title: the visible texts, which have to say the same.

    Raises:
        PageChanged: the page contradicts itself, or lacks what it used to say.
    """
    if not state or "view" not in state:
        raise PageChanged("the page has no embedded state")
    if state["view"] != "Product":
        return None
    view = state if "products" in state else state.get("viewData") or {}
    products = [
        one for one in view.get("products") or [] if isinstance(one, dict) and one.get("sku") == view.get("sku")
    ]
    try:
        (product,) = products
        (simple,) = product["simples"]
        price = Decimal(product["prices"]["rawPrice"])
        title, buyable = str(product["displayName"]), bool(product["isBuyable"] and simple["isBuyable"])
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise PageChanged(f"the product cannot be read: {type(error).__name__} {error}") from error
    if not price.is_finite() or shown_price is None or dinars(shown_price) != price:
        raise PageChanged(f"the page shows {shown_price!r} and says {price}")
    if shown_title is None or " ".join(shown_title.split()) != " ".join(title.split()):
        raise PageChanged(f"the page shows {shown_title!r} and says {title!r}")
    left = re.match(r"\d+", (simple.get("stockInfo") or {}).get("text", ""))
    available = int(left.group()) if left else None
    return Offer(sku=str(product["sku"]), unit_price=price, available=available if buyable else 0, title=title)


def the_order_of(request: Request, history: list[PastOrder]) -> PastOrder | None:
    """The order that was made for a request: its product, quantity and time, claimed by no other purchase.

    Raises:
        SupplierNeedsPerson: several could be it, or the one has another total than was agreed.
    """
    found = [order for order in history if _fits(order, request)]
    if len(found) > 1:
        numbers = ", ".join(order.number for order in found)
        raise SupplierNeedsPerson(f"the orders {numbers} could all be this purchase")
    if found and request.agreed_total not in (None, found[0].total):
        one = found[0]
        raise SupplierNeedsPerson(
            f"order {one.number} is this purchase, at {one.total} DA instead of the {request.agreed_total} DA agreed"
        )
    return found[0] if found else None


def _fits(order: PastOrder, request: Request) -> bool:
    if order.number in request.claimed or order.state == "cancelled" or request.asked_at is None:
        return False
    minutes = (order.ordered_at - request.asked_at).total_seconds() / 60
    wanted = (request.sku, request.quantity)
    return -EARLIEST <= minutes <= LATEST and [(sku, units) for sku, units, _ in order.lines] == [wanted]


EARLIEST = 10
LATEST = 120
"""Minutes from when we began to order, by our clock, within which the shop's clock may date the order."""
