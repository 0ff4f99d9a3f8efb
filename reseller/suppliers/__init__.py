"""Who carries out a purchase. Each supplier keeps the same interface; `named` finds the one an order was made for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from config import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a supplier.

    Attributes:
        key: idempotency key; the same key is the same order.
        sku: the marketplace's own id of the listing.
        max_unit_price: DZD; a supplier who asks more refuses.
    """

    key: str
    sku: str
    quantity: int
    max_unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """An order as the supplier knows it, prices in DZD without delivery."""

    reference: str
    sku: str
    quantity: int
    unit_price: Decimal
    state: Literal["ordered", "delivered", "cancelled"]
    deliver_at: datetime | None = None


class SupplierRefused(Exception):
    """The supplier will not sell: it has no such order, and will have none for this request."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SupplierUnavailable(Exception):
    """No answer that can be relied on: the order may or may not exist. Ask by key before sending again."""


class Supplier(Protocol):
    """Someone who sells to us. Every method may raise SupplierUnavailable."""

    name: str
    by_hand: bool
    """Whether a person carries the order out: then nothing is sent, and a person reports back."""

    def order(self, request: Request) -> Confirmation:
        """Orders, once however often the same key is sent.

        Raises:
            SupplierRefused: sold out, dearer than `max_unit_price`, or unknown.
        """

    def by_key(self, key: str) -> Confirmation | None:
        """The order that was made under a key; None where there is none."""

    def by_reference(self, reference: str) -> Confirmation | None:
        """An order by the supplier's own number."""


def named(name: str) -> Supplier:
    """The supplier of that name, as the settings reach it."""
    from reseller.suppliers.demo import DemoSupplier
    from reseller.suppliers.manual import ManualSupplier

    if name == DemoSupplier.name:
        return DemoSupplier(f"http://127.0.0.1:{settings().demo_jumia_port}")
    if name == ManualSupplier.name:
        return ManualSupplier()
    raise LookupError(f"no supplier is called {name!r}")


def for_listing(marketplace: str, country: str) -> str:
    """Name of the supplier for a listing: AGENT_SUPPLIER where it can reach that shop, else `manual`."""
    if settings().agent_supplier == "demo" and (marketplace, country) == ("jumia", "dz"):
        return "demo"
    return "manual"
