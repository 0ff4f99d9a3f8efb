"""Our shop as a shopper's browser meets it: the page of an order is read, its form is sent."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal

import httpx

from demo.shoppers import Offer, Shopper, Terms
from reseller import delivery

FIELD = re.compile(r'name="(key|agreed)" value="([^"]*)"')
COMMUNE = re.compile(r'<option value="([^"]+)"></option>')
QUANTITY = re.compile(r"<option(?: selected)?>(\d+)</option>")


@dataclass(frozen=True, slots=True)
class Page:
    """The page of an order as it was read. `agreed`: the total that it shows, DZD."""

    offer: Offer
    terms: Terms
    agreed: str
    communes: tuple[str, ...]


class Browser:
    """Connections to our shop at `address`."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=30)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def read(self, shopper: Shopper, listing_id: int) -> Page | None:
        """What the shop asks this shopper; None where it does not sell the product any more."""
        where = shopper.person.wilaya.code
        answer = self._client.get(f"/order/{listing_id}", params={"quantity": shopper.quantity, "wilaya": where})
        if answer.status_code != 200:
            return None
        text, zone = answer.text, delivery.zone(where)
        agreed = dict(FIELD.findall(text))["agreed"]
        return Page(
            Offer(
                shopper.sku,
                float((Decimal(agreed) - zone.fee) / shopper.quantity),
                max(map(int, QUANTITY.findall(text)), default=0),
            ),
            Terms(round(sum(zone.days) / 2), float(zone.fee)),
            agreed,
            tuple(html.unescape(name) for name in COMMUNE.findall(text)),
        )

    def order(self, shopper: Shopper, listing_id: int, page: Page) -> str | None:
        """Sends the form; the key of the order, or None where the shop refuses it."""
        key, person = str(uuid.uuid5(uuid.NAMESPACE_URL, shopper.key)), shopper.person
        filled = {
            "key": key,
            "agreed": page.agreed,
            "quantity": str(shopper.quantity),
            "name": person.name,
            "phone": person.phone,
            "wilaya": str(person.wilaya.code),
            "commune": person.commune if person.commune in page.communes else page.communes[0],
            "address": person.address,
        }
        answer = self._client.post(f"/order/{listing_id}", data=filled)
        return key if answer.status_code == 303 else None
