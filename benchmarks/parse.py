"""Reading a desktop listing, from its bytes to offers, against the usual extraction of the same fields with parsel.

The usual way is that of a tutorial: one Selector for the page, one `.css()` for each field of each card.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from parsel import Selector

from benchmarks import Row
from config import ROOT
from crawlers import markets
from crawlers.pages import jumia
from crawlers.pages.page import Page

REAL = ROOT.parent / "shared" / "real" / "jumia" / "pages"
PAGES = {
    "ma-2026-04-search-laptop-desktop-fr.html": "/catalog/?q=laptop&page=1",
    "gh-2025-06-21-search-laptop-desktop.html": "/catalog/?q=laptop",
}
REPEATS = 15
PER_TURN = 5
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
_BOUND = "bounded by orjson for half of it, then by making 40 objects of 26 fields"


def pages() -> list[tuple[str, Page]]:
    """The real listings where they are at hand, else one that the crawl's benchmark makes."""
    found = []
    for name, path in PAGES.items():
        if (REAL / name).exists():
            country = name[:2]
            found.append((f"a real listing of {country}", _page((REAL / name).read_bytes(), country, path)))
    if not found:
        from benchmarks.crawl import page as made_page

        found.append(("a made listing", _page(made_page(1), "dz", "/bench/")))
    return found


def _page(body: bytes, country: str, path: str) -> Page:
    shop = markets.JUMIA[country]
    address = f"https://{shop.domain}{path}"
    return Page(body=body, url=address, country=country, currency=shop.currency, observed_at=NOON)


def usual(page: Page) -> list[dict[str, Any]]:
    """What a spider of a tutorial reads: the same fields, as text."""
    document = Selector(text=page.body.decode())
    return [
        {
            "sku": card.css("a.core::attr(data-gtm-id)").get(),
            "url": urljoin(page.url, card.css("a.core::attr(href)").get() or ""),
            "title": card.css("h3.name::text").get(),
            "brand": card.css("a.core::attr(data-gtm-brand)").get(),
            "category": (card.css("a.core::attr(data-gtm-category)").get() or "").split("/"),
            "price": card.css(".prc::text").get(),
            "old_price": card.css(".old::text").get(),
            "rating": card.css(".stars::text").get(),
            "rating_count": card.css(".rev::text").get(),
            "official": bool(card.css(".bdg._mall")),
            "abroad": bool(card.css(".bdg._glb")),
            "express": bool(card.css("svg.xprss")),
            "image": card.css("img.img::attr(data-src)").get(),
            "position": position,
        }
        for position, card in enumerate(document.css("article.c-prd"), 1)
    ]


def thrifty(page: Page) -> list[dict[str, Any]]:
    """The same by somebody who counts: the attributes of a card's link are taken at once, without a query each."""
    document = Selector(text=page.body.decode())
    found = []
    for position, card in enumerate(document.css("article.c-prd"), 1):
        core = card.css("a.core").attrib
        found.append(
            {
                "sku": core.get("data-gtm-id"),
                "url": urljoin(page.url, core.get("href", "")),
                "title": card.css("h3.name::text").get(),
                "brand": core.get("data-gtm-brand"),
                "category": core.get("data-gtm-category", "").split("/"),
                "price": card.css(".prc::text").get(),
                "old_price": card.css(".old::text").get(),
                "rating": card.css(".stars::text").get(),
                "rating_count": card.css(".rev::text").get(),
                "badges": card.css(".bdg::attr(class)").getall(),
                "express": bool(card.css("svg.xprss")),
                "image": card.css("img.img::attr(data-src)").get(),
                "position": position,
            }
        )
    return found


def timed(work: Callable[[Page], object], page: Page) -> float:
    """Seconds of processor time that one of PER_TURN readings takes."""
    gc.collect()
    start = time.process_time()
    for _ in range(PER_TURN):
        work(page)
    return (time.process_time() - start) / PER_TURN


def run() -> list[Row]:
    """Times all by turns, REPEATS times each page; ratios are of the same turn, the median counts."""
    return [row for name, page in pages() for row in _rows(name, page)]


def _rows(name: str, page: Page) -> list[Row]:
    assert len(jumia.parse(page).offers) == len(usual(page)) == len(thrifty(page)) == 40
    turns = [(timed(jumia.parse, page), timed(usual, page), timed(thrifty, page)) for _ in range(REPEATS)]
    size = f"{len(page.body) // 1000} kB, 40 offers, {REPEATS} turns of {PER_TURN} pages"
    return [
        _row(f"reading {name} against the usual CSS extraction", [turn[:2] for turn in turns], ">= 12", size),
        _row(f"reading {name} against a thrifty one", [(turn[0], turn[2]) for turn in turns], "", size),
    ]


def _row(name: str, turns: list[tuple[float, float]], goal: str, size: str) -> Row:
    ours, other = (statistics.median(turn[side] for turn in turns) for side in (0, 1))
    ratios = [usually / our for our, usually in turns]
    return Row(
        name=f"{name} of the same fields",
        ratio=statistics.median(ratios),
        ours=f"{ours * 1000:.2f} ms a page",
        other=f"{other * 1000:.2f} ms a page",
        goal=goal,
        note=f"{size}; {_BOUND}",
        samples=ratios,
    )
