"""Announcements in the API's shape, and the picking of the fields that a query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from demo.catalogue import Ad, Store, slug
from demo.classifieds import Posting
from demo.graphql_query import Field, GraphQLError
from demo.market import Market

UNITS = {"UNIT": 1, "MILLION": 10_000, "BILLION": 10_000_000}
"""Dinars in one unit of `pricePreview`: a million and a billion of centimes."""

JSON = "JSON"
TYPES: dict[str, dict[str, str | None]] = {
    "Query": {"search": "SearchResult", "announcementDetails": "Announcement"},
    "SearchResult": {"announcements": "AnnouncementPaginator"},
    "AnnouncementPaginator": {"data": "Announcement", "paginatorInfo": "PaginatorInfo"},
    "PaginatorInfo": dict.fromkeys(
        ("lastPage", "hasMorePages", "total", "currentPage", "perPage", "count", "firstItem", "lastItem")
    ),
    "Announcement": dict.fromkeys(
        (
            "id",
            "title",
            "slug",
            "createdAt",
            "refreshedAt",
            "isFromStore",
            "hasDelivery",
            "deliveryType",
            "paymentMethod",
            "likeCount",
            "description",
            "status",
            "price",
            "pricePreview",
            "priceUnit",
            "oldPrice",
            "oldPricePreview",
            "priceType",
            "exchangeType",
            "reference",
            "quantity",
        )
    )
    | {
        "cities": "City",
        "store": "Store",
        "user": "User",
        "defaultMedia": "Media",
        "medias": JSON,
        "variants": JSON,
        "category": "Category",
        "specs": "Spec",
    },
    "City": dict.fromkeys(("id", "name", "slug")) | {"region": JSON},
    "Store": dict.fromkeys(
        ("id", "name", "slug", "isOfficial", "isVerified", "followerCount", "announcementsCount", "imageUrl")
    ),
    "User": dict.fromkeys(("id", "displayName", "avatarUrl")),
    "Media": dict.fromkeys(("mediaUrl", "mimeType", "thumbnail")),
    "Category": dict.fromkeys(("id", "name", "slug", "deliveryType")),
    "Spec": dict.fromkeys(("value", "valueText")) | {"specification": "Specification"},
    "Specification": dict.fromkeys(("label", "codename", "type")),
}
"""Fields of each type; JSON: may be asked for with or without fields of its own."""

ARGUMENTS: dict[tuple[str, str], dict[str, bool]] = {
    ("Query", "search"): {"q": False, "filter": False},
    ("Query", "announcementDetails"): {"id": True},
    ("Announcement", "defaultMedia"): {"size": False},
    ("Announcement", "medias"): {"size": False},
}
"""Arguments of the fields that take any, and whether they are required."""


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _preview(dinars: int | None, unit: str) -> float | int:
    if dinars is None:
        return 0
    value = dinars / UNITS[unit]
    return int(value) if value == int(value) else round(value, 4)


def _id(text: str) -> str:
    return str(crc32(text.encode()))


def _store(store: Store | None) -> dict[str, Any] | None:
    if store is None:
        return None
    return {
        "id": str(store.id),
        "name": store.name,
        "slug": store.slug,
        "isOfficial": store.official,
        "isVerified": store.verified,
        "followerCount": store.followers,
        "announcementsCount": None,
        "imageUrl": None,
    }


def _city(ad: Ad) -> dict[str, Any]:
    region = {"id": _id(ad.region), "name": ad.region, "slug": slug(ad.region)}
    return {"id": _id(ad.city), "name": ad.city, "slug": slug(ad.city), "region": region}


def announcement(market: Market, posting: Posting, origin: str) -> dict[str, Any]:
    """One ad with every field the API knows."""
    ad, picture = posting.ad, f"{origin}/medias/{posting.id}.svg"
    kind = {"delivery": "DELIVERY"} if ad.store else {}
    return {
        "id": str(posting.id),
        "title": ad.title,
        "slug": posting.slug,
        "createdAt": _iso(market.time_of(posting.posted)),
        "refreshedAt": _iso(market.time_of(posting.refreshed)),
        "isFromStore": ad.store is not None,
        "hasDelivery": ad.store is not None,
        "deliveryType": kind.get("delivery"),
        "paymentMethod": None,
        "likeCount": posting.likes,
        "description": ad.text,
        "status": "ACTIVE",
        "cities": [_city(ad)],
        "store": _store(ad.store),
        "user": {"id": str(900_000 + ad.number), "displayName": ad.person, "avatarUrl": None},
        "defaultMedia": {"mediaUrl": picture, "mimeType": "image/svg+xml", "thumbnail": picture},
        "medias": [{"mediaUrl": picture, "mimeType": "image/svg+xml", "thumbnail": picture}],
        "price": posting.price,
        "pricePreview": _preview(posting.price, ad.unit),
        "priceUnit": ad.unit,
        "oldPrice": posting.old_price,
        "oldPricePreview": _preview(posting.old_price, ad.unit) if posting.old_price else None,
        "priceType": ad.price_type,
        "exchangeType": "EXCHANGEABLE" if ad.exchange else "NOT_EXCHANGEABLE",
        "category": {
            "id": _id(ad.category),
            "name": ad.category_name,
            "slug": ad.category,
            "deliveryType": kind.get("delivery"),
        },
        "reference": None,
        "quantity": None,
        "specs": _specifications(ad),
        "variants": [],
    }


def _specifications(ad: Ad) -> list[dict[str, Any]]:
    known = ad.follows.specifications if ad.follows else {}
    return [
        {
            "specification": {"label": label, "codename": slug(label), "type": "TEXT"},
            "value": [value],
            "valueText": [value],
        }
        for label, value in known.items()
    ]


def pick(value: Any, selections: Sequence[Field | str] | None, kind: str, name: str) -> Any:
    """What a query asked for of a value.

    Raises:
        GraphQLError: a field that the type has not, or an object asked for without its fields.
    """
    if kind == JSON and selections is None:
        return value
    if selections is None:
        raise GraphQLError(f'Field "{name}" of type "{kind}" must have a selection of subfields.')
    if isinstance(value, list):
        return [pick(one, selections, kind, name) for one in value]
    asked = [one for one in selections if isinstance(one, Field)]
    for one in asked:
        _check(one, kind)
    if value is None:
        return None
    return {one.key: _field(value, one, kind) for one in asked}


def _check(asked: Field, kind: str) -> None:
    if asked.name.startswith("__") and asked.name != "__typename":
        raise GraphQLError("GraphQL introspection is not allowed, but the query contained __schema or __type.")
    if asked.name != "__typename" and kind != JSON and asked.name not in TYPES[kind]:
        raise GraphQLError(f'Cannot query field "{asked.name}" on type "{kind}".')
    check_arguments(asked, kind)
    inner = None if kind == JSON else TYPES[kind].get(asked.name)
    if inner is None and asked.selections is not None and kind != JSON:
        raise GraphQLError(f'Field "{asked.name}" must not have a selection since type "String" has no subfields.')
    if inner not in (None, JSON):
        if asked.selections is None:
            raise GraphQLError(f'Field "{asked.name}" of type "{inner}" must have a selection of subfields.')
        for one in asked.selections:
            if isinstance(one, Field):
                _check(one, str(inner))


def check_arguments(asked: Field, kind: str) -> None:
    """Raises GraphQLError for an argument that a field does not take, or lacks."""
    taken = ARGUMENTS.get((kind, asked.name), {})
    for name in asked.arguments:
        if name not in taken and kind != JSON:
            raise GraphQLError(f'Unknown argument "{name}" on field "{kind}.{asked.name}".')
    for name, required in taken.items():
        if required and asked.arguments.get(name) is None:
            raise GraphQLError(f'Field "{asked.name}" argument "{name}" of type "ID!" is required but not provided.')


def _field(value: dict[str, Any], asked: Field, kind: str) -> Any:
    if asked.name == "__typename":
        return kind
    inner = None if kind == JSON else TYPES[kind].get(asked.name)
    found = value.get(asked.name)
    return found if inner is None else pick(found, asked.selections, inner, asked.name)
