"""Rules that hold for every spider, and their arguments."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from config import ROOT
from crawlers.markets import MarketRefused
from crawlers.pages.errors import PageError
from crawlers.spiders import ouedkniss_queries
from crawlers.spiders.jumia import JumiaSpider
from crawlers.spiders.market import ArgumentError, MarketSpider
from crawlers.spiders.ouedkniss import OuedknissSpider
from crawlers.spiders.schema_org import ShopSpider
from pipelines.validate import defects
from tests.crawlers.conftest import SCRAPY

LOADER = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["crawlers.spiders"]}))
SPIDERS = [LOADER.load(name) for name in sorted(LOADER.list())]
FIXTURES = ROOT / "tests" / "crawlers" / "fixtures"

# Settings that a spider may set itself, each with the reason. None of them makes a crawl less polite.
MAY_SET = {
    "DOWNLOAD_HANDLERS": "only a handler that resolves names through the guard",
    "HTTPPROXY_ENABLED": "a proxy of the environment would resolve names without the guard",
    "DNSCACHE_ENABLED": "a name is judged anew for every connection",
    "DOWNLOAD_MAXSIZE": "less than the project's",
    "DOWNLOAD_TIMEOUT": "less than the project's",
    "DOWNLOAD_WARNSIZE": "what is too large is named, not warned of",
    "REDIRECT_MAX_TIMES": "less than Scrapy's",
}
ONLY_LESS = ("DOWNLOAD_MAXSIZE", "DOWNLOAD_TIMEOUT", "REDIRECT_MAX_TIMES")


def examples(spider: type[MarketSpider]) -> list[dict[str, str]]:
    """The arguments of each command line in a spider's docstring."""
    lines = [line.split() for line in (spider.__doc__ or "").splitlines() if f"scrapy crawl {spider.name}" in line]
    return [dict(word.split("=", 1) for word in line[3:] if word != "-a") for line in lines]


def saved_page(spider: type[MarketSpider]) -> Path:
    (found,) = FIXTURES.glob(f"{spider.name}.*")
    return found


def test_there_are_spiders() -> None:
    names = [spider.name for spider in SPIDERS]
    assert {"jumia", "ouedkniss", "tracked", "ultrapc"} <= set(names)
    assert len({spider.marketplace for spider in SPIDERS}) == len(names)


@pytest.mark.parametrize("spider", SPIDERS)
def test_every_spider_is_documented_with_an_example_and_typed_arguments(spider: type[MarketSpider]) -> None:
    assert issubclass(spider, MarketSpider)
    assert spider.__doc__
    assert examples(spider)
    for name, field in spider.arguments_type.model_fields.items():
        assert field.description, f"{spider.name}: argument {name} has no description"
        assert field.annotation not in (None, Any), f"{spider.name}: argument {name} has no type"


@pytest.mark.parametrize("spider", SPIDERS)
def test_the_examples_of_every_spider_are_arguments_it_takes(spider: type[MarketSpider]) -> None:
    for given in examples(spider):
        spider.checked(given)


@pytest.mark.parametrize("spider", SPIDERS)
def test_every_argument_has_its_row_in_the_documentation(spider: type[MarketSpider]) -> None:
    rows = re.findall(r"^\| ([^|]+) \| `(\w+)` \|", (ROOT / "docs" / "CRAWLING.md").read_text(), flags=re.M)
    own = {spider.name, "shops of schema.org"} if issubclass(spider, ShopSpider) else {spider.name}
    documented = {argument for names, argument in rows if own & {name.strip() for name in names.split(",")}}
    assert set(spider.arguments_type.model_fields) == documented


@pytest.mark.parametrize("spider", SPIDERS)
def test_no_spider_loosens_the_manners_of_the_project(spider: type[MarketSpider]) -> None:
    project = Settings()
    project.setmodule("crawlers.settings")
    own = spider.custom_settings or {}
    assert set(own) - set(MAY_SET) == set()
    assert [name for name in ONLY_LESS if name in own and own[name] > project.getint(name)] == []
    source = Path(inspect.getsourcefile(spider) or "").read_text()
    for word in ("dont_obey_robotstxt", "User-Agent", "user_agent", "download_delay", "download_slot", "Mozilla"):
        assert word not in source, f"{spider.name}: {word}"


@pytest.mark.parametrize("spider", SPIDERS)
def test_no_spider_asks_a_live_market_without_a_contact(spider: type[MarketSpider], configure: Any) -> None:
    configure(MARKETS="live")
    with pytest.raises(MarketRefused, match="CRAWLER_CONTACT"):
        spider(**next(given for given in examples(spider) if "file" not in given))


@pytest.mark.parametrize("spider", SPIDERS)
def test_every_spider_reads_its_saved_page(spider: type[MarketSpider]) -> None:
    page = spider.saved_page(saved_page(spider).read_bytes(), None, None)
    offers = spider.parse_page(page).offers
    assert offers
    for offer in offers:
        assert defects(offer) == []
        assert (offer.marketplace, offer.country) == (spider.marketplace, page.country)
        assert offer.price is not None
        assert offer.url.startswith("https://")


@pytest.mark.parametrize("spider", SPIDERS)
def test_no_spider_takes_a_page_that_is_none_for_an_empty_one(spider: type[MarketSpider]) -> None:
    for body in (b"", b"\x89PNG\r\n", b"upstream timed out", saved_page(spider).read_bytes()[:150]):
        with pytest.raises(PageError):
            spider.parse_page(spider.saved_page(body, "https://shop.example/p/1", "ma"))


def settings_in(**variables: str) -> dict[str, Any]:
    names = ["USER_AGENT", "ROBOTSTXT_OBEY", "AUTOTHROTTLE_ENABLED", "DOWNLOAD_DELAY", "TELNETCONSOLE_ENABLED"]
    code = f"import json, crawlers.settings as s; print(json.dumps({{n: getattr(s, n) for n in {names}}}))"
    import json

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=True
    )
    return dict(json.loads(ended.stdout))


def test_live_crawls_name_their_owner_obey_robots_and_keep_the_rate() -> None:
    live = settings_in(MARKETS="live", CRAWLER_CONTACT="owner@shop.example", CRAWL_REQUESTS_PER_MINUTE="120")
    assert live["USER_AGENT"].startswith("Hanout/")
    assert "owner@shop.example" in live["USER_AGENT"]
    assert "Mozilla" not in live["USER_AGENT"]
    assert live["ROBOTSTXT_OBEY"]
    assert live["AUTOTHROTTLE_ENABLED"]
    assert live["DOWNLOAD_DELAY"] == 0.5
    assert not live["TELNETCONSOLE_ENABLED"]


def test_markets_on_this_machine_are_crawled_at_full_speed_but_with_robots() -> None:
    demo = settings_in(MARKETS="demo")
    assert (demo["ROBOTSTXT_OBEY"], demo["AUTOTHROTTLE_ENABLED"], demo["DOWNLOAD_DELAY"]) == (True, False, 0)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"country": "fr"}, "country"),
        ({"category": "../etc"}, "category"),
        ({"max_pages": "0"}, "max_pages"),
        ({"max_pages": "many"}, "max_pages"),
        ({"categry": "x"}, "categry"),
        ({"start_url": "ftp://www.jumia.ma/"}, "start_url"),
        ({"start_url": "https://www.jumia.ma/x.html", "query": "y"}, "start_url stands alone"),
    ],
)
def test_a_wrong_argument_of_jumia_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(ArgumentError, match=named):
        JumiaSpider.checked(given)


@pytest.mark.parametrize(
    ("given", "named"),
    [({}, "category or a query"), ({"category": "a b"}, "no slug"), ({"max_pages": "-1"}, "max_pages")],
)
def test_a_wrong_argument_of_ouedkniss_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(ArgumentError, match=named):
        OuedknissSpider.checked(given)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "/"),
        ({"category": "telephones-smartphones"}, "/telephones-smartphones/"),
        ({"query": " redmi   note "}, "/catalog/?q=redmi+note"),
        ({"query": "café"}, "/catalog/?q=caf%C3%A9"),
        ({"category": "groceries", "query": "riz"}, "/groceries/?q=riz"),
        ({"start_url": "https://www.jumia.ma/x-12345678.html#reviews"}, "/x-12345678.html"),
        ({"start_url": "http://www.jumia.ma/a/?page=3"}, "/a/?page=3"),
    ],
)
def test_arguments_become_the_address_to_start_at(configure: Any, given: dict[str, str], address: str) -> None:
    configure(MARKETS="replay")
    assert JumiaSpider(country="ma", **given).start_addresses == [f"https://www.jumia.ma{address}"]


def test_a_start_url_of_another_shop_is_refused(configure: Any) -> None:
    configure(MARKETS="replay")
    with pytest.raises(ArgumentError, match=r"not of https://www\.jumia\.ma"):
        JumiaSpider(country="ma", start_url="https://www.jumia.com.ng/x-1.html")


def test_ouedkniss_is_not_asked_for_persons() -> None:
    for private in ("user", "displayName", "phone", "email"):
        assert private not in ouedkniss_queries.SEARCH + ouedkniss_queries.DETAILS


def test_wrong_arguments_end_the_command_with_one_clear_line(configure: Any) -> None:
    configure(MARKETS="replay")
    command = [*SCRAPY, "crawl", "jumia", "-a", "country=fr", "--nolog"]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "country: Input should be" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_live_without_contact_ends_the_command_saying_what_to_set() -> None:
    command = [*SCRAPY, "crawl", "ouedkniss", "-a", "category=telephones", "--nolog"]
    environment = os.environ | {"MARKETS": "live"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "CRAWLER_CONTACT" in ended.stdout + ended.stderr
