from __future__ import annotations

import tracemalloc
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.sightings import Sightings
from tests.pipelines.offers import NOON, offer


def test_a_listing_seen_twice_counts_once_whatever_the_later_sighting_says() -> None:
    seen = Sightings()
    assert seen.add(offer(1))
    assert not seen.add(offer(1, position=9, brand="Oraimo", observed_at=NOON + timedelta(minutes=5)))
    assert len(seen) == 1


def test_the_same_id_on_another_marketplace_or_in_another_country_is_another_listing() -> None:
    seen = Sightings()
    assert seen.add(offer(1))
    assert seen.add(offer(1, marketplace="ouedkniss"))
    assert seen.add(offer(1, country="ma"))
    assert len(seen) == 3


@given(st.lists(st.integers(0, 300), max_size=600))
def test_it_tells_what_a_set_would_tell(numbers: list[int]) -> None:
    seen, known = Sightings(), set()
    for number in numbers:
        assert seen.add(offer(number)) == (number not in known)
        known.add(number)
    assert len(seen) == len(known)


def test_a_million_listings_take_a_few_megabytes() -> None:
    one = offer(1)
    seen = Sightings()
    tracemalloc.start()
    try:
        for number in range(200_000):
            one.external_id = f"SKU{number}"
            assert seen.add(one)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 200_000 * 60
    assert not seen.add(one)
