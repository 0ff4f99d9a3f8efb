"""scrapy extract MARKETPLACE FILE: what a page object reads in a saved page, for anyone who mends one."""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import orjson
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from crawlers.pages.errors import LayoutChanged, PageError
from crawlers.spiders.market import MarketSpider

NOT_UNDERSTOOD = 3
STANDARD_INPUT = "-"


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
        parser.add_argument("--country", metavar="CC", help="the shop's country, ISO 3166-1 alpha-2, lower case")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reads the file and prints what is in it."""
        loader = get_spider_loader(self.settings)
        spiders = {spider.marketplace: spider for spider in map(loader.load, loader.list()) if _reads_pages(spider)}
        if len(args) != 2 or args[0] not in spiders:
            raise UsageError(f"name a marketplace ({', '.join(sorted(spiders))}) and a file")
        spider = spiders[args[0]]
        body = _body(args[1])
        try:
            found = spider.parse_page(spider.saved_page(body, opts.url, opts.country))
            if not found.offers:
                raise LayoutChanged("the page has no product")
        except PageError as error:
            print(f"{error.name}: {error}", file=sys.stderr)
            self.exitcode = NOT_UNDERSTOOD
            return
        for offer in found.offers:
            print(orjson.dumps(offer, default=_as_text).decode())
        for remark in [*found.troubles, *(reject.reason for reject in found.rejects)]:
            print(remark, file=sys.stderr)


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


def _reads_pages(spider: type[Any]) -> bool:
    return issubclass(spider, MarketSpider)
