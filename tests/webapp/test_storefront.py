from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tests import factories
from tests.webapp.assortment import Shelf, sell
from webapp.storefront import asking

PAGES = ("/", "/search?q=samsung", "/c/phones", "/search?q=samsnug+galaxy", "/search?q=zzxxqq")


def text(client: FlaskClient, path: str, **options: Any) -> str:
    answer = client.get(path, follow_redirects=True, **options)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def words(html: str) -> str:
    """What a reader sees, thin spaces as plain ones."""
    bare = (
        re.sub(r"<[^>]+>", "", html)
        .replace("\u202f", " ")
        .replace("&#39;", "'")
        .translate({0x2068: None, 0x2069: None})
    )
    return re.sub(r"\s+", " ", bare)


def test_before_the_first_crawl_the_shop_says_what_to_do(client: FlaskClient) -> None:
    for path in ("/", "/search", "/c/phones", "/p/1"):
        page = words(text(client, path, headers={"Accept-Language": "fr"}))
        assert "Les rayons se remplissent" in page
        assert "python scheduler.py --once" in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("code", ["fr", "ar", "en"])
def test_every_page_reads_in_every_language(client: FlaskClient, shelf: Shelf, path: str, code: str) -> None:
    page = text(client, f"{path}{'&' if '?' in path else '?'}lang={code}")
    direction = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{direction}">' in page
    assert page.count("<h1") == 1


def test_home_shows_our_shop_trends_with_their_reason_and_drops(client: FlaskClient, shelf: Shelf) -> None:
    page = words(text(client, "/?lang=fr"))
    for piece in ("En boutique", "9 250 DA", "Tendances", "12 avis de plus en 7 jours, prix −9 %", "Baisses de prix",
                  "−18 % en 7 jours", "Vu sur Jumia", "Vu sur Ouedkniss", "Vous payez à la livraison"):  # fmt: skip
        assert piece in page
    assert "Appartement" not in page


def test_money_is_written_as_each_language_does(client: FlaskClient, shelf: Shelf) -> None:
    path = f"/p/{shelf['phone'].id}"
    assert "38\u202f900\u202fDA" in text(client, f"{path}?lang=fr")
    assert "38\u202f900\u202fدج" in text(client, f"{path}?lang=ar")
    assert "38,900\u202fDA" in text(client, f"{path}?lang=en")


def test_a_product_of_ours_is_ordered_by_phone_and_tells_the_market_price(client: FlaskClient, shelf: Shelf) -> None:
    html = text(client, f"/p/{shelf['earphones'].id}?lang=fr")
    assert 'href="tel:0550123456"' in html
    page = words(html)
    assert "Notre prix Prix : 9 250 DA" in page
    assert "Sur Jumia : 7 900 DA · au plus bas en 30 jours : 7 500 DA" in page
    assert 'rel="nofollow' not in html


def test_a_product_of_the_market_links_to_its_source_and_says_that_we_do_not_sell_it(
    client: FlaskClient, shelf: Shelf
) -> None:
    html = text(client, f"/p/{shelf['phone_ad'].id}?lang=fr")
    assert re.search(rf'href="{re.escape(shelf["phone_ad"].url)}" rel="nofollow noopener external"', html)
    page = words(html)
    assert "Nous ne le vendons pas encore" in page
    assert "Négociable avec le vendeur" in page
    assert "tel:0550123456" not in html.split("<main")[1].split("</main>")[0]


def test_a_product_page_shows_where_else_it_is_offered(client: FlaskClient, shelf: Shelf) -> None:
    page = text(client, f"/p/{shelf['phone'].id}?lang=fr")
    elsewhere = page.split('id="elsewhere"')[1].split("</section>")[0]
    assert "neuf cacheté" in elsewhere
    assert "A06" not in elsewhere


def test_the_address_of_a_product_survives_a_new_title(client: FlaskClient, shelf: Shelf) -> None:
    number = shelf["oil"].id
    for path in (f"/p/{number}", f"/p/{number}-old-title"):
        answer = client.get(path)
        assert answer.status_code == 301
        assert answer.location == f"/p/{number}-huile-d-argan-pure-100-ml"


@pytest.mark.parametrize("path", ["/p/999999", "/p/x", "/c/nothing", "/charts/price/999999.svg?lang=ar", "/nope"])
def test_what_is_not_there_is_a_calm_404(client: FlaskClient, shelf: Shelf, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "ar"})
    assert answer.status_code == 404
    assert "هذه الصفحة ليست على رفوفنا" in answer.get_data(as_text=True)


def test_no_page_carries_inline_script_or_style(client: FlaskClient, shelf: Shelf) -> None:
    for path in (*PAGES, f"/p/{shelf['phone'].id}", "/nope"):
        page = client.get(path, follow_redirects=True).get_data(as_text=True)
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:", page), path


def test_titles_of_marketplaces_are_text_never_markup(client: FlaskClient, work: Session) -> None:
    factories.create_marts(work)
    made = factories.listing(work, title='<script>alert(1)</script>"><img src=x>', brand="<b>x</b>")
    factories.mart_offer(work, made, reason_fr="<i>1</i> −9 %")
    work.commit()
    for path in ("/?lang=fr", f"/p/{made.id}?lang=fr", "/search?q=<script>"):
        page = text(client, path)
        assert "<script>alert" not in page
        assert "<b>x" not in page
        assert "<i>1" not in page


def test_the_price_chart_is_an_svg_with_words_for_screen_readers(client: FlaskClient, shelf: Shelf) -> None:
    answer = client.get(f"/charts/price/{shelf['phone'].id}.svg?lang=fr&size=narrow")
    assert answer.mimetype == "image/svg+xml"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    drawn = ElementTree.fromstring(answer.data)
    space = "{http://www.w3.org/2000/svg}"
    assert drawn.findtext(f"{space}title", "").startswith("Samsung Galaxy A16")
    assert "Plus bas en 30 j" in answer.text
    assert "épuisé" in answer.text
    assert "prefers-color-scheme: dark" in answer.text
    summary = drawn.findtext(f"{space}desc", "").replace("\u202f", " ")
    assert "entre 38 900 DA (30 avr. 2026) et 44 000 DA" in summary


def test_a_chart_says_sold_out_only_where_it_was(client: FlaskClient, work: Session) -> None:
    from datetime import date

    factories.create_marts(work)
    made = factories.listing(work)
    factories.mart_offer(work, made)
    for at in (1, 2, 3):
        factories.mart_day(work, made, date(2026, 5, at), Decimal(5000))
    work.commit()
    assert "épuisé" not in client.get(f"/charts/price/{made.id}.svg?lang=fr").text


def test_search_says_what_it_took_a_mistyped_word_for(client: FlaskClient, shelf: Shelf) -> None:
    assert "Voici pour « samsung galaxy » : 3 produits" in words(text(client, "/search?q=samsnug+galaxy&lang=fr"))
    assert "Rien de tel ici. Voici ce qui s’en approche." in words(text(client, "/search?q=zzxxqq&lang=fr"))


def test_an_active_filter_is_a_chip_that_removes_itself(client: FlaskClient, shelf: Shelf) -> None:
    page = text(client, "/search?q=samsung&source=jumia&min=30000&lang=fr")
    assert "Dès 30 000 DA" in words(page)
    chips = re.findall(r'class="chip" href="([^"]+)"', page)
    assert [chip.replace("&amp;", "&") for chip in chips] == [
        "/search?q=samsung&min=30000",
        "/search?q=samsung&source=jumia",
    ]
    assert "1 produit" in words(page)


@pytest.mark.parametrize(
    "query",
    ["min=abc&max=-5&page=-3&sort=nothing&rated=x", "min=1e999&max=NaN", "page=99999999999999999999", "q=%00&brand=%00",
     "lang=xx&shelf=none", "min=٥٠٠"],
)  # fmt: skip
def test_nonsense_in_an_address_is_left_out(client: FlaskClient, shelf: Shelf, query: str) -> None:
    assert "<h1" in text(client, f"/search?{query}")


def test_a_wish_and_its_address_are_two_forms_of_one_thing(app: Any) -> None:
    values = MultiDict(
        [("q", "tv"), ("brand", "LG"), ("brand", "Iris & Co"), ("source", "shop"), ("min", "1000"), ("max", "90000"),
         ("stock", "1"), ("drop", "1"), ("rated", "1"), ("sort", "price"), ("shelf", "tv")]
    )  # fmt: skip
    with app.test_request_context():
        wish = asking.wanted(values)
        address = asking.address(wish, 2)
    with app.test_request_context(address):
        from flask import request

        again = asking.wanted(request.args)
    assert (again.page, again.brands, again.shelf) == (2, ("LG", "Iris & Co"), "tv")
    assert wish == asking.wanted(values)
    assert again == asking.without(wish).__class__(**{**_fields(wish), "page": 2})


def _fields(wish: asking.Wanted) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in wish.__dataclass_fields__}


def test_pages_of_a_long_list_link_to_each_other(client: FlaskClient, work: Session) -> None:
    factories.create_marts(work)
    for _ in range(50):
        factories.mart_offer(work, factories.listing(work))
    work.commit()
    assert 'rel="next" href="/search?sort=price&amp;page=2"' in text(client, "/search?sort=price")
    assert 'rel="prev" href="/search?sort=price&amp;page=2"' in text(client, "/search?sort=price&page=3")


def test_pictures_of_marketplaces_are_shown_only_with_a_permission(
    client: FlaskClient, work: Session, configure: Any
) -> None:
    factories.create_marts(work)
    made = factories.listing(work)
    factories.mart_offer(work, made, image_url="https://dz.jumia.is/a.jpg")
    work.commit()
    without = client.get("/")
    assert "dz.jumia.is" not in without.text
    assert "jumia.is" not in without.headers["Content-Security-Policy"]
    configure(SHOP_MARKET_PICTURES="true")
    allowed = client.get("/")
    assert 'src="https://dz.jumia.is/a.jpg"' in allowed.text
    assert "https://*.jumia.is" in allowed.headers["Content-Security-Policy"]


def test_a_price_in_another_currency_comes_with_dinars(client: FlaskClient, work: Session) -> None:
    factories.create_marts(work)
    made = factories.listing(work, country="ma")
    factories.mart_offer(
        work, made, price=Decimal(500), currency="MAD", price_dzd=Decimal(7000), old_price=None, low_30d_price=None
    )
    work.commit()
    page = words(text(client, f"/p/{made.id}?lang=fr"))
    assert "500 Dh" in page
    assert "≈ 7 000 DA" in page


def test_a_sold_out_product_of_ours_is_no_longer_offered(client: FlaskClient, work: Session, shelf: Shelf) -> None:
    sell(work, shelf["blender"], "15000", units=0)
    work.commit()
    page = words(text(client, f"/p/{shelf['blender'].id}?lang=fr"))
    assert "15 000" not in page
    assert "Plus que 4" in page
