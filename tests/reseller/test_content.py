"""What our shop says of a product: composed, normalised, without a contact."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from database import shop
from reseller import content, publishing
from reseller.content import attributes, pictures
from reseller.content.contacts import without_contacts
from reseller.content.gtin import valid_gtin
from reseller.content.titles import clean_title
from reseller.refusals import Refused
from tests.factories import NOON
from tests.pipelines.contact_corpus import contacts
from tests.reseller.test_publishing import product as product
from tests.reseller.test_publishing import publish


def digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


def test_no_contact_of_the_labelled_corpus_is_published() -> None:
    """The corpus by which the crawl's own scrubber is judged, and other rules."""
    kept = []
    for text, contact in contacts():
        clean = without_contacts(text)
        more = digits(clean) > digits(without_contacts(text.replace(contact, " ")))
        if more or (not digits(contact) and "ali" in clean.lower()):
            kept.append((text, clean))
    assert kept == []


@pytest.mark.parametrize(
    "contact",
    [
        "0555 12 34 56", "05.55.12.34.56", "٠٥٥٥ ١٢ ٣٤ ٥٦", "۰۵۵۵۱۲۳۴۵۶", "+213 (0) 555-12-34-56", "021 45 67 89",
        "ali.b@gmail.com", "ali [at] gmail [dot] com", "https://boutique-ali.dz/p?1", "www.ali.com",
        "wa.me/213555123456",
        "واتساب ٠٥٥٥١٢٣٤٥٦", "WhatsApp: 0555123456", "واتساب", "Insta : ali.vend", "@ali_vend", "اتصل بنا",
        "appelez-moi",
        "فيسبوك: علي",
    ],
)  # fmt: skip
@pytest.mark.parametrize("sentence", ["Samsung Galaxy A16 128Go {}", "{} - Samsung Galaxy A16 128Go"])
def test_a_contact_in_a_title_goes_and_the_product_stays(sentence: str, contact: str) -> None:
    assert clean_title(sentence.format(contact)) == "Samsung Galaxy A16 128Go"


@pytest.mark.parametrize(
    "title",
    [
        'Samsung Galaxy A16 - 6.7" - 128Go - Noir', "Galaxy A06 6/128 5000mAh", "Core i7 12700H 2.3GHz 16GB",
        "PC portable 15.6 512 16", "Pack 6 12 24 48", "HP 250 G8 15.6 1920x1080", "Huile d'Argan Pure 100 ml",
        "هاتف سامسونج A16", "Téléphone Samsung A16", "Ventilateur sur Pied 16 pouces",
    ],
)  # fmt: skip
def test_a_title_without_contacts_keeps_its_words_and_figures(title: str) -> None:
    assert clean_title(title) == title


def test_a_title_of_contacts_alone_says_nothing_of_them() -> None:
    assert clean_title("0555 12 34 56") == "Article"


@given(st.text(max_size=200))
def test_what_is_without_contacts_stays_as_it_is(text: str) -> None:
    once = without_contacts(text)
    assert digits(without_contacts(once)) <= digits(once)
    assert once == " ".join(once.split())


@pytest.mark.parametrize(
    ("title", "page", "expected"),
    [
        ('Galaxy A16 - 6.7" - 128Go - 4Go RAM - Noir', {},
         {"model": "A16", "storage_gb": "128", "memory_gb": "4", "screen_inches": "6.7", "colour": "black"}),
        ("Redmi Note 13", {"Mémoire RAM": "8 Go", "Capacité de stockage": "1 To", "Couleur": "Bleu nuit"},
         {"storage_gb": "1024", "memory_gb": "8", "colour": "blue"}),
        ("Robe", {"Taille": "M", "اللون": "أحمر", "État": "Jamais utilisé"},
         {"colour": "red", "size": "M", "condition": "new"}),
        ("Blender Perfectmix 1200W 1,5 L", {"EAN": "3 016661 155437"},
         {"power_w": "1200", "volume_ml": "1500", "gtin": "3016661155437"}),
        ("Huile", {"EAN": "3016661155430", "Référence fabricant": "a b", "Modèle": "appelez 0555123456"}, {}),
        ("Sac", {"Description": "Très beau sac, venez le voir chez nous", "Couleur": "x" * 61}, {}),
    ],
)  # fmt: skip
def test_attributes_are_normalised_and_prose_and_contacts_left_out(
    title: str, page: dict[str, str], expected: dict[str, str]
) -> None:
    assert attributes.normalise(title, None, page) == expected


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("8806095299273", True), ("8806095299274", False), ("73513537", True), ("036000291452", True),
        ("2000000000008", False), ("0000000000000", False), ("123", False), ("0555123456", False),
    ],
)  # fmt: skip
def test_a_gtin_has_a_right_check_digit_and_no_prefix_that_shops_use_among_themselves(text: str, valid: bool) -> None:
    assert (valid_gtin(text) is not None) == valid


def test_a_description_is_composed_in_three_languages_and_copies_no_text_of_the_seller() -> None:
    prose = "Super téléphone, très bon état, venez vite"
    made = shop.Product(
        sku="HN-1", title="Galaxy A16 128Go Noir", brand="Samsung", category_path=["Téléphones", "Smartphones"],
        attributes={"Description": prose, "Marque": "Samsung", "État": "Neuf"},
    )  # fmt: skip
    words = content.compose(made)
    assert words.shelf == "phones"
    assert "Couleur : noir" in words.description["fr"]
    assert "اللون: أسود" in words.description["ar"]
    assert "Colour: black" in words.description["en"]
    assert not [text for text in words.description.values() if "venez" in text]


def test_what_a_person_wrote_stays_when_the_agent_publishes_again(work: Session, product: shop.Product) -> None:
    listing = publish(work, product, 7000)
    first = dict(listing.description)
    publishing.edit(work, listing.id, now=NOON, description={"fr": "Notre casque préféré."}, shelf="games")
    product.brand = "Oraimo"
    work.flush()
    again = publish(work, product, 7100)
    assert again.description == first | {"fr": "Notre casque préféré."}
    assert (again.shelf, again.attributes) == ("games", {"brand": "Oraimo"})
    assert again.edited == ["description", "shelf"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "), ("title", "x" * 121), ("title", "Casque 0555123456"), ("shelf", "moon"),
        ("description", {"de": "Kopfhörer"}), ("description", {"ar": "واتساب ٠٥٥٥١٢٣٤٥٦"}),
        ("attributes", {"brand": "ali@gmail.com"}),
    ],
)  # fmt: skip
def test_words_of_a_person_that_cannot_stand_are_refused(
    work: Session, product: shop.Product, field: str, value: Any
) -> None:
    listing = publish(work, product, 7000)
    with pytest.raises(Refused) as refused:
        publishing.edit(work, listing.id, now=NOON, **{field: value})
    assert refused.value.code == "bad_value"
    work.refresh(listing)
    assert listing.edited == []


def test_an_edit_of_a_listing_that_is_not_there_is_refused(work: Session) -> None:
    with pytest.raises(Refused) as refused:
        publishing.edit(work, 404, now=NOON, title="Casque")
    assert refused.value.code == "not_found"


def test_pictures_follow_the_permission(configure: Any, tmp_path: Path) -> None:
    source = ["https://dz.jumia.is/1.jpg", "javascript:alert(1)", "https://dz.jumia.is/2.jpg"]
    (tmp_path / "pictures").mkdir()
    for name in ("HN-1-2.jpg", "HN-1.jpg", "HN-10.jpg", "HN-1.txt"):
        (tmp_path / "pictures" / name).write_bytes(b"x")
    shown = {}
    for permission in ("none", "source", "own"):
        configure(SHOP_PICTURES=permission, DATA_DIR=tmp_path)
        shown[permission] = [(one.url, one.generated) for one in pictures.pictures("HN-1", source, "https://h.dz")]
    assert shown == {
        "none": [("https://h.dz/pictures/HN-1.png", True)],
        "source": [("https://dz.jumia.is/1.jpg", False), ("https://dz.jumia.is/2.jpg", False)],
        "own": [("https://h.dz/pictures/own/HN-1.jpg", False), ("https://h.dz/pictures/own/HN-1-2.jpg", False)],
    }
    assert pictures.pictures("HN-2", source, "https://h.dz")[0].generated


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "0 " * 10_000, "a." * 10_000, "@" * 20_000, "<" * 20_000, "1-" * 10_000]
)
def test_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()
    without_contacts(text)
    assert time.perf_counter() - started < 2
