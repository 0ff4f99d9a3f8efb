"""Product feeds: each published rule has a row that breaks it; what is served keeps them all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from database import shop
from reseller import __main__ as command
from reseller.channels import feed_rules, feeds
from reseller.channels.offers import offer_of
from tests import factories
from tests.factories import NOON
from tests.webapp import assortment

GOOD = {
    "id": "HN-000001", "title": "Samsung Galaxy A16", "description": "Samsung Galaxy A16\nCouleur : noir",
    "condition": "new", "price": "38900.00 DZD", "link": "https://h.dz/p/1-a16", "image_link": "https://h.dz/a.jpg",
    "additional_image_link": "", "brand": "Samsung", "gtin": "8806095299273", "mpn": "SM-A165F",
    "google_product_category": "270", "product_type": "Téléphones", "color": "noir", "size": "",
}  # fmt: skip
GOODS = {
    "facebook": GOOD | {"availability": "in stock", "quantity_to_sell_on_facebook": "3"},
    "google": GOOD | {"availability": "in_stock", "identifier_exists": "yes"},
}
NO_NUMBERS = {"brand": "", "gtin": "", "mpn": ""}
BREAKS: dict[str, dict[str, dict[str, str]]] = {
    "facebook": {
        "id/length": {"id": "x" * 101},
        "title/length": {"title": "x" * 201},
        "description/length": {"description": "x" * 10_000},
        "brand/length": {"brand": "x" * 101},
        "color/length": {"color": "x" * 201},
        "size/length": {"size": "x" * 201},
        "product_type/length": {"product_type": "x" * 751},
        "mpn/length": {"mpn": "x" * 101},
        "additional_image_link/length": {"additional_image_link": "https://h.dz/" + "x" * 2000},
        "additional_image_link/count": {"additional_image_link": ",".join(f"https://h.dz/{n}" for n in range(21))},
        "availability/value": {"availability": "in_stock"},
        "condition/value": {"condition": "neuf"},
        "price/form": {"price": "38 900 DA"},
        "link/form": {"link": "h.dz/p/1"},
        "image_link/form": {"image_link": "/a.jpg"},
        "image_link/format": {"image_link": "https://h.dz/a.webp"},
        "identifier/missing": NO_NUMBERS,
        "gtin/digits": {"gtin": "8806095299274"},
        "title/capitals": {"title": "SAMSUNG GALAXY ULTRA"},
        "description/capitals": {"description": "VENEZ TOUS ACHETER"},
        "description/markup": {"description": "<b>Beau</b>"},
        "quantity_to_sell_on_facebook/form": {"quantity_to_sell_on_facebook": "-1"},
        "text/contact": {"description": "واتساب ٠٥٥٥١٢٣٤٥٦"},
        "image_link/drawing": {"image_link": "https://h.dz/pictures/HN-000001.png"},
    },
    "google": {
        "id/length": {"id": "x" * 51},
        "title/length": {"title": "x" * 151},
        "description/length": {"description": "x" * 5001},
        "brand/length": {"brand": "x" * 71},
        "mpn/length": {"mpn": "x" * 71},
        "color/length": {"color": "x" * 101},
        "size/length": {"size": "x" * 101},
        "product_type/length": {"product_type": "x" * 751},
        "link/length": {"link": "https://h.dz/" + "x" * 2000},
        "image_link/length": {"image_link": "https://h.dz/" + "x" * 2000},
        "id/form": {"id": "HN 1"},
        "availability/value": {"availability": "in stock"},
        "condition/value": {"condition": "good"},
        "condition/missing": {"condition": ""},
        "price/form": {"price": "0.00 DZD"},
        "link/form": {"link": "ftp://h.dz"},
        "image_link/form": {"image_link": "a.jpg"},
        "image_link/format": {"image_link": "https://h.dz/a.svg?x=1"},
        "additional_image_link/count": {"additional_image_link": ",".join(f"https://h.dz/{n}" for n in range(11))},
        "identifier_exists/value": {"identifier_exists": "true"},
        "identifier_exists/wrong": {"identifier_exists": "no"},
        "gtin/digits": {"gtin": "123"},
        "title/capitals": {"title": "SAMSUNG GALAXY ULTRA"},
        "description/markup": {"description": "Beau &amp; bon"},
        "google_product_category/form": {"google_product_category": "x"},
        "text/contact": {"title": "Galaxy A16 ali@gmail.com"},
        "image_link/drawing": {"image_link": "https://h.dz/pictures/HN-000001.png"},
    },
}


@pytest.mark.parametrize("feed", feeds.FILES)
def test_a_good_product_breaks_no_rule(feed: str) -> None:
    assert feed_rules.problems(feed, GOODS[feed]) == []


def cases() -> Iterator[Any]:
    for feed, rules in feed_rules.RULES.items():
        for rule in rules:
            field = rule.code.split("/")[0]
            broken = BREAKS[feed].get(rule.code) or ({field: " "} if rule.code.endswith("/missing") else None)
            yield pytest.param(feed, rule.code, broken, id=f"{feed}-{rule.code}")


@pytest.mark.parametrize(("feed", "code", "broken"), list(cases()))
def test_each_published_rule_finds_the_row_that_breaks_it(feed: str, code: str, broken: dict[str, str] | None) -> None:
    assert broken is not None, f"no row breaks {code}"
    assert code in [problem.rule.code for problem in feed_rules.problems(feed, GOODS[feed] | broken)]


@pytest.mark.parametrize("feed", feeds.FILES)
def test_each_rule_has_a_name_of_its_own_and_a_source(feed: str) -> None:
    rules = feed_rules.RULES[feed]
    assert len({rule.code for rule in rules}) == len(rules)
    assert all("." in rule.source and "/" in rule.source for rule in rules)


def test_prices_are_written_with_a_point_two_places_and_the_currency() -> None:
    assert feeds.price(Decimal("38900")) == "38900.00 DZD"
    assert feeds.price(Decimal("1234567.5")) == "1234567.50 DZD"


@pytest.fixture
def stocked(work: Session, configure: Any) -> assortment.Shelf:
    configure(SHOP_URL="https://hanout.example")
    return assortment.lay_out(work)


@pytest.fixture
def web(stocked: assortment.Shelf) -> FlaskClient:
    from webapp import create_app

    return create_app(TESTING=True, PROPAGATE_EXCEPTIONS=False).test_client()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_facebook_reads_our_products_as_csv(web: FlaskClient, stocked: assortment.Shelf) -> None:
    answer = web.get("/feeds/facebook.csv?lang=ar")
    assert answer.mimetype == "text/csv"
    first, second = read_csv(answer.text)
    assert (first["title"], first["price"], first["availability"]) == (
        "Oraimo Écouteurs Sans Fil FreePods 4", "9250.00 DZD", "in stock",
    )  # fmt: skip
    assert first["quantity_to_sell_on_facebook"] == "12"
    assert "العلامة: Oraimo" in first["description"]
    assert second["id"] == f"HN-{stocked['oil'].id:06}"
    for row in (first, second):
        assert [problem for problem in feed_rules.problems("facebook", row) if not problem.rule.warns] == []


def test_google_reads_our_products_as_rss_in_its_namespace(web: FlaskClient) -> None:
    answer = web.get("/feeds/google.xml?lang=fr")
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.data)
    assert (root.tag, root.attrib["version"]) == ("rss", "2.0")
    g = "{http://base.google.com/ns/1.0}"
    items = root.findall("channel/item")
    assert [item.findtext(f"{g}price") for item in items] == ["9250.00 DZD", "1690.00 DZD"]
    assert {item.findtext(f"{g}identifier_exists") for item in items} == {"no"}
    for item in items:
        row = {child.tag.removeprefix(g): child.text or "" for child in item}
        assert [problem for problem in feed_rules.problems("google", row) if not problem.rule.warns] == []


def test_links_of_a_feed_lead_to_the_page_without_a_detour(web: FlaskClient) -> None:
    for row in read_csv(web.get("/feeds/facebook.csv").text):
        path = row["link"].removeprefix("https://hanout.example")
        assert web.get(path).status_code == 200
        picture = web.get(row["image_link"].removeprefix("https://hanout.example"))
        assert picture.data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(picture.data[at : at + 4]) for at in (16, 20))
        assert min(width, height) >= 500


@pytest.mark.parametrize("path", ["/feeds/facebook.csv", "/feeds/google.xml"])
def test_a_feed_that_has_not_changed_is_not_sent_again_and_one_that_has_is(
    web: FlaskClient, work: Session, path: str
) -> None:
    first = web.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = web.get(path, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    listing = work.scalars(sa.select(shop.Listing)).first()
    assert listing
    work.add(
        shop.StockMovement(
            product_id=listing.product_id, kind="loss", quantity=-1, reason="broken", who="test",
            idempotency_key="loss:1", at=NOON,
        )
    )  # fmt: skip
    work.commit()
    assert web.get(path, headers=tag).status_code == 200
    assert web.get(f"{path}?lang=en", headers=tag).status_code == 200
    assert web.get(f"{path}?lang=de").status_code == 404


def test_what_is_promised_to_the_last_unit_is_out_of_stock_and_what_is_withdrawn_is_gone(
    web: FlaskClient, work: Session
) -> None:
    first, second = work.scalars(sa.select(shop.Listing).order_by(shop.Listing.id)).all()
    second.state = "withdrawn"
    work.add(
        shop.StockMovement(
            product_id=first.product_id, kind="loss", quantity=-12, reason="flood", who="test",
            idempotency_key="loss:2", at=NOON,
        )
    )  # fmt: skip
    work.commit()
    (row,) = read_csv(web.get("/feeds/facebook.csv").text)
    assert (row["availability"], row["quantity_to_sell_on_facebook"]) == ("out of stock", "0")


def test_a_product_that_breaks_a_rule_is_left_out_and_reported(
    work: Session, stocked: assortment.Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = shop.Product(sku="HN-NOPAGE", title="Sans page", created_at=NOON)
    work.add(made)
    work.flush()
    work.add(
        shop.Listing(
            product_id=made.id,
            state="published",
            title="Sans page",
            price=Decimal(10),
            published_at=NOON,
            changed_at=NOON,
        )
    )
    work.commit()
    assert command.main(["feeds", "--folder", str(tmp_path), "--language", "en"]) == 0
    told = capsys.readouterr().out
    assert "facebook.csv: 2 products" in told
    assert "left out: 1 products break link/missing" in told
    assert "warning: 2 products break image_link/drawing" in told
    assert len(read_csv((tmp_path / "facebook.csv").read_text())) == 2
    ElementTree.parse(tmp_path / "google.xml")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["facebook.csv", "google.xml"]


def test_signs_that_xml_cannot_hold_do_not_break_the_feed(work: Session, stocked: assortment.Shelf) -> None:
    listing = work.scalars(sa.select(shop.Listing)).first()
    assert listing
    listing.title = "Casque \x0b<b>&\ufffe \x1b"
    listing.description = {"fr": "a < b & c\x02"}
    work.flush()
    offer = offer_of(work, listing.product_id)
    assert offer
    text = "".join(feeds.text("google", [feeds.google_row(offer, "fr")]))
    assert "Casque" in (ElementTree.fromstring(text).findtext(".//{http://base.google.com/ns/1.0}title") or "")


def test_a_feed_is_written_product_by_product(work: Session) -> None:
    listings = [factories.listing(work) for _ in range(40)]
    for listing in listings:
        assortment.sell(work, listing, "5000")
    work.commit()
    report = feeds.Report()
    pieces = list(feeds.text("google", feeds.rows(work, "google", "fr", report)))
    assert (report.written, len(pieces)) == (40, 42)
