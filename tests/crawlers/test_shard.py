from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.shard import Shard

ADDRESSES = st.lists(st.text(min_size=1).map(lambda path: f"https://www.jumia.ma/{path}"), max_size=30)


@given(addresses=ADDRESSES, count=st.integers(1, 50))
def test_of_any_place_exactly_one_shard_says_that_it_is_its(addresses: list[str], count: int) -> None:
    shards = [Shard(index, count) for index in range(count)]
    for address in addresses:
        assert sum(shard.takes(address) for shard in shards) == 1


@given(index=st.integers(0, 99_999), count=st.integers(0, 99_999))
def test_a_shard_is_read_as_it_is_written_or_refused(index: int, count: int) -> None:
    if index < count:
        assert str(Shard.parse(f"{index}/{count}")) == f"{index}/{count}"
    else:
        with pytest.raises(ValueError, match="no shard"):
            Shard.parse(f"{index}/{count}")


def test_a_place_is_the_same_shards_on_every_machine_and_in_every_release() -> None:
    categories = ["electronique", "epicerie", "fashion-mode", "telephone-tablette"]
    taken = [
        next(index for index in range(4) if Shard(index, 4).takes(f"https://www.jumia.ma/{name}/"))
        for name in categories
    ]
    assert taken == [3, 1, 0, 1]


def test_places_spread_evenly() -> None:
    taken = [sum(Shard(index, 4).takes(f"https://www.jumia.ma/p-{n}.html") for n in range(4000)) for index in range(4)]
    assert sum(taken) == 4000
    assert min(taken) > 900


@pytest.mark.parametrize("wrong", ["4/4", "1", "a/b", "-1/4", "1/0", "1/4/2", "", "0/999999", "1.5/4"])
def test_what_is_no_shard_is_refused_saying_how_to_write_one(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"0/4|counted from 0"):
        Shard.parse(wrong)
