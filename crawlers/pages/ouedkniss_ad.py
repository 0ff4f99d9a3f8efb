"""One ad of Ouedkniss, as its API describes it in a search and in detail: what of it makes an offer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from w3lib.html import remove_tags, replace_entities

from crawlers.pages.page import Page
from pipelines.offer import Availability, Offer, PriceKind, SellerKind
from pipelines.validate import MOST_COUNT

Ad = dict[str, Any]

MARKETPLACE = "ouedkniss"
UNITS = {"UNIT": Decimal(1), "MILLION": Decimal(10_000), "BILLION": Decimal(10_000_000)}
"""Dinars in one unit of `pricePreview`: a million and a billion of centimes."""
CLOSED = frozenset(
    ("ARCHIVED", "CLOSED", "DELETED", "DISABLED", "EXPIRED", "FINISHED", "INACTIVE", "REJECTED", "REMOVED", "SOLD")
)
"""What `status` says of an ad that can no longer be answered. Whatever else it says, the ad stands."""
LEAST_PRICE = 10
MOST_PRICE = 10_000_000_000
_DESCRIPTION_LENGTH = 2000


def offer(ad: Ad, page: Page, public_origin: str, category: str | None) -> Offer:
    """The offer that one ad makes. A person's name is never read, whatever the answer carries.

    Args:
        public_origin: where ads have their public address, such as `https://www.ouedkniss.com`.
        category: the slug that was asked for; stands in where the ad names none.

    Raises:
        KeyError, TypeError, AttributeError, ValueError, ArithmeticError: the ad is not as every ad is.
    """
    price = price_in_dinars(ad)
    store = ad.get("store") or {}
    kind: SellerKind = "official" if store.get("isOfficial") else "shop" if store else "private"
    units = _count(ad.get("quantity")) or None
    slug = (ad.get("category") or {}).get("slug") or category
    old = _amount(ad.get("oldPrice")) or None
    return Offer(
        marketplace=MARKETPLACE,
        country="dz",
        external_id=str(ad["id"]),
        url=address(ad, public_origin),
        title=ad["title"].strip(),
        observed_at=page.observed_at,
        brand=_brand(ad),
        category_path=category_path(slug),
        price=price,
        currency="DZD" if price is not None else None,
        old_price=old if price is not None else None,
        price_kind=price_kind(ad, price),
        availability=_availability(ad, units),
        stock_left=units,
        seller_name=(store.get("name") or "").strip() or None,
        seller_kind=kind,
        likes=_count(ad.get("likeCount")),
        image_urls=_pictures(ad),
        attributes=_attributes(ad, price),
    )


def address(ad: Ad, public_origin: str) -> str:
    """The ad's page on the public site."""
    return f"{public_origin}/{ad['slug']}-d{ad['id']}"


def is_closed(ad: Ad) -> bool:
    """Whether the ad says itself that it is over."""
    return str(ad.get("status")).upper() in CLOSED


def price_in_dinars(ad: Ad) -> Decimal | None:
    """`price` is dinars, for `*_PER_SQUARE` the total. Without it the preview in its unit counts; zero is no price."""
    price = _amount(ad.get("price"))
    if price is None:
        factor = UNITS.get(str(ad.get("priceUnit") or "UNIT"))
        preview = _amount(ad.get("pricePreview"))
        price = preview * factor if preview is not None and factor else None
    return price or None


def price_kind(ad: Ad, price: Decimal | None) -> PriceKind:
    """OFFERED is what somebody has bid so far, so it is open to more: negotiable. No word on it: fixed."""
    if price is None:
        return "none"
    return "negotiable" if ad.get("priceType") in ("NEGOTIABLE", "OFFERED") else "fixed"


def price_flag(ad: Ad, price: Decimal | None) -> str | None:
    """What is odd about a price, which is kept as it is; `plausible` otherwise, so that a mended price loses its flag.

    `placeholder`: up to 10 DA, or of one digit three times and more (111, 999999), or counting up (12345).
    `too_large`: 10 billion DA and more. `preview_differs`: not what its preview says in its unit.
    `unknown_unit`: no price, but a preview in a unit that is not known. None: no price at all.
    """
    preview, unit = _amount(ad.get("pricePreview")), str(ad.get("priceUnit") or "UNIT")
    if price is None:
        return "unknown_unit" if preview and unit not in UNITS and not unit.endswith("_PER_SQUARE") else None
    whole = f"{price:f}".partition(".")[0]
    if price <= LEAST_PRICE or (len(whole) >= 3 and len(set(whole)) == 1) or (len(whole) >= 4 and whole in "123456789"):
        return "placeholder"
    if price >= MOST_PRICE:
        return "too_large"
    differs = preview and unit in UNITS and preview * UNITS[unit] != price
    return "preview_differs" if differs else "plausible"


def category_path(slug: str | None) -> list[str]:
    """`telephones-smartphones` lies in `telephones`: each longer beginning of a slug is a narrower category."""
    parts = slug.split("-") if slug else []
    return ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _availability(ad: Ad, units: int | None) -> Availability:
    if is_closed(ad):
        return "out_of_stock"
    return "in_stock" if units else "unknown"


def _amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _count(value: object) -> int | None:
    """Also written as text; None for what is no count, such as "1.2k"."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10:
        value = int(value)
    return value if type(value) is int and 0 <= value <= MOST_COUNT else None


def _specs(ad: Ad) -> list[tuple[str, str, str]]:
    found = []
    for spec in ad.get("specs") or []:
        about = spec.get("specification") or {}
        value = spec.get("valueText") or spec.get("value")
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
        if text:
            found.append((str(about.get("codename") or ""), str(about.get("label") or ""), text))
    return found


def _brand(ad: Ad) -> str | None:
    named = [text for codename, label, text in _specs(ad) if {codename.lower(), label.lower()} & {"brand", "marque"}]
    return named[0] if named else None


def _attributes(ad: Ad, price: Decimal | None) -> dict[str, str]:
    attributes = {label or codename: text for codename, label, text in _specs(ad) if label or codename}
    city = next(iter(ad.get("cities") or []), None) or {}
    region = city.get("region") or {}
    delivery = ad.get("hasDelivery")
    named = {
        "city": city.get("name"),
        "wilaya": region.get("name") if isinstance(region, dict) else region,
        "delivery": None if delivery is None else "yes" if delivery else "no",
        "exchange": ad.get("exchangeType"),
        "renewed_at": ad.get("createdAt"),
        "price_flag": price_flag(ad, price),
        "description": _description(ad.get("description") or ""),
    }
    return attributes | {name: str(value) for name, value in named.items() if value}


def _description(text: str) -> str:
    if "<" in text or "&" in text:
        text = replace_entities(remove_tags(text.replace("<br", " <br")))
    return " ".join(text.split())[:_DESCRIPTION_LENGTH]


def _pictures(ad: Ad) -> list[str]:
    media = [ad.get("defaultMedia"), *(ad.get("medias") or [])]
    addresses = [medium.get("mediaUrl") for medium in media if isinstance(medium, dict)]
    return list(dict.fromkeys(address for address in addresses if address))


def completed(detail: Offer, found: Offer) -> Offer:
    """The offer of an ad in detail, with what only the search said of it."""
    for name in ("brand", "likes", "stock_left", "seller_name", "old_price"):
        if getattr(detail, name) is None:
            setattr(detail, name, getattr(found, name))
    if detail.price is None and found.price is not None:
        detail.price, detail.currency, detail.price_kind = found.price, found.currency, found.price_kind
    detail.category_path = detail.category_path or found.category_path
    detail.image_urls = detail.image_urls or found.image_urls
    detail.attributes = found.attributes | detail.attributes
    if detail.seller_kind == "private" and found.seller_kind != "private":
        detail.seller_kind = found.seller_kind
    return detail
