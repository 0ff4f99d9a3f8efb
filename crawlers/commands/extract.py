"""scrapy extract MARKETPLACE FILE: what a page object reads in a saved page, for anyone who mends one."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import orjson
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from crawlers.pages.errors import PageError
from crawlers.spiders.market import MarketSpider

NOT_UNDERSTOOD = 3


class Command(ScrapyCommand):
    """Prints offers as JSON lines; exit code 3 and the reason on stderr for a page that is not understood."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Scrapy's usage line."""
        return "[options] <marketplace> <file>"

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
        try:
            body = Path(args[1]).read_bytes()
        except OSError as error:
            raise UsageError(f"{args[1]}: {error.strerror}", print_help=False) from None
        spider = spiders[args[0]]
        try:
            found = spider.parse_page(spider.saved_page(body, opts.url, opts.country))
        except PageError as error:
            print(f"{error.name}: {error}", file=sys.stderr)
            self.exitcode = NOT_UNDERSTOOD
            return
        for offer in found.offers:
            print(orjson.dumps(asdict(offer), default=str).decode())
        for reject in found.rejects:
            print(reject.reason, file=sys.stderr)


def _reads_pages(spider: type[Any]) -> bool:
    return issubclass(spider, MarketSpider)
