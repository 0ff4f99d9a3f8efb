from __future__ import annotations

import timeit
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.gone import Gone
from pipelines.normalise import NormalisePipeline, canonical_url, one_spelling
from pipelines.offer import Offer
from pipelines.reject import Reject
from tests.pipelines.offers import NOON, offer


class Stats(dict[str, int]):
    def inc_value(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


@pytest.fixture
def pipeline() -> NormalisePipeline:
    made = NormalisePipeline.__new__(NormalisePipeline)
    made.stats = Stats()
    return made


@pytest.mark.parametrize(
    ("values", "expected", "counted"),
    [
        ({"title": " Casque\u00a0 Bluetooth\n\t5.0 "}, {"title": "Casque Bluetooth 5.0"}, "offer/title/respelled"),
        ({"title": "Ca\u200bsque"}, {"title": "Casque"}, "offer/title/respelled"),
        ({"title": "Te\u0301le\u0301phone"}, {"title": "Téléphone"}, "offer/title/respelled"),
        ({"brand": " Oraimo  Pro "}, {"brand": "Oraimo Pro"}, "offer/brand/respelled"),
        *(
            ({"brand": word}, {"brand": None}, "offer/brand/placeholder")
            for word in ("Generic", "No Brand", "Sans marque", "-", "N/A", "GÉNÉRIQUE", "\u200b")
        ),
        ({"seller_name": "Phone\u00a0Shop"}, {"seller_name": "Phone Shop"}, "offer/seller_name/respelled"),
        (
            {"category_path": ["Audio ", "Audio", "", "Casques"]},
            {"category_path": ["Audio", "Casques"]},
            "offer/category_path/respelled",
        ),
        ({"currency": "dzd"}, {"currency": "DZD"}, "offer/currency/respelled"),
        ({"image_urls": ["a", "b", "a"]}, {"image_urls": ["a", "b"]}, "offer/image_urls/repeated"),
        ({"attributes": {"a": "", "b": "x"}}, {"attributes": {"b": "x"}}, "offer/attributes/empty"),
        ({"url": "https://X.dz/a?utm_source=b"}, {"url": "https://x.dz/a"}, "offer/url/tracking_removed"),
        ({"url": "https://x.dz:443/a#b"}, {"url": "https://x.dz/a"}, "offer/url/respelled"),
    ],
)
def test_each_correction_is_made_and_counted_by_name(
    pipeline: NormalisePipeline, values: dict[str, Any], expected: dict[str, Any], counted: str
) -> None:
    item = pipeline.process_item(offer(**values))
    assert {name: getattr(item, name) for name in expected} == expected
    assert pipeline.stats == {counted: 1}


@pytest.mark.parametrize(
    ("given_url", "canonical"),
    [
        ("https://x.dz/a?page=2&utm_medium=c&q=r%C3%A9", "https://x.dz/a?page=2&q=r%C3%A9"),
        ("https://x.dz/a-1.html?tkWl=AB&fbclid=x&gclid=y", "https://x.dz/a-1.html"),
        ("http://x.dz:80/a?_gall=1#top", "http://x.dz/a?_gall=1"),
        ("http://127.0.0.1:8010/a.html", "http://127.0.0.1:8010/a.html"),
        ("https://WWW.X.dz", "https://www.x.dz"),
        ("https://x.dz?utm_source=a", "https://x.dz"),
        ("https://x.dz/A/B?C=D", "https://x.dz/A/B?C=D"),
    ],
)
def test_an_address_keeps_what_finds_the_page_and_nothing_else(given_url: str, canonical: str) -> None:
    assert canonical_url(given_url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize("price", [Decimal("1250"), Decimal("1.25E+3"), Decimal("1250.0"), Decimal("1250.00")])
def test_money_has_two_decimals_and_no_exponent(pipeline: NormalisePipeline, price: Decimal) -> None:
    item = pipeline.process_item(offer(price=price, old_price=price))
    assert isinstance(item, Offer)
    assert (str(item.price), str(item.old_price)) == ("1250.00", "1250.00")


@given(st.text(max_size=60))
def test_a_spelling_is_composed_single_spaced_and_final(text: str) -> None:
    spelled = one_spelling(text)
    assert one_spelling(spelled) == spelled
    assert unicodedata.is_normalized("NFC", spelled)
    assert spelled == " ".join(spelled.split())
    assert "".join(spelled.split()).isascii() or "\u200b" not in spelled


def test_a_title_of_invisible_signs_alone_is_no_title(pipeline: NormalisePipeline) -> None:
    item = pipeline.process_item(offer(title="\u200b \u00a0"))
    assert isinstance(item, Reject)
    assert item.names == ["offer/title/missing"]


def test_an_emoji_and_an_arabic_word_stay_as_they_are() -> None:
    for text in ("👩‍💻 PC", "هاتف\u200cذكي"):
        assert one_spelling(text) == text


def test_the_word_of_a_gone_listing_has_the_address_that_its_offer_was_stored_under(
    pipeline: NormalisePipeline,
) -> None:
    url = "https://www.Jumia.com.dz/casque-1.html?utm_source=x"
    item = pipeline.process_item(
        Gone(marketplace="jumia", country="dz", url=url, reason="page/product_gone", observed_at=NOON)
    )
    assert item.url == "https://www.jumia.com.dz/casque-1.html"


def test_an_offer_that_needs_nothing_passes_untouched_and_costs_little(pipeline: NormalisePipeline) -> None:
    usual = offer(
        title="Marque Produit 15, 6,5 pouces, 128 Go, 8 Go de RAM, écran HD+, batterie 5000 mAh",
        brand="Marque",
        category_path=["Téléphone & Tablette", "Téléphones portables", "Smartphones"],
        image_urls=["https://dz.jumia.is/1.jpg"],
    )
    pipeline.process_item(usual)
    seconds = min(timeit.repeat(lambda: pipeline.process_item(usual), number=2_000, repeat=5)) / 2_000
    assert pipeline.stats == {}
    assert seconds < 20e-6  # some 2 on a quiet machine


def test_an_address_that_is_none_stays_as_it_is() -> None:
    for address in ("https://[::1/a?utm_source=x", "https://exa\u2100mple.com/p"):
        assert canonical_url(address) == address.partition("?")[0]
