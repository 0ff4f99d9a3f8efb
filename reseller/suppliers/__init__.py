"""Who carries out a purchase. Each supplier keeps the same interface; `named` finds the one an order was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from config import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a supplier. Money in DZD.

    Attributes:
        key: idempotency key; the same key is the same order, at a supplier that knows keys.
        sku: the marketplace's own id of the listing.
        max_unit_price: a supplier who asks more refuses.
        max_total: what may be paid in all, delivery included; None: whatever delivery costs.
        url, title: of the listing, as it was seen.
        asked_at: when the order was sent, or began to be.
        agreed_total: what the last page before the click showed, if it got that far.
        claimed: the supplier's numbers of our other purchases.
    """

    key: str
    sku: str
    quantity: int
    max_unit_price: Decimal
    max_total: Decimal | None = None
    url: str = ""
    title: str = ""
    asked_at: datetime | None = None
    agreed_total: Decimal | None = None
    claimed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a supplier asks for a listing now.

    Attributes:
        unit_price: DZD, without delivery.
        available: units that can be had, where the supplier says it; 0: sold out.
        title: what is sold there, where the supplier says it.
    """

    sku: str
    unit_price: Decimal
    available: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """An order as the supplier knows it, prices in DZD without delivery.

    Attributes:
        delivery_fee: for the whole order, DZD; None where the supplier does not tell it apart.
    """

    reference: str
    sku: str
    quantity: int
    unit_price: Decimal
    state: Literal["ordered", "delivered", "cancelled"]
    deliver_at: datetime | None = None
    delivery_fee: Decimal | None = None


class SupplierRefused(Exception):
    """The supplier will not sell: it has no such order, and will have none for this request."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SupplierUnavailable(Exception):
    """No answer that can be relied on: the order may or may not exist. Ask by key before sending again.

    Attributes:
        screenshot: what the browser saw, a file below DATA_DIR/screenshots.
    """

    def __init__(self, message: str, screenshot: str | None = None) -> None:
        super().__init__(message)
        self.screenshot = screenshot


class SupplierNeedsPerson(SupplierUnavailable):
    """A program cannot go on: a captcha, a page that changed, a total that is not what was agreed."""


Sending = Callable[[Decimal], None]
"""Called with the total in DZD, delivery included, just before the step after which the order may exist."""


class Supplier(Protocol):
    """Someone who sells to us. Every method may raise SupplierUnavailable, and with it SupplierNeedsPerson."""

    name: str
    by_hand: bool
    """Whether a person carries the order out: then nothing is sent, and a person reports back."""
    keeps_keys: bool
    """Whether the same key sent twice is one order there."""

    def look(self, request: Request) -> Offer | None:
        """What is asked for the listing now; None where it is gone. Orders nothing."""

    def order(self, request: Request, sending: Sending) -> Confirmation:
        """Orders; where `keeps_keys`, once however often the same key is sent.

        Raises:
            SupplierRefused: sold out, dearer than `max_unit_price`, or unknown.
        """

    def by_key(self, request: Request) -> Confirmation | None:
        """The order that was made for a request; None where there is none."""

    def by_reference(self, reference: str) -> Confirmation | None:
        """An order by the supplier's own number."""


BY_HAND = frozenset({"manual", "ouedkniss_contact"})
"""Names of the suppliers where a person carries the order out."""


def named(name: str) -> Supplier:
    """The supplier of that name, as the settings reach it."""
    from reseller.suppliers.demo import DemoSupplier
    from reseller.suppliers.jumia_browser import JumiaBrowser, account_of_settings
    from reseller.suppliers.manual import ManualSupplier
    from reseller.suppliers.ouedkniss_contact import OuedknissContact

    if name == DemoSupplier.name:
        return DemoSupplier(f"http://127.0.0.1:{settings().demo_jumia_port}")
    if name == JumiaBrowser.name:
        return JumiaBrowser(account_of_settings())
    if name == ManualSupplier.name:
        return ManualSupplier()
    if name == OuedknissContact.name:
        return OuedknissContact()
    raise LookupError(f"no supplier is called {name!r}")


def for_listing(marketplace: str, country: str) -> str:
    """Name of the supplier for a listing: AGENT_SUPPLIER where it can reach that shop, a letter to the seller on
    Ouedkniss, else `manual`."""
    if (marketplace, country) == ("jumia", "dz"):
        return settings().agent_supplier
    return "ouedkniss_contact" if marketplace == "ouedkniss" else "manual"
