"""Products of Jumia's embedded state as offers."""

from __future__ import annotations

import functools
import html
from decimal import Decimal
from typing import Any

from crawlers.pages.jumia_state import State
from crawlers.pages.page import Found, Page
from crawlers.pages.prices import parse_count, parse_price
from pipelines.offer import Availability, Offer, PriceKind
from pipelines.reject import Reject

OFFICIAL = "JMALL"
_LOW = ("lowStock", "fewUnits")
UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError)


def read(products: list[State], page: Page, first_position: int) -> Found:
    """Offers of products, numbered from `first_position` on; what lacks what every product has is a reject."""
    found, origin = Found(), page.origin
    for position, product in enumerate(products, first_position):
        try:
            found.offers.append(offer(product, page, origin, position))
        except UNREADABLE as error:
            reason = f"offer/unreadable: {type(error).__name__}: {error}"
            raw = product if isinstance(product, dict) else {"product": product}
            found.rejects.append(Reject(url=page.url, reason=reason, raw=raw))
    return found


def offer(product: State, page: Page, origin: str, position: int | None) -> Offer:
    """The offer that one product of a state makes.

    Args:
        origin: of the page, which most addresses are relative to.

    Raises:
        KeyError, TypeError, AttributeError, ValueError, ArithmeticError: the product lacks what every product has.
    """
    price, kind, old_price = _prices(product["prices"])
    rating = product.get("rating") or {}
    rated = rating.get("totalRatings")
    availability, stock_left = _stock(product)
    url, image, sku, brand = product["url"], product.get("image"), product["sku"], product.get("brand")
    seller_id = product.get("sellerId")
    if not sku or not isinstance(sku, str):
        raise ValueError(f"no SKU: {sku!r}")
    if not url or not isinstance(url, str):
        raise ValueError(f"no address: {url!r}")
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=sku,
        url=origin + url if url[0] == "/" and url[1:2] != "/" and "#" not in url else page.absolute(url),
        title=plain(product.get("displayName") or product["name"]),
        observed_at=page.observed_at,
        brand=_plain_name(brand) if brand else None,
        category_path=category_path(product.get("categories")),
        price=price,
        currency=page.currency if price is not None else None,
        old_price=old_price,
        price_kind=kind,
        rating=Decimal(str(rating["average"])) if rated else None,
        rating_count=rated if rated is None else int(rated),
        availability=availability,
        stock_left=stock_left,
        seller_kind="official" if _main_badge(product) == OFFICIAL else "shop",
        shipped_from_abroad=bool(product.get("isShopGlobal") or product.get("shopGlobal")),
        express=bool(product.get("isShopExpress") or product.get("shopExpress")),
        position=position,
        sponsored=product.get("isSponsored"),
        image_urls=[image if image.startswith("https://") else page.absolute(image)] if image else [],
        attributes={"seller_id": str(seller_id)} if seller_id else {},
    )


def plain(text: str) -> str:
    """The text as a reader sees it: entities resolved, blanks and line breaks single."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    return " ".join(text.split())


def category_path(categories: object) -> list[str]:
    """Categories from the widest to the narrowest; older pages join them with a slash."""
    if isinstance(categories, str):
        categories = categories.split("/")
    return list(_plain_names(tuple(categories))) if isinstance(categories, list) else []


_plain_name = functools.lru_cache(maxsize=1024)(plain)


@functools.lru_cache(maxsize=1024)
def _plain_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for entry in names if (name := plain(entry)))


def _prices(prices: State) -> tuple[Decimal | None, PriceKind, Decimal | None]:
    """Price, its kind and the old price; the number has to be what the text shows, but for rounding."""
    text, raw, old = prices.get("price"), prices.get("rawPrice"), prices.get("oldPrice")
    shown = parse_price(text) if text else None
    if raw is None and shown is None:
        return None, "none", None
    price = shown.low if raw is None and shown else Decimal(str(raw))
    if shown and abs(price - shown.low) >= 1:
        raise ValueError(f"the price {raw} is shown as {text!r}")
    return price, "from" if shown and shown.is_range else "fixed", parse_price(old).low if old else None


def _main_badge(product: State) -> Any:
    badges = product.get("badges")
    main = badges.get("main") if isinstance(badges, dict) else None
    return main.get("identifier") if isinstance(main, dict) else None


def _stock(product: State) -> tuple[Availability, int | None]:
    """Of the variations that can be bought: low only if each of them is."""
    variations = product.get("simples")
    if product.get("isBuyable") is False:
        return "out_of_stock", 0
    if not variations:
        return "in_stock", None
    left = []
    for variation in variations:
        if variation.get("isBuyable", True):
            info = variation.get("stockInfo")
            if not info or info.get("type") not in _LOW:
                return "in_stock", None
            left.append(parse_count(info.get("text") or ""))
    if not left:
        return "out_of_stock", 0
    return "low_stock", None if None in left else sum(count for count in left if count is not None)
