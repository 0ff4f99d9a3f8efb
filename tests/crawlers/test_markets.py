from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ROOT
from crawlers import markets
from crawlers.pages.prices import parse_price


def test_live_is_refused_without_a_contact_and_says_what_to_set(configure: Any) -> None:
    live = configure(MARKETS="live")
    for refused in (lambda: markets.jumia("ma", live), lambda: markets.ouedkniss(live)):
        with pytest.raises(markets.MarketRefused, match="CRAWLER_CONTACT"):
            refused()


def test_live_asks_the_real_hosts_over_https(configure: Any) -> None:
    live = configure(MARKETS="live", CRAWLER_CONTACT="owner@shop.example")
    assert markets.jumia("ma", live).request_origin == "https://www.jumia.ma"
    assert markets.ouedkniss(live).request_origin == "https://api.ouedkniss.com"
    assert markets.ouedkniss(live).public_origin == "https://www.ouedkniss.com"
    assert markets.proxy(live) is None


def test_the_closed_algerian_shop_is_refused_in_live_and_open_in_replay(configure: Any) -> None:
    with pytest.raises(markets.MarketRefused, match="closed"):
        markets.jumia("dz", configure(MARKETS="live", CRAWLER_CONTACT="owner@shop.example"))
    assert markets.jumia("dz", configure(MARKETS="replay")).currency == "DZD"


def test_replay_stores_the_real_addresses_and_asks_for_them_through_the_proxy(configure: Any) -> None:
    replay = configure(MARKETS="replay", REPLAY_PORT=8999)
    market = markets.jumia("gh", replay)
    assert market.to_request("https://www.jumia.com.gh/a/?q=b") == "http://www.jumia.com.gh/a/?q=b"
    assert market.to_public("http://www.jumia.com.gh/a/?q=b") == "https://www.jumia.com.gh/a/?q=b"
    assert markets.proxy(replay) == "http://127.0.0.1:8999"


def test_demo_is_on_this_machine_and_has_one_country(configure: Any) -> None:
    demo = configure(MARKETS="demo", DEMO_JUMIA_PORT=8123)
    assert markets.jumia("dz", demo).public_origin == "http://127.0.0.1:8123"
    with pytest.raises(markets.MarketRefused, match="dz only"):
        markets.jumia("ma", demo)


def test_hosts_of_closed_shops_are_still_recognised() -> None:
    assert markets.country_of("www.jumia.dz") == markets.country_of("www.jumia.com.dz") == "dz"
    assert markets.country_of("www.jumia.com.ng") == "ng"
    assert markets.country_of("www.example.com") is None


@pytest.mark.parametrize("country", sorted(markets.JUMIA))
def test_the_table_of_shops_says_what_the_code_says(country: str) -> None:
    shop = markets.JUMIA[country]
    state = f"closed {shop.closed_on.isoformat()}" if shop.closed_on else "alive"
    cells = [
        country,
        shop.domain,
        shop.currency,
        ", ".join(shop.languages),
        shop.amounts.written(Decimal("12345.5")),
        state,
    ]
    assert f"| {' | '.join(cells)} |\n" in (ROOT / "docs" / "CRAWLING.md").read_text()


@pytest.mark.parametrize("country", sorted(markets.JUMIA))
@given(cents=st.integers(1, 10**11))
def test_an_amount_is_read_as_its_shop_writes_it(country: str, cents: int) -> None:
    amounts = markets.JUMIA[country].amounts
    amount = Decimal(cents).scaleb(-2) if amounts.decimals else Decimal(cents)
    assert parse_price(amounts.written(amount)).low == amount


PRICES = {
    "ma-2026-04-search-laptop-desktop-fr": "ma",
    "ma-2026-04-category-phones-mobile-fr": "ma",
    "gh-2025-06-21-search-laptop-desktop": "gh",
    "ng-2026-02-product-five-left": "ng",
}


@pytest.mark.parametrize(("name", "country"), PRICES.items())
def test_real_pages_write_amounts_as_their_shop_is_said_to(shared: Path, name: str, country: str) -> None:
    text = (shared / "real/jumia/pages" / f"{name}.html").read_text(errors="replace")
    written = set(re.findall(r'"price":"([^"\\-]*\d[^"\\-]*)"', text)) - {""}
    told = [one for one in written if not one.replace(".", "").isdigit()]
    assert told
    amounts = markets.JUMIA[country].amounts
    assert [one for one in told if amounts.written(parse_price(one).low) != one] == []


def test_a_shops_hosts_share_one_limit_and_others_have_their_own() -> None:
    assert markets.slot("static.jumia.ma") == markets.slot("www.jumia.ma") == "www.jumia.ma"
    assert markets.slot("static.jumia.com.ng") == "www.jumia.com.ng"
    assert markets.slot("static.example.com") == "static.example.com"


def test_sitemaps_are_asked_where_the_market_is(configure: Any) -> None:
    live = configure(MARKETS="live", CRAWLER_CONTACT="owner@shop.example")
    assert markets.jumia("ng", live).sitemap == "https://static.jumia.com.ng/index-sitemap.xml"
    assert markets.jumia("ng", live).hosts == ["static.jumia.com.ng", "www.jumia.com.ng"]
    demo = configure(MARKETS="demo", DEMO_JUMIA_PORT=8123)
    assert markets.jumia("dz", demo).sitemap == "http://127.0.0.1:8123/index-sitemap.xml"
