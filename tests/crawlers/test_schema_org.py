"""Product pages of any shop, in the shapes that shops publish."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.pages import errors, schema_org
from crawlers.pages.page import Found, Page
from pipelines.offer import Offer
from pipelines.validate import defects

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "https://boutique.example/p/casque-12"


def page(body: str | bytes, url: str = URL, currency: str = "DZD", status: int = 200) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(body=raw, url=url, country="dz", currency=currency, observed_at=NOON, status=status)


def html(*documents: object, head: str = "", body: str = "<h1>Casque Bluetooth</h1>") -> str:
    scripts = [document if isinstance(document, str) else json.dumps(document) for document in documents]
    tags = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return f"<!doctype html><html><head><title>x</title>{head}{tags}</head><body>{body}</body></html>"


def product(offers: object = None, **values: Any) -> dict[str, Any]:
    offered = {"@type": "Offer", "price": "4900.00", "priceCurrency": "DZD"} if offers is None else offers
    return {
        "@context": "https://schema.org/",
        "@type": "Product",
        "name": "Casque Bluetooth",
        "sku": "CB-12",
        "offers": offered,
    } | values


def found(body: str | bytes, **values: Any) -> Found:
    read = schema_org.parse(page(body, **values), "tracked", several_shops=True)
    assert [defects(offer) for offer in read.offers] == [[]] * len(read.offers)
    return read


def offer(body: str | bytes, **values: Any) -> Offer:
    (only,) = found(body, **values).offers
    return only


def test_a_product_of_json_ld_is_read_with_every_field() -> None:
    whole = product(
        {
            "@type": "Offer",
            "price": "4900.00",
            "priceCurrency": "DZD",
            "availability": "https://schema.org/InStock",
            "itemCondition": "https://schema.org/NewCondition",
            "inventoryLevel": {"@type": "QuantitativeValue", "value": 7},
            "seller": {"@type": "Organization", "name": "Boutique &amp; Co"},
        },
        brand={"@type": "Brand", "name": "Oraimo"},
        aggregateRating={"@type": "AggregateRating", "ratingValue": "4.5", "reviewCount": "12"},
        image=["/a.jpg", {"@type": "ImageObject", "url": "https://img.example/b.jpg"}],
        category="Audio > Casques",
        gtin13="6130000000017",
        mpn="OEB-E02",
        description="<p>Son   clair</p>",
        additionalProperty=[{"@type": "PropertyValue", "name": "Autonomie", "value": "30 h"}],
    )
    read = offer(html(whole))
    assert (read.marketplace, read.country, read.external_id) == ("tracked", "dz", "boutique.example/CB-12")
    assert (read.price, read.currency, read.price_kind) == (Decimal("4900.00"), "DZD", "fixed")
    assert (read.availability, read.stock_left) == ("in_stock", 7)
    assert (read.brand, read.category_path) == ("Oraimo", ["Audio", "Casques"])
    assert (read.rating, read.rating_count) == (Decimal("4.50"), 12)
    assert (read.seller_name, read.seller_kind) == ("Boutique & Co", "shop")
    assert read.image_urls == ["https://boutique.example/a.jpg", "https://img.example/b.jpg"]
    assert read.attributes == {
        "gtin": "6130000000017",
        "mpn": "OEB-E02",
        "condition": "NewCondition",
        "Autonomie": "30 h",
        "description": "Son clair",
        "price_source": "json-ld",
    }
    assert (read.url, read.title, read.observed_at) == (URL, "Casque Bluetooth", NOON)


@pytest.mark.parametrize(
    ("price", "currency", "expected"),
    [
        (4900, "DZD", "4900"),
        (4900.5, "DZD", "4900.50"),
        ("1.234,56", "DZD", "1234.56"),
        ("1234.5", "DZD", "1234.50"),
        ("12 500 DA", "DZD", "12500"),
        ("12.500", "DZD", "12500"),
        ("12.500000", "DZD", "12.50"),
        ("649.000", "TND", "649"),
        ("1 299,000 DT", "TND", "1299"),
        ("1e5", "DZD", "100000"),
        ("١٢٥٠", "DZD", "1250"),
        ("١٢٬٥٠٠٫٥٠", "DZD", "12500.50"),
        ("١٬٢٣٤ د.ج", "DZD", "1234"),
        ("١٢٬٥٠٠", "TND", "12500"),
        ("١٢٫٥٠٠", "DZD", "12.50"),
        ("١٢،٥٠٠", "DZD", "12500"),
        ("۱۲٬۵۰۰", "DZD", "12500"),
        ("12500 دينار", "DZD", "12500"),
        (["4900", "5100"], "DZD", "4900"),
    ],
)
def test_a_price_is_read_as_shops_write_it(price: object, currency: str, expected: str) -> None:
    read = offer(html(product({"@type": "Offer", "price": price, "priceCurrency": currency})))
    assert (read.price, read.currency) == (Decimal(expected), currency)


@pytest.mark.parametrize("price", ["0", 0, "", None, "-5", "sur demande", True, {}, [], "9" * 400, "nan", "Infinity"])
def test_what_is_no_price_is_not_stored_as_one(price: object) -> None:
    with pytest.raises(errors.NoProduct, match="without a price"):
        found(html(product({"@type": "Offer", "price": price, "priceCurrency": "DZD"})))


@pytest.mark.parametrize(
    ("word", "availability"),
    [
        ("https://schema.org/InStock", "in_stock"),
        ("http://schema.org/InStock", "in_stock"),
        ("InStock", "in_stock"),
        ("in stock", "in_stock"),
        ("En stock", "in_stock"),
        ("schema:InStock", "in_stock"),
        ("http://www.schema.org/LimitedAvailability", "low_stock"),
        ("https://schema.org/OutOfStock", "out_of_stock"),
        ("https://schema.org/SoldOut", "out_of_stock"),
        ("Discontinued", "out_of_stock"),
        ("rupture de stock", "out_of_stock"),
        ("https://schema.org/PreOrder", "unknown"),
        ("https://schema.org/BackOrder", "unknown"),
        ({"@id": "https://schema.org/InStock"}, "in_stock"),
        ("schema.org/OutOfStock", "out_of_stock"),
        ("//schema.org/InStock", "in_stock"),
        ("http://purl.org/goodrelations/v1#InStock", "in_stock"),
        ("http://data-vocabulary.org/in_stock", "in_stock"),
        ("epuise", "out_of_stock"),
        ("Épuisé", "out_of_stock"),
        ("en rupture", "out_of_stock"),
        ("non disponible", "out_of_stock"),
        ("غير متوفر", "out_of_stock"),
        ("", "unknown"),
    ],
)
def test_availability_is_an_address_or_a_word(word: object, availability: str) -> None:
    terms = {"@type": "Offer", "price": 100, "priceCurrency": "DZD", "availability": word}
    read = offer(html(product(terms)))
    assert read.availability == availability
    assert read.stock_left == (0 if availability == "out_of_stock" else None)


def test_a_preorder_keeps_its_word_since_it_can_be_ordered_but_not_had() -> None:
    terms = {"price": 100, "priceCurrency": "DZD", "availability": "https://schema.org/PreOrder"}
    assert offer(html(product(terms))).attributes["availability"] == "PreOrder"


def test_an_aggregate_offer_gives_its_lowest_price_as_from() -> None:
    terms = {"@type": "AggregateOffer", "lowPrice": "900", "highPrice": 1200, "offerCount": 3, "priceCurrency": "DZD"}
    read = offer(html(product(terms)))
    assert (read.price, read.price_kind, read.attributes["offer_count"]) == (Decimal(900), "from", "3")
    alike = offer(html(product(terms | {"highPrice": "900.00"})))
    assert alike.price_kind == "fixed"


def test_an_aggregate_offer_without_prices_is_what_its_offers_say() -> None:
    inner = [{"@type": "Offer", "price": price, "priceCurrency": "DZD"} for price in (1200, 900)]
    read = offer(html(product({"@type": "AggregateOffer", "offers": inner})))
    assert (read.price, read.price_kind) == (Decimal(900), "from")


def test_of_several_offers_the_lowest_that_can_be_had_counts() -> None:
    terms = [
        {"price": 800, "priceCurrency": "DZD", "availability": "OutOfStock"},
        {"price": 950, "priceCurrency": "DZD", "availability": "InStock"},
        {"price": 990, "priceCurrency": "DZD", "availability": "InStock"},
        {"price": 6, "priceCurrency": "EUR", "availability": "InStock"},
    ]
    read = offer(html(product(terms)))
    assert (read.price, read.currency, read.price_kind, read.availability) == (Decimal(950), "DZD", "from", "in_stock")


def test_a_group_of_variants_is_one_offer_from_its_cheapest() -> None:
    variants = [product({"price": price, "priceCurrency": "DZD"}, sku=f"V{price}") for price in (3000, 2500)]
    group = {"@context": "https://schema.org", "@type": "ProductGroup", "name": "T-shirt", "productGroupID": "TS"}
    read = offer(html(group | {"hasVariant": variants}, body="<h1>T-shirt</h1>"))
    assert (read.external_id, read.price, read.price_kind) == ("boutique.example/TS", Decimal(2500), "from")


def specification(price: object, kind: str = "", **values: Any) -> dict[str, Any]:
    typed = {"priceType": f"https://schema.org/{kind}"} if kind else {}
    return {"@type": "UnitPriceSpecification", "price": price, "priceCurrency": "DZD"} | typed | values


@pytest.mark.parametrize(
    ("specifications", "price", "old"),
    [
        (specification("1000"), "1000", None),
        ([specification("900"), specification("1200", "StrikethroughPrice")], "900", "1200"),
        ([specification("1200", "ListPrice"), specification("900", "SalePrice")], "900", "1200"),
        ([specification("1200", "ListPrice")], "1200", None),
        ([specification("700", validThrough="2025-12-31"), specification("900")], "900", None),
        ([specification("700", validFrom="2027-01-01"), specification("900")], "900", None),
        ([specification("900", validThrough="2026-05-01")], "900", None),
        ([specification("700", validForMemberTier={"@id": "#gold"}), specification("900")], "900", None),
        ([specification("900"), {"@type": "DeliveryChargeSpecification", "price": "300"}], "900", None),
        ([specification("900", "SalePrice"), specification("800", "StrikethroughPrice")], "900", None),
        (
            [specification("150", referenceQuantity={"value": 100}), specification("900")],
            "900",
            None,
        ),
        (specification("150", referenceQuantity={"value": 1}), "150", None),
        ([specification("700", eligibleQuantity={"minValue": 10}), specification("900")], "900", None),
    ],
)
def test_price_specifications_say_the_price_and_the_struck_through_one(
    specifications: object, price: str, old: str | None
) -> None:
    read = offer(html(product({"@type": "Offer", "priceSpecification": specifications})))
    assert (read.price, read.currency) == (Decimal(price), "DZD")
    assert read.old_price == (Decimal(old) if old else None)


def test_an_aggregate_offer_is_what_the_offers_in_it_say_where_one_names_a_price() -> None:
    def read(*inner: dict[str, Any]) -> Offer:
        terms = {"@type": "AggregateOffer", "lowPrice": "1000", "highPrice": "2000", "priceCurrency": "DZD"}
        return offer(html(product(terms | {"offers": list(inner)})))

    cheap, dear = {"price": "1000", "availability": "OutOfStock"}, {"price": "2000", "availability": "InStock"}
    mixed = read(cheap, dear)
    assert (mixed.price, mixed.price_kind, mixed.availability) == (Decimal(2000), "fixed", "in_stock")
    gone = read(cheap, dear | {"availability": "OutOfStock"})
    assert (gone.availability, gone.stock_left) == ("out_of_stock", 0)
    silent = read({"availability": "OutOfStock"}, {"availability": "InStock"})
    assert (silent.price, silent.price_kind, silent.availability) == (Decimal(1000), "from", "in_stock")
    in_euros = product({"@type": "AggregateOffer", "priceCurrency": "EUR", "offers": [{"price": 7}, {"price": 7}]})
    assert offer(html(in_euros)).currency == "EUR"


@pytest.mark.parametrize(
    "other",
    [
        {"eligibleQuantity": {"@type": "QuantitativeValue", "minValue": 10}},
        {"itemCondition": "https://schema.org/UsedCondition"},
        {"itemCondition": "RefurbishedCondition"},
    ],
)
def test_the_price_of_one_new_piece_counts_where_there_is_one(other: dict[str, Any]) -> None:
    new = {"price": "1500", "priceCurrency": "DZD", "availability": "InStock"}
    assert offer(html(product([new | other | {"price": "900"}, new]))).price == Decimal(1500)
    assert offer(html(product([new | other | {"price": "900"}]))).price == Decimal(900)
    sold_out = new | {"availability": "OutOfStock"}
    assert offer(html(product([new | other, sold_out]))).availability == "out_of_stock"


@pytest.mark.parametrize(
    "late",
    [
        {"price": "1500", "priceCurrency": "DZD", "validThrough": "2025-12-31"},
        {"priceSpecification": [specification("1500", validThrough="2025-12-31")], "priceValidUntil": "2025-12-31"},
    ],
)
def test_a_price_whose_last_day_is_past_counts_where_no_other_is_left_and_is_told(late: dict[str, Any]) -> None:
    read = found(html(product(late)))
    assert (read.offers[0].price, read.offers[0].attributes["price_expired"]) == (Decimal(1500), "yes")
    assert read.troubles == ["page/expired_price"]
    renewed = found(html(product([late, {"price": "1700", "priceCurrency": "DZD"}])))
    assert (renewed.offers[0].price, renewed.troubles) == (Decimal(1700), [])


def test_a_sale_price_lower_than_the_offers_is_what_is_asked() -> None:
    terms = {"price": "1500", "priceCurrency": "DZD", "priceSpecification": specification("1200", "SalePrice")}
    read = offer(html(product(terms)))
    assert (read.price, read.old_price) == (Decimal(1200), Decimal(1500))
    dearer = terms | {"priceSpecification": specification("1700", "SalePrice")}
    assert offer(html(product(dearer))).price == Decimal(1500)


def test_the_price_of_the_offer_wins_over_its_specification() -> None:
    terms = {"price": "1000", "priceCurrency": "DZD", "priceSpecification": specification("1300", "ListPrice")}
    read = offer(html(product(terms)))
    assert (read.price, read.old_price) == (Decimal(1000), Decimal(1300))


@pytest.mark.parametrize(
    "nested",
    [
        lambda item: {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, item]},
        lambda item: {"@context": "https://schema.org", "@type": "ItemPage", "mainEntity": item},
        lambda item: [{"@type": "Organization", "name": "x"}, item],
        lambda item: {"@graph": [{"@type": "WebPage", "mainEntity": {"@id": "#p"}}, item | {"@id": "#p"}]},
        lambda item: item | {"@type": ["Product", "Thing"]},
        lambda item: item | {"@type": "http://schema.org/Product"},
        lambda item: {f"https://schema.org/{k}" if k[0] != "@" else k: v for k, v in item.items()},
        lambda item: {"@graph": [item | {"offers": {"@id": "#o"}}, item["offers"] | {"@id": "#o"}]},
        lambda item: {
            "@type": "Offer",
            "price": 4900,
            "priceCurrency": "DZD",
            "itemOffered": {"@type": "Product", "name": "Casque Bluetooth", "sku": "CB-12"},
        },
    ],
)
def test_the_product_is_found_wherever_it_is_nested(nested: Any) -> None:
    read = offer(html(nested(product())))
    assert (read.price, read.external_id) == (Decimal(4900), "boutique.example/CB-12")


def test_related_products_are_none_of_the_page() -> None:
    other = product({"price": 1, "priceCurrency": "DZD"}, name="Autre", sku="X", url="/p/autre")
    for document in (
        html(product(isRelatedTo=[other], isSimilarTo=other)),
        html(other, product()),
        html(other, product(name="Le casque", url=URL), body="<h1>Autrement nommé</h1>"),
        html({"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": other}]}, product()),
        html(
            other | {"name": "Un"},
            other | {"name": "Deux"},
            product(name="Lui"),
            head='<meta property="og:title" content="Lui">',
        ),
    ):
        assert offer(document).external_id == "boutique.example/CB-12"


def carousel(*numbers: int) -> dict[str, Any]:
    members = [
        {"@type": "ListItem", "position": n, "item": product(name=f"Autre {n}", sku=f"X{n}", url=f"/p/autre-{n}")}
        for n in numbers
    ]
    return {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": members}


@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3)])
def test_a_list_of_related_products_is_none_where_the_product_is_told_in_another_syntax(numbers: tuple[int]) -> None:
    assert offer(html(carousel(*numbers), body=MICRODATA)).external_id == "boutique.example/CB-12"
    assert offer(html(carousel(*numbers), body=RDFA)).external_id == "boutique.example/CB-12"
    in_graph = offer(html(carousel(*numbers), head=OPENGRAPH))
    assert (in_graph.title, in_graph.position, in_graph.price) == ("Casque & étui", None, Decimal(4500))
    related = [member["item"] for member in carousel(*numbers)["itemListElement"]]
    assert offer(html(*related, body=MICRODATA)).external_id == "boutique.example/CB-12"
    assert offer(html(*related, head=OPENGRAPH)).title == "Casque & étui"


def test_a_page_that_calls_itself_a_product_never_gives_related_ones_in_its_place() -> None:
    head = '<meta property="og:type" content="product"><meta property="og:title" content="Casque Bluetooth">'
    related = [member["item"] for member in carousel(1, 2)["itemListElement"]]
    for documents in ([carousel(1, 2)], [carousel(1)], related, related[:1]):
        with pytest.raises(errors.NoProduct):
            found(html(*documents, head=head))
    listing = '<meta property="og:type" content="product.group">'
    assert [item.position for item in found(html(carousel(1, 2), head=listing)).offers] == [1, 2]


def test_a_product_that_is_sold_out_of_prices_is_not_replaced_by_related_ones() -> None:
    with pytest.raises(errors.NoProduct, match="without a price"):
        found(html(product({"@type": "Offer"}), carousel(1, 2)))


def test_of_several_products_the_one_without_a_page_elsewhere_is_the_pages() -> None:
    related = [member["item"] for member in carousel(1, 2)["itemListElement"]]
    for name, headline in (
        ("Widget Pro 2024 - noir", "Widget Pro"),
        ("Widget", "Widget Pro 2024"),
        ("Wydget", "Widget"),
    ):
        main = product(name=name)
        for documents in ([main, *related], [*related, main], [*related, main | {"url": f"{URL}?couleur=noir"}]):
            read = offer(html(*documents, body=f"<h1>{headline}</h1>"))
            assert (read.external_id, read.position) == ("boutique.example/CB-12", None)
    two = [product(name="Widget Pro - noir"), product(name="Autre chose", sku="Z"), *related]
    assert offer(html(*two, body="<h1>Widget Pro</h1>")).external_id == "boutique.example/CB-12"


def test_a_related_product_whose_name_is_a_part_of_the_pages_is_none() -> None:
    related = product(name="Casque", sku="X1", url="/p/casque")
    assert offer(html(related, head=OPENGRAPH)).title == "Casque & étui"
    assert offer(html(related, body=MICRODATA)).external_id == "boutique.example/CB-12"
    assert offer(html(product(name="Autre", sku="X2"), body=MICRODATA)).external_id == "boutique.example/CB-12"
    alone = offer(html(product(name="Casque Bluetooth noir", url="/index.php?id_product=12")))
    assert (alone.external_id, alone.position, alone.url) == ("boutique.example/CB-12", None, URL)


def test_one_product_of_another_page_is_not_taken_for_this_pages() -> None:
    other = product(name="Autre", sku="X1", url="/p/autre-1")
    read = offer(html(other))
    assert (read.url, read.position) == ("https://boutique.example/p/autre-1", 1)
    assert offer(html(other, body="")).position is None
    assert offer(html(product(name="Autrement", url="https://www.autre.example/p/1"))).position is None


def test_two_plugins_that_name_one_product_twice_give_one_offer() -> None:
    bare = {"@type": "Product", "name": "Casque Bluetooth"}
    assert offer(html(bare, product())).price == Decimal(4900)


def test_a_page_that_lists_products_gives_each_with_its_place() -> None:
    listed = [
        {"@type": "ListItem", "position": n, "item": product(name=f"Article {n}", sku=f"A{n}", url=f"/p/{n}")}
        for n in (1, 2, 3)
    ]
    read = found(html({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": listed}))
    assert [(item.position, item.external_id, item.url) for item in read.offers] == [
        (n, f"boutique.example/A{n}", f"https://boutique.example/p/{n}") for n in (1, 2, 3)
    ]


def test_a_category_is_a_listing_although_one_name_holds_its_own() -> None:
    items = [product(name=name, sku=name, url=f"/p/{name}") for name in ("Casque-Sony", "Casque Bluetooth X9", "Beats")]
    assert [one.position for one in found(html(*items)).offers] == [1, 2, 3]


def test_a_rating_out_of_ten_becomes_one_out_of_five_and_no_votes_are_no_rating() -> None:
    ten = product(aggregateRating={"ratingValue": "8,4", "bestRating": "10", "ratingCount": 5})
    assert (offer(html(ten)).rating, offer(html(ten)).rating_count) == (Decimal("4.20"), 5)
    for nothing in ({"ratingValue": 0, "reviewCount": 0}, {"ratingValue": "x"}, {"ratingValue": 7}, {}, "good"):
        assert offer(html(product(aggregateRating=nothing))).rating is None


@pytest.mark.parametrize(
    "absurd",
    [
        {"ratingValue": "9" * 400},
        {"ratingValue": "1e999999"},
        {"ratingValue": "nan", "reviewCount": 3},
        {"ratingValue": "4", "bestRating": "0"},
        {"ratingValue": "4", "bestRating": "1e-999999"},
        {"ratingValue": "Infinity", "ratingCount": "Infinity"},
    ],
)
def test_an_absurd_rating_costs_the_rating_alone(absurd: dict[str, Any]) -> None:
    read = offer(html(product(aggregateRating=absurd)))
    assert (read.rating, read.price) == (None, Decimal(4900))


def test_a_private_seller_has_no_name() -> None:
    terms = {"price": 5, "priceCurrency": "DZD", "seller": {"@type": "Person", "name": "Nadia B."}}
    read = offer(html(product(terms)))
    assert (read.seller_name, read.seller_kind) == (None, "private")


def test_a_seller_that_is_not_named_is_the_host() -> None:
    assert offer(html(product())).seller_name == "boutique.example"


@pytest.mark.parametrize(
    ("named", "external_id"),
    [
        ({"sku": "A-1", "gtin13": "613"}, "A-1"),
        ({"sku": "", "gtin13": "6130000000017"}, "6130000000017"),
        ({"sku": "N/A", "productID": "isbn:9"}, "isbn:9"),
        ({"sku": None, "offers": {"price": 5, "sku": "O-7"}}, "O-7"),
        ({"sku": 7}, "7"),
    ],
)
def test_the_id_is_the_sku_then_the_gtin_then_the_product_id(named: dict[str, Any], external_id: str) -> None:
    assert offer(html(product(**named))).external_id == f"boutique.example/{external_id}"


def test_without_any_id_it_is_a_hash_of_the_canonical_address_and_stays_the_same() -> None:
    link = '<link rel="canonical" href="/p/casque-12">'
    one = offer(html(product(sku=None), head=link), url=f"{URL}?utm_source=x")
    two = offer(html(product(sku=None, offers={"price": 1}), head=link), url=URL)
    other = offer(html(product(sku=None)), url="https://boutique.example/p/13")
    homeward = offer(html(product(sku=None), head='<link rel="canonical" href="/">'), url=URL)
    assert one.external_id == two.external_id == homeward.external_id != other.external_id
    assert one.external_id.startswith("boutique.example/")


def test_breadcrumbs_are_the_categories_without_home_and_product() -> None:
    steps = [("Accueil", "/"), ("Électronique", "/e"), ("Casques", "/e/c"), ("Casque Bluetooth", URL)]
    trail = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "name": name, "item": address}
            for n, (name, address) in enumerate(steps, 1)
        ][::-1],
    }
    assert offer(html(product(), trail)).category_path == ["Électronique", "Casques"]


def test_a_sold_out_product_needs_no_price() -> None:
    read = offer(html(product({"@type": "Offer", "availability": "https://schema.org/OutOfStock"})))
    assert (read.price, read.price_kind, read.availability, read.currency) == (None, "none", "out_of_stock", None)


@pytest.mark.parametrize(
    "script",
    [
        "//<![CDATA[\n{}\n//]]>",
        "<!-- {} -->",
        "<!--//--><![CDATA[//><!--\n{}\n//--><!]]>",
        "{};",
        "\ufeff{}",
        "/* made by a plugin */ {}",
        "// made by a plugin\n{}",
        '{"@type": "Organization", "name": "Boutique"}\n{}',
    ],
)
def test_wrappings_of_json_ld_are_taken_off(script: str) -> None:
    assert offer(html(script.replace("{}", json.dumps(product())))).price == Decimal(4900)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"sku": "CB-12",', '"sku": "CB-12", \n\t// a comment\n'),
        ('"CB-12"', '"CB-12", "description": "two\nlines\tand a tab"'),
        ('"DZD"}}', '"DZD",},}'),
        ('"Product"', '"product"'),
    ],
)
def test_faults_of_json_ld_that_leave_its_meaning_are_forgiven(right: str, wrong: str) -> None:
    script = json.dumps(product()).replace(right, wrong)
    assert wrong in script
    assert offer(html(script)).price == Decimal(4900)


def test_json_ld_that_nobody_can_read_is_a_named_reject_and_the_rest_of_the_page_counts() -> None:
    read = found(html('{"@type": "Product", "name": "cut off', product()))
    assert [reject.reason.split(":")[0] for reject in read.rejects] == ["page/json-ld_unreadable"]
    assert len(read.offers) == 1
    with pytest.raises(errors.NoProduct, match="page/json-ld_unreadable"):
        found(html('{"@type": "Product", "name": "cut off'))


def test_nesting_without_end_is_refused_by_name() -> None:
    deep = '{"@type": "Product", "name": "x", "offers": ' * 30_000
    with pytest.raises(errors.PageError):
        found(html(deep))
    rounds = {"@graph": [{"@id": "#a", "@type": "Product", "offers": {"@id": "#a"}, "brand": {"@id": "#a"}}]}
    with pytest.raises(errors.PageError):
        found(html(rounds, body=""))


MICRODATA = """
<div itemscope itemtype="http://schema.org/Product">
  <h1 itemprop="name">Casque Bluetooth</h1><meta itemprop="sku" content="CB-12">
  <span itemprop="brand" itemscope itemtype="https://schema.org/Brand"><b itemprop="name">Oraimo</b></span>
  <img itemprop="image" src="/a.jpg">
  <div itemprop="aggregateRating" itemscope itemtype="http://schema.org/AggregateRating">
    <span itemprop="ratingValue">4,5</span>/5 (<span itemprop="reviewCount">8</span> avis)</div>
  <div itemprop="offers" itemscope itemtype="http://schema.org/Offer">
    <link itemprop="availability" href="http://schema.org/InStock"><meta itemprop="priceCurrency" content="DZD">
    <span itemprop="price" content="4900">4 900,00 DA</span></div>
</div>"""
RDFA = """
<div vocab="https://schema.org/" typeof="Product"><h1 property="name">Casque Bluetooth</h1>
  <span property="sku">CB-12</span><span property="brand" typeof="Brand"><b property="name">Oraimo</b></span>
  <img property="image" src="/a.jpg">
  <div property="aggregateRating" typeof="AggregateRating">
    <span property="ratingValue">4.5</span> <span property="reviewCount">8</span></div>
  <div property="offers" typeof="Offer"><link property="availability" href="https://schema.org/InStock">
    <meta property="priceCurrency" content="DZD"><span property="price" content="4900">4 900 DA</span></div>
</div>"""


@pytest.mark.parametrize(("source", "body"), [("microdata", MICRODATA), ("rdfa", RDFA)])
def test_microdata_and_rdfa_say_the_same_as_json_ld(source: str, body: str) -> None:
    read = offer(html(body=body))
    assert (read.external_id, read.title, read.brand) == ("boutique.example/CB-12", "Casque Bluetooth", "Oraimo")
    assert (read.price, read.currency, read.availability) == (Decimal(4900), "DZD", "in_stock")
    assert (read.rating, read.rating_count) == (Decimal("4.50"), 8)
    assert read.image_urls == ["https://boutique.example/a.jpg"]
    assert read.attributes["price_source"] == source


OPENGRAPH = """
<meta property="og:type" content="product"><meta property="og:title" content="Casque &amp; étui">
<meta property="og:image" content="/a.jpg"><meta name="product:brand" content="Oraimo">
<meta property="product:price:amount" content="4 900,00"><meta property="product:price:currency" content="DZD">
<meta property="product:sale_price:amount" content="4500"><meta property="product:sale_price:currency" content="DZD">
<meta property="product:availability" content="in stock"><meta property="product:retailer_item_id" content="77">"""


def test_opengraph_stands_in_where_there_is_no_schema_org() -> None:
    read = offer(html(head=OPENGRAPH))
    assert (read.title, read.brand, read.external_id) == ("Casque & étui", "Oraimo", "boutique.example/77")
    assert (read.price, read.old_price, read.availability) == (Decimal(4500), Decimal(4900), "in_stock")
    assert read.attributes == {"price_source": "opengraph"}


def test_opengraph_in_arabic_digits_and_sold_out() -> None:
    head = OPENGRAPH.replace("4500", "١٬٥٠٠").replace("in stock", "out of stock")
    read = offer(html(head=head))
    assert (read.price, read.availability, read.stock_left) == (Decimal(1500), "out_of_stock", 0)


def test_opengraph_completes_a_product_without_a_price() -> None:
    read = offer(html(product({"@type": "Offer"}, brand="Oraimo"), head=OPENGRAPH))
    assert (read.price, read.brand, read.external_id) == (Decimal(4500), "Oraimo", "boutique.example/CB-12")


@pytest.mark.parametrize(
    ("body", "price", "kind"),
    [
        ('<div><h1>A</h1><p class="price"><del>5 900 DA</del> <ins>4 900 DA</ins></p></div>', "4900", "fixed"),
        ('<div><h1>A</h1><p class="price">4 900,00&nbsp;DA &ndash; 6 200,00&nbsp;DA</p></div>', "4900", "from"),
        (
            '<h1>A</h1><i class="regular-price">6 000 DA</i><b class="current-price">4 900 DA</b>',
            "4900",
            "fixed",
        ),
        ('<div><h1>A</h1><span class="prix">٤٩٠٠ د.ج</span></div>', "4900", "fixed"),
        ('<div><h1>A</h1><span class="price">١٢٬٥٠٠ د.ج</span></div>', "12500", "fixed"),
        ('<div><h1>A</h1><span class="price">12500 دينار</span></div>', "12500", "fixed"),
        ('<div><h1>A</h1><span class="price">45 000 DA ou 12 x 4 000 DA</span></div>', "45000", "fixed"),
        ('<div><h1>A</h1><span class="price">45 000 DA ou 4 000 DA / mois</span></div>', "45000", "fixed"),
        ('<div><h1>A</h1><span class="price">2 500 DA TTC (soit 2 100 DA HT)</span></div>', "2500", "fixed"),
        ('<div><h1>A</h1><span class="price">2 500 DA (5 000 DA/kg)</span></div>', "2500", "fixed"),
        ('<div><h1>A</h1><span class="price">2 500 DA au lieu de 3 000 DA</span></div>', "2500", "fixed"),
        ('<div><h1>A</h1><span class="price">2 500 DA <b>-500 DA</b></span></div>', "2500", "fixed"),
        ('<div><h1>A</h1><span class="price"><span>2 000</span><sup>50</sup> DA</span></div>', "2000.50", "fixed"),
        ('<div><h1>A</h1><b class="price">2 000<i class="cents">,50</i> DA</b></div>', "2000.50", "fixed"),
        ('<div><h1>A</h1><span class="price">2 000 à 3 000 DA</span></div>', "2000", "from"),
        (
            f'<div><h1>A</h1><div class="price-box"><b class="price">2 000 DA</b><p>{"Livré. " * 50}</p></div>'
            '</div><b class="price">700 DA</b>',
            "2000",
            "fixed",
        ),
        ('<div><h1>A</h1><span class="price">2 000 DA - 3 000 DA</span></div>', "2000", "from"),
        ('<div><h1>A</h1><span class="price">من 2000 دج إلى 3000 دج</span></div>', "2000", "from"),
        ('<div><h1>A</h1><span class="price">100 000 DA HT / 119 000 DA TTC</span></div>', "119000", "fixed"),
        ('<div><h1>A</h1><span class="price">À partir de 2 000 DA</span></div>', "2000", "from"),
        (
            '<div><h1>A</h1><p class="price"><del aria-hidden="true"><bdi>3,000.00 DA</bdi></del>'
            '<span class="screen-reader-text">Le prix initial était : 3,000.00 DA.</span><ins aria-hidden="true">'
            '<bdi>2,500.00 DA</bdi></ins><span class="screen-reader-text">Le prix actuel est : 2,500.00 DA.</span>'
            "</p></div>",
            "2500",
            "fixed",
        ),
        (
            '<div><h1>A</h1><p class="price"><span class="amount"><bdi>2,000 DA</bdi></span> – <span class="amount">'
            '<bdi>3,000 DA</bdi></span><span class="screen-reader-text">Plage de prix : 2,000 DA à 3,000 DA</span>'
            "</p></div>",
            "2000",
            "from",
        ),
        (
            '<h1>A</h1><b class="product-price">DA 4.900</b><ul class="related"><li class="price">9 DA</li></ul>',
            "4900",
            "fixed",
        ),
        ('<div><h1>A</h1></div><div><span itemprop="price" content="1">4 900</span></div>', "4900", "fixed"),
    ],
)
def test_the_price_that_is_shown_near_the_headline_is_the_last_resort(body: str, price: str, kind: str) -> None:
    read = offer(html(body=body))
    assert (read.price, read.currency, read.price_kind) == (Decimal(price), "DZD", kind)
    assert read.attributes["price_source"] == "visible"


@pytest.mark.parametrize(
    "body",
    [
        '<h1>A</h1><span class="price">4 900 DA</span><span class="price">5 900 DA</span>',
        '<h1>A</h1><span class="price">4900</span>',
        '<h1>A</h1><span class="delivery-price">400 DA</span>',
        "<h1>A</h1><p>Seulement 4 900 DA !</p>",
        '<h1>A</h1><del class="price">4 900 DA</del>',
        '<span class="price">4 900 DA</span>',
        "<h1>Contact</h1><p>Appelez-nous</p>",
        '<h1>A</h1><span class="price">4 900 DA 5 900 DA</span>',
        '<h1>A</h1><span class="price">12 x 4 000 DA</span>',
        '<h1>A</h1><span class="price">4 000 DA / mois</span>',
        '<h1>A</h1><span class="price">12 mois à 4 000 DA</span>',
        '<h1>A</h1><span class="price">K70 4 900 DA</span>',
        '<h1>A</h1><span class="price"><b>2 000</b><i>50</i> DA</span>',
        '<h1>A</h1><span class="price">4 900 DA ou 30 €</span>',
        '<div><h1>A</h1><span class="price">4 900 DA 5 900 DA</span></div><b class="price">700 DA</b>',
    ],
)
def test_a_shown_price_that_is_doubtful_is_none(body: str) -> None:
    with pytest.raises(errors.NoProduct):
        found(html(body=f"<div>{body}</div>"))


def test_euros_stay_euros_and_a_page_without_a_currency_has_the_shops() -> None:
    assert offer(html(product({"price": 5, "priceCurrency": "EUR"}))).currency == "EUR"
    assert offer(html(product({"price": 5}))).currency == "DZD"
    assert offer(html(product({"price": 5, "priceCurrency": "DA"}))).currency == "DZD"
    assert offer(html(product({"price": 5}), body="<h1>A</h1>"), currency="TND").currency == "TND"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"%PDF-1.7 ...", errors.NotHtml),
        (b'{"@type": "Product"}', errors.NotHtml),
        (b"", errors.NotHtml),
        (b"<html>" + b" " * 10 * 1024 * 1024, errors.TooLarge),
        (html(product())[:150].encode(), errors.PageTruncated),
        (b"<html><head><title>Just a moment...</title></head></html>", errors.ChallengePage),
    ],
)
def test_what_is_no_product_page_is_named(body: bytes, error: type[errors.PageError]) -> None:
    with pytest.raises(error):
        found(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_the_encoding_is_that_of_the_page(encoding: str) -> None:
    declared = "" if encoding.startswith("utf-8") else f'<meta charset="{encoding}">'
    text = html(product(name="Écouteurs"), head=declared).replace("\\u00c9", "É")
    assert offer(text.encode(encoding)).title == "Écouteurs"


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "utf8"])
def test_utf_8_under_a_head_that_says_otherwise_is_read_as_utf_8(declared: str) -> None:
    text = html(product(name="Écouteurs"), head=f'<meta charset="{declared}">').replace("\\u00c9", "É")
    assert offer(text.encode()).title == "Écouteurs"


# fmt: off
NAMES = [
    "@type", "@id", "@graph", "@value", "name", "offers", "price", "priceSpecification", "sku", "brand",
    "itemOffered", "aggregateRating", "ratingValue", "bestRating", "image", "url", "hasVariant",
    "availability", "inventoryLevel", "itemListElement", "validThrough", "additionalProperty",
]
# fmt: on
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_whatever_json_ld_says_the_page_yields_sound_offers_or_a_named_error(one: Any, two: Any) -> None:
    with contextlib.suppress(errors.PageError):
        found(html({"@type": "Product", "name": "x", "offers": one, "brand": two}, one))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2500), st.sampled_from([MICRODATA, RDFA, OPENGRAPH]))
def test_a_page_cut_at_any_byte_yields_the_product_or_a_named_error(cut: int, body: str) -> None:
    whole = html(product(), body=body + "é" * 100).encode()
    with contextlib.suppress(errors.PageError):
        assert offer(whole[:cut]).price in (Decimal(4900), Decimal(4500))
