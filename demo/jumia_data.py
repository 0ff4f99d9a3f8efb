"""The JSON that the shop embeds in its pages: `window.__STORE__` and LD+JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from markupsafe import Markup

from demo.catalogue import Product, slug
from demo.market import Display

CURRENCY = "DZD"
DINARS_PER_EURO = 147.5
EXACT_STOCK = 10
FEW_STOCK = 20
LD_ITEMS = 10


def amount(dinars: int) -> str:
    """A price as the shop writes it: 12,500 DA."""
    return f"{dinars:,} DA"


def euros(dinars: int) -> str:
    """The price in euros that tracking attributes carry."""
    return f"{dinars / DINARS_PER_EURO:.2f}"


def discount(display: Display) -> str | None:
    """The discount as the shop writes it: 18%."""
    old = display.shelf.old_price
    return f"{round((old - display.shelf.price) / old * 100)}%" if old else None


def is_express(product: Product) -> bool:
    """Whether the shop delivers from its own warehouse."""
    return product.seller.kind != "abroad" and product.number % 5 < 2


def stock_info(stock: int) -> dict[str, str]:
    """What the page says of the stock."""
    if stock > FEW_STOCK:
        return {"text": "En stock", "type": "inStock"}
    if stock > EXACT_STOCK:
        return {"text": "Quelques articles restants", "type": "fewUnits"}
    return {"text": f"{stock} article{'s' * (stock > 1)} restant{'s' * (stock > 1)}", "type": "lowStock"}


def prices(display: Display) -> dict[str, str]:
    """The block `prices`: dinars, and the euros that are no price."""
    price, old = display.shelf.price, display.shelf.old_price
    found = {
        "rawPrice": f"{price}.00",
        "price": amount(price),
        "priceEuro": euros(price),
        "taxEuro": euros(round(price * 0.19 / 1.19)),
    }
    if old:
        found |= {
            "oldPrice": amount(old),
            "oldPriceEuro": euros(old),
            "discount": discount(display) or "",
            "discountEuro": euros(old - price),
        }
    return found


def image(product: Product, origin: str) -> str:
    """Address of the product's picture."""
    return f"{origin}/images/{product.sku}.svg"


def product(display: Display, origin: str, *, sponsored: bool = False, with_stock: bool = False) -> dict[str, Any]:
    """One entry of `products`. Listings know no stock; product pages do."""
    of, shelf = display.product, display.shelf
    simple: dict[str, Any] = {
        "sku": f"{of.sku}-{of.number}",
        "isBuyable": display.buyable,
        "name": "",
        "prices": prices(display),
    }
    if with_stock and display.buyable:
        simple["stockInfo"] = stock_info(display.stock)
    found: dict[str, Any] = {
        "sku": of.sku,
        "name": of.name,
        "displayName": of.title,
        "brand": of.brand,
        "sellerId": of.seller.id,
        "categories": list(of.categories),
        "prices": prices(display),
        "tags": "|".join(tags(display)),
        "rating": {"average": shelf.rating, "totalRatings": shelf.rating_count},
        "image": image(of, origin),
        "imageAlt": of.title,
        "isSponsored": sponsored,
        "tracking": {
            "name": of.name,
            "categoryKey": slug(of.path[-1]),
            "brandKey": slug(of.brand),
            "isSecondChance": False,
        },
        "url": of.url,
        "badges": badges(display),
        "isBuyable": display.buyable,
        "simples": [simple],
        "selectedVariation": simple["sku"],
    }
    if is_express(of):
        found |= {"isShopExpress": True, "shopExpress": {"title": "Livraison rapide"}}
    if of.seller.kind == "abroad":
        found |= {"isShopGlobal": True, "shopGlobal": {"identifier": "global", "name": "Livré de l'étranger"}}
    return found


def tags(display: Display) -> list[str]:
    """Campaign tags."""
    found = ["JMALL"] if display.product.seller.kind == "official" else []
    return found + (["PROMO"] if display.shelf.old_price else [])


def badges(display: Display) -> dict[str, Any]:
    """The badges of a card."""
    if display.product.seller.kind != "official":
        return {}
    return {"main": {"name": "Boutique Officielle", "identifier": "JMALL", "url": "/catalog/?tag=JMALL"}}


def script(data: object) -> Markup:
    """JSON that may stand inside a <script>."""
    text = orjson.dumps(data).decode()
    return Markup(text.replace("</", "<\\/").replace("<!--", "<\\u0021--"))  # noqa: S704


def listing_store(address: str, shown: Sequence[Display], sponsored: frozenset[str], origin: str) -> dict[str, Any]:
    """`window.__STORE__` of a listing."""
    return {
        "view": "Catalog",
        "activeLanguage": "fr",
        "countryCode": "DZ",
        "languages": {"fr": {"text": "Français", "default": True}},
        "user": {"isGuest": True},
        "messages": [],
        "cart": {"count": 0},
        "shop": "jumia",
        "url": address,
        "products": [product(one, origin, sponsored=one.product.sku in sponsored) for one in shown],
        "appliedFilters": [],
    }


def product_store(display: Display, origin: str) -> dict[str, Any]:
    """`window.__STORE__` of a product page."""
    return {
        "view": "Product",
        "activeLanguage": "fr",
        "countryCode": "DZ",
        "languages": {"fr": {"text": "Français", "default": True}},
        "user": {"isGuest": True},
        "messages": [],
        "cart": {"count": 0},
        "shop": "jumia",
        "url": display.product.url,
        "sku": display.product.sku,
        "products": [{"id": display.product.number} | product(display, origin, with_stock=True)],
        "googleAds": {"targeting": {"seller": [display.product.seller.name], "brand": [display.product.brand]}},
    }


def _offer(display: Display) -> dict[str, str]:
    state = "InStock" if display.buyable else "OutOfStock"
    return {
        "@type": "Offer",
        "price": f"{display.shelf.price}.00",
        "priceCurrency": CURRENCY,
        "availability": f"http://schema.org/{state}",
    }


def listing_linked(shown: Sequence[Display], origin: str, day: str) -> dict[str, Any]:
    """LD+JSON of a listing: like the real shop's it names the first ten only."""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "item": {
                "@type": "Product",
                "name": one.product.name,
                "url": origin + one.product.url,
                "image": image(one.product, origin),
                "offers": _offer(one),
            },
        }
        for position, one in enumerate(shown[:LD_ITEMS], start=1)
    ]
    page = {
        "@type": "CollectionPage",
        "dateModified": day,
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }
    return {"@context": "https://schema.org", "@graph": [page]}


def product_linked(display: Display, origin: str) -> dict[str, Any]:
    """LD+JSON of a product page."""
    of, shelf = display.product, display.shelf
    entity: dict[str, Any] = {
        "@type": "Product",
        "name": of.name,
        "sku": of.sku,
        "brand": of.brand,
        "offers": _offer(display),
        "image": {"@type": "ImageObject", "name": of.name, "contentUrl": [image(of, origin)]},
    }
    if shelf.rating_count:
        entity["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": shelf.rating,
            "ratingCount": shelf.rating_count,
        }
    addresses = [of.department.slug, *map(slug, of.path)]
    crumbs = [("Accueil", "/"), *((name, f"/{at}/") for name, at in zip(of.categories, addresses, strict=True))]
    trail = [
        {"@type": "ListItem", "position": position, "item": {"@id": origin + at, "name": name}}
        for position, (name, at) in enumerate(crumbs, start=1)
    ]
    breadcrumb = {"@type": "BreadcrumbList", "itemListElement": trail}
    return {"@context": "https://schema.org", "@type": "ItemPage", "mainEntity": entity, "breadcrumb": breadcrumb}
