"""Our shop as a shopper's browser meets it: what it sells, the page of an order, the form that is sent."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal

import httpx

from demo.shoppers import Offer, Shopper, Terms

FIELD = re.compile(r'name="(key|agreed)" value="([^"]*)"')
COMMUNE = re.compile(r'<option value="([^"]+)"></option>')
QUANTITY = re.compile(r"<option(?: selected)?>(\d+)</option>")
FEE = re.compile(r'<data class="checkout__fee" value="([^"]+)">')
DAYS = re.compile(r'<data class="checkout__days" value="(\d+)/(\d+)">')


@dataclass(frozen=True, slots=True)
class Page:
    """The page of an order as it was read.

    Attributes:
        days: least and most that the way takes after the call.
        agreed: the total that it shows, DZD.
    """

    offer: Offer
    terms: Terms
    days: tuple[int, int]
    agreed: str
    communes: tuple[str, ...]


class Storefront:
    """Our shop behind `client`, whose base address is the shop's."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def shown(self, marketplace: str = "jumia") -> dict[str, int]:
        """What the shop sells of a marketplace's goods: the address of each by the SKU there, as its API says.

        Raises:
            httpx.HTTPError: the shop does not answer.
        """
        found: dict[str, int] = {}
        page, pages = 1, 1
        while page <= pages:
            asked: dict[str, str | int] = {
                "in_our_shop": "true",
                "marketplace": marketplace,
                "page": page,
                "page_size": 100,
            }
            answer = self._client.get("/api/v1/products", params=asked).raise_for_status().json()
            found |= {one["external_id"]: one["id"] for one in answer["items"]}
            page, pages = page + 1, answer["pages"]
        return found

    def read(self, shopper: Shopper, listing_id: int) -> Page | None:
        """What the shop asks this shopper; None where it does not sell the product any more."""
        asked = {"quantity": shopper.quantity, "wilaya": shopper.person.wilaya.code}
        answer = self._client.get(f"/order/{listing_id}", params=asked)
        if answer.status_code != 200:
            return None
        text = answer.text
        agreed, fee = dict(FIELD.findall(text))["agreed"], Decimal(FEE.findall(text)[0])
        least, most = map(int, DAYS.findall(text)[0])
        return Page(
            Offer(
                shopper.sku,
                float((Decimal(agreed) - fee) / shopper.quantity),
                max(map(int, QUANTITY.findall(text)), default=0),
            ),
            Terms(round((least + most) / 2), float(fee)),
            (least, most),
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
