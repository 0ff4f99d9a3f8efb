"""Records on disk while PostgreSQL is away: written whole or not at all, oldest first, bounded."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from pathlib import Path

from pipelines import records

log = logging.getLogger(__name__)


_ABANDONED_SECONDS = 3600.0
_REFUSALS = 3
_WHAT_TO_DO = "start PostgreSQL, and what waits there is stored by the next crawl"


class SpoolFull(RuntimeError):
    """The spool has reached SPOOL_MAX_MB: the crawl has to stop, since nothing can be kept any more."""

    reason = "spool_full"


class DiskFull(SpoolFull):
    """The disk takes no more, or the folder cannot be written."""

    reason = "disk_full"


class Spool:
    """A folder of records. How often the database refused one stands in its name: `<name>.1.json`.

    Args:
        folder: where the records lie; made if need be.
        max_bytes: most that those which wait may take together, in bytes.
        again_seconds: how long a record that was refused waits until it is tried again.
    """

    def __init__(self, folder: Path, max_bytes: int, again_seconds: float = 600.0) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.again_seconds = again_seconds

    def add(self, record: records.Record, last: bool = False, refused: bool = False) -> Path:
        """Writes a record and returns where it lies once it is safely on disk.

        Args:
            last: the crawl ends with it, so that it is kept even if it takes the spool over its bound.
            refused: the database has refused it once.

        Raises:
            SpoolFull: there is no room for it. The text says what to do.
            DiskFull: the disk does not take it; nothing of it is left there.
        """
        document = records.to_bytes(record)
        path = self.folder / f"{time.time_ns():020}-{uuid.uuid4().hex[:12]}{'.1' if refused else ''}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_sure_of_room(len(document), last)
            self._write(path, document)
        except OSError as error:
            raise DiskFull(f"{self.folder}: {error.strerror}: free space on that disk, or {_WHAT_TO_DO}") from error
        return path

    def _make_sure_of_room(self, needed: int, last: bool) -> None:
        used = 0
        for path in self.pending():
            with contextlib.suppress(FileNotFoundError):  # another process has stored it meanwhile
                used += path.stat().st_size
        if used + needed > self.max_bytes and not last:
            allowed = f"SPOOL_MAX_MB allows {self.max_bytes}"
            raise SpoolFull(f"{self.folder} holds {used} bytes, {allowed}: raise it, or {_WHAT_TO_DO}")

    def _write(self, path: Path, document: bytes) -> None:
        partial = path.with_suffix(".partial")
        try:
            with partial.open("wb") as file:
                file.write(document)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
            self._sync_folder()
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def forget_abandoned(self) -> None:
        """Removes what a process that was killed had begun to write: half a record, of no use to anyone."""
        for partial in self.folder.glob("*.partial"):
            with contextlib.suppress(OSError):
                if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
                    partial.unlink()

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def pending(self) -> list[Path]:
        """The records that wait, oldest first."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == ".json")
        except FileNotFoundError:
            return []

    def due(self) -> list[Path]:
        """The records to try now, oldest first: a refused one not before its time."""
        return [path for path in self.pending() if not refusals(path) or self._has_waited(path)]

    def _has_waited(self, path: Path) -> bool:
        try:
            return time.time() - path.stat().st_mtime >= self.again_seconds
        except OSError:
            return False

    def set_aside(self) -> list[Path]:
        """The records that were refused three times and are not tried again. They do not count for the bound."""
        return sorted(self.folder.glob("*.refused"))

    def after_refusal(self, path: Path) -> Path:
        """The name of a record once it is refused again: at the third time one that is tried no more."""
        times = refusals(path) + 1
        name = path.name.partition(".")[0]
        return path.with_name(f"{name}.refused" if times >= _REFUSALS else f"{name}.{times}.json")

    def refuse(self, path: Path) -> Path:
        """Counts a refusal. Returns the record's new name."""
        renamed = self.after_refusal(path)
        with contextlib.suppress(OSError):  # another process has stored it meanwhile
            path.rename(renamed)
            os.utime(renamed)
        return renamed

    def read(self, path: Path) -> records.Record | None:
        """A record; None if another process has stored it meanwhile, or if it cannot be read.

        A damaged one is set aside; one that the disk does not give stays where it is.
        """
        try:
            return records.from_bytes(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            log.error("A spooled record cannot be read and stays: %s", error)
            return None
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            aside = path.with_suffix(".damaged")
            log.error("A spooled record is damaged and was set aside as %s: %r", aside, error)
            with contextlib.suppress(OSError):
                path.rename(aside)
            return None

    def remove(self, path: Path) -> None:
        """Forgets a record that was stored."""
        path.unlink(missing_ok=True)


def refusals(path: Path) -> int:
    """How often the database refused a record: 2 for `<name>.2.json`."""
    times = path.stem.partition(".")[2]
    return int(times) if times.isdecimal() else 0
