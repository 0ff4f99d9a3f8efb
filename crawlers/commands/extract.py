"""scrapy extract MARKETPLACE FILE: what a page object reads in a saved page, for anyone who mends one."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawlers import markets
from crawlers.pages import jumia, ouedkniss_search
from crawlers.pages.errors import PageError
from crawlers.pages.page import Found, Page

NOT_UNDERSTOOD = 3
_COUNTRY = re.compile(rb'"countryCode"\s*:\s*"([A-Z]{2})"')
_HOST = re.compile(rb"https://(www\.jumia\.[a-z.]+)/")
_ADDRESS = re.compile(rb'"url"\s*:\s*"(/[^"]*)","(?:sprites|device|type)"|<link[^>]*rel="canonical"[^>]*href="([^"]+)"')


class Command(ScrapyCommand):
    """Prints offers as JSON lines; exit code 3 and the reason on stderr for a page that is not understood."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Scrapy's usage line."""
        return "[options] <jumia|ouedkniss> <file>"

    def short_desc(self) -> str:
        """Scrapy's help line."""
        return "Print the offers of a saved page as JSON lines"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--url and --country, for what the page itself does not say."""
        super().add_options(parser)
        parser.add_argument("--url", help="the address that the page had")
        parser.add_argument("--country", choices=sorted(markets.JUMIA), help="the shop's country")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reads the file and prints what is in it."""
        if len(args) != 2 or args[0] not in ("jumia", "ouedkniss"):
            raise UsageError("name a marketplace (jumia or ouedkniss) and a file")
        try:
            body = Path(args[1]).read_bytes()
        except OSError as error:
            raise UsageError(f"{args[1]}: {error.strerror}", print_help=False) from None
        try:
            found = _jumia(body, opts.url, opts.country) if args[0] == "jumia" else _ouedkniss(body, opts.url)
        except PageError as error:
            print(f"{error.name}: {error}", file=sys.stderr)
            self.exitcode = NOT_UNDERSTOOD
            return
        for offer in found.offers:
            print(orjson.dumps(asdict(offer), default=str).decode())
        for reject in found.rejects:
            print(reject.reason, file=sys.stderr)


def _jumia(body: bytes, url: str | None, country: str | None) -> Found:
    country = country or (markets.country_of(urlsplit(url).netloc) if url else None) or _country_named(body)
    if country is None:
        raise UsageError("the page does not say its country: give --country or --url", print_help=False)
    shop = markets.JUMIA[country]
    page = Page(
        body=body,
        url=url or _address_named(body, shop.domain),
        country=country,
        currency=shop.currency,
        observed_at=datetime.now(UTC),
    )
    return jumia.parse(page)


def _ouedkniss(body: bytes, url: str | None) -> Found:
    origin = f"https://{markets.OUEDKNISS_SITE}"
    page = Page(
        body=body,
        url=url or f"https://{markets.OUEDKNISS_API}/graphql",
        country="dz",
        currency="DZD",
        observed_at=datetime.now(UTC),
    )
    return ouedkniss_search.parse(page, origin)


def _country_named(body: bytes) -> str | None:
    if found := _COUNTRY.search(body):
        return found.group(1).decode().lower()
    hosts = [host.decode() for host in _HOST.findall(body)]
    return markets.country_of(max(hosts, key=hosts.count)) if hosts else None


def _address_named(body: bytes, domain: str) -> str:
    found = _ADDRESS.search(body)
    address = (found.group(1) or found.group(2)).decode() if found else "/"
    return address if address.startswith("http") else f"https://{domain}{address}"
