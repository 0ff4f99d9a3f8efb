"""A folder of Parquet files and their manifest, replaced as a whole while it is read."""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

MANIFEST = "manifest.json"
UNFINISHED = ".unfinished"


class FolderTaken(RuntimeError):
    """Another process is writing to the folder."""


@contextlib.contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """An empty folder below `folder`, on the same disk, for one process at a time; it is gone afterwards.

    Raises:
        FolderTaken: another process has it.
        OSError: `folder` cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(str(folder)) from None
        made = folder / UNFINISHED
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def publish(folder: Path, names: list[str], manifest: Mapping[str, object]) -> None:
    """Puts the unfinished files of these names, then the manifest, in the place of the old ones, each whole.

    A file that only the old manifest names is removed; what else lies in the folder stays.
    """
    written = folder / UNFINISHED
    (written / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    gone = _named_in(folder / MANIFEST) - set(names)
    for name in [*names, MANIFEST]:
        (written / name).replace(folder / name)
    for name in gone:
        (folder / name).unlink(missing_ok=True)


def _named_in(manifest: Path) -> set[str]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        named = [mart["file"] for mart in json.loads(manifest.read_text())["marts"].values()]
        return {name for name in named if name == Path(name).name and name.endswith(".parquet")}
    return set()
