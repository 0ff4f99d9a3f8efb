"""Starting, waiting for and ending the app's processes. Each child leads its own group, so that a Ctrl-C in the
terminal reaches only the parent, which then ends its children in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from config import ROOT

GRACE_SECONDS = 25


class ProcessFailed(RuntimeError):
    """A process ended with an exit code other than 0; the text names it and ends with its last lines."""


def python(*arguments: str) -> list[str]:
    """The command line of this Python with `arguments`."""
    return [sys.executable, *arguments]


def program(name: str, *arguments: str) -> list[str]:
    """The command line of a program that is installed beside this Python."""
    return [str(Path(sys.executable).with_name(name)), *arguments]


def start(
    command: Sequence[str], environment: Mapping[str, str] | None = None, log: Path | None = None
) -> subprocess.Popen[str]:
    """Starts `command` in the project's folder with `environment` added to ours; output goes to `log` if given."""
    output = log.open("a") if log else None
    try:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            text=True,
        )
    finally:
        if output:
            output.close()


def end(process: subprocess.Popen[str], seconds: float = GRACE_SECONDS) -> None:
    """Asks `process` to end (SIGTERM), waits, and kills its group if it does not."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Ends `process` when the block ends, however it ends."""
    try:
        yield process
    finally:
        end(process)


def finish(
    process: subprocess.Popen[str],
    what: str,
    stopping: threading.Event,
    log: Path | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Waits until `process` ends, calling `meanwhile` a few times a second; ends it early when `stopping` is set.

    Raises:
        ProcessFailed: its exit code was not 0.
    """
    with running(process):
        while process.poll() is None and not stopping.is_set():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
            if meanwhile:
                meanwhile()
    if process.returncode != 0 and not stopping.is_set():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log and log.exists() else ""
        where = f"; whole log: {log}" if log else ""
        raise ProcessFailed(f"{what} ended with exit code {process.returncode}{where}\n{tail}".rstrip())


def set_on_signals(stopping: threading.Event) -> None:
    """SIGINT and SIGTERM set `stopping` instead of raising, so that what runs can be ended in order."""

    def handler(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)
