"""The published field rules of product feeds, as data: each with the page that states it, and a test that breaks it.

Sources, read in their published text; none of the services was asked:
    META    developers.facebook.com/docs/commerce-platform/catalog/fields
    GOOGLE  support.google.com/merchants/answer/7052112
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from reseller.content.contacts import without_contacts
from reseller.content.gtin import valid_gtin

META = "developers.facebook.com/docs/commerce-platform/catalog/fields"
GOOGLE = "support.google.com/merchants/answer/7052112"
GOOGLE_ID = "support.google.com/merchants/answer/6324405"
GOOGLE_TITLE = "support.google.com/merchants/answer/6324415"
GOOGLE_IMAGE = "support.google.com/merchants/answer/6324350"
GOOGLE_IDENTIFIER = "support.google.com/merchants/answer/6324478"
GOOGLE_GTIN = "support.google.com/merchants/answer/6324461"
GOOGLE_PRICE = "support.google.com/merchants/answer/6324371"

Row = Mapping[str, str]
"""A product as a feed writes it, by field; several pictures are divided by a comma."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a feed.

    Attributes:
        code: `field/what`, unique within a feed.
        says: the rule, for a person.
        broken: whether a row breaks it.
        warns: the service takes the product and may show it less, or later not at all.
    """

    code: str
    says: str
    source: str
    broken: Callable[[Row], bool]
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that a product breaks."""

    id: str
    rule: Rule


def _required(*fields: str, source: str) -> Iterator[Rule]:
    for name in fields:
        yield Rule(f"{name}/missing", f"{name} is required", source, partial(_is_missing, name))


def _is_missing(name: str, row: Row) -> bool:
    return not row.get(name, "").strip()


def _lengths(source: str, **most: int) -> Iterator[Rule]:
    for name, length in most.items():
        says = f"{name} has at most {length} characters"
        yield Rule(f"{name}/length", says, source, partial(_is_longer, name, length))


def _is_longer(name: str, length: int, row: Row) -> bool:
    return len(row.get(name, "")) > length


def _one_of(field: str, values: tuple[str, ...], source: str) -> Rule:
    says = f"{field} is one of: {', '.join(values)}"
    return Rule(f"{field}/value", says, source, lambda row: bool(row.get(field)) and row[field] not in values)


def _matching(field: str, pattern: str, says: str, source: str, what: str = "form") -> Rule:
    compiled = re.compile(pattern)
    return Rule(
        f"{field}/{what}", says, source, lambda row: bool(row.get(field)) and not compiled.fullmatch(row[field])
    )


PRICE = r"(?!0+\.00 )\d{1,12}\.\d\d [A-Z]{3}"
WEB = r"https?://[^\s/?#]+(?:[/?#]\S*)?"
GTIN_DIGITS = "gtin has 8, 12, 13 or 14 digits, no restricted prefix, and a right check digit"


def _wrong_gtin(row: Row) -> bool:
    return bool(row.get("gtin")) and valid_gtin(row["gtin"]) is None


def _shouts(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha() and sign.upper() != sign.lower()]
    return len(letters) > 10 and all(sign.isupper() for sign in letters)


def _has_markup(text: str) -> bool:
    return re.search(r"<[a-zA-Z/!][^<>]*>|&[a-z]{2,8};", text) is not None


def _holds_contact(row: Row) -> bool:
    texts = (row.get("title", ""), row.get("description", ""))
    return any(without_contacts(text) != " ".join(text.split()) for text in texts)


def _pictures(row: Row) -> list[str]:
    return [url for url in row.get("additional_image_link", "").split(",") if url]


def _bad_picture_suffix(suffixes: str) -> Callable[[Row], bool]:
    ends = re.compile(rf"\.(?:{suffixes})$", re.IGNORECASE)

    def broken(row: Row) -> bool:
        path = re.split(r"[?#]", row.get("image_link", ""))[0]
        name = path.rpartition("/")[2]
        return "." in name and not ends.search(name)

    return broken


def _drawn(row: Row) -> bool:
    """Our own drawing stands at /pictures/SKU.png; photographs do not."""
    return row.get("image_link", "").endswith(f"/pictures/{row.get('id', '')}.png")


FACEBOOK: tuple[Rule, ...] = (
    *_required("id", "title", "description", "availability", "condition", "price", "link", "image_link", source=META),
    *_lengths(META, id=100, title=200, description=9999, brand=100, color=200, size=200, product_type=750, mpn=100),
    *_lengths(META, additional_image_link=2000),
    Rule("additional_image_link/count", "at most 20 more pictures", META, lambda row: len(_pictures(row)) > 20),
    _one_of(
        "availability",
        ("in stock", "out of stock", "preorder", "available for order", "discontinued"),
        META,
    ),
    _one_of("condition", ("new", "refurbished", "used"), META),
    _matching("price", PRICE, "price is an amount above zero with a point, a space and an ISO 4217 code", META),
    _matching("link", WEB, "link begins with http:// or https://", META),
    _matching("image_link", WEB, "image_link begins with http:// or https://", META),
    Rule("image_link/format", "pictures are JPEG or PNG", META, _bad_picture_suffix("jpe?g|png")),
    Rule(
        "identifier/missing",
        "a brand, a GTIN or an MPN is required",
        META,
        lambda row: not (row.get("brand") or row.get("gtin") or row.get("mpn")),
    ),
    Rule("gtin/digits", GTIN_DIGITS, META, _wrong_gtin),
    Rule("title/capitals", "a title is not written in capitals", META, lambda row: _shouts(row.get("title", ""))),
    Rule(
        "description/capitals",
        "a description is not written in capitals",
        META,
        lambda row: _shouts(row.get("description", "")),
    ),
    Rule(
        "description/markup",
        "a description is plain text without HTML",
        META,
        lambda row: _has_markup(row.get("description", "")),
    ),
    _matching("quantity_to_sell_on_facebook", r"\d{1,9}", "the quantity is a whole number, zero or more", META),
    Rule("text/contact", "no telephone number, e-mail or address stands in a text", META, _holds_contact),
    Rule("image_link/drawing", "a picture shows the product itself", META, _drawn, warns=True),
)

GOOGLE_FEED: tuple[Rule, ...] = (
    *_required("id", "title", "description", "link", "image_link", "availability", "price", source=GOOGLE),
    *_lengths(GOOGLE_ID, id=50),
    *_lengths(GOOGLE_TITLE, title=150),
    *_lengths(GOOGLE, description=5000, brand=70, mpn=70, color=100, size=100, product_type=750, link=2000),
    *_lengths(GOOGLE, image_link=2000),
    _matching("id", r"[!-~]+", "id is written without spaces, in ASCII", GOOGLE_ID),
    _one_of("availability", ("in_stock", "out_of_stock", "preorder", "backorder"), GOOGLE),
    _one_of("condition", ("new", "refurbished", "used"), GOOGLE),
    Rule(
        "condition/missing",
        "condition is required unless the product is new",
        GOOGLE,
        lambda row: not row.get("condition"),
    ),
    _matching("price", PRICE, "price is an amount above zero with a point, a space and an ISO 4217 code", GOOGLE_PRICE),
    _matching("link", WEB, "link begins with http:// or https://", GOOGLE),
    _matching("image_link", WEB, "image_link begins with http:// or https://", GOOGLE_IMAGE),
    Rule(
        "image_link/format",
        "pictures are JPEG, WebP, PNG, GIF, BMP or TIFF",
        GOOGLE_IMAGE,
        _bad_picture_suffix("jpe?g|webp|png|gif|bmp|tiff?"),
    ),
    Rule("additional_image_link/count", "at most 10 more pictures", GOOGLE, lambda row: len(_pictures(row)) > 10),
    _one_of("identifier_exists", ("yes", "no"), GOOGLE_IDENTIFIER),
    Rule(
        "identifier_exists/wrong",
        "identifier_exists is no exactly where there is neither a GTIN nor a brand with an MPN",
        GOOGLE_IDENTIFIER,
        lambda row: (
            (row.get("identifier_exists", "yes") == "no")
            == bool(row.get("gtin") or (row.get("brand") and row.get("mpn")))
        ),
    ),
    Rule("gtin/digits", GTIN_DIGITS, GOOGLE_GTIN, _wrong_gtin),
    Rule("title/capitals", "a title is not in capitals", GOOGLE_TITLE, lambda row: _shouts(row.get("title", ""))),
    Rule(
        "description/markup", "a description is plain text", GOOGLE, lambda row: _has_markup(row.get("description", ""))
    ),
    _matching("google_product_category", r"\d{1,7}", "a category is a number of Google's taxonomy", GOOGLE),
    Rule("text/contact", "no telephone number, e-mail or address stands in a text", GOOGLE, _holds_contact),
    Rule("image_link/drawing", "a picture shows the product itself", GOOGLE_IMAGE, _drawn, warns=True),
)

RULES = {"facebook": FACEBOOK, "google": GOOGLE_FEED}


def problems(feed: str, row: Row) -> list[Problem]:
    """The rules of a feed that a product breaks."""
    return [Problem(row.get("id", ""), rule) for rule in RULES[feed] if rule.broken(row)]
