"""What a saved page of a Jumia shop says of itself: whose it is, and which address it had."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from crawlers import markets
from crawlers.pages import jumia_state
from crawlers.pages.encoding import in_utf8
from crawlers.pages.errors import PageError, UnknownShop, WrongShop
from crawlers.pages.jumia_tracking import tracked
from crawlers.pages.page import Page
from crawlers.pages.prices import currency_of

_UNNAMED = "/catalog/"
_COUNTRY = re.compile(rb"""["']?\b(?:countryCode|shop_country)["']?\s*:\s*["']([A-Za-z]{2})["']""")
_SAVED_FROM = re.compile(rb"saved from url=\(\d+\)(\S+)")
_TAG = re.compile(rb"<(?:link|meta)\b[^>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_LOCALE = re.compile(r"[a-z]{2}[_-]([A-Z]{2})$")
_HOST = re.compile(rb"https?://(?:www\.)?(jumia\.[a-z.]+[a-z])/")
_IMAGES = re.compile(rb"https?://([a-z]{2})\.jumia\.is/")
_PRICED = re.compile(rb"""["']?priceCurrency["']?\s*:\s*["']([A-Z]{3})["']""")
_PRICE = re.compile(r"""class=["']?[^"'>]*\b(?:prc|-fs24)\b[^>]*>\s*(?:<[^>]*>\s*)?([^<]{3,60})<""")


@dataclass(frozen=True, slots=True)
class _Named:
    """What the head of a page says of the page itself."""

    canonical: str = ""
    address: str = ""
    locale: str = ""


def page(body: bytes, url: str | None, country: str | None, observed_at: datetime) -> Page:
    """A saved page; its country and address are read from it where they are not given.

    Raises:
        UnknownShop: nothing says which country's shop it is, or there is no such shop.
        WrongShop: what is given contradicts what the page says, or itself.
    """
    unread = Page(body=body, url=url or "https://www.jumia.com/", country="", currency="", observed_at=observed_at)
    body = in_utf8(unread).body
    told = country_named(body)
    given = _agreed(country, _country_at(url) if url else None, "--country and --url")
    country = _agreed(given, told, "what is given and the page") or _country_guessed(body)
    if country not in markets.JUMIA:
        raise UnknownShop(
            f"there is no shop of {country}"
            if country
            else "the page does not say its country: give --country or --url"
        )
    shop = markets.JUMIA[country]
    address = url or address_named(body, shop.domain)
    return Page(body=body, url=address, country=country, currency=shop.currency, observed_at=observed_at)


def country_named(body: bytes) -> str | None:
    """The country that the page's own data, its address or its head name; ISO 3166-1 alpha-2, lower case."""
    for country in _countries(body):
        if country:
            return country
    return None


def address_named(body: bytes, domain: str) -> str:
    """The address that a page says it has, else that of the whole catalogue."""
    for address in _addresses(body):
        if address.startswith(("http://", "https://")) and _country_at(address):
            return address
        if address.startswith("/") and not address.startswith("//"):
            return f"https://{domain}{address}"
    return f"https://{domain}{_UNNAMED}"


def _countries(body: bytes) -> Iterator[str | None]:
    if found := _COUNTRY.search(body):
        yield found.group(1).decode().lower()
    yield tracked(body).country
    if saved := _SAVED_FROM.search(body):
        yield _country_at(saved.group(1).decode("utf-8", "replace"))
    named = _named(body)
    yield _country_at(named.canonical)
    yield _country_at(named.address)
    if locale := _LOCALE.search(named.locale):
        yield locale.group(1).lower()


def _country_guessed(body: bytes) -> str | None:
    """By what most addresses of a page, its pictures and its prices name."""
    for pattern in (_IMAGES, _HOST):
        counted = Counter(found.decode().lower() for found in pattern.findall(body))
        for name, _ in counted.most_common(1):
            if country := name if pattern is _IMAGES else markets.country_of(f"www.{name}"):
                return country
    text = html.unescape(body.decode("utf-8", "replace"))
    currencies = [found.decode() for found in _PRICED.findall(body)]
    currencies += [code for price in _PRICE.findall(text) if (code := currency_of(price))]
    shops = [country for country, shop in markets.JUMIA.items() if currencies and shop.currency == currencies[0]]
    return shops[0] if len(shops) == 1 else None


def _addresses(body: bytes) -> Iterator[str]:
    if saved := _SAVED_FROM.search(body):
        yield html.unescape(saved.group(1).decode("utf-8", "replace")).removesuffix("-->")
    yield _path_in_state(body)
    yield tracked(body).path
    named = _named(body)
    yield named.canonical
    yield named.address


def _path_in_state(body: bytes) -> str:
    try:
        state = jumia_state.find(body, [])
    except PageError:
        return ""
    tracking = state.get("tracking") if state else None
    told = [tracking.get(name) for name in ("data", "gtm")] if isinstance(tracking, dict) else []
    paths = [place.get("url") for place in (state, *told) if isinstance(place, dict)]
    return str(next(filter(None, paths), "")).replace("&amp;", "&")


def _named(body: bytes) -> _Named:
    canonical = address = locale = ""
    for tag in _TAG.findall(body):
        attributes = {name.lower(): b"".join(value).strip() for name, *value in _ATTRIBUTE.findall(tag)}
        name = attributes.get(b"property") or attributes.get(b"rel") or b""
        text = html.unescape((attributes.get(b"content") or attributes.get(b"href") or b"").decode("utf-8", "replace"))
        if name == b"canonical":
            canonical = canonical or text
        elif name == b"og:url":
            address = address or text
        elif name == b"og:locale":
            locale = locale or text
    return _Named(canonical, address, locale)


def _country_at(address: str) -> str | None:
    try:
        host = urlsplit(address).netloc.split(":", 1)[0].lower()
    except ValueError:
        return None
    return markets.country_of(host if host.startswith("www.") else f"www.{host}")


def _agreed(first: str | None, second: str | None, what: str) -> str | None:
    if first and second and first != second:
        raise WrongShop(f"{what} name two shops: {first} and {second}")
    return first or second
