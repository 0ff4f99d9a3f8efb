"""Whatever a shop writes into a document, it can be stored, and what stands beside it is not touched."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import records
from pipelines.copy_rows import key, said
from pipelines.documents import as_json, dumped
from pipelines.reject import Reject
from tests.pipelines.offers import NOON, batch, offer


class Mute:
    def __str__(self) -> str:
        raise RuntimeError


class Colour(Enum):
    RED = 10**30


DEEP: Any = 1
for _ in range(300):
    DEEP = {"a": DEEP}
LOOP: list[Any] = []
LOOP.append(LOOP)

ODD: list[tuple[Any, Any]] = [
    (10**30, "1" + "0" * 30),
    (-(10**30), "-1" + "0" * 30),
    ([10**5000], [f"an integer of {(10**5000).bit_length()} bits"]),
    ("a\ud800b", "a?b"),
    ({"a\ud800": 1}, {"a?": 1}),
    ({10**30: 1}, {"1" + "0" * 30: 1}),
    (Colour.RED, "1" + "0" * 30),
    (Mute(), "an unspeakable Mute"),
    ({(1, 2): 10**30}, {"(1, 2)": "1" + "0" * 30}),
    ([2**64 - 1, -(2**63), 2**64], [2**64 - 1, -(2**63), str(2**64)]),
]


@pytest.mark.parametrize(("odd", "told"), ODD)
def test_what_json_cannot_hold_is_told_as_text(odd: Any, told: Any) -> None:
    beside = {
        "when": datetime(2026, 5, 1, tzinfo=UTC),
        "price": Decimal("5.00"),
        "id": uuid.UUID(int=1),
        "x": [1.5, None],
    }
    plain = orjson.loads(dumped(beside))
    assert orjson.loads(dumped({"odd": odd} | beside)) == {"odd": told} | plain
    assert orjson.loads(as_json({"odd": odd})) == {"odd": told}


@pytest.mark.parametrize("deep", [DEEP, LOOP])
def test_what_is_too_deep_is_cut(deep: Any) -> None:
    document = dumped({"deep": deep, "beside": "x"})
    assert b"deeper than 100 levels" in document
    assert orjson.loads(document)["beside"] == "x"


TEXTS = st.text(st.characters(codec=None), max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS | st.integers(), inner), max_leaves=9
)


@given(ANYTHING)
def test_a_document_of_anything_is_one_that_postgresql_takes(value: Any) -> None:
    document = as_json(value)
    orjson.loads(document)
    assert "\\u0000" not in document.replace("\\\\", "")
    document.encode()


def test_an_odd_record_comes_back_from_the_spool_and_its_neighbours_as_they_were() -> None:
    fine = offer(1, old_price=Decimal("1500.50"), attributes={"a": "ب"})
    odd = offer(2, title="half \ud83d", views=10**30)
    sent = batch(fine, odd, rejects=[Reject(url="u", reason="page/odd", raw={"deep": DEEP, "count": 10**30})])
    read = records.from_bytes(records.to_bytes(sent))
    assert isinstance(read, records.Batch)
    assert (read.offers[0], read.id, read.crawl) == (fine, sent.id, sent.crawl)
    assert (read.offers[1].title, read.offers[1].observed_at) == ("half ?", NOON)
    assert read.rejects[0].raw["count"] == "1" + "0" * 30


@pytest.mark.parametrize("external_id", ["SKU\ud8001", "SKU\x001", "SKU\n1\t", "\x01", "قلم 1\x85"])
def test_a_listing_has_the_same_name_whether_it_went_over_the_spool_or_not(external_id: str) -> None:
    sent = batch(offer(external_id=external_id))
    read = records.from_bytes(records.to_bytes(sent))
    assert isinstance(read, records.Batch)
    for write in (key, said):
        direct, spooled = write(sent.offers[0]), write(read.offers[0])
        assert direct.encode("utf-8", "replace") == spooled.encode("utf-8", "replace")
        assert direct.replace("\x01", "").replace("\t", "").isprintable() or "\ud800" in direct
