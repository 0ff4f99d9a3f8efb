from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crawlers.pages import errors, ouedkniss_ad, ouedkniss_search
from crawlers.pages.page import Found, Page
from demo.replay_ads import Ads
from pipelines.validate import defects

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SITE = "https://www.ouedkniss.com"
AD: dict[str, Any] = {
    "id": "39785675",
    "title": "iPhone 13",
    "slug": "telephones-iphone-13-alger",
    "price": None,
    "pricePreview": None,
    "priceUnit": "UNIT",
    "priceType": None,
    "store": None,
    "cities": [],
    "category": {"id": 1, "slug": "telephones-smartphones"},
}


def page(body: Any, status: int = 200) -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = "https://api.ouedkniss.com/graphql"
    return Page(body=raw, url=url, country="dz", currency="DZD", observed_at=NOON, status=status)


def answer(*ads: Any, more: bool = False, total: int | None = None) -> dict[str, Any]:
    paginator = {"lastPage": 1, "hasMorePages": more, "total": len(ads) if total is None else total}
    return {"data": {"search": {"announcements": {"data": list(ads), "paginatorInfo": paginator}}}}


def parse(body: Any, status: int = 200, category: str | None = "telephones") -> Found:
    return ouedkniss_search.parse(page(body, status), SITE, category)


def test_the_recorded_response_is_read(shared: Path) -> None:
    recorded = json.loads((shared / "real" / "ouedkniss" / "search-response-2026-08-18.json").read_text())
    found = parse({"data": recorded["data"]}, category="offres_demandes_emploi")
    ads = recorded["data"]["search"]["announcements"]["data"]
    assert found.has_next
    assert [offer.external_id for offer in found.offers] == [ad["id"] for ad in ads]
    assert [offer.title for offer in found.offers] == [ad["title"] for ad in ads]
    assert [offer.url for offer in found.offers] == [f"{SITE}/{ad['slug']}-d{ad['id']}" for ad in ads]
    assert [offer.seller_name for offer in found.offers] == ["Recrutement", None, None]
    assert [offer.seller_kind for offer in found.offers] == ["shop", "private", "private"]
    assert [offer.price_kind for offer in found.offers] == ["none"] * 3
    assert [offer.attributes.get("city") for offer in found.offers] == ["Kouba", "Birtouta", None]
    assert [offer.category_path for offer in found.offers] == [["offres_demandes_emploi"]] * 3
    names = {ad["user"]["displayName"] for ad in ads}
    assert not [offer for offer in found.offers if names & set(map(str, offer.attributes.values()))]


def test_the_912_real_ads_keep_their_prices_kinds_and_sellers(shared: Path) -> None:
    folder = shared / "real" / "ouedkniss"
    raw = json.loads((folder / "ads-2024-04-05.json").read_text())
    found = parse(answer(*Ads(folder).ads))
    assert len(found.offers) == len(raw) == 912
    for offer, ad in zip(found.offers, raw, strict=True):
        assert offer.price == (Decimal(ad["price"]) if ad["price"] else None)
        assert offer.currency == ("DZD" if ad["price"] else None)
        negotiable = ad["pricetype"] in ("NEGOTIABLE", "OFFERED")
        assert offer.price_kind == ("none" if not ad["price"] else "negotiable" if negotiable else "fixed")
        assert offer.seller_name == ((ad["store"] or "").strip() or None)
        assert offer.seller_kind == ("shop" if ad["store"] else "private")
        assert offer.title == ad["title"].strip()
        assert offer.category_path[-1] == ad["category"]
        assert offer.category_path[0] == "immobilier"
        assert not defects(offer)
    assert sum(offer.price is None for offer in found.offers) == 347
    assert max(offer.price or 0 for offer in found.offers) == 207_000_000_000


def test_the_preview_in_its_unit_gives_the_price_of_every_real_ad_but_the_outlier(shared: Path) -> None:
    ads = Ads(shared / "real" / "ouedkniss").ads
    plain = [ad for ad in ads if ad["price"] and not ad["priceUnit"].endswith("PER_SQUARE")]
    wrong = [ad for ad in plain if ouedkniss_ad.price_in_dinars(ad | {"price": None}) != ad["price"]]
    assert len(plain) > 500
    assert [(ad["price"], ad["pricePreview"], ad["priceUnit"]) for ad in wrong] == [(55_000_000, 55_000, "MILLION")]


@pytest.mark.parametrize(
    ("money", "price", "kind"),
    [
        ({"price": 45000, "priceType": "FIXED"}, 45000, "fixed"),
        ({"price": 45000, "priceType": None}, 45000, "fixed"),
        ({"price": 45000, "priceType": "NEGOTIABLE"}, 45000, "negotiable"),
        ({"price": 45000, "priceType": "OFFERED"}, 45000, "negotiable"),
        ({"price": 90000, "pricePreview": 9, "priceUnit": "MILLION"}, 90000, "fixed"),
        ({"price": None, "pricePreview": 9, "priceUnit": "MILLION"}, 90000, "fixed"),
        ({"price": None, "pricePreview": 2.5, "priceUnit": "MILLION"}, 25000, "fixed"),
        ({"price": None, "pricePreview": 1.2, "priceUnit": "BILLION"}, 12_000_000, "fixed"),
        ({"price": None, "pricePreview": 800, "priceUnit": "UNIT"}, 800, "fixed"),
        ({"price": 22_500_000, "pricePreview": 5, "priceUnit": "MILLION_PER_SQUARE"}, 22_500_000, "fixed"),
        ({"price": None, "pricePreview": 5, "priceUnit": "MILLION_PER_SQUARE"}, None, "none"),
        ({"price": None, "pricePreview": 0, "priceUnit": "MILLION", "priceType": "NEGOTIABLE"}, None, "none"),
        ({"price": 0, "priceType": "NEGOTIABLE"}, None, "none"),
        ({"price": None, "pricePreview": None, "priceUnit": None}, None, "none"),
    ],
)
def test_the_money_rules(money: dict[str, Any], price: int | None, kind: str) -> None:
    (offer,) = parse(answer(AD | money)).offers
    assert (offer.price, offer.price_kind) == (price, kind)
    assert offer.currency == ("DZD" if price else None)


def test_null_lists_and_null_members_are_no_error() -> None:
    nothing = dict.fromkeys(("cities", "specs", "medias", "defaultMedia", "store", "quantity", "likeCount"))
    (offer,) = parse(answer(AD | nothing)).offers
    assert (offer.image_urls, offer.attributes, offer.likes) == ([], {}, None)


def test_an_ad_without_its_id_is_rejected_without_the_persons_name_and_the_others_are_kept() -> None:
    broken = {"title": "Sans numéro", "slug": "x", "user": {"displayName": "Rezak B."}}
    found = parse(answer(broken, AD, "no object"))
    assert [offer.external_id for offer in found.offers] == ["39785675"]
    assert [reject.names for reject in found.rejects] == [["offer/unreadable"]] * 2
    assert "Rezak" not in str(found.rejects[0].raw)


def test_errors_with_status_200_are_errors() -> None:
    body = {"errors": [{"message": "Internal server error"}], "data": {"search": None}}
    with pytest.raises(errors.ApiErrors, match="Internal server error"):
        parse(body)


def test_errors_besides_data_are_errors_too() -> None:
    with pytest.raises(errors.ApiErrors):
        parse(answer(AD) | {"errors": [{"message": "partial"}]})


@pytest.mark.parametrize(
    "body", [{"data": None}, {"data": {"search": None}}, {"data": {"search": {"announcements": None}}}, {}]
)
def test_an_answer_without_a_list_is_a_changed_layout(body: dict[str, Any]) -> None:
    with pytest.raises(errors.LayoutChanged):
        parse(body)


def test_a_null_list_of_ads_is_a_changed_layout() -> None:
    body = answer(total=7)
    body["data"]["search"]["announcements"]["data"] = None
    with pytest.raises(errors.LayoutChanged):
        parse(body)


def test_no_ads_under_a_category_is_reported() -> None:
    with pytest.raises(errors.EmptyResult, match="telefones"):
        parse(answer(), category="telefones")


def test_what_is_no_json_is_named() -> None:
    with pytest.raises(errors.NotHtml):
        parse(b"<html><body>Maintenance</body></html>")
    with pytest.raises(errors.ChallengePage):
        parse(b"<html><head><title>Just a moment...</title></head></html>", status=403)
    with pytest.raises(errors.PageTruncated):
        parse(json.dumps(answer(AD)).encode()[:-20])


def test_specifications_brand_place_and_pictures_are_read() -> None:
    full = AD | {
        "specs": [
            {"specification": {"label": "Marque", "codename": "brand"}, "value": "apple", "valueText": ["Apple"]},
            {"specification": {"label": "Stockage", "codename": "storage"}, "value": 128, "valueText": None},
        ],
        "cities": [{"name": "Kouba", "region": {"name": "Alger"}}],
        "defaultMedia": {"mediaUrl": "https://cdn.example/a.jpg"},
        "medias": [{"mediaUrl": "https://cdn.example/a.jpg"}, {"mediaUrl": "https://cdn.example/b.jpg"}],
        "likeCount": 12,
        "quantity": 3,
        "description": "Comme neuf\n\n avec boîte",
        "store": {"name": " Phone House ", "isOfficial": True},
    }
    (offer,) = parse(answer(full)).offers
    assert offer.brand == "Apple"
    assert offer.attributes["Stockage"] == "128"
    assert (offer.attributes["city"], offer.attributes["wilaya"]) == ("Kouba", "Alger")
    assert offer.attributes["description"] == "Comme neuf avec boîte"
    assert offer.image_urls == ["https://cdn.example/a.jpg", "https://cdn.example/b.jpg"]
    assert (offer.likes, offer.stock_left, offer.availability) == (12, 3, "in_stock")
    assert (offer.seller_name, offer.seller_kind) == ("Phone House", "official")
    assert offer.category_path == ["telephones", "telephones-smartphones"]
