"""What a saved page of a Jumia shop says of itself: whose it is, and which address it had."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from crawlers import markets
from crawlers.pages.errors import UnknownShop
from crawlers.pages.page import Page

_COUNTRY = re.compile(rb'"countryCode"\s*:\s*"([A-Z]{2})"')
_HOST = re.compile(rb"https://(www\.jumia\.[a-z.]+)/")
_ADDRESS = re.compile(rb'"url"\s*:\s*"(/[^"]*)","(?:sprites|device|type)"|<link[^>]*rel="canonical"[^>]*href="([^"]+)"')


def page(body: bytes, url: str | None, country: str | None, observed_at: datetime) -> Page:
    """A saved page; its country and address are read from it where they are not given.

    Raises:
        UnknownShop: nothing says which country's shop it is.
    """
    country = country or (markets.country_of(urlsplit(url).netloc) if url else None) or country_named(body)
    if country not in markets.JUMIA:
        raise UnknownShop("the page does not say its country: give --country or --url")
    shop = markets.JUMIA[country]
    address = url or address_named(body, shop.domain)
    return Page(body=body, url=address, country=country, currency=shop.currency, observed_at=observed_at)


def country_named(body: bytes) -> str | None:
    """The country that the embedded data or else the addresses of a page name."""
    if found := _COUNTRY.search(body):
        return found.group(1).decode().lower()
    hosts = [host.decode() for host in _HOST.findall(body)]
    return markets.country_of(max(hosts, key=hosts.count)) if hosts else None


def address_named(body: bytes, domain: str) -> str:
    """The address that a page says it has, else the shop's home page."""
    found = _ADDRESS.search(body)
    address = (found.group(1) or found.group(2)).decode() if found else "/"
    return address if address.startswith("http") else f"https://{domain}{address}"
