"""Records on disk while PostgreSQL is away: written whole or not at all, oldest first, bounded."""

from __future__ import annotations

import logging
import os
import time
import uuid
from pathlib import Path

from pipelines import records

log = logging.getLogger(__name__)


class SpoolFull(RuntimeError):
    """The spool has reached SPOOL_MAX_MB: the crawl has to stop, since nothing can be kept any more."""


class Spool:
    """A folder of records.

    Args:
        folder: where the records lie; made if need be.
        max_bytes: most that they may take together, in bytes.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes

    def add(self, record: records.Record, last: bool = False) -> Path:
        """Writes a record and returns where it lies once it is safely on disk.

        Args:
            last: the crawl ends with it, so that it is kept even if it takes the spool over its bound.

        Raises:
            SpoolFull: there is no room for it.
        """
        document = records.to_bytes(record)
        self.folder.mkdir(parents=True, exist_ok=True)
        used = sum(path.stat().st_size for path in self.pending())
        if used + len(document) > self.max_bytes and not last:
            raise SpoolFull(f"{self.folder} holds {used} bytes; SPOOL_MAX_MB allows {self.max_bytes}")
        path = self.folder / f"{time.time_ns():020}-{uuid.uuid4().hex[:12]}.json"
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        self._sync_folder()
        return path

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def pending(self) -> list[Path]:
        """The records that wait, oldest first."""
        return sorted(self.folder.glob("*.json"))

    def read(self, path: Path) -> records.Record | None:
        """A record; None if another process has stored it meanwhile, or if it is damaged and was set aside."""
        try:
            return records.from_bytes(path.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            aside = path.with_suffix(".damaged")
            log.error("A spooled record cannot be read and was set aside as %s: %s", aside, error)
            path.rename(aside)
            return None

    def remove(self, path: Path) -> None:
        """Forgets a record that was stored."""
        path.unlink(missing_ok=True)
