"""What a schema.org product says of itself: ids, categories, rating, further specifications."""

from __future__ import annotations

from decimal import Decimal

from crawlers.pages.prices import WESTERN, parse_count
from crawlers.pages.schema_org_graph import Graph, Thing, local
from crawlers.pages.schema_org_products import breadcrumbs
from crawlers.pages.schema_org_terms import Terms

_GTINS = ("gtin", "gtin13", "gtin12", "gtin14", "gtin8", "isbn")
_LONGEST_TEXT, _MOST_ATTRIBUTES = 2000, 40


def ids(product: Thing) -> list[str]:
    """What names it, the best name first: SKU, GTIN, product id."""
    inner = product.things("offers")
    skus = product.texts("sku") or [sku for offer in inner[:1] for sku in offer.texts("sku")]
    return [*skus, *product.texts(*_GTINS), *product.texts("productID", "productGroupID", "identifier")]


def category(product: Thing, graph: Graph, title: str) -> list[str]:
    """Its categories from the widest to the narrowest: the breadcrumbs of the page, else its own."""
    path = breadcrumbs(graph, title)
    if path:
        return path
    given = product.texts("category")
    parts = given[0].replace("›", ">").replace("»", ">").split(">") if given else []
    return [local(part) for part in map(str.strip, parts) if part][:10]


def rating(product: Thing) -> tuple[Decimal | None, int | None]:
    """Mean of five and how many rated; a scale with another best is made one of five."""
    rated = next(iter(product.things("aggregateRating")), None)
    if rated is None:
        return None, None
    count = parse_count(rated.text("ratingCount", "reviewCount"))
    try:
        value = Decimal(rated.text("ratingValue").translate(WESTERN).replace(",", "."))
        best = Decimal(rated.text("bestRating").translate(WESTERN).replace(",", ".") or "5")
        mean = (value * 5 / best).quantize(Decimal("0.01"))
        known = 0 < mean <= 5
    except ArithmeticError:
        known = False
    return (mean, count) if known else (None, 0 if count == 0 else None)


def attributes(product: Thing, terms: Terms, source: str) -> dict[str, str]:
    """Further specifications; where the price was read, and whether the day until which it was promised is past."""
    named = {"gtin": product.text(*_GTINS), "mpn": product.text("mpn")}
    named |= {name: product.text(name) for name in ("model", "color", "material", "size")}
    condition = product.text("itemCondition") or next(
        iter(o.text("itemCondition") for o in product.things("offers")), ""
    )
    named["condition"] = local(condition)
    named["availability"] = terms.availability_word
    named["offer_count"] = str(terms.offer_count or "")
    for further in product.things("additionalProperty")[:_MOST_ATTRIBUTES]:
        named.setdefault(further.text("name")[:100], further.text("value"))
    named["description"] = product.text("description")[:_LONGEST_TEXT]
    named["price_expired"] = "yes" if terms.expired else ""
    named["price_source"] = source if terms.price is not None else ""
    return {name: text for name, text in named.items() if name and text}
