from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from pipelines.spool import DiskFull, Spool, SpoolFull
from tests.pipelines.offers import batch, offer


def test_a_spool_without_room_says_what_to_do(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 3000)
    spool.add(batch(offer(1), offer(2)))
    with pytest.raises(SpoolFull, match=r"spool holds \d+ bytes, SPOOL_MAX_MB allows 3000: raise it, or start Postgre"):
        spool.add(batch(offer(3), offer(4), offer(5)))
    assert len(spool.pending()) == 1
    spool.add(batch(offer(3), offer(4), offer(5)), last=True)
    assert len(spool.pending()) == 2


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_takes_no_more_is_named_and_nothing_half_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: int
) -> None:
    def fail(_: int) -> None:
        raise OSError(problem, os.strerror(problem))

    spool = Spool(tmp_path / "spool", 10**9)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskFull, match=f"spool: {os.strerror(problem)}: free space"):
        spool.add(batch(offer(1)), last=True)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskFull, match="Not a directory"):
        Spool(tmp_path / "file" / "spool", 10**9).add(batch(offer(1)))


def test_what_a_killed_process_had_begun_to_write_is_forgotten_after_an_hour(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10**9)
    old, new = tmp_path / "1.partial", tmp_path / "2.partial"
    for file in (old, new):
        file.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    spool.forget_abandoned()
    assert list(tmp_path.iterdir()) == [new]
    assert spool.pending() == []


def test_a_spool_that_nothing_was_ever_written_to_is_empty(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "none", 10)
    spool.forget_abandoned()
    assert spool.pending() == []


def test_records_that_another_process_takes_meanwhile_are_no_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, 10**9)
    there = spool.add(batch(offer(1)))
    monkeypatch.setattr(spool, "pending", lambda: [tmp_path / "taken.json", there, tmp_path / "taken.1.json"])
    spool.add(batch(offer(2)))
    assert spool.due() == [tmp_path / "taken.json", there]
    spool.remove(tmp_path / "taken.json")
    spool.refuse(tmp_path / "taken.json")
    assert spool.read(tmp_path / "taken.json") is None


def test_a_damaged_record_that_another_process_sets_aside_first_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, 10**9)
    path = spool.add(batch(offer(1)))
    monkeypatch.setattr(Path, "read_bytes", lambda read: read.unlink() or b"{}")
    assert spool.read(path) is None


def test_refusals_are_counted_in_the_name_and_what_is_set_aside_takes_no_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 2000)
    path = spool.add(batch(offer(1), offer(2)), refused=True)
    name = path.name.partition(".")[0]
    names = [path.name]
    for _ in range(2):
        path = spool.refuse(path)
        names.append(path.name)
    assert names == [f"{name}.1.json", f"{name}.2.json", f"{name}.refused"]
    assert (spool.pending(), spool.set_aside()) == ([], [path])
    spool.add(batch(offer(1), offer(2)))
    with pytest.raises(SpoolFull):
        spool.add(batch(offer(1), offer(2)))
