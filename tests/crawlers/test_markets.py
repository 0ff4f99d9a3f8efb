from __future__ import annotations

from typing import Any

import pytest

from crawlers import markets


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
