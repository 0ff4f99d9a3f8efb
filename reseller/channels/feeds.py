"""Product feeds: Facebook and Instagram's catalogue as CSV, Google Merchant Center's as RSS 2.0. Streamed."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from sqlalchemy.orm import Session

from config import settings
from database.shop import Listing
from reseller.channels import feed_rules
from reseller.channels.feed_rules import Row
from reseller.channels.offers import Offer, offers
from reseller.content.describing import LANGUAGES, SHELVES, word

FILES = {"facebook": "facebook.csv", "google": "google.xml"}
TAXONOMY = {
    "phones": 270, "computers": 278, "audio": 223, "tv": 386, "kitchen": 638, "appliances": 604, "home": 536,
    "beauty": 469, "fashion": 166, "baby": 537, "games": 1239, "sport": 988, "grocery": 412, "cars": 888, "tools": 1167,
    "watches": 201, "cameras": 141,
}  # fmt: skip
"""Numbers of Google's product taxonomy, which Meta reads too, for our shelves."""

FACEBOOK_COLUMNS = (
    "id", "title", "description", "availability", "condition", "price", "link", "image_link", "additional_image_link",
    "brand", "gtin", "mpn", "google_product_category", "product_type", "color", "size", "quantity_to_sell_on_facebook",
)  # fmt: skip
GOOGLE_FIELDS = (
    "id", "title", "description", "link", "image_link", "additional_image_link", "availability", "price", "condition",
    "brand", "gtin", "mpn", "identifier_exists", "google_product_category", "product_type", "color", "size",
)  # fmt: skip
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass
class Report:
    """What a feed holds.

    Attributes:
        written: products in it.
        left_out: products that break a rule, with the codes.
        warned: how many products a warning concerns, by code.
    """

    written: int = 0
    left_out: dict[str, list[str]] = field(default_factory=dict)
    warned: Counter[str] = field(default_factory=Counter)


def facebook_row(offer: Offer, language: str) -> dict[str, str]:
    """A product as Meta's catalogue takes it. One without brand and numbers goes under our own part number."""
    row = _common(offer, language)
    row["availability"] = "in stock" if offer.available else "out of stock"
    row["quantity_to_sell_on_facebook"] = str(offer.available)
    if not (row["brand"] or row["gtin"] or row["mpn"]):
        row["mpn"] = offer.sku
    return row


def google_row(offer: Offer, language: str) -> dict[str, str]:
    """A product as Merchant Center takes it."""
    row = _common(offer, language)
    row["availability"] = "in_stock" if offer.available else "out_of_stock"
    known = row["gtin"] or (row["brand"] and row["mpn"])
    row["identifier_exists"] = "yes" if known else "no"
    return row


ROWS: dict[str, Callable[[Offer, str], dict[str, str]]] = {"facebook": facebook_row, "google": google_row}


def _common(offer: Offer, language: str) -> dict[str, str]:
    shelf = SHELVES.get(offer.shelf, SHELVES["other"])[LANGUAGES.index(language)]
    first, *more = [picture.url for picture in offer.pictures]
    row = {
        "id": offer.sku,
        "title": offer.title,
        "description": offer.description.get(language) or offer.title,
        "condition": offer.condition,
        "price": price(offer.price),
        "link": offer.link,
        "image_link": first,
        "additional_image_link": ",".join(url for url in more if "," not in url),
        "brand": offer.attributes.get("brand", ""),
        "gtin": offer.attributes.get("gtin", ""),
        "mpn": offer.attributes.get("mpn", ""),
        "google_product_category": str(TAXONOMY.get(offer.shelf, "")),
        "product_type": shelf,
        "color": word(offer.attributes.get("colour", ""), language),
        "size": offer.attributes.get("size", ""),
    }
    return {name: _NOT_IN_XML.sub("", value) for name, value in row.items()}


def price(amount: Decimal) -> str:
    """`1234.00 DZD`: a point, two places, no thousands, the currency."""
    return f"{amount:.2f} DZD"


def rows(work: Session, feed: str, language: str, report: Report, base: str | None = None) -> Iterator[Row]:
    """The products of a feed that keep its rules, in the order in which they were listed; the others are reported."""
    seen: set[str] = set()
    for offer in offers(work, Listing.state == "published", base=base):
        row = ROWS[feed](offer, language)
        broken = feed_rules.problems(feed, row)
        codes = [problem.rule.code for problem in broken if not problem.rule.warns]
        if row["id"] in seen:
            codes.append("id/repeated")
        if codes:
            report.left_out[row["id"]] = codes
            continue
        seen.add(row["id"])
        report.written += 1
        report.warned.update(problem.rule.code for problem in broken)
        yield row


def text(feed: str, found: Iterable[Row]) -> Iterator[str]:
    """The file of a feed, piece by piece."""
    return _csv(found) if feed == "facebook" else _rss(found)


def _csv(found: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FACEBOOK_COLUMNS)
    for row in found:
        writer.writerow([row.get(name, "") for name in FACEBOOK_COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _rss(found: Iterable[Row]) -> Iterator[str]:
    shop = settings()
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
        f"<title>{escape(shop.shop_name)}</title>\n<link>{escape(shop.shop_url)}</link>\n"
        f"<description>{escape(shop.shop_name)}</description>\n"
    )
    for row in found:
        lines = [f"<g:{name}>{escape(value)}</g:{name}>" for name, value in _elements(row)]
        yield "\n".join(["<item>", *lines, "</item>\n"])
    yield "</channel>\n</rss>\n"


def _elements(row: Row) -> Iterator[tuple[str, str]]:
    for name in GOOGLE_FIELDS:
        if name == "additional_image_link":
            yield from ((name, url) for url in row[name].split(",")[:10] if url)
        elif row.get(name):
            yield name, row[name]


def write(work: Session, feed: str, folder: Path, language: str) -> Report:
    """Writes a feed's file, whole or not at all; the file before it stands until then."""
    report = Report()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{FILES[feed]}.{os.getpid()}"
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        for piece in text(feed, rows(work, feed, language, report)):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / FILES[feed])
    return report
