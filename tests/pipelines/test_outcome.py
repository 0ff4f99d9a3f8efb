from __future__ import annotations

from pipelines.outcome import judge


def test_a_crawl_with_offers_and_no_trouble_is_finished() -> None:
    assert judge("finished", 40, 1, [], []) == ("finished", None)


def test_a_crawl_without_offers_has_failed_and_says_why() -> None:
    assert judge("finished", 0, 1, ["page/challenge: 403 (u)"], []) == ("failed", "no offers: page/challenge: 403 (u)")


def test_a_place_that_yielded_nothing_fails_the_crawl() -> None:
    assert judge("finished", 40, 2, ["page/empty: no ads under telefones (u)"], [])[0] == "failed"


def test_one_bad_page_among_many_is_told_but_does_not_fail_the_crawl() -> None:
    assert judge("finished", 390, 10, [], ["page/truncated: u"]) == ("finished", "page/truncated: u")


def test_more_bad_pages_than_good_ones_fail_the_crawl() -> None:
    state, reason = judge("finished", 40, 3, [], ["page/truncated: a", "page/truncated: b"])
    assert state == "failed"
    assert reason is not None
    assert reason.startswith("2 of 3 pages")


def test_a_crawl_that_was_stopped_has_failed() -> None:
    assert judge("shutdown", 40, 1, [], []) == ("failed", "stopped early: shutdown")


def test_a_long_list_of_causes_is_cut() -> None:
    _, reason = judge("finished", 1, 30, [], [f"cause {number}" for number in range(9)])
    assert reason is not None
    assert reason.endswith("cause 4; and 4 more")
