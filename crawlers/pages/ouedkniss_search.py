"""A page of Ouedkniss's search, as its GraphQL API answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from crawlers.pages.errors import ApiErrors, EmptyResult, LayoutChanged, NotHtml, PageTruncated
from crawlers.pages.page import Found, Page, refuse_challenge
from pipelines.offer import Offer, PriceKind, SellerKind
from pipelines.reject import Reject

Ad = dict[str, Any]

UNITS = {"UNIT": Decimal(1), "MILLION": Decimal(10_000), "BILLION": Decimal(10_000_000)}
_DESCRIPTION_LENGTH = 2000


def parse(page: Page, public_origin: str, category: str | None = None) -> Found:
    """Offers of one page of ads.

    Args:
        public_origin: where ads have their public address, such as `https://www.ouedkniss.com`.
        category: the slug that was asked for; stands in where the answer names none.

    Raises:
        EmptyResult: the first page has no ads: a wrong slug is no error to the API.
        ApiErrors, LayoutChanged, NotHtml, PageTruncated, ChallengePage, BadStatus: the answer cannot be used.
    """
    announcements = _announcements(_answer(page))
    ads, paginator = announcements.get("data"), announcements.get("paginatorInfo") or {}
    if ads is None and paginator.get("total") != 0:
        raise LayoutChanged("the list of ads is null")
    if not ads:
        raise EmptyResult(f"no ads under {category or 'this search'}")
    found = Found(has_next=bool(paginator.get("hasMorePages")))
    for ad in ads:
        try:
            found.offers.append(offer(ad, page, public_origin, category))
        except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            reason = f"offer/unreadable: {type(error).__name__}: {error}"
            raw = {name: value for name, value in ad.items() if name != "user"} if isinstance(ad, dict) else {"ad": ad}
            found.rejects.append(Reject(url=page.url, reason=reason, raw=raw))
    if not found.offers:
        raise LayoutChanged(f"none of {len(ads)} ads can be read: {found.rejects[0].reason}")
    return found


def _answer(page: Page) -> Any:
    head = page.body[:200].lstrip()
    if not head.startswith(b"{"):
        refuse_challenge(page)
        raise NotHtml("the answer is no JSON object")
    try:
        answer = orjson.loads(page.body)
    except orjson.JSONDecodeError as error:
        raise PageTruncated(f"the JSON cannot be read: {error}") from None
    if errors := answer.get("errors"):
        raise ApiErrors("; ".join(_messages(errors))[:500])
    refuse_challenge(page)
    return answer


def _messages(errors: Any) -> list[str]:
    listed = errors if isinstance(errors, list) else [errors]
    return [str(error.get("message", error)) if isinstance(error, dict) else str(error) for error in listed]


def _announcements(answer: Any) -> dict[str, Any]:
    node = answer
    for name in ("data", "search", "announcements"):
        node = node.get(name) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise LayoutChanged("the answer has no data.search.announcements")
    return node


def offer(ad: Ad, page: Page, public_origin: str, category: str | None) -> Offer:
    """The offer that one ad makes. A person's name is never read, whatever the answer carries."""
    price = price_in_dinars(ad)
    store = ad.get("store") or {}
    kind: SellerKind = "official" if store.get("isOfficial") else "shop" if store else "private"
    quantity = ad.get("quantity")
    units = quantity if isinstance(quantity, int) and quantity > 0 else None
    slug = (ad.get("category") or {}).get("slug") or category
    old = _amount(ad.get("oldPrice")) or None
    return Offer(
        marketplace="ouedkniss",
        country="dz",
        external_id=str(ad["id"]),
        url=f"{public_origin}/{ad['slug']}-d{ad['id']}",
        title=ad["title"].strip(),
        observed_at=page.observed_at,
        brand=_brand(ad),
        category_path=category_path(slug),
        price=price,
        currency="DZD" if price is not None else None,
        old_price=old if price is not None else None,
        price_kind=price_kind(ad, price),
        availability="in_stock" if units else "unknown",
        stock_left=units,
        seller_name=(store.get("name") or "").strip() or None,
        seller_kind=kind,
        likes=ad.get("likeCount"),
        image_urls=_pictures(ad),
        attributes=_attributes(ad),
    )


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


def category_path(slug: str | None) -> list[str]:
    """`telephones-smartphones` lies in `telephones`: each longer beginning of a slug is a narrower category."""
    parts = slug.split("-") if slug else []
    return ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


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


def _attributes(ad: Ad) -> dict[str, str]:
    attributes = {label or codename: text for codename, label, text in _specs(ad) if label or codename}
    city = next(iter(ad.get("cities") or []), None) or {}
    region = city.get("region") or {}
    named = {
        "city": city.get("name"),
        "wilaya": region.get("name") if isinstance(region, dict) else region,
        "delivery": "yes" if ad.get("hasDelivery") else None,
        "exchange": ad.get("exchangeType"),
        "description": " ".join((ad.get("description") or "").split())[:_DESCRIPTION_LENGTH],
    }
    return attributes | {name: str(value) for name, value in named.items() if value}


def _pictures(ad: Ad) -> list[str]:
    media = [ad.get("defaultMedia"), *(ad.get("medias") or [])]
    addresses = [medium.get("mediaUrl") for medium in media if isinstance(medium, dict)]
    return list(dict.fromkeys(address for address in addresses if address))
