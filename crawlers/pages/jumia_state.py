"""The state that Jumia embeds in its pages as JSON, desktop (`__STORE__`) and mobile (`__INITIAL_STATE__`)."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import orjson

from crawlers.pages.errors import LayoutChanged, PageTruncated, WrongShop
from crawlers.pages.page import Page
from crawlers.pages.prices import is_range, parse_count, parse_price
from pipelines.offer import Availability, Offer, PriceKind

State = dict[str, Any]

_START = re.compile(rb"window\.__(?:STORE|INITIAL_STATE)__\s*=\s*(?=\{)")
_OFFICIAL = "JMALL"


def embedded_state(page: Page) -> State | None:
    """The embedded state, None where the page has none.

    Raises:
        PageTruncated: the JSON begins and does not end.
        LayoutChanged: it ends and cannot be read.
        WrongShop: it names another country than the page was asked from.
    """
    begun = _START.search(page.body)
    if begun is None:
        return None
    end = page.body.find(b"</script>", begun.end())
    if end < 0:
        raise PageTruncated("the embedded JSON is cut off")
    state = _decode(page.body[begun.end() : end])
    country = state.get("countryCode")
    if isinstance(country, str) and country.lower() != page.country:
        raise WrongShop(f"a page of {country.lower()} came from the shop of {page.country}")
    return state


def _decode(script: bytes) -> State:
    try:
        state = orjson.loads(script.rstrip(b"; \r\n\t"))
    except orjson.JSONDecodeError:
        # Mobile pages assign further variables in the same script.
        try:
            state, _ = json.JSONDecoder().raw_decode(script.decode("utf-8", "replace"))
        except ValueError as error:
            raise LayoutChanged(f"the embedded JSON cannot be read: {error}") from None
    if not isinstance(state, dict):
        raise LayoutChanged("the embedded JSON is no object")
    return state


def products(state: State) -> list[State]:
    """The products of a state: of the catalogue page on a listing, of the page itself on a product page."""
    view = state.get("viewData")
    found = state.get("products") or (view.get("products") if isinstance(view, dict) else None)
    return [product for product in found if isinstance(product, dict)] if isinstance(found, list) else []


def offer(product: State, page: Page, position: int | None) -> Offer:
    """The offer that one product of a state makes.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: the product lacks what every product has.
    """
    price, kind, old_price = _prices(product["prices"])
    rating = product.get("rating") or {}
    rated = rating.get("totalRatings")
    availability, stock_left = _stock(product)
    badges = product.get("badges") or {}
    main = badges.get("main") or {}
    image = product.get("image")
    seller_id = product.get("sellerId")
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=product["sku"],
        url=page.absolute(product["url"]),
        title=product.get("displayName") or product["name"],
        observed_at=page.observed_at,
        brand=product.get("brand") or None,
        category_path=category_path(product.get("categories")),
        price=price,
        currency=page.currency if price is not None else None,
        old_price=old_price,
        price_kind=kind,
        rating=Decimal(str(rating["average"])) if rated else None,
        rating_count=rated,
        availability=availability,
        stock_left=stock_left,
        seller_kind="official" if main.get("identifier") == _OFFICIAL else "shop",
        shipped_from_abroad=bool(product.get("isShopGlobal") or product.get("shopGlobal")),
        express=bool(product.get("isShopExpress") or product.get("shopExpress")),
        position=position,
        sponsored=product.get("isSponsored"),
        image_urls=[page.absolute(image)] if image else [],
        attributes={"seller_id": str(seller_id)} if seller_id else {},
    )


def category_path(categories: object) -> list[str]:
    """Categories from the widest to the narrowest; older pages join them with a slash."""
    if isinstance(categories, str):
        categories = categories.split("/")
    return [str(name).strip() for name in categories if str(name).strip()] if isinstance(categories, list) else []


def _prices(prices: State) -> tuple[Decimal | None, PriceKind, Decimal | None]:
    text, raw, old = prices.get("price") or "", prices.get("rawPrice"), prices.get("oldPrice")
    if raw is None and not text:
        return None, "none", None
    price = Decimal(str(raw)) if raw is not None else parse_price(text).low
    return price, "from" if is_range(text) else "fixed", parse_price(old).low if old else None


def _stock(product: State) -> tuple[Availability, int | None]:
    simples = [simple for simple in product.get("simples") or [] if simple.get("isBuyable", True)]
    if product.get("isBuyable") is False or (product.get("simples") and not simples):
        return "out_of_stock", 0
    infos = [simple.get("stockInfo") or {} for simple in simples]
    if not infos or any(info.get("type") not in ("lowStock", "fewUnits") for info in infos):
        return "in_stock", None
    left = [parse_count(info.get("text") or "") for info in infos]
    return "low_stock", None if None in left else sum(count for count in left if count is not None)
