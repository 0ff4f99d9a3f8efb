"""Real ads of Ouedkniss, put back into the shape of its GraphQL API."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

Ad = dict[str, Any]
Answer = dict[str, Any]

FIRST_ID = 40_000_000
MOST_PER_PAGE = 60
SNAPSHOT_DAY = datetime(2024, 4, 5, 12, tzinfo=UTC)
SNAPSHOT_CATEGORY = "immobilier"


class UnknownSearch(ValueError):
    """The API would answer with errors: not a search, or one with wrong variables."""


class Ads:
    """The 912 ads of one day, and one recorded response.

    Args:
        folder: the saved data of Ouedkniss.
    """

    def __init__(self, folder: Path) -> None:
        saved = json.loads((folder / "ads-2024-04-05.json").read_text())
        self.ads = [_ad(number, raw) for number, raw in enumerate(saved)]
        recorded = json.loads((folder / "search-response-2026-08-18.json").read_text())
        self.recorded_day = datetime.combine(datetime.fromisoformat(recorded["_probe_date"]), time(12), UTC)
        self.recorded_variables: dict[str, Any] = recorded["_probe"]["request"]["variables"]
        self.recorded: Answer = {"data": recorded["data"]}

    def plan(self) -> list[tuple[datetime, dict[str, str]]]:
        """When to crawl what, to see every ad."""
        asked = self.recorded_variables
        recorded = {"category": asked["filter"]["categorySlug"], "query": asked["q"]}
        return [(SNAPSHOT_DAY, {"category": SNAPSHOT_CATEGORY}), (self.recorded_day, recorded)]

    def search(self, body: Any, clock: datetime | None) -> tuple[Answer, datetime]:
        """The answer to a search as of the clock, and the day it stands for.

        Raises:
            UnknownSearch: the body is no SearchQuery.
        """
        variables = _variables(body)
        asked = variables.get("filter") or {}
        category, words = asked.get("categorySlug"), variables.get("q")
        page, count = _number(asked, "page", 1), _number(asked, "count", 48)
        if count > MOST_PER_PAGE:
            raise UnknownSearch(f"count must not exceed {MOST_PER_PAGE}")
        if self._is_recorded(category, words) and (clock is None or clock >= self.recorded_day):
            return (self.recorded if page == 1 else _page([], page, count)), self.recorded_day
        seen = self.ads if clock is None or clock >= SNAPSHOT_DAY else []
        found = [ad for ad in seen if _matches(ad, category, words)]
        return _page(found, page, count), SNAPSHOT_DAY

    def _is_recorded(self, category: str | None, words: str | None) -> bool:
        asked = self.recorded_variables
        return bool(category == asked["filter"]["categorySlug"] and (words or "") == asked["q"])


def _variables(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or "SearchQuery" not in str(body.get("query")):
        raise UnknownSearch("only SearchQuery was recorded")
    variables = body.get("variables") or {}
    if not isinstance(variables, dict):
        raise UnknownSearch("variables must be an object")
    return variables


def _number(asked: dict[str, Any], name: str, default: int) -> int:
    value = asked.get(name) or default
    if not isinstance(value, int) or value < 1:
        raise UnknownSearch(f"{name} must be a positive whole number")
    return value


def _matches(ad: Ad, category: str | None, words: str | None) -> bool:
    if category and not f"{ad['category']['slug']}-".startswith(f"{category}-"):
        return False
    text = _folded(f"{ad['title']} {ad['description']}")
    return all(_folded(word) in text for word in (words or "").split())


def _page(found: list[Ad], page: int, count: int) -> Answer:
    last = max(math.ceil(len(found) / count), 1)
    info = {"lastPage": last, "hasMorePages": page < last, "total": len(found)}
    data = found[(page - 1) * count : page * count]
    return {"data": {"search": {"announcements": {"data": data, "paginatorInfo": info}}}}


def _ad(number: int, raw: dict[str, Any]) -> Ad:
    slug = f"{raw['category']}-{'-'.join(re.findall(r'[a-z0-9]+', _folded(raw['title'])))}"[:120]
    store = (raw["store"] or "").strip()
    surface = raw["Surface"] if isinstance(raw["Surface"], list) else []
    return {
        "id": str(FIRST_ID + number),
        "title": raw["title"],
        "slug": slug,
        "createdAt": raw["date published"],
        "isFromStore": bool(store),
        "hasDelivery": False,
        "likeCount": None,
        "description": raw["description"],
        "status": "PUBLISHED",
        "cities": [_city(name) for name in raw["cities"]],
        "store": {"id": f"s{number}", "name": store, "isOfficial": False, "isVerified": False} if store else None,
        "user": {"id": f"u{number}", "displayName": f"Personne {number}"},
        "defaultMedia": {"mediaUrl": raw["image"], "mimeType": "image/jpeg"} if raw["image"] else None,
        "price": raw["price"],
        "pricePreview": raw["pricePreview"],
        "priceUnit": raw["priceUnit"],
        "oldPrice": None,
        "priceType": raw["pricetype"],
        "exchangeType": raw["exchangeType"],
        "category": {"id": raw["category"], "slug": raw["category"]},
        "quantity": None,
        "specs": [_spec("Superficie", "superficie", value) for value in surface],
    }


def _city(name: str) -> dict[str, Any]:
    city, _, wilaya = name.partition(",")
    return {"name": city.strip(), "region": {"name": wilaya.strip()} if wilaya else None}


def _spec(label: str, codename: str, value: str) -> dict[str, Any]:
    return {"specification": {"label": label, "codename": codename}, "value": value, "valueText": [value]}


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
