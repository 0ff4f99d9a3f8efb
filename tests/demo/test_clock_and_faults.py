import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from demo.clock import ClockError, MarketClock


def test_a_new_world_began_as_many_days_ago_as_the_demo_lasts(tmp_path):
    clock = MarketClock(tmp_path, seed=3, days=14)
    assert clock.epoch == datetime.now(UTC).date() - timedelta(days=14)
    assert clock.live
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_second_start_continues_the_same_world_at_the_same_time(tmp_path):
    first = MarketClock(tmp_path, seed=3, days=14)
    first.set((first.start_of(5)).isoformat())
    second = MarketClock(tmp_path, seed=99, days=30)
    assert (second.seed, second.epoch, second.now()) == (3, first.epoch, first.now())
    second.set(None)
    assert MarketClock(tmp_path, seed=3, days=14).live


def test_the_clock_answers_and_is_set_over_http(shop):
    assert shop.get("/_market/clock").get_json() == {
        "now": "2026-05-11T12:00:00+00:00",
        "live": False,
        "day": 10,
        "epoch": "2026-05-01",
        "seed": 7,
    }
    assert shop.put("/_market/clock", json={"now": "2026-05-12T02:00:00+01:00"}).get_json()["day"] == 11
    assert shop.put("/_market/clock", json={"now": None}).get_json()["live"] is True


@pytest.mark.parametrize(
    "wrong", ["tomorrow", "2026-05-12T12:00:00", "2026-04-30T23:00:00Z", "2080-01-01T00:00:00Z", 5]
)
def test_times_that_the_world_cannot_have_are_refused(market, shop, wrong):
    with pytest.raises(ClockError):
        market.clock.set(wrong)
    answer = shop.put("/_market/clock", json={"now": wrong})
    assert answer.status_code == 400
    assert "now" in answer.get_json()["error"]
    assert market.clock.state()["day"] == 10


@pytest.mark.parametrize("body", [None, [], {}, {"time": "2026-05-12T12:00:00Z"}])
def test_a_body_without_a_time_does_not_touch_the_clock(shop, body):
    assert shop.put("/_market/clock", json=body).status_code == 400
    assert shop.get("/_market/clock").get_json()["live"] is False


def test_a_page_can_be_cut_in_half(shop):
    whole = shop.get("/epicerie/").data
    shop.put("/_market/faults", json={"path": "/epicerie/", "truncate": 0.5})
    answer = shop.get("/epicerie/")
    assert answer.status_code == 200
    assert answer.data == whole[: len(whole) // 2]
    assert shop.get("/epicerie/").data == whole


def test_a_connection_can_break_in_the_middle_of_a_page(serve):
    served = serve()
    httpx.put(f"{served.shop}/_market/faults", json={"truncate": 0.5, "cut": True}, trust_env=False)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{served.shop}/epicerie/", trust_env=False)


def test_a_bot_check_can_stand_before_a_page_for_some_requests(shop):
    shop.put("/_market/faults", json={"path": "/epicerie/", "challenge": True, "times": 2})
    for _ in range(2):
        answer = shop.get("/epicerie/")
        assert answer.status_code == 403
        assert "Just a moment..." in answer.text
        assert answer.headers["X-Market-Time"]
    assert shop.get("/epicerie/").status_code == 200


def test_an_answer_can_be_late_or_something_else_entirely(shop, classifieds):
    shop.put("/_market/faults", json={"path": "/robots.txt", "delay_seconds": 0.2})
    begun = time.monotonic()
    shop.get("/robots.txt")
    assert time.monotonic() - begun >= 0.2
    body = json.dumps({"errors": [{"message": "Internal server error"}]})
    shop.put("/_market/faults", json={"path": "/graphql", "body": body, "content_type": "application/json"})
    answer = classifieds.post("/graphql", json={})
    assert (answer.status_code, answer.get_json()) == (200, json.loads(body))


def test_faults_are_listed_cleared_and_checked(shop):
    assert shop.put("/_market/faults", json=[{"status": 500}, {"challenge": True}]).status_code == 200
    assert len(shop.get("/_market/faults").get_json()) == 2
    assert shop.delete("/_market/faults").get_json() == []
    assert shop.get("/").status_code == 200
    assert shop.put("/_market/faults", json={"statuss": 500}).status_code == 400
