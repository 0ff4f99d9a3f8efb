from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages import errors, ouedkniss_ad, ouedkniss_details, ouedkniss_search
from crawlers.pages.page import Found, Page
from crawlers.spiders.ouedkniss import OuedknissSpider
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


def details(body: Any, status: int = 200) -> Found:
    return ouedkniss_details.parse(page(body, status), SITE)


@pytest.mark.parametrize("root", ["announcement", "announcementDetails"])
def test_an_ad_in_detail_is_read_as_in_a_search(root: str) -> None:
    full = AD | {
        "price": 45_000,
        "user": {"displayName": "Rezak"},
        "medias": [{"mediaUrl": "https://cdn.example/b.jpg"}],
    }
    (offer,) = details({"data": {root: full}}).offers
    (searched,) = parse(answer(full), category=None).offers
    assert offer == searched
    assert "Rezak" not in str(offer)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"announcement": None}},
        {"data": {"announcement": None}, "errors": [{"message": "Announcement not found"}]},
        {"data": None, "errors": [{"message": "Erreur", "extensions": {"category": "not_found"}}]},
        {"errors": [{"message": "Cette annonce n'existe plus"}]},
        *({"data": {"announcement": AD | {"status": status}}} for status in ("SOLD", "closed", "EXPIRED", "DELETED")),
    ],
)
def test_an_ad_that_is_no_more_is_gone(body: dict[str, Any]) -> None:
    with pytest.raises(errors.ProductGone):
        details(body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"data": {"announcement": None}, "errors": [{"message": "Internal server error"}]}, errors.ApiErrors),
        ({"data": {"announcement": AD}, "errors": [{"message": "Announcement not found"}]}, errors.ApiErrors),
        ({"errors": [{"message": "not found"}, {"message": "Too many requests"}]}, errors.ApiErrors),
        ({"data": None}, errors.LayoutChanged),
        ({"data": {"search": None}}, errors.LayoutChanged),
        ({"data": {"announcement": []}}, errors.LayoutChanged),
        ({"data": {"announcement": {"title": "without id"}}}, errors.LayoutChanged),
        (b"<html><body>Maintenance</body></html>", errors.NotHtml),
        (b'{"data": {"announcement": {"id"', errors.PageTruncated),
    ],
)
def test_a_detail_that_cannot_be_read_is_no_ad_that_is_gone(body: Any, error: type[errors.PageError]) -> None:
    with pytest.raises(error):
        details(body)


def test_a_server_in_trouble_makes_no_ad_gone() -> None:
    with pytest.raises(errors.BadStatus):
        details({"data": {"announcement": None}}, status=503)


@pytest.mark.parametrize("status", ["ACTIVE", "PUBLISHED", "anything", None])
def test_an_ad_whose_status_says_nothing_of_its_end_stands(status: str | None) -> None:
    assert len(details({"data": {"announcement": AD | {"status": status}}}).offers) == 1


def test_a_closed_ad_in_a_search_is_out_of_stock() -> None:
    (offer,) = parse(answer(AD | {"status": "SOLD", "quantity": 3})).offers
    assert offer.availability == "out_of_stock"


def test_what_the_search_alone_said_completes_the_detail() -> None:
    search, detail = (
        AD | {"price": 900, "likeCount": 3, "createdAt": "2026-05-01T08:00:00Z"},
        AD | {"description": "Neuf"},
    )
    (found,), (whole,) = parse(answer(search)).offers, details({"data": {"announcement": detail}}).offers
    merged = ouedkniss_ad.completed(whole, found)
    assert (merged.price, merged.currency, merged.price_kind, merged.likes) == (900, "DZD", "fixed", 3)
    assert merged.attributes["description"] == "Neuf"
    assert merged.attributes["renewed_at"] == "2026-05-01T08:00:00Z"


def test_an_error_that_names_an_ad_costs_that_ad_alone() -> None:
    broken = {"message": "no price", "path": ["search", "announcements", "data", 0, "price"]}
    found = parse(answer(AD | {"id": "1"}, AD) | {"errors": [broken]})
    assert [offer.external_id for offer in found.offers] == [AD["id"]]
    assert [reject.names for reject in found.rejects] == [["offer/unreadable"]]
    with pytest.raises(errors.ApiErrors, match="no price; partial"):
        parse(answer(AD) | {"errors": [broken, {"message": "partial"}]})


def test_without_a_word_on_more_pages_the_number_of_the_last_counts() -> None:
    body = answer(AD)
    body["data"]["search"]["announcements"]["paginatorInfo"] = {"lastPage": 2}
    assert parse(body).has_next
    body["data"]["search"]["announcements"]["paginatorInfo"] = {"lastPage": 1}
    assert not parse(body).has_next


def test_a_description_in_html_is_read_as_text() -> None:
    (offer,) = parse(answer(AD | {"description": "Écran 6,1&quot;<br />batterie <b>neuve</b>"})).offers
    assert offer.attributes["description"] == 'Écran 6,1" batterie neuve'


def test_extract_reads_a_saved_detail_as_well_as_a_saved_search() -> None:
    for body in (answer(AD), {"data": {"announcement": AD}}, {"data": {"announcementDetails": AD}}):
        saved = OuedknissSpider.saved_page(json.dumps(body).encode(), None, None)
        (offer,) = OuedknissSpider.parse_page(saved).offers
        assert offer.url == f"{SITE}/{AD['slug']}-d{AD['id']}"


@given(st.integers(0, 2000), st.sampled_from(["search", "detail"]))
def test_an_answer_cut_anywhere_is_never_taken_for_a_whole_one(length: int, kind: str) -> None:
    body = json.dumps(answer(AD, AD | {"id": "2"}) if kind == "search" else {"data": {"announcement": AD}}).encode()
    cut = body[: min(length, len(body) - 1)]
    with pytest.raises(errors.PageError):
        parse(cut) if kind == "search" else details(cut)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(AD)), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*AD, "oldPrice", "specs", "quantity", "likeCount", "status", "createdAt"]), JSON_VALUES)
def test_whatever_a_field_holds_the_ad_is_an_offer_or_a_reject(name: str, value: Any) -> None:
    try:
        found = parse(answer(AD | {name: value}, AD | {"id": "2"}))
    except errors.PageError as error:
        pytest.fail(f"{name}={value!r}: {error}")
    assert len(found.offers) + len(found.rejects) == 2
    assert "2" in [offer.external_id for offer in found.offers]


@pytest.mark.parametrize(
    ("told", "count"),
    [
        *((12, 12), (0, 0), ("12", 12), (None, None), ("1.2k", None), ([], None), ({"a": 1}, None), (True, None)),
        *((3.5, None), (-1, None), (10**30, None), ("9" * 5000, None), ("²", None), ("", None)),
    ],
)
def test_a_count_that_is_no_number_costs_no_ad(told: object, count: int | None) -> None:
    (offer,) = parse(answer(AD | {"likeCount": told, "quantity": told})).offers
    assert (offer.likes, offer.stock_left, defects(offer)) == (count, count or None, [])
