"""scrapy extract MARKETPLACE FILE: what a page object reads in a saved page, for anyone who mends one."""

from __future__ import annotations

import argparse
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from crawlers.pages.errors import LayoutChanged, PageError
from crawlers.pages.page import Found
from crawlers.spiders.market import MarketSpider

NOT_UNDERSTOOD = 3
STANDARD_INPUT = "-"
UNEXPECTED = "page/unexpected"
_COUNTRY = re.compile(r"[a-z]{2}")


class Command(ScrapyCommand):
    """Prints offers as JSON lines; exit code 3 and the reason on stderr for a page that is not understood."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Scrapy's usage line."""
        return "[options] <marketplace> <file, or - for standard input>"

    def short_desc(self) -> str:
        """Scrapy's help line."""
        return "Print the offers of a saved page as JSON lines"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--url and --country, for what the page itself does not say."""
        super().add_options(parser)
        parser.add_argument("--url", help="the address that the page had")
        parser.add_argument("--country", metavar="CC", help="the shop's country, ISO 3166-1 alpha-2")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reads the file and prints what is in it."""
        loader = get_spider_loader(self.settings)
        spiders: dict[str, type[MarketSpider]] = {
            spider.marketplace: spider for spider in map(loader.load, loader.list()) if issubclass(spider, MarketSpider)
        }
        if len(args) != 2 or args[0] not in spiders:
            raise UsageError(f"name a marketplace ({', '.join(sorted(spiders))}) and a file")
        url, country = _address(opts.url), _country(opts.country)
        body = _body(args[1])
        try:
            found = _found(spiders[args[0]], body, url, country)
            lines = [orjson.dumps(offer, default=_as_text).decode() for offer in found.offers]
        except PageError as error:
            self._refuse(error.name, str(error))
            return
        except Exception as error:  # a page that nobody has seen is no reason for a traceback
            self._refuse(UNEXPECTED, f"{type(error).__name__}: {error}")
            return
        for line in lines:
            print(line)
        for remark in [*found.troubles, *(reject.reason for reject in found.rejects)]:
            print(_printable(remark), file=sys.stderr)

    def _refuse(self, name: str, reason: str) -> None:
        print(_printable(f"{name}: {reason}"), file=sys.stderr)
        self.exitcode = NOT_UNDERSTOOD


def _found(spider: type[MarketSpider], body: bytes, url: str | None, country: str | None) -> Found:
    found = spider.parse_page(spider.saved_page(body, url, country))
    if not found.offers:
        raise LayoutChanged("the page has no product")
    return found


def _address(given: str | None) -> str | None:
    """Raises UsageError for what is no address of a page."""
    if given is None:
        return None
    try:
        split = urlsplit(given.strip())
        if split.scheme in ("http", "https") and split.hostname and split.port != 0:
            return given.strip()
    except ValueError:
        pass
    raise UsageError(f"--url: {given!r} is no address that begins with https:// or http://", print_help=False)


def _country(given: str | None) -> str | None:
    """The code in lower case; raises UsageError for what is none."""
    code = given.strip().lower() if given is not None else None
    if code is not None and not _COUNTRY.fullmatch(code):
        raise UsageError(f"--country: {given!r} is no code of ISO 3166-1 alpha-2, such as ma", print_help=False)
    return code


def _body(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}", print_help=False) from None


def _as_text(value: object) -> str:
    """A decimal as digits, never with an exponent."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is no field of an offer")


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
