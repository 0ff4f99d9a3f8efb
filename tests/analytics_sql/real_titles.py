"""Titles of real offers, read where they lie: nothing of them is kept in the repository."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BADGES = re.compile(
    r"^(?:✆07006000000 to Order|Pay on Delivery|Official Store|Non-returnable|Extra \d+% Off at Checkout|Free gift"
    r"|Shipped from abroad|Black Friday|Jumia Express|New Arrival|Sponsored)+"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as its source names it. `row` finds it again within `dataset`; `price` is in `currency`."""

    dataset: str
    row: str
    country: str
    title: str
    brand: str | None
    category: str
    price: float | None
    currency: str


def real_offers(shared: Path) -> Iterator[Offer]:
    """Every offer of the saved Jumia data that has a title."""
    data = shared / "real" / "jumia" / "data"
    for number, row in enumerate(_json(data / "dz-2021-01-epicerie.json")):
        yield Offer("dz-2021", str(number), "dz", row["name"], None, "epicerie", _amount(row["price"]), "DZD")
    for dataset, name in (("ma-2026-04", "ma-2026-04-30-laptops"), ("ma-2026-05", "ma-2026-05-10-laptops")):
        for number, row in enumerate(_json(data / f"{name}.json")):
            yield Offer(dataset, str(number), "ma", row["title"], None, "laptops", row["price"], "MAD")
    yield from _catalogue(data / "ng-2025-12-catalogue.csv")
    yield from _phones("ke-2022", data / "ke-2022-06-19-phones.json")
    yield from _phones("ke-2023", data / "ke-2023-06-22-phones.json")


def _catalogue(path: Path) -> Iterator[Offer]:
    with path.open() as file:
        for number, row in enumerate(csv.DictReader(file)):
            # The card's whole text: badges, name, prices, rating.
            title = BADGES.sub("", row["Name"].split("₦")[0]).strip()
            price = _amount(row["Current Price"])
            yield Offer("ng-2025", str(number), "ng", title, None, row["Category"], price, "NGN")


def _phones(dataset: str, path: Path) -> Iterator[Offer]:
    for number, page in enumerate(_json(path)):
        for place, row in page.get("inform", page).items():
            if row["name2"]:
                brand, price = row["brand"], _amount(row["price"])
                yield Offer(dataset, f"{number}/{place}", "ke", row["name2"], brand, "phones", price, "KES")


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def _amount(text: str) -> float | None:
    """The first amount of a text such as `KSh 1,999 - KSh 2,499`."""
    found = re.search(r"\d[\d,]*(?:\.\d+)?", text or "")
    return float(found[0].replace(",", "")) if found else None
