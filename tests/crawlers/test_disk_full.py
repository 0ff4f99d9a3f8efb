"""PostgreSQL is away and the disk is full: the crawl stops, says what to do, and nothing half written is left."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.crawlers.conftest import Crawl, Shop
from tests.crawlers.test_bad_crawls import listing, product, rows

PAGES = 6
PER_PAGE = 40
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 100 kB: room for two batches."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_stops_the_crawl_and_what_was_kept_is_stored_later_once(
    small_disk: Path, shop: Shop, crawl: Crawl, work: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, PAGES + 1):
        path = f"/t/?page={number}" if number > 1 else "/t/"
        products = [product((number - 1) * PER_PAGE + n) for n in range(1, PER_PAGE + 1)]
        shop[path] = listing(*products, following=f"/t/?page={number + 1}" if number < PAGES else "")
    monkeypatch.setenv("DATA_DIR", str(small_disk))
    monkeypatch.setenv("STORE_BATCH_SIZE", "40")
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    done = crawl("jumia", category="t")
    assert done.returncode == 1
    assert f"{small_disk}/spool: No space left on device: free space on that disk, or start PostgreSQL" in done.stderr
    assert "Closing spider (disk_full)" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((small_disk / "spool").glob("*.partial")) == []
    waiting = [json.loads(file.read_bytes())["kind"] for file in (small_disk / "spool").glob("*.json")]
    batches = waiting.count("batch")
    assert batches >= 1
    lost = done.stderr.count("Lost: 40 offers and 0 rejects, which neither PostgreSQL nor the disk took")
    assert lost >= 1

    monkeypatch.setenv("DATABASE_URL", database_url)
    assert crawl("jumia", category="t").returncode == 0
    assert list((small_disk / "spool").glob("*.json")) == []
    assert rows(work, "select count(*), count(distinct listing_id) from market.observation") == [(240, 240)]
    states = rows(work, "select state, offers, observations from market.crawl order by started_at")
    kept = 40 * batches
    assert states == [("failed", kept, kept), ("finished", 240, 240 - kept)]
    reason = rows(work, "select reason from market.crawl order by started_at limit 1")[0][0]
    assert reason.startswith("stopped early: disk_full" if "end" in waiting else "interrupted")
