"""A person buys: the agent hands the order over and waits to be told."""

from __future__ import annotations

from typing_extensions import override

from reseller.suppliers import Confirmation, Offer, Request, Sending, Supplier, SupplierUnavailable


class ManualSupplier(Supplier):
    """Sends nothing. `purchasing.mark_ordered` and `purchasing.receive` are how a person reports back."""

    name = "manual"
    by_hand = True
    keeps_keys = False

    @override
    def look(self, request: Request) -> Offer | None:
        raise SupplierUnavailable("a person looks")

    @override
    def order(self, request: Request, sending: Sending) -> Confirmation:
        raise SupplierUnavailable("a person carries this order out")

    @override
    def by_key(self, request: Request) -> Confirmation | None:
        return None

    @override
    def by_reference(self, reference: str) -> Confirmation | None:
        return None
