"""A live mart's columns, held against real changes in a copy of the project that the real dbt parses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import config
from analytics_sql import contracts

PROJECT = config.ROOT / "analytics_sql"
MARTS = Path("models") / "marts"


class Said(NamedTuple):
    code: int
    text: str


class Copy:
    """A copy of the dbt project that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def edit(self, file: str, *replacements: tuple[str, str]) -> None:
        path = self.folder / MARTS / file
        text = path.read_text()
        for old, new in replacements:
            assert old in text, f"{file} has no {old!r}"
            text = text.replace(old, new)
        path.write_text(text)

    def contracts(self, *arguments: str) -> Said:
        """`python -m analytics_sql.contracts ...` on the copy."""
        command = [sys.executable, "-m", "analytics_sql.contracts", *arguments, "--project-dir", str(self.folder)]
        done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=120)
        return Said(done.returncode, done.stdout + done.stderr)

    def published(self) -> dict[str, contracts.Promise]:
        return contracts.promised(self.folder / "published")


@pytest.fixture(scope="module")
def parsed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that dbt has parsed, so that each change costs dbt the changed files only."""
    folder = tmp_path_factory.mktemp("copy") / "analytics_sql"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))
    return folder


@pytest.fixture
def copy(parsed_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    """The project as it is committed; what a test changes in it is put back."""
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    yield Copy(parsed_once)
    for part in ("models", "published"):
        shutil.rmtree(parsed_once / part)
        shutil.copytree(PROJECT / part, parsed_once / part)


def test_the_live_marts_keep_what_was_promised_and_all_of_it_is_recorded(manifest: dict[str, Any]) -> None:
    before, now = contracts.promised(PROJECT / "published"), contracts.contracted(manifest)
    advice = "python -m analytics_sql.contracts check says what to do"
    assert contracts.breaks(before, now, contracts.today()) == [], advice
    assert contracts.unrecorded(before, now) == [], advice


SELLER_COUNT = """      - name: seller_count
        data_type: integer
        description: "{{ doc('seller_count') }}"
        constraints:
          - {type: not_null, warn_unsupported: false}
"""
BRAND_COUNT = SELLER_COUNT.replace("seller_count", "brand_count")
SHARE = """      - name: available_share
        data_type: numeric(5,4)
"""


KEY = "    data_tests:\n      - unique_together"
TAKEN = {
    "brand_performance.yml": {
        ("- name: seller_count", "- name: shop_count"): ".seller_count is gone (dropped or renamed)",
        (SHARE, SHARE.replace("5,4", "5,3")): ".available_share was numeric(5,4) and is numeric(5,3)",
        ("brand_key]", "brand_key, brand]"): ": rows are no longer unique by marketplace, country, brand_key",
    },
    "category_niches.yml": {
        (SELLER_COUNT, ""): ".seller_count is gone (dropped or renamed)",
        (BRAND_COUNT, BRAND_COUNT.split("        constraints")[0]): ".brand_count can be null now",
        ("data_type: bigint", "data_type: integer"): ".rating_count_gain_7d was bigint and is integer",
    },
    "offer_changes.yml": {
        (KEY, "    config: {alias: changes}\n" + KEY): " is gone, or its contract is no longer enforced"
    },
    "seller_performance.yml": {
        (KEY, "    config: {contract: {enforced: false}}\n" + KEY): " is gone, or its contract is no longer enforced",
    },
    "price_history_daily.yml": {
        (KEY, "    deprecation_date: 2020-01-01\n" + KEY): ": deprecation_date 2020-01-01 has passed before",
    },
}
"""What is taken from readers, file by file, and what is said of it."""


def test_what_is_taken_from_readers_of_a_live_mart_fails_is_named_and_cannot_be_recorded(copy: Copy) -> None:
    before = copy.published()
    for file, changes in TAKEN.items():
        copy.edit(file, *changes)
    checked = copy.contracts("check")
    written = copy.contracts("write", "--manifest", str(copy.folder / "target" / "manifest.json"))
    for said in (checked, written):
        assert said.code == 1, said.text
        missing = [
            c for file, cs in TAKEN.items() for c in cs.values() if f"marts.{Path(file).stem}{c}" not in said.text
        ]
        assert missing == [], said.text
        # bigint stands at two columns of the mart.
        assert said.text.count("  marts.") == 1 + sum(map(len, TAKEN.values())), said.text
        assert "docs/CHANGE_A_MART.md" in said.text
    assert copy.published() == before


def test_a_new_column_waits_until_it_is_recorded_on_purpose(copy: Copy) -> None:
    shop_count = SELLER_COUNT.replace("seller_count", "shop_count", 1)
    copy.edit("brand_performance.yml", (SELLER_COUNT, SELLER_COUNT + shop_count))
    said = copy.contracts("check")
    assert (said.code, "not recorded yet: brand_performance" in said.text) == (1, True)
    assert "python -m analytics_sql.contracts write" in said.text
    assert copy.contracts("write").code == 0
    assert copy.published()["brand_performance"].columns["shop_count"] == "integer not null"
    assert copy.contracts("check") == Said(0, "")


PROMISE = contracts.Promise("offers", None, None, {"id": "bigint not null", "price": "numeric(14,2)"}, [["id"]])
TODAY = date(2026, 5, 10)


def test_the_order_of_columns_is_no_promise_and_a_stricter_one_breaks_nothing() -> None:
    columns = {"price": "numeric(14,2) not null", "id": "bigint not null"}
    assert contracts.breaks({"offers": PROMISE}, {"offers": replace(PROMISE, columns=columns)}, TODAY) == []
    turned = dict(reversed(PROMISE.columns.items()))
    assert contracts.unrecorded({"offers": PROMISE}, {"offers": replace(PROMISE, columns=turned)}) == []


@pytest.mark.parametrize(
    ("recorded", "said", "kept"),
    [
        (None, None, False),
        (TODAY, TODAY, False),
        (date(2026, 5, 9), date(2026, 5, 9), True),
        (None, date(2026, 5, 9), False),
    ],
    ids=["no date", "its last day", "past its date", "a date nobody could read before"],
)
def test_only_a_version_past_the_date_that_readers_could_see_may_change_and_go(
    recorded: date | None, said: date | None, kept: bool
) -> None:
    before = {"offers": replace(PROMISE, deprecation_date=recorded)}
    changed = {"offers": replace(PROMISE, deprecation_date=said, columns={"id": "bigint not null"})}
    assert (contracts.breaks(before, changed, TODAY) == []) is kept
    assert (contracts.breaks(before, {}, TODAY) == []) is kept


def test_a_date_that_is_put_off_keeps_a_version_alive_and_one_brought_forward_is_refused() -> None:
    before = {"offers": replace(PROMISE, deprecation_date=date(2026, 5, 9))}
    put_off = replace(PROMISE, deprecation_date=date(2026, 9, 1))
    assert contracts.breaks(before, {"offers": put_off}, TODAY) == []
    assert contracts.breaks({"offers": put_off}, {}, TODAY) != []
    earlier = replace(PROMISE, deprecation_date=date(2026, 6, 1))
    assert contracts.breaks({"offers": put_off}, {"offers": earlier}, TODAY) != []


def test_a_project_that_dbt_does_not_understand_is_told_as_dbt_says_it(copy: Copy) -> None:
    copy.edit("brand_performance.sql", ("ref('int_peers__compared')", "ref('nowhere')"))
    said = copy.contracts("check")
    assert said.code == 2
    assert "nowhere" in said.text
