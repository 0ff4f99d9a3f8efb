from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pipelines.sightings import Sightings
from tests.pipelines.offers import NOON, offer

LATER = NOON + timedelta(minutes=5)


def test_a_listing_seen_twice_counts_once() -> None:
    seen = Sightings()
    assert seen.add(offer(1))
    assert not seen.add(offer(1, position=9))
    offers, first = seen.take()
    assert (len(offers), first) == (1, 1)
    assert offers[0].position == 1


def test_a_later_sighting_completes_the_first_while_it_waits() -> None:
    seen = Sightings()
    seen.add(offer(1, brand=None, availability="unknown"))
    seen.add(offer(1, brand="Oraimo", availability="low_stock", stock_left=5, price=Decimal(9), observed_at=LATER))
    (only,), _ = seen.take()
    assert (only.brand, only.availability, only.stock_left) == ("Oraimo", "low_stock", 5)
    assert (only.price, only.observed_at) == (Decimal("1250.00"), NOON)


def test_a_sighting_that_adds_something_after_the_first_was_sent_is_sent_completed() -> None:
    seen = Sightings()
    seen.add(offer(1))
    seen.take()
    assert not seen.add(offer(1, position=None, stock_left=5, availability="low_stock", observed_at=LATER))
    (completed,), first = seen.take()
    assert first == 0
    assert (completed.position, completed.stock_left, completed.observed_at) == (1, 5, LATER)


def test_a_sighting_that_adds_nothing_is_not_sent_again() -> None:
    seen = Sightings()
    seen.add(offer(1))
    seen.take()
    seen.add(offer(1, observed_at=LATER))
    assert seen.take() == ([], 0)


def test_what_was_sent_is_not_changed_afterwards() -> None:
    seen = Sightings()
    seen.add(offer(1))
    (sent,), _ = seen.take()
    seen.add(offer(1, stock_left=5, observed_at=LATER))
    assert sent.stock_left is None
