"""The one place that knows hosts: which shops there are, and where MARKETS says to find them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from config import Settings


class MarketRefused(ValueError):
    """The settings do not allow to ask this market; the text says what to set."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a shop writes an amount: `sign` before or after it, `decimals` digits after a point."""

    sign: str
    thousands: str = ","
    decimals: int = 0
    before: bool = True

    def written(self, amount: Decimal) -> str:
        """The amount as the shop shows it: KSh 1,299."""
        digits = f"{amount:,.{self.decimals}f}".replace(",", self.thousands)
        return f"{self.sign} {digits}" if self.before else f"{digits} {self.sign}"


@dataclass(frozen=True, slots=True)
class JumiaShop:
    """A country's Jumia.

    Attributes:
        currency: ISO 4217.
        languages: ISO 639-1, the first is asked for.
        closed_on: the day it was said that the shop takes no more orders; None for a living one.
        former_domains: where its pages stood before.
    """

    domain: str
    currency: str
    languages: tuple[str, ...]
    amounts: NumberFormat
    closed_on: date | None = None
    former_domains: tuple[str, ...] = ()

    @property
    def static_domain(self) -> str:
        """The host of its sitemaps."""
        return self.domain.replace("www.", "static.", 1)

    @property
    def sitemap(self) -> str:
        """The index of its sitemaps, as its robots.txt names it."""
        return f"https://{self.static_domain}{SITEMAP_PATH}"


SITEMAP_PATH = "/index-sitemap.xml"
_FRANCS = NumberFormat("FCFA", thousands=" ", before=False)
JUMIA = {
    "dz": JumiaShop(
        "www.jumia.com.dz",
        "DZD",
        ("fr",),
        NumberFormat("DA", before=False),
        closed_on=date(2026, 2, 10),
        former_domains=("www.jumia.dz",),
    ),
    "ci": JumiaShop("www.jumia.ci", "XOF", ("fr",), _FRANCS),
    "eg": JumiaShop("www.jumia.com.eg", "EGP", ("ar", "en"), NumberFormat("EGP", decimals=2)),
    "gh": JumiaShop("www.jumia.com.gh", "GHS", ("en",), NumberFormat("GH₵", decimals=2)),
    "ke": JumiaShop("www.jumia.co.ke", "KES", ("en",), NumberFormat("KSh")),
    "ma": JumiaShop("www.jumia.ma", "MAD", ("fr", "ar"), NumberFormat("Dhs", decimals=2, before=False)),
    "ng": JumiaShop("www.jumia.com.ng", "NGN", ("en",), NumberFormat("₦")),
    "sn": JumiaShop("www.jumia.sn", "XOF", ("fr",), _FRANCS),
    "ug": JumiaShop("www.jumia.ug", "UGX", ("en",), NumberFormat("UGX")),
}
_COUNTRIES = {domain: country for country, shop in JUMIA.items() for domain in (shop.domain, *shop.former_domains)}
OUEDKNISS_SITE = "www.ouedkniss.com"
OUEDKNISS_API = "api.ouedkniss.com"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Market:
    """A marketplace as the spiders reach it.

    Attributes:
        public_origin: where listings have the address that is stored.
        request_origin: where requests go.
        sitemap: the address to ask for the index of its sitemaps; None where it has none.
    """

    country: str
    currency: str
    language: str
    public_origin: str
    request_origin: str
    sitemap: str | None = None

    def to_request(self, public_url: str) -> str:
        """The address to ask for a public one."""
        return self.request_origin + public_url.removeprefix(self.public_origin)

    def to_public(self, request_url: str) -> str:
        """The public address of one that was asked."""
        return self.public_origin + request_url.removeprefix(self.request_origin)

    def canonical(self, url: str) -> str:
        """An address of this market as it is stored: on its public origin, without a fragment."""
        split = urlsplit(url)
        return f"{self.public_origin}{split.path or '/'}{'?' + split.query if split.query else ''}"

    @property
    def hosts(self) -> list[str]:
        """The hosts that requests go to, without their ports."""
        addresses = (self.request_origin, self.public_origin, self.sitemap or self.request_origin)
        return sorted({str(urlsplit(address).hostname) for address in addresses})

    def owns(self, url: str) -> bool:
        """Whether a public address belongs to this market."""
        return urlsplit(url).netloc == urlsplit(self.public_origin).netloc


def jumia(country: str, chosen: Settings) -> Market:
    """The Jumia shop of a country.

    Raises:
        MarketRefused: MARKETS=live without a contact or for a closed shop, or MARKETS=demo for another country.
    """
    shop = JUMIA[country]
    require_contact(chosen)
    if chosen.markets == "live" and shop.closed_on:
        raise MarketRefused(f"Jumia closed its shop of {country} on {shop.closed_on}; choose another country")
    if chosen.markets == "demo" and country != "dz":
        raise MarketRefused(f"the demo market has the shop of dz only; for {country} set MARKETS=replay or live")
    public, request = _origins(shop.domain, chosen, chosen.demo_jumia_port)
    static = request if chosen.markets == "demo" else _origins(shop.static_domain, chosen, 0)[1]
    return Market(country, shop.currency, shop.languages[0], public, request, f"{static}{SITEMAP_PATH}")


def slot(host: str) -> str:
    """Who is asked: a Jumia shop's hosts are one shop, whose limit of requests they share."""
    return host.replace("static.", "www.", 1) if host.startswith("static.jumia.") else host


def ouedkniss(chosen: Settings) -> Market:
    """Ouedkniss: requests go to its API, listings have the address of its site.

    Raises:
        MarketRefused: MARKETS=live without a contact.
    """
    require_contact(chosen)
    public, _ = _origins(OUEDKNISS_SITE, chosen, chosen.demo_ouedkniss_port)
    _, request = _origins(OUEDKNISS_API, chosen, chosen.demo_ouedkniss_port)
    return Market("dz", "DZD", "fr", public, request)


def country_of(host: str) -> str | None:
    """The country whose Jumia shop a host is, closed shops and former domains included."""
    return _COUNTRIES.get(host)


def proxy(chosen: Settings) -> str | None:
    """The proxy that answers for the markets' hosts, in replay."""
    return f"http://{LOOPBACK}:{chosen.replay_port}" if chosen.markets == "replay" else None


def _origins(host: str, chosen: Settings, demo_port: int) -> tuple[str, str]:
    if chosen.markets == "demo":
        return f"http://{LOOPBACK}:{demo_port}", f"http://{LOOPBACK}:{demo_port}"
    return f"https://{host}", f"{'http' if chosen.markets == 'replay' else 'https'}://{host}"


def require_contact(chosen: Settings) -> None:
    """Raises MarketRefused for MARKETS=live without a contact."""
    if chosen.markets == "live" and not chosen.crawler_contact:
        raise MarketRefused(
            "MARKETS=live needs CRAWLER_CONTACT: set it to an e-mail address or a URL under which the shops can reach "
            "you; Jumia allows crawlers only if their user agent names one"
        )
