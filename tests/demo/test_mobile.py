"""The mobile template: the same market in the other shape, which the crawlers read too."""

import json
import re
from datetime import UTC, datetime

import pytest

from crawlers.pages import jumia
from crawlers.pages.page import Page

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}
STATE = re.compile(r"window\.__(?:INITIAL_STATE|STORE)__\s*=\s*")


def state(text):
    return json.JSONDecoder().raw_decode(text, STATE.search(text).end())[0]


def test_a_phone_gets_the_mobile_template_and_a_computer_the_other(shop):
    mobile, desktop = shop.get("/telephone-tablette/", headers=PHONE).text, shop.get("/telephone-tablette/").text
    assert "__INITIAL_STATE__" in mobile
    assert "__STORE__" not in mobile
    assert "__STORE__" in desktop
    assert "__INITIAL_STATE__" not in desktop


@pytest.mark.parametrize("page", [1, 2])
def test_both_templates_list_the_same_products(shop, page):
    address = f"/catalog/?page={page}"
    mobile, desktop = (state(shop.get(address, headers=headers).text) for headers in (PHONE, {}))
    assert mobile["viewData"]["products"] == desktop["products"]
    assert mobile["viewData"]["pagination"]["page"] == page
    assert int(mobile["viewData"]["productsFound"].split()[0]) > 40


def offers(shop, address, headers):
    answer = shop.get(address, headers=headers)
    page = Page(
        url=f"https://www.jumia.com.dz{address}",
        body=answer.data,
        country="dz",
        currency="DZD",
        observed_at=datetime(2026, 5, 11, 12, tzinfo=UTC),
    )
    return {one.external_id: (one.price, one.old_price, one.rating, one.title) for one in jumia.parse(page).offers}


def test_a_crawler_reads_the_same_offers_from_both_templates(shop, market):
    product = market.ranking(market.moment())[0].product.url
    for address in ("/telephone-tablette/", product):
        mobile = offers(shop, address, PHONE)
        assert mobile
        assert mobile == offers(shop, address, {})


def test_mobile_cards_stand_in_the_order_of_their_data(shop):
    text = shop.get("/epicerie/", headers=PHONE).text
    cards = re.findall(r'<article class="c-prd col.*?</article>', text, re.DOTALL)
    products = state(text)["viewData"]["products"]
    assert [re.search(r'quantity/" method', card) is not None for card in cards] == [True] * len(products)
    assert [re.search(r'class="curr">([^<]+)<', card).group(1) for card in cards] == [
        product["prices"]["price"] for product in products
    ]


def test_a_mobile_page_has_the_fields_of_a_real_one(shop, shared):
    real = state((shared / "real/jumia/pages/ma-2026-04-category-phones-mobile-fr.html").read_text())
    ours = state(shop.get("/telephone-tablette/", headers=PHONE).text)
    assert set(ours) <= set(real)
    assert set(ours["viewData"]) <= set(real["viewData"]) | {"unavailableText"}
    assert list(ours["viewData"]["pagination"]) == list(real["viewData"]["pagination"])
