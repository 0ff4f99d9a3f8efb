from __future__ import annotations

from pipelines.outcome import Causes, judge


def test_a_crawl_with_offers_and_no_trouble_is_finished() -> None:
    assert judge("finished", 40, 1, Causes(), Causes()) == ("finished", None)


def test_a_crawl_without_offers_has_failed_and_says_why() -> None:
    assert judge("finished", 0, 1, Causes(["page/challenge: 403 (u)"]), Causes()) == (
        "failed",
        "no offers: page/challenge: 403 (u)",
    )


def test_a_place_that_yielded_nothing_fails_the_crawl() -> None:
    assert judge("finished", 40, 2, Causes(["page/empty: no ads under telefones (u)"]), Causes())[0] == "failed"


def test_one_bad_page_among_many_is_told_but_does_not_fail_the_crawl() -> None:
    assert judge("finished", 390, 10, Causes(), Causes(["page/truncated: u"])) == ("finished", "page/truncated: u")


def test_more_bad_pages_than_good_ones_fail_the_crawl() -> None:
    state, reason = judge("finished", 40, 3, Causes(), Causes(["page/truncated: a", "page/truncated: b"]))
    assert state == "failed"
    assert reason is not None
    assert reason.startswith("2 of 3 pages")


def test_a_crawl_that_was_stopped_has_failed() -> None:
    assert judge("shutdown", 40, 1, Causes(), Causes()) == ("failed", "stopped early: shutdown")


def test_a_long_list_of_causes_is_cut() -> None:
    _, reason = judge("finished", 1, 30, Causes(), Causes([f"cause {number}" for number in range(9)]))
    assert reason is not None
    assert reason.endswith("cause 4; and 4 more")


def test_a_long_crawl_keeps_the_first_causes_and_counts_the_others() -> None:
    troubles = Causes(f"cause {number}" for number in range(100_000))
    assert (len(troubles), len(list(troubles))) == (100_000, 5)
    _, reason = judge("finished", 1, 300_000, Causes(["start"]), troubles)
    assert reason is not None
    assert reason.startswith("start; cause 0; ")
    assert reason.endswith("; and 99996 more")


def test_to_learn_that_a_product_is_gone_is_an_answer() -> None:
    assert judge("finished", 0, 1, Causes(), Causes(), gone=1) == ("finished", None)
