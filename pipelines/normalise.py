"""One spelling of things before they are stored. An offer that needs nothing costs about two microseconds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

NO_BRAND = frozenset(
    (
        *("-", "--", ".", "n/a", "na", "none", "null", "unknown", "inconnu", "inconnue", "non spécifié"),
        *("generic", "générique", "generique", "unbranded", "no brand", "no name", "noname"),
        *("sans", "sans marque", "aucune", "aucune marque", "autre", "autres", "other", "others"),
        *("بدون ماركة", "بدون علامة تجارية", "غير محدد", "أخرى", "اخرى"),
    )
)
"""What marketplaces write, in lower case, where a product has no brand: read as no word about the brand."""
TRACKING = re.compile(r"utm_.*|tkWl|fbclid|gclid|gbraid|wbraid|dclid|msclkid|ttclid|yclid|igshid|srsltid|mc_[ce]id|_ga")
"""Names of query parameters that tell where a visitor came from, and nothing about the page."""
_CENT = Decimal("0.01")
# Zero-width joiners stay: letters and emoji are written with them.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def one_spelling(text: str) -> str:
    """The text in Unicode's composed form, without invisible signs, with single spaces inside and none around."""
    plain = text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]
    if plain and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


_spelled = lru_cache(8192)(one_spelling)


@lru_cache(8192)
def brand_name(text: str) -> str | None:
    """A brand in one spelling; None for the words that stand for having none."""
    spelled = one_spelling(text)
    return None if not spelled or spelled.casefold() in NO_BRAND else spelled


@lru_cache(8192)
def path_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Category names in one spelling, without empty and repeated ones."""
    return tuple(name for name in dict.fromkeys(map(one_spelling, names)) if name)


@lru_cache(256)
def _origin(text: str) -> str:
    try:
        split = urlsplit(text)
    except ValueError:  # of an offer it was rejected already; the word of a gone listing is kept as it is
        return text
    host = split.netloc.lower().removesuffix(_DEFAULT_PORT.get(split.scheme.lower(), "none"))
    return f"{split.scheme.lower()}://{host}"


def canonical_url(url: str) -> str:
    """The address without fragment, tracking parameters and default port, its host in lower case."""
    end = url.find("/", 8)
    if end < 0:
        end = min((at for at in (url.find("?"), url.find("#")) if at > 0), default=len(url))
    address = _origin(url[:end]) + url[end:]
    if "#" in address:
        address = address.split("#", 1)[0]
    if "?" in address:
        address, _, query = address.partition("?")
        kept = [part for part in query.split("&") if part and not TRACKING.fullmatch(part.partition("=")[0])]
        address += "?" + "&".join(kept) if kept else ""
    return address


def cents(amount: Decimal) -> Decimal:
    """The amount with two decimals and without an exponent."""
    return amount if str(amount)[-3:-2] == "." else amount.quantize(_CENT)


class NormalisePipeline:
    """300: one spelling. Each correction is counted by name, such as `offer/brand/placeholder`."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NormalisePipeline:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_item(self, item: Offer | Reject | Gone) -> Offer | Reject | Gone:
        """The same item, corrected in place; a reject if nothing is left of its title."""
        if isinstance(item, Reject):
            return item
        self._address(item)
        if isinstance(item, Gone):
            return item
        title = one_spelling(item.title)
        if title != item.title:
            if not title:
                return Reject(url=item.url, reason="offer/title/missing", raw=asdict(item))
            item.title = title
            self.stats.inc_value("offer/title/respelled")
        self._names(item)
        self._money(item)
        self._collections(item)
        return item

    def _address(self, item: Offer | Gone) -> None:
        url = canonical_url(item.url)
        if url != item.url:
            dropped_query = item.url.count("&") + item.url.count("?") > url.count("&") + url.count("?")
            self.stats.inc_value("offer/url/tracking_removed" if dropped_query else "offer/url/respelled")
            item.url = url

    def _names(self, offer: Offer) -> None:
        if offer.brand is not None:
            brand = brand_name(offer.brand)
            if brand != offer.brand:
                self.stats.inc_value("offer/brand/respelled" if brand else "offer/brand/placeholder")
                offer.brand = brand
        if offer.seller_name is not None:
            seller = _spelled(offer.seller_name) or None
            if seller != offer.seller_name:
                self.stats.inc_value("offer/seller_name/respelled")
                offer.seller_name = seller
        if offer.category_path:
            given = tuple(offer.category_path)
            path = path_names(given)
            if path is not given and path != given:
                self.stats.inc_value("offer/category_path/respelled")
                offer.category_path = list(path)

    def _money(self, offer: Offer) -> None:
        if offer.price is not None:
            offer.price = cents(offer.price)
        if offer.old_price is not None:
            offer.old_price = cents(offer.old_price)
        currency = offer.currency
        if currency is not None and not currency.isupper():
            offer.currency = currency.upper()
            self.stats.inc_value("offer/currency/respelled")

    def _collections(self, offer: Offer) -> None:
        images = offer.image_urls
        if len(images) > 1 and len(set(images)) != len(images):
            offer.image_urls = list(dict.fromkeys(images))
            self.stats.inc_value("offer/image_urls/repeated")
        attributes = offer.attributes
        if attributes and not all(attributes.values()):
            offer.attributes = {name: text for name, text in attributes.items() if text}
            self.stats.inc_value("offer/attributes/empty")
