"""The one place that knows hosts: which shops there are, and where MARKETS says to find them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from config import Settings


class MarketRefused(ValueError):
    """The settings do not allow to ask this market; the text says what to set."""


@dataclass(frozen=True, slots=True)
class JumiaShop:
    """A country's Jumia: `closed_on` is the month after which it took no more orders."""

    domain: str
    currency: str
    language: str
    closed_on: date | None = None


JUMIA = {
    "dz": JumiaShop("www.jumia.com.dz", "DZD", "fr", closed_on=date(2026, 2, 10)),
    "ci": JumiaShop("www.jumia.ci", "XOF", "fr"),
    "eg": JumiaShop("www.jumia.com.eg", "EGP", "ar"),
    "gh": JumiaShop("www.jumia.com.gh", "GHS", "en"),
    "ke": JumiaShop("www.jumia.co.ke", "KES", "en"),
    "ma": JumiaShop("www.jumia.ma", "MAD", "fr"),
    "ng": JumiaShop("www.jumia.com.ng", "NGN", "en"),
    "sn": JumiaShop("www.jumia.sn", "XOF", "fr"),
    "ug": JumiaShop("www.jumia.ug", "UGX", "en"),
}
FORMER_DOMAINS = {"www.jumia.dz": "dz"}
OUEDKNISS_SITE = "www.ouedkniss.com"
OUEDKNISS_API = "api.ouedkniss.com"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Market:
    """A marketplace as the spiders reach it.

    Attributes:
        public_origin: where listings have the address that is stored.
        request_origin: where requests go.
    """

    country: str
    currency: str
    language: str
    public_origin: str
    request_origin: str

    def to_request(self, public_url: str) -> str:
        """The address to ask for a public one."""
        return self.request_origin + public_url.removeprefix(self.public_origin)

    def to_public(self, request_url: str) -> str:
        """The public address of one that was asked."""
        return self.public_origin + request_url.removeprefix(self.request_origin)

    def owns(self, url: str) -> bool:
        """Whether a public address belongs to this market."""
        return urlsplit(url).netloc == urlsplit(self.public_origin).netloc


def jumia(country: str, chosen: Settings) -> Market:
    """The Jumia shop of a country.

    Raises:
        MarketRefused: MARKETS=live without a contact or for a closed shop, or MARKETS=demo for another country.
    """
    shop = JUMIA[country]
    _require_contact(chosen)
    if chosen.markets == "live" and shop.closed_on:
        raise MarketRefused(f"Jumia closed its shop of {country} on {shop.closed_on}; choose another country")
    if chosen.markets == "demo" and country != "dz":
        raise MarketRefused(f"the demo market has the shop of dz only; for {country} set MARKETS=replay or live")
    public, request = _origins(shop.domain, chosen, chosen.demo_jumia_port)
    return Market(country, shop.currency, shop.language, public, request)


def ouedkniss(chosen: Settings) -> Market:
    """Ouedkniss: requests go to its API, listings have the address of its site.

    Raises:
        MarketRefused: MARKETS=live without a contact.
    """
    _require_contact(chosen)
    public, _ = _origins(OUEDKNISS_SITE, chosen, chosen.demo_ouedkniss_port)
    _, request = _origins(OUEDKNISS_API, chosen, chosen.demo_ouedkniss_port)
    return Market("dz", "DZD", "fr", public, request)


def country_of(host: str) -> str | None:
    """The country whose Jumia shop a host is, closed shops and former domains included."""
    found = {shop.domain: country for country, shop in JUMIA.items()} | FORMER_DOMAINS
    return found.get(host)


def proxy(chosen: Settings) -> str | None:
    """The proxy that answers for the markets' hosts, in replay."""
    return f"http://{LOOPBACK}:{chosen.replay_port}" if chosen.markets == "replay" else None


def _origins(host: str, chosen: Settings, demo_port: int) -> tuple[str, str]:
    if chosen.markets == "demo":
        return f"http://{LOOPBACK}:{demo_port}", f"http://{LOOPBACK}:{demo_port}"
    return f"https://{host}", f"{'http' if chosen.markets == 'replay' else 'https'}://{host}"


def _require_contact(chosen: Settings) -> None:
    if chosen.markets == "live" and not chosen.crawler_contact:
        raise MarketRefused(
            "MARKETS=live needs CRAWLER_CONTACT: set it to an e-mail address or a URL under which the shops can reach "
            "you; Jumia allows crawlers only if their user agent names one"
        )
