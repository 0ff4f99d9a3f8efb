"""Whether what a supplier offers or confirms is still what was agreed: plain rules, no SQL, no I/O."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from database.agent import PurchaseOrder
from reseller.suppliers import Confirmation, Offer, Request, Supplier, SupplierNeedsPerson, SupplierRefused

LEAST_BELIEVABLE = Decimal("0.2")
"""Fraction of the agreed price below which an offer is a mistake, or another product."""

LEAST_ALIKE = 0.5
"""Fraction of the words of two titles that are in both, from which on they name the same product."""


def refuse_unless_as_agreed(offer: Offer | None, request: Request) -> None:
    """Lets a purchase go out only for what was decided on.

    Raises:
        SupplierRefused: gone, sold out, dearer, or priced beyond belief.
        SupplierNeedsPerson: the offer is of another product.
    """
    if offer is None:
        raise SupplierRefused("gone", "the offer is gone")
    if offer.sku != request.sku or is_another(request.title, offer.title):
        what = f"{offer.title or offer.sku!r} instead of {request.title or request.sku!r}"
        raise SupplierNeedsPerson(f"the offer has become another product: {what}")
    if offer.available is not None and offer.available < request.quantity:
        raise SupplierRefused("out_of_stock", f"sold out: {offer.available} left of {request.quantity} wanted")
    if offer.unit_price > request.max_unit_price:
        message = f"dearer than allowed: {offer.unit_price} DA instead of {request.max_unit_price} DA"
        raise SupplierRefused("price_changed", message)
    if offer.unit_price < request.max_unit_price * LEAST_BELIEVABLE:
        message = f"a price beyond belief: {offer.unit_price} DA instead of {request.max_unit_price} DA"
        raise SupplierRefused("price_changed", message)


def refuse_another(confirmation: Confirmation, request: Request) -> None:
    """Takes a confirmation only for what was asked for.

    Raises:
        SupplierNeedsPerson: another product, quantity, or a higher price.
    """
    agreed = (request.sku, request.quantity)
    if (confirmation.sku, confirmation.quantity) != agreed or confirmation.unit_price > request.max_unit_price:
        raise SupplierNeedsPerson(
            f"order {confirmation.reference} is not what was asked for: {confirmation.quantity} x {confirmation.sku} at"
            f" {confirmation.unit_price} DA. A person has to settle this with the supplier."
        )


def refuse_if_perhaps_sent(order: PurchaseOrder, supplier: Supplier) -> None:
    """What may have arrived at a supplier without keys is never sent again.

    Raises:
        SupplierNeedsPerson: the last click was begun, and the order history does not show the order.
    """
    if order.sent_at is not None and not supplier.keeps_keys:
        raise SupplierNeedsPerson(
            f"it was sent at {order.sent_at:%Y-%m-%d %H:%M} UTC and the order history does not show it: look there"
            " again, then note its number, or that it was not ordered. It is not sent again."
        )


def is_another(agreed: str, offered: str | None) -> bool:
    """Whether two titles name different products: other figures (a size, a model), or fewer than half of the words."""
    if not agreed or not offered:
        return False
    before, after = _words(agreed), _words(offered)
    numbers = [{word for word in words if any(map(str.isdigit, word))} for words in (before, after)]
    return numbers[0] != numbers[1] or len(before & after) < LEAST_ALIKE * len(before | after)


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return set(re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter))))
