"""A progress bar over tables that PostgreSQL copies out, fed by what the server says it has sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psycopg2.extensions
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

EVERY_SECONDS = 0.3
SENT = "select tuples_processed from pg_stat_progress_copy where pid = %s"


class CopyProgress:
    """Shows how many rows of how many have been copied; `watching` is a connection that does nothing else."""

    def __init__(self, watching: psycopg2.extensions.connection, console: Console) -> None:
        self._watching = watching
        self._watching.autocommit = True
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
        )
        self._ended = threading.Event()
        self._rows: dict[str, int] = {}
        self._before = 0
        self._now = ""
        self._done = 0

    @contextlib.contextmanager
    def over(self, pid: int, rows: dict[str, int]) -> Iterator[None]:
        """Shows the copies of the backend `pid`; `rows` are the tables with their expected rows."""
        self._rows = rows
        task = self._progress.add_task("", total=max(sum(rows.values()), 1))
        poll = threading.Thread(target=self._poll, args=(pid, task), daemon=True)
        with self._progress:
            poll.start()
            try:
                yield
            finally:
                self._ended.set()
                poll.join()

    def begin(self, name: str) -> None:
        """The next table of `rows` is copied."""
        self._before += self._rows.get(self._now, 0)
        self._now = name

    def _poll(self, pid: int, task: TaskID) -> None:
        with contextlib.suppress(psycopg2.Error), self._watching.cursor() as cursor:
            while not self._ended.wait(EVERY_SECONDS):
                cursor.execute(SENT, (pid,))
                sent = cursor.fetchone()
                expected = self._rows.get(self._now, 0)
                self._done = max(self._done, self._before + min(sent[0] if sent else 0, expected))
                doing = f"{'reading' if sent else 'writing'} {self._now}, about {expected:,} rows"
                self._progress.update(task, completed=self._done, description=doing)
