"""The demo market's own supplier, over HTTP with JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote

import httpx
import orjson
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from typing_extensions import override

from reseller.suppliers import Confirmation, Offer, Request, Sending, Supplier, SupplierRefused, SupplierUnavailable

TOKEN = "demo"  # noqa: S105 the demo's published token
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
REFUSALS = {"price_changed": "asks more than agreed", "out_of_stock": "is sold out", "unknown_sku": "does not know it"}
"""Errors that mean that there is no such order; every other one leaves it open whether there is."""

STATES = {"ordered", "delivered", "cancelled"}


class _Answer(BaseModel):
    reference: str = Field(min_length=1)
    sku: str
    quantity: int = Field(gt=0)
    unit_price: Decimal = Field(gt=0)
    total: Decimal
    currency: str = "DZD"
    state: str
    deliver_at: AwareDatetime | None = None


class _Shown(BaseModel):
    sku: str
    unit_price: Decimal
    currency: Literal["DZD"]
    stock: int = Field(ge=0)
    title: str | None = None


class DemoSupplier(Supplier):
    """Orders at `{address}/supplier/v1`. 10 s for an answer; retries are the caller's, who asks by key first."""

    name = "demo"
    by_hand = False
    keeps_keys = True

    def __init__(self, address: str) -> None:
        self._address = address

    @override
    def look(self, request: Request) -> Offer | None:
        answer = self._ask("GET", f"/products/{quote(request.sku, safe='')}")
        if answer.status_code == 404 and _json(answer).get("error") == "unknown_sku":
            return None
        try:
            found = _Shown.model_validate(_json(_successful(answer)))
        except ValidationError as error:
            raise SupplierUnavailable(f"the demo supplier's offer cannot be read: {error}") from error
        return Offer(sku=found.sku, unit_price=found.unit_price, available=found.stock, title=found.title)

    @override
    def order(self, request: Request, sending: Sending) -> Confirmation:
        body = {
            "sku": request.sku,
            "quantity": request.quantity,
            "max_unit_price": str(request.max_unit_price),
        }
        answer = self._ask("POST", "/orders", json=body, headers={"Idempotency-Key": request.key})
        if answer.status_code in (404, 409, 422) and (code := _json(answer).get("error")) in REFUSALS:
            raise SupplierRefused(code, f"the demo supplier {REFUSALS[code]} ({code})")
        return _confirmation(_json(_successful(answer)))

    @override
    def by_key(self, request: Request) -> Confirmation | None:
        answer = self._ask("GET", "/orders", params={"key": request.key})
        if answer.status_code == 404:
            return None
        found = _json(_successful(answer))
        orders = found.get("orders", [found])
        return _confirmation(orders[0]) if orders else None

    @override
    def by_reference(self, reference: str) -> Confirmation | None:
        answer = self._ask("GET", f"/orders/{reference}")
        return None if answer.status_code == 404 else _confirmation(_json(_successful(answer)))

    def _ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", **(headers or {})}
        try:
            return httpx.request(
                method,
                f"{self._address}/supplier/v1{path}",
                headers=headers,
                timeout=TIMEOUT,
                trust_env=False,
                verify=self._address.startswith("https:"),
                **options,
            )
        except httpx.HTTPError as error:
            raise SupplierUnavailable(f"the demo supplier did not answer: {error or type(error).__name__}") from error


def _successful(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise SupplierUnavailable(f"the demo supplier answered {answer.status_code}: {answer.text[:200]}")
    return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise SupplierUnavailable(f"the demo supplier's answer is no JSON: {answer.text[:200]!r}") from error
    if isinstance(found, list):
        return {"orders": found}
    if not isinstance(found, dict):
        raise SupplierUnavailable(f"the demo supplier's answer is no object: {answer.text[:200]!r}")
    return found


def _confirmation(found: object) -> Confirmation:
    try:
        answer = _Answer.model_validate(found)
    except ValidationError as error:
        raise SupplierUnavailable(f"the demo supplier's answer cannot be read: {error}") from error
    if answer.currency != "DZD" or answer.state not in STATES or answer.total != answer.quantity * answer.unit_price:
        raise SupplierUnavailable(f"the demo supplier's answer contradicts itself: {answer!r}")
    return Confirmation(
        reference=answer.reference,
        sku=answer.sku,
        quantity=answer.quantity,
        unit_price=answer.unit_price,
        state=answer.state,  # type: ignore[arg-type]
        deliver_at=answer.deliver_at,
    )
