"""Shops that publish schema.org data, as spiders reach them: one that is known by its data, or any address at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from babel.numbers import get_territory_currencies

from config import Settings
from crawlers.markets import Market, MarketRefused, require_contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What is to be known of a shop to walk it.

    Attributes:
        country: ISO 3166-1 alpha-2, lower case.
        currency: ISO 4217 where a page names none.
        language: what is asked for, as in Accept-Language.
        categories: paths of the listings to begin with.
        product: a regular expression that the whole path of a product's address matches.
    """

    host: str
    country: str
    currency: str
    language: str
    categories: tuple[str, ...]
    product: str

    def is_product(self, address: str) -> bool:
        """Whether an address is one of this shop's products."""
        return self.owns(address) and re.fullmatch(self.product, urlsplit(address).path) is not None

    def owns(self, address: str) -> bool:
        """Whether an address is on this shop's host, `www.` or not."""
        split = urlsplit(address)
        return split.scheme in ("http", "https") and _bare(split.netloc) == _bare(self.host)

    def own(self, address: str) -> str:
        """An address on the shop's very host, as all of its pages are asked for; another shop's as it is."""
        if not self.owns(address):
            return address
        split = urlsplit(address)
        return f"https://{self.host}{split.path or '/'}{'?' + split.query if split.query else ''}"


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


class Anywhere(Market):
    """No one shop: any address, itself being public. In replay requests go over plain HTTP to the proxy."""

    __slots__ = ()

    def to_request(self, public_url: str) -> str:
        """The address to ask for a public one."""
        inside = public_url.removeprefix(self.public_origin)
        return public_url if inside == public_url else self.request_origin + inside

    def to_public(self, request_url: str) -> str:
        """The public address of one that was asked."""
        inside = request_url.removeprefix(self.request_origin)
        return request_url if inside == request_url else self.public_origin + inside

    def owns(self, url: str) -> bool:
        """Whether it is an address at all."""
        return is_address(url)


def is_address(text: str) -> bool:
    """Whether a text is an absolute address of the web."""
    try:
        split = urlsplit(text)
        return split.scheme in ("http", "https") and bool(split.hostname)
    except ValueError:
        return False


def currency_of(country: str) -> str | None:
    """ISO 4217 of a country today; None for a country that is none."""
    found = get_territory_currencies(country.upper())
    return found[0] if found else None


def anywhere(country: str, currency: str, chosen: Settings) -> Anywhere:
    """The addresses that a person tracks.

    Raises:
        MarketRefused: MARKETS=live without a contact, or MARKETS=demo without private addresses allowed.
    """
    require_contact(chosen)
    if chosen.markets == "demo" and not chosen.tracked_allow_private:
        raise MarketRefused(
            "the demo market has no tracked shops: set MARKETS=live, or TRACKED_ALLOW_PRIVATE=true for pages that this "
            "machine serves"
        )
    public, request = ("https://", "http://") if chosen.markets == "replay" else ("", "")
    return Anywhere(country, currency, "fr, ar;q=0.9, en;q=0.8", public, request)


def market(shop: Shop, chosen: Settings) -> Market:
    """A shop that is known by its data.

    Raises:
        MarketRefused: MARKETS=live without a contact, or MARKETS=demo, which has no such shop.
    """
    require_contact(chosen)
    if chosen.markets == "demo":
        raise MarketRefused(f"the demo market has no {shop.host}: set MARKETS=replay or live")
    scheme = "http" if chosen.markets == "replay" else "https"
    return Market(shop.country, shop.currency, shop.language, f"https://{shop.host}", f"{scheme}://{shop.host}")
