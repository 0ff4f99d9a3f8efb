"""Products of Jumia's embedded state as offers."""

from __future__ import annotations

import functools
import html
from decimal import Decimal
from typing import Any

from crawlers.pages.jumia_state import State
from crawlers.pages.page import Found, Page
from crawlers.pages.prices import MOST_COUNTED, count_of, parse_count, parse_price, rating_of
from pipelines.offer import Availability, Offer, PriceKind
from pipelines.reject import Reject

OFFICIAL = "JMALL"
_LOW = frozenset(("lowStock", "fewUnits"))
_NONE_LEFT = frozenset(("outOfStock", "soldOut"))
_BEST_RATING = 5
_MOST_DIGITS = 20
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
    price, kind, old_price = _prices(product["prices"], product)
    rating, rated = _rating(product.get("rating"))
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
        rating=rating,
        rating_count=rated,
        availability=availability,
        stock_left=stock_left,
        seller_kind="official" if _main_badge(product) == OFFICIAL else "shop",
        shipped_from_abroad=bool(product.get("isShopGlobal") or product.get("shopGlobal")),
        express=bool(product.get("isShopExpress") or product.get("shopExpress")),
        position=position,
        sponsored=product.get("isSponsored"),
        image_urls=([image] if image.startswith("https://") else page.links([image])) if image else [],
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


def _prices(prices: State, product: State) -> tuple[Decimal | None, PriceKind, Decimal | None]:
    """Price, its kind and the old price; the number has to be what the text shows, but for rounding."""
    text, raw, old = prices.get("price"), prices.get("rawPrice"), prices.get("oldPrice")
    shown = parse_price(text) if text else None
    if raw is None and shown is None:
        return None, "none", None
    price = shown.low if raw is None and shown else Decimal(str(raw))
    if shown is None:
        return _unshown(price, product)
    if abs(price - shown.low) >= 1:
        if not shown.is_range or price < shown.low:
            raise ValueError(f"the price {raw} is shown as {text!r}")
        price = shown.low
    return price, "from" if shown.is_range else "fixed", parse_price(old).low if old else None


def _unshown(price: Decimal, product: State) -> tuple[Decimal | None, PriceKind, None]:
    """A number that no text stands beside: nothing of a product that cannot be bought, and never for nothing."""
    if not price.is_finite() or price.adjusted() > _MOST_DIGITS:
        raise ValueError(f"no price: {price}")
    if price == 0 and product.get("isBuyable") is False:
        return None, "none", None
    if price == 0:
        raise ValueError("a price of zero that is not shown")
    return price, "fixed", None


def _rating(told: object) -> tuple[Decimal | None, int | None]:
    """Mean and count of the ratings; a count of 0 where nobody has rated, None where nothing is told."""
    if not isinstance(told, dict):
        return None, None
    count, mean = told.get("totalRatings"), told.get("average")
    if type(count) is not int or not 0 <= count <= MOST_COUNTED:
        count = count_of(count)
    if not count:
        return None, count
    if (type(mean) is float or type(mean) is int) and 0 < mean <= _BEST_RATING:
        return Decimal(str(mean)), count
    return rating_of(mean), count


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
        if variation.get("isBuyable") is not False:
            info = variation.get("stockInfo")
            kind = info.get("type") if info else None
            if kind in _LOW:
                left.append(parse_count(info.get("text") or ""))
            elif kind not in _NONE_LEFT:
                return "in_stock", None
    known = [count for count in left if count is not None]
    if sum(known) == 0 and len(known) == len(left):
        return "out_of_stock", 0
    return "low_stock", sum(known) if len(known) == len(left) else None
