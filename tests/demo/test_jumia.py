"""The pages say what the world says. The embedded JSON is read here on its own, without the crawlers' code."""

import json
import re
import time
from decimal import Decimal

import pytest

from demo import jumia_data
from demo.jumia import PAGE_SIZE
from demo.jumia_data import stock_info

STORE = re.compile(r"window\.__STORE__\s*=\s*")
LINKED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
NEXT = re.compile(r'<a href="([^"]+)" class="pg" aria-label="Page suivante">')
CARD = re.compile(r'<article class="prd _fb col c-prd">.*?</article>', re.DOTALL)


def store(text):
    return json.JSONDecoder().raw_decode(text, STORE.search(text).end())[0]


def linked(text):
    return json.loads(LINKED.search(text).group(1))


def page(shop, address):
    answer = shop.get(address)
    assert answer.status_code == 200, address
    return answer.text


def all_pages(shop, address):
    while address:
        text = page(shop, address)
        yield text
        link = NEXT.search(text)
        address = link and link.group(1).replace("&amp;", "&").partition("#")[0]


def test_a_listing_says_what_the_world_says(shop, market):
    shelves = dict(zip((p.sku for p in market.world.products), market.world.day(10), strict=True))
    shown = store(page(shop, "/telephone-tablette/"))["products"]
    assert len(shown) >= 20
    for product in shown:
        shelf = shelves[product["sku"]]
        assert Decimal(product["prices"]["rawPrice"]) == shelf.price
        assert product["prices"]["price"] == f"{shelf.price:,} DA"
        assert product["prices"].get("oldPrice") == (f"{shelf.old_price:,} DA" if shelf.old_price else None)
        assert product["rating"] == {"average": shelf.rating, "totalRatings": shelf.rating_count}
        assert product["categories"][0] == "Téléphones & Tablettes"
        assert product["isBuyable"] is True


def test_a_listing_shows_its_products_as_cards_in_the_order_of_its_data(shop):
    text = page(shop, "/epicerie/")
    cards = CARD.findall(text)
    products = store(text)["products"]
    assert [re.search(r'data-sku="(\w+)"', card).group(1) for card in cards] == [one["sku"] for one in products]
    for card, one in zip(cards, products, strict=True):
        assert f'<div class="prc">{one["prices"]["price"]}</div>' in card
        assert f'href="{one["url"]}" class="core"' in card


def test_tracking_attributes_carry_euros_not_dinars(shop):
    text = page(shop, "/catalog/")
    products = {one["sku"]: one for one in store(text)["products"]}
    for card in CARD.findall(text):
        one = products[re.search(r'data-sku="(\w+)"', card).group(1)]
        assert re.search(r'data-gtm-price="([\d.]+)"', card).group(1) == one["prices"]["priceEuro"]
        assert Decimal(one["prices"]["priceEuro"]) < Decimal(one["prices"]["rawPrice"]) / 100


def test_every_product_in_stock_is_reached_once_by_paging(shop, market):
    pages = [store(text)["products"] for text in all_pages(shop, "/catalog/")]
    seen = [one["sku"] for products in pages for one in products]
    stocked = [
        product.sku
        for product, shelf in zip(market.world.products, market.world.day(10), strict=True)
        if shelf.on_sale and shelf.stock > 0
    ]
    assert len(seen) > 150
    assert sorted(seen) == sorted(stocked)
    assert [len(products) for products in pages[:-1]] == [PAGE_SIZE] * (len(pages) - 1)


def test_the_departments_together_hold_every_product(shop, market):
    whole = {one["sku"] for text in all_pages(shop, "/catalog/") for one in store(text)["products"]}
    parts = [
        one["sku"]
        for department in market.menu
        for text in all_pages(shop, f"/{department.slug}/")
        for one in store(text)["products"]
    ]
    assert sorted(parts) == sorted(whole)


def test_the_home_page_leads_to_every_department_as_a_real_one_does(shop, market, shared):
    real = (shared / "real/jumia/pages/sn-2026-01-home-fr.html").read_text()
    assert 'class="flyout" role="menu"' in real
    text = page(shop, "/")
    menu = re.search(r'<div class="flyout" role="menu">(.*?)</div>', text).group(1)
    links = re.findall(r'<a href="/([^"]+)/" class="itm" role="menuitem">', menu)
    assert links == [department.slug for department in market.menu]
    assert store(text)["view"] == "Home"
    assert not CARD.search(text)


def test_what_is_sold_out_drops_out_of_listings_and_its_page_says_so(shop, market):
    gone = [
        product
        for product, shelf in zip(market.world.products, market.world.day(10), strict=True)
        if shelf.on_sale and shelf.stock == 0
    ]
    assert gone
    listed = {one["sku"] for text in all_pages(shop, "/catalog/") for one in store(text)["products"]}
    for product in gone:
        assert product.sku not in listed
        text = page(shop, product.url)
        assert store(text)["products"][0]["isBuyable"] is False
        assert linked(text)["mainEntity"]["offers"]["availability"] == "http://schema.org/OutOfStock"


def test_a_product_page_says_what_the_world_says(shop, market):
    for index in (0, 40, 120):
        product, shelf = market.world.products[index], market.world.day(10)[index]
        text = page(shop, product.url)
        data = store(text)
        (one,) = data["products"]
        assert data["sku"] == one["sku"] == product.sku
        assert Decimal(one["prices"]["rawPrice"]) == shelf.price
        entity = linked(text)["mainEntity"]
        assert entity["offers"]["price"] == one["prices"]["rawPrice"]
        assert entity["offers"]["priceCurrency"] == "DZD"
        assert f'<span class="-b -ubpt -tal -fs24 -prxs">{shelf.price:,} DA</span>' in text
        if shelf.rating_count:
            assert f"{shelf.rating_count} avis vérifié" in text


@pytest.mark.parametrize(
    ("stock", "text", "kind"),
    [
        (1, "1 article restant", "lowStock"),
        (5, "5 articles restants", "lowStock"),
        (15, "Quelques articles restants", "fewUnits"),
        (200, "En stock", "inStock"),
    ],
)
def test_stock_is_told_exactly_only_where_it_is_low(stock, text, kind):
    assert stock_info(stock) == {"text": text, "type": kind}


def test_carousels_hold_products_that_the_listing_does_not(shop):
    text = page(shop, "/epicerie/")
    listed = {one["url"] for one in store(text)["products"]}
    outside = CARD.sub("", text)
    carousel = re.findall(r'<article class="prd _box _hvr"><a href="([^"]+)"', outside)
    assert len(carousel) == 6
    assert not listed & set(carousel)


def test_an_address_that_is_no_longer_sold_redirects_home(shop, market):
    gone = next(
        product for product, shelf in zip(market.world.products, market.world.day(10), strict=True) if not shelf.on_sale
    )
    for address in (gone.url, "/rien-du-tout-12345678.html"):
        answer = shop.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_every_answer_carries_the_time_of_the_market(shop, classifieds):
    for answer in (
        shop.get("/"),
        shop.get("/catalog/?page=99"),
        shop.get("/x-12345678.html"),
        shop.get("/robots.txt"),
        shop.get("/supplier/v1/orders"),
        classifieds.get("/nothing"),
        classifieds.post("/graphql", json={}),
    ):
        assert answer.headers["X-Market-Time"] == "2026-05-11T12:00:00+00:00"


def test_pages_follow_the_clock_back_and_forth(shop):
    def prices():
        return [one["prices"]["rawPrice"] for one in store(page(shop, "/catalog/"))["products"]]

    today = prices()
    shop.put("/_market/clock", json={"now": "2026-05-20T08:00:00Z"})
    assert prices() != today
    shop.put("/_market/clock", json={"now": "2026-05-11T12:00:00Z"})
    assert prices() == today


def test_robots_forbids_double_hyphens_and_no_product_has_one(shop, market):
    assert "Disallow: *--*" in shop.get("/robots.txt").text
    assert not [product.url for product in market.world.products if "--" in product.url]


def test_search_minds_neither_accents_nor_case(shop):
    found = store(page(shop, "/catalog/?q=TELEVISEURS+geant"))["products"]
    assert found
    assert {one["brand"] for one in found} == {"Géant"}


def test_a_search_without_result_says_so(shop):
    text = page(shop, "/catalog/?q=sous-marin")
    assert store(text)["products"] == []
    assert "Aucun résultat" in text


def test_pages_beyond_the_last_do_not_exist(shop):
    assert shop.get("/epicerie/?page=9").status_code == 404
    assert shop.get("/epicerie/?page=0").status_code == 404
    assert shop.get("/pas-une-categorie/").status_code == 404


def test_embedded_json_cannot_end_its_script():
    text = jumia_data.script({"name": "</script><!-- x"})
    assert "</" not in text
    assert "<!--" not in text
    assert json.loads(text) == {"name": "</script><!-- x"}


def test_pictures_are_svg(shop, market):
    answer = shop.get(f"/images/{market.world.products[0].sku}.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert shop.get("/images/NOTHING.svg").status_code == 404


def test_a_listing_page_takes_less_than_fifteen_milliseconds(shop):
    shop.get("/catalog/?page=1")
    begun = time.process_time()
    for number in range(1, 5):
        shop.get(f"/catalog/?page={number}&x={number}")
    assert (time.process_time() - begun) / 4 < 0.015


def test_fields_and_classes_are_those_of_a_real_page(shop, shared):
    real = (shared / "real/jumia/pages/ma-2026-04-search-laptop-desktop-fr.html").read_text()
    real_gh = (shared / "real/jumia/pages/gh-2025-06-21-search-laptop-desktop.html").read_text()
    known = {key for text in (real, real_gh) for one in store(text)["products"] for key in one}
    text = page(shop, "/catalog/")
    for one in store(text)["products"]:
        assert set(one) <= known
        assert set(one["prices"]) <= {key for product in store(real)["products"] for key in product["prices"]}
    for piece in (
        'class="prd _fb col c-prd"',
        'class="core"',
        '<h3 class="name">',
        '<div class="prc">',
        '<div class="s-prc-w"><div class="old">',
        '<div class="bdg _dsct _sm">',
        '<div class="bdg _mall _xs">Boutique Officielle</div>',
        '<div class="stars _s">',
        'class="ic xprss"',
        'class="pg" aria-label="Page suivante"',
    ):
        assert piece in real
        assert piece in text
