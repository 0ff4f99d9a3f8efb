from __future__ import annotations

import time

from pipelines.gone import Gone
from pipelines.intake import Intake
from pipelines.reject import Reject
from tests.pipelines.offers import NOON, crawl, offer


def gone(number: int) -> Gone:
    url = f"https://www.jumia.ma/casque-{number}.html"
    return Gone(marketplace="jumia", country="ma", url=url, reason="page/product_gone: x", observed_at=NOON)


def test_a_batch_holds_what_came_since_the_last_and_each_listing_once_a_crawl() -> None:
    intake = Intake()
    assert [intake.add(item) for item in (offer(1), offer(2), offer(1), Reject(url="u", reason="a/b", raw={}))] == [
        *(True, True, False, True),
    ]
    assert intake.waiting == 3
    first = intake.take(crawl())
    assert first is not None
    assert ([item.external_id for item in first.offers], len(first.rejects)) == (["SKU00001", "SKU00002"], 1)
    assert first.first_sightings == 2
    intake.add(offer(2))
    assert intake.take(crawl()) is None
    intake.add(offer(3))
    assert intake.take(crawl()) is not None
    assert (intake.offers, intake.coverage.offers) == (3, 3)


def test_words_of_gone_listings_wait_for_the_end() -> None:
    intake = Intake()
    intake.add(gone(1))
    assert (intake.waiting, intake.take(crawl()), len(intake.gone)) == (0, None, 1)


def test_a_batch_grows_old_with_its_first_offer() -> None:
    intake = Intake()
    assert not intake.older_than(0.0)
    intake.add(offer(1))
    time.sleep(0.01)
    intake.add(offer(2))
    assert intake.older_than(0.005)
    intake.take(crawl())
    assert not intake.older_than(0.0)


def test_rejects_alone_grow_old_too() -> None:
    intake = Intake()
    intake.add(Reject(url="u", reason="a/b", raw={}))
    assert intake.older_than(-1.0)
    assert not intake.older_than(60.0)


def test_an_offer_does_not_make_the_rejects_before_it_young_again() -> None:
    intake = Intake()
    intake.add(Reject(url="u", reason="a/b", raw={}))
    time.sleep(0.01)
    intake.add(offer(1))
    assert intake.older_than(0.008)


def test_a_shop_that_leads_most_products_to_nowhere_is_not_believed() -> None:
    intake = Intake()
    for number in range(4):
        intake.add(gone(number))
    assert intake.doubt(product_pages=0) is None  # a few dead addresses are usual
    intake.add(gone(4))
    assert intake.doubt(product_pages=5) is None
    doubt = intake.doubt(product_pages=4)
    assert doubt is not None
    assert doubt.startswith("5 of 9 product addresses lead nowhere")
