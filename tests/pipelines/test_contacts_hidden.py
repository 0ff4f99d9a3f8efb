"""Contacts that stand where nobody looks for one: behind markup, under a telling name, in an id, as a number."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.gone import Gone
from pipelines.markup import shown
from pipelines.offer import Offer
from pipelines.reject import Reject
from pipelines.scrub import MARK, ScrubPipeline, scrub_json, scrub_text
from pipelines.telling_names import telling
from tests.pipelines.offers import NOON, offer


def attributes(**values: Any) -> dict[str, str]:
    kept = ScrubPipeline().process_item(offer(**values))
    assert isinstance(kept, Offer)
    return kept.attributes


@pytest.mark.parametrize(
    "contact",
    [
        *("0550&nbsp;12&nbsp;34&nbsp;56", "0550<br>12<br>34<br/>56", "0550 <b>12</b> 34 56", "&#48;550123456"),
        *("0550%2012%2034%2056", "%2B213550123456", "<a href='tel:0550123456'>0550</a>123456", "&#x30;550&#160;123456"),
        *("ahmed&#64;gmail.com", "ahmed%40gmail.com", "ahmed&commat;gmail&period;com", "ahmed<b>@</b>gmail.com"),
    ],
)
def test_a_contact_that_is_written_with_markup_is_found_as_it_is_shown(contact: str) -> None:
    for text in (contact, f"Appelez {contact} merci", f"<p>Prix &amp; état : {contact}</p>"):
        scrubbed = scrub_text(text)
        assert MARK in scrubbed
        assert not [left for left in ("550", "123456", "12", "34", "56", "ahmed", "gmail") if left in scrubbed]


@pytest.mark.parametrize(
    "text",
    ["Black & Decker 100% coton", "a < b > c", "R&D 50%20 Go", "Étui &amp; coque", "<td>06</td><td>12</td>", "5&5"],
)
def test_markup_without_a_contact_stays(text: str) -> None:
    assert scrub_text(text) == text


@given(st.text(alphabet="a0<>&;#%br42é/ "))
def test_every_sign_that_is_shown_has_its_place(text: str) -> None:
    seen = shown(text)
    if seen is not None:
        plain, places = seen
        assert len(places) == len(plain) + 1
        assert places == sorted(places)
        assert places[-1] == len(text)
        untouched = [text[place] == sign for sign, place in zip(plain, places, strict=False)]
        assert sum(untouched) >= len(plain) - sum(text.count(sign) for sign in "<&%")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *(
            ("Téléphone", "phone"),
            ("Tel", "phone"),
            ("phoneNumber", "phone"),
            ("N° WhatsApp", "phone"),
            ("هاتف", "phone"),
        ),
        *(("Mobile Operating System", "phone"), ("Contact", "contact"), ("sellerContact", "contact")),
        *(
            ("E-mail", "contact"),
            ("Nom du contact", "contact"),
            ("contact_name", "contact"),
            ("Numéro de contact", "contact"),
        ),
        *(
            ("Surface de contact", None),
            ("Marque", None),
            ("Hôtel", None),
            ("description", None),
            ("seller_name", None),
        ),
    ],
)
def test_a_name_tells_of_a_person(name: str, says: str | None) -> None:
    assert telling(name) == says


def test_an_attribute_that_is_named_a_contact_is_left_out_and_one_named_a_telephone_announces_its_number() -> None:
    given_attributes = {
        "Téléphone": "550 12 34 56",
        "Tel": "21 45 67 89",
        "Mobile": "550123456",
        "Contact": "Ahmed Benali",
        "Email": "ahmed at gmail point com",
        "Mobile Operating System": "Android 13",
        "Mobile network": "850/900/1800/1900",
        "Téléphone fourni": "oui",
        "Surface de contact": "acier",
    }
    assert attributes(attributes=given_attributes) == {
        **{"Téléphone": MARK, "Tel": MARK, "Mobile": MARK, "Mobile Operating System": "Android 13"},
        **{"Mobile network": "850/900/1800/1900", "Téléphone fourni": "oui", "Surface de contact": "acier"},
    }


def test_of_a_rejected_document_no_number_of_a_person_is_kept_as_a_number_either() -> None:
    raw = {"tel": 213550123456, "n": 213550123456, "Téléphone": "550 12 34 56", "fax": 21456789, "Contact": "Ahmed"}
    kept = {"id": 39785675, "views": 550123456, "price": 1250.5, "phones": None, "mobile_ok": True}
    assert scrub_json(raw | kept) == {
        **{"tel": None, "n": MARK, "Téléphone": MARK, "fax": None, "Contact": ""},
        **kept,
    }


def test_an_offer_whose_id_is_an_e_mail_address_is_rejected_and_told_of_without_it() -> None:
    reject = ScrubPipeline().process_item(offer(external_id="ahmed.benali@gmail.com", url="https://x.dz/a"))
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.url, reject.raw) == ("offer/external_id/contact", "https://x.dz/a", {})


def test_of_an_id_what_cannot_be_stored_is_removed_and_its_digits_stay() -> None:
    scrub = ScrubPipeline()
    for given_id, kept in (("b\ud8001", "b1"), ("a\x00-2", "a-2"), ("0550123456", "0550123456"), ("AB@2", "AB@2")):
        made = scrub.process_item(offer(external_id=given_id))
        assert isinstance(made, Offer)
        assert made.external_id == kept
    gone = Gone(
        marketplace="m", country="dz", url="https://x.dz/a", reason="r", observed_at=NOON, external_id="b\ud8001"
    )
    scrub.process_item(gone)
    assert gone.external_id == "b1"


def test_no_title_of_the_real_nigerian_catalogue_is_touched_as_an_attribute_either(shared: Path) -> None:
    with (shared / "real" / "jumia" / "data" / "ng-2025-12-catalogue.csv").open() as file:
        names = [row["Name"] for row in csv.DictReader(file) if "✆" not in row["Name"]]
    named = {f"Specification {number}": name for number, name in enumerate(names)}
    assert attributes(attributes=named) == named
