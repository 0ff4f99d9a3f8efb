"""Crawls as processes that start in no time: a parent that has imported everything forks each of them.

python -m tests.crawlers.forked_crawls: reads a crawl a line from stdin, as JSON, and answers each with how it ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Crawl:
    """What to crawl, and when to kill it with SIGKILL: after some seconds, or at the n-th step of a kind.

    Attributes:
        at: `statement` (before and after each statement and commit) or `spool` (each step of writing a record to disk).
        step: from 1; 0 kills nothing, and counts.
    """

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    after_seconds: float | None = None
    at: str | None = None
    step: int = 0


@dataclass(frozen=True)
class Ended:
    """How a crawl ended: its exit code or None if it was killed, the steps it took, its duration in seconds."""

    code: int | None
    steps: int
    seconds: float


class Crawls:
    """The parent process, as a test uses it."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self.log = log

    def run(self, crawl: Crawl) -> Ended:
        """Runs one crawl to its end, or until it is killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(crawl)) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


@contextlib.contextmanager
def started(log: Path) -> Iterator[Crawls]:
    """The parent, up until the block ends. What the crawls say goes to `log`."""
    command = [sys.executable, "-m", "tests.crawlers.forked_crawls"]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        yield Crawls(process, log)
        process.communicate()


def _import_what_a_crawl_needs() -> None:
    """All but a reactor and the project's settings: each child makes its own."""
    import twisted.internet.asyncioreactor  # noqa: F401
    from scrapy.utils.misc import walk_modules

    import pipelines.storing  # noqa: F401

    for package in ("scrapy.commands", "scrapy.extensions", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares"):
        walk_modules(package)
    for package in ("crawlers.commands", "crawlers.spiders", "pipelines"):
        walk_modules(package)


def _serve() -> None:
    _import_what_a_crawl_needs()
    assert "twisted.internet.reactor" not in sys.modules
    for line in sys.stdin:
        crawl = Crawl(**json.loads(line))
        counted, write_end = os.pipe()
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(counted)
            _crawl(crawl, write_end)
        os.close(write_end)
        if crawl.after_seconds is not None:
            time.sleep(crawl.after_seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        steps = int(os.read(counted, 20) or b"0")
        os.close(counted)
        code = os.waitstatus_to_exitcode(status)
        print(
            json.dumps({"code": code if code >= 0 else None, "steps": steps, "seconds": time.monotonic() - began}),
            flush=True,
        )


def _crawl(crawl: Crawl, write_end: int) -> None:
    os.environ.update(crawl.environment)
    os.dup2(2, 1)
    code: Any = 1
    fuse = Fuse(crawl.step)
    try:
        {"statement": _fuse_statements, "spool": _fuse_spool}.get(crawl.at or "", lambda _: None)(fuse)
        from scrapy.cmdline import execute

        execute(["scrapy", "crawl", *crawl.arguments])
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        os.write(write_end, str(fuse.burnt).encode())
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


class Fuse:
    """Kills this process at the n-th step."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.burnt = 0
        self._turn = threading.Lock()

    def burn(self) -> None:
        with self._turn:
            self.burnt += 1
            if self.burnt == self.length:
                os.kill(os.getpid(), signal.SIGKILL)


def _fuse_statements(fuse: Fuse) -> None:
    import psycopg2
    from psycopg2 import extensions

    class FusedCursor(extensions.cursor):
        def execute(self, *arguments: Any) -> None:
            fuse.burn()
            super().execute(*arguments)
            fuse.burn()

        def copy_expert(self, *arguments: Any) -> None:
            fuse.burn()
            super().copy_expert(*arguments)
            fuse.burn()

    class FusedConnection(extensions.connection):
        def commit(self) -> None:
            fuse.burn()
            super().commit()
            fuse.burn()

    connect = psycopg2.connect
    psycopg2.connect = lambda *arguments, **options: connect(
        *arguments, **options, connection_factory=FusedConnection, cursor_factory=FusedCursor
    )


def _fuse_spool(fuse: Fuse) -> None:
    """Steps: half of a record written, all of it, synced, before and after it gets its name, the folder synced."""
    open_file, rename, sync = Path.open, Path.rename, os.fsync

    class Halting:
        def __init__(self, file: Any) -> None:
            self._file = file

        def __enter__(self) -> Halting:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def write(self, document: bytes) -> int:
            half = len(document) // 2
            self._file.write(document[:half])
            self._file.flush()
            fuse.burn()
            written = self._file.write(document[half:])
            self._file.flush()
            fuse.burn()
            return half + int(written)

    def fused_open(path: Path, *arguments: Any, **options: Any) -> Any:
        file = open_file(path, *arguments, **options)
        return Halting(file) if path.suffix == ".partial" else file

    def fused_rename(path: Path, target: Path) -> Path:
        fuse.burn()
        renamed = rename(path, target)
        fuse.burn()
        return renamed

    def fused_sync(descriptor: int) -> None:
        sync(descriptor)
        fuse.burn()

    Path.open, Path.rename, os.fsync = fused_open, fused_rename, fused_sync  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    _serve()
