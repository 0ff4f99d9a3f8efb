"""scrapy crawl, with clear errors for wrong arguments and an exit code that tells a failed crawl."""

from __future__ import annotations

import argparse

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from crawlers.markets import MarketRefused
from crawlers.spiders.market import ArgumentError, MarketSpider


class Command(ScrapyCrawl):
    """Exit codes: 0 finished, 1 failed (the reason stands in the log and in `market.crawl`), 2 wrong arguments."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Checks the arguments before anything starts, then crawls."""
        if len(args) != 1:
            raise UsageError("name one spider")
        assert self.crawler_process
        try:
            spider = self.crawler_process.spider_loader.load(args[0])
            if issubclass(spider, MarketSpider):
                spider(**opts.spargs)
        except (ArgumentError, MarketRefused, KeyError) as error:
            raise UsageError(str(error).strip("'\""), print_help=False) from None
        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        state = getattr(crawler.spider, "state", None)
        if self.crawler_process.bootstrap_failed or state == "failed":
            self.exitcode = 1
