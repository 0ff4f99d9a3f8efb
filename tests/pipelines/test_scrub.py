from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pipelines.reject import Reject
from pipelines.scrub import MARK, ScrubPipeline, scrub_json, scrub_text, scrub_url
from tests.pipelines.offers import offer


@pytest.mark.parametrize(
    "contact",
    [
        "0555123456",
        "0555 12 34 56",
        "05 55 12 34 56",
        "05.55.12.34.56",
        "0555-12-34-56",
        "0 5 5 5 1 2 3 4 5 6",
        "0661/12/34/56",
        "+213555123456",
        "+213 (0) 555 12 34 56",
        "00213 770 12 34 56",
        "021 23 45 67",
        "+213 21 23 45 67",
        "٠٥٥٥١٢٣٤٥٦",
        "٠٥٥٥ ١٢ ٣٤ ٥٦",
        "۰۵۵۵۱۲۳۴۵۶",
        "rezak.b@gmail.com",
        "rezak@mail.univ-alger.dz",
        "rezak [at] gmail.com",
    ],
)
def test_a_contact_is_removed_wherever_it_stands(contact: str) -> None:
    assert scrub_text(f"Appelez le {contact}, merci") == f"Appelez le {MARK}, merci"
    assert scrub_text(contact) == MARK


@pytest.mark.parametrize(
    "text",
    [
        "Samsung Galaxy A16 4-128G Gris - 2 ans de Garantie",
        "Prix 12 500 DA au lieu de 15 000 DA",
        "1 250 000 000 DA",
        "Lampe 0.5 1.0 1.5 2.0 2.5 m",
        "Vis 0,5 x 20 x 30 x 40 x 50",
        "SA948MP6VES8SNAFAMZ-704966862",
        "EAN 6130234001234",
        "2026-05-01 12:00",
        "Résolution 1920x1080 3840x2160",
    ],
)
def test_prices_models_and_measures_stay(text: str) -> None:
    assert scrub_text(text) == text


def test_no_title_of_the_real_catalogues_is_touched(shared: Path) -> None:
    with (shared / "real" / "jumia" / "data" / "ng-2025-12-catalogue.csv").open() as file:
        titles = [value for row in csv.DictReader(file) for value in row.values() if value]
    assert len(titles) > 20_000
    assert [title for title in titles if scrub_text(title) != title and "@" not in title] == []


def test_the_real_ads_titles_stay(shared: Path) -> None:
    ads = json.loads((shared / "real" / "ouedkniss" / "ads-2024-04-05.json").read_text())
    assert [ad["title"] for ad in ads if scrub_text(ad["title"]) != ad["title"]] == []


def test_a_number_in_a_slug_is_removed_and_the_id_stays() -> None:
    url = "https://www.ouedkniss.com/telephones-iphone-0555-12-34-56-alger-d39785675"
    assert scrub_url(url) == "https://www.ouedkniss.com/telephones-iphone-x-alger-d39785675"
    kept = "https://www.jumia.com.ng/samsung-galaxy-z-fold-6-5g-7.6-12gb-512gb-rom-large-screen-404945551.html"
    assert scrub_url(kept) == kept


def test_every_text_of_an_offer_is_scrubbed() -> None:
    scrubbed = ScrubPipeline().process_item(
        offer(
            title="iPhone 0555123456",
            seller_name="Ali 0661 12 34 56",
            category_path=["a@b.dz"],
            attributes={"description": "tel ٠٥٥٥١٢٣٤٥٦", "0770123456": "x"},
        )
    )
    assert not isinstance(scrubbed, Reject)
    assert scrubbed.title == f"iPhone {MARK}"
    assert scrubbed.seller_name == f"Ali {MARK}"
    assert scrubbed.category_path == [MARK]
    assert scrubbed.attributes == {"description": f"tel {MARK}", MARK: "x"}


def test_a_rejected_item_and_a_cut_body_are_scrubbed_names_included() -> None:
    raw = {"user": {"displayName": "Rezak"}, "texts": ["0555123456"], "body": '{"displayName":"Rez'}
    scrubbed = scrub_json(raw)
    assert scrubbed == {"user": None, "texts": [MARK], "body": '{"displayName":""'}


def test_what_postgres_cannot_hold_is_removed() -> None:
    assert scrub_text("a\x00b\ud83dc") == "abc"


@pytest.mark.parametrize(
    "text", ["tel0555123456", "Tél.0555 12 34 56", "للاتصال0555123456", "wa.me/213555123456", "N°0661 12 34 56x"]
)
def test_a_number_is_removed_also_where_it_touches_a_word(text: str) -> None:
    scrubbed = scrub_text(text)
    assert MARK in scrubbed
    assert not any(sign.isdigit() for sign in scrubbed)


@pytest.mark.parametrize("text", ["prix 12.0555123456", "12,0555123456", "704966862055512345678"])
def test_digits_that_belong_to_a_longer_number_stay(text: str) -> None:
    assert scrub_text(text) == text


def test_what_turns_the_reading_order_or_no_page_can_show_is_removed() -> None:
    assert scrub_text("\u202eabc\u2066d\x08\x1f\tعربي\u200f\n") == "abcd\tعربي\u200f\n"


def test_an_address_names_no_e_mail() -> None:
    assert scrub_url("https://x.dz/iphone-ali%40mail.dz") == "https://x.dz/x"
    assert scrub_url("https://x.dz/p?by=ali.b@mail.dz") == "https://x.dz/p?by=x"


def test_the_name_of_a_private_seller_is_removed_whatever_a_page_object_says() -> None:
    scrubbed = ScrubPipeline().process_item(offer(seller_name="Rezak", seller_kind="private"))
    assert not isinstance(scrubbed, Reject)
    assert scrubbed.seller_name is None
