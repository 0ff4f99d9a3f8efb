"""scrapy genspider -t marketplace NAME DOMAIN: a spider, and a page for its tests."""

from __future__ import annotations

import argparse
from importlib.resources import files
from pathlib import Path
from string import Template

from scrapy.commands.genspider import Command as ScrapyGenspider
from scrapy.commands.genspider import extract_domain, sanitize_module_name, verify_url_scheme

from config import ROOT

FIXTURES = Path("tests", "crawlers", "fixtures")
_NEXT = """
Next, as docs/ADD_A_MARKETPLACE.md says:
  1. put a real page of the shop in the place of {fixture}
  2. scrapy extract {name} {fixture}
  3. set country, currency, categories and the pattern of a product's address in the spider
  4. pytest tests/crawlers/test_spiders.py"""


class Command(ScrapyGenspider):
    """Scrapy's command; with the template `marketplace` it also writes an example page and says what to do next."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Writes the spider, then the page."""
        if opts.template == "marketplace" and len(args) == 2 and sanitize_module_name(args[0]) in self._marketplaces():
            print(f"Spider {args[0]!r} already exists")
            self.exitcode = 1
            return
        super().run(args, opts)
        if opts.template != "marketplace" or opts.list or opts.dump or len(args) != 2:
            return
        name, domain = args[0], extract_domain(verify_url_scheme(args[1]))
        if sanitize_module_name(name) in self._marketplaces():
            fixture = FIXTURES / f"{name}.html"
            if not (ROOT / fixture).exists():
                page = files("crawlers").joinpath("templates", "fixtures", "marketplace.html.tmpl").read_text("utf-8")
                (ROOT / fixture).parent.mkdir(parents=True, exist_ok=True)
                (ROOT / fixture).write_text(Template(page).substitute(name=name, domain=domain), "utf-8")
            print(_NEXT.format(fixture=fixture, name=name))

    def _marketplaces(self) -> list[str]:
        folder = ROOT / "crawlers" / "spiders"
        return [file.stem for file in folder.glob("*.py")]
