"""Servers that answer as no server should: each is named, bounded in time and memory, and the good pages are stored."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, socket
from struct import pack

import pytest
from sqlalchemy.orm import Session

from config import ROOT
from tests.crawlers.conftest import SCRAPY
from tests.crawlers.test_bad_crawls import listing, product, rows

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Market-Time: 2026-05-01T12:00:00Z\r\n"
MEGABYTE = 1024 * 1024
TIMEOUT = 3
GOOD = listing(product(1)).encode()


def whole(body: bytes, *headers: bytes) -> bytes:
    return b"".join([HEAD, *headers, b"Content-Length: %d\r\n\r\n" % len(body), body])


def drip(channel: socket) -> None:
    channel.sendall(HEAD + b"Content-Length: 5000\r\n\r\n")
    with contextlib.suppress(OSError):
        for letter in GOOD:
            channel.sendall(bytes([letter]))
            time.sleep(0.5)


def reset(channel: socket) -> None:
    channel.sendall(HEAD + b"Content-Length: 5000\r\n\r\n" + GOOD[:100])
    channel.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))


def endless(channel: socket) -> None:
    channel.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    block = b"%x\r\n%s\r\n" % (MEGABYTE, b"x" * MEGABYTE)
    with contextlib.suppress(OSError):
        for _ in range(200):
            channel.sendall(block)


def fifty_megabytes(channel: socket) -> None:
    channel.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (50 * MEGABYTE))
    with contextlib.suppress(OSError):
        for _ in range(50):
            channel.sendall(b"x" * MEGABYTE)


def sends(answer: bytes) -> Callable[[socket], None]:
    return lambda channel: channel.sendall(answer)


LATIN = GOOD.replace(b"Casque", "Téléphone".encode("latin-1"))
HOSTILE: dict[str, tuple[Callable[[socket], None], str]] = {
    "drip": (drip, "page/timeout"),
    "silent": (lambda channel: time.sleep(TIMEOUT + 2), "page/timeout"),
    "reset": (reset, "page/no_response"),
    "endless": (endless, "page/too_large"),
    "fifty-megabytes": (fifty_megabytes, "page/too_large"),
    "bomb": (sends(whole(gzip.compress(bytes(200 * MEGABYTE)), b"Content-Encoding: gzip\r\n")), "page/too_large"),
    "longer-than-said": (sends(HEAD + b"Content-Length: 90\r\n\r\n" + GOOD), "page/truncated"),
    "shorter-than-said": (sends(HEAD + b"Content-Length: 99999\r\n\r\n" + GOOD), "page/no_response"),
    "no-gzip": (sends(whole(GOOD, b"Content-Encoding: gzip\r\n")), "page/no_response"),
    "no-http": (sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "page/no_response"),
    "loop": (
        sends(b"HTTP/1.1 302 Found\r\nLocation: /loop/\r\nContent-Length: 0\r\n\r\n"),
        "page/bad_status",  # the Jumia spider follows redirects itself, a few
    ),
}
NAMES = [*HOSTILE, "good"]
MENU = "".join(f'<a class="itm" href="/{name}/"></a>' for name in NAMES)
HOME = f'<!doctype html><html><body><div class="flyout">{MENU}</div></body></html>'.encode()


class Hostile(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    robots: Callable[[socket], None] = staticmethod(sends(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"))

    def handle(self, channel: socket) -> None:
        request = channel.recv(65536)
        path = request.split(b" ", 2)[1].decode() if request else ""
        if path == "/robots.txt":
            self.robots(channel)
        elif path == "/":
            channel.sendall(whole(HOME, b"Connection: close\r\n"))
        elif path.strip("/") in HOSTILE:
            HOSTILE[path.strip("/")][0](channel)
        else:
            channel.sendall(whole(GOOD, b"Connection: close\r\n"))


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hostile]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                made.handle(self.request)

    made = Hostile(("127.0.0.1", 0), Handler)
    monkeypatch.setenv("MARKETS", "demo")
    monkeypatch.setenv("DEMO_JUMIA_PORT", str(made.server_address[1]))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def command(*arguments: str) -> list[str]:
    return [*SCRAPY, "crawl", "jumia", "-s", f"DOWNLOAD_TIMEOUT={TIMEOUT}", "-s", "RETRY_ENABLED=0", *arguments]


def crawl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=90, check=False
    )


def measured_crawl() -> tuple[subprocess.CompletedProcess[str], float]:
    """A crawl and the most memory that it held, in MB; `ru_maxrss` would count what it was forked from."""
    peak = 0
    with tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(
            command(), cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=stderr, text=True
        )
        stop = threading.Timer(90, process.kill)
        stop.start()
        while process.poll() is None:
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{process.pid}/status").read_text()
                # Not yet Python: still the fork of this test. Just ended: the status names no memory.
                started = b"scrapy" in Path(f"/proc/{process.pid}/cmdline").read_bytes()
                peak = max([peak, *(int(held) for held in re.findall(r"VmHWM:\s+(\d+) kB", status) if started)])
            time.sleep(0.05)
        stop.cancel()
        stderr.seek(0)
        return subprocess.CompletedProcess(process.args, process.returncode, "", stderr.read()), peak / 1024


def test_every_hostile_answer_is_named_and_bounded_and_the_good_page_is_stored(hostile: Hostile, work: Session) -> None:
    began = time.monotonic()
    done, peak = measured_crawl()
    took = time.monotonic() - began
    assert done.returncode == 1, done.stderr
    origin = f"http://127.0.0.1:{hostile.server_address[1]}"
    kept = dict(rows(work, "select url, split_part(reason, ':', 1) from market.rejected_item"))
    assert kept, done.stderr
    assert kept == {f"{origin}/{name}/": expected for name, (_, expected) in HOSTILE.items()}
    assert "Traceback" not in done.stderr
    assert rows(work, "select external_id from market.listing") == [(product(1)["sku"],)]
    ((state, complete, stats),) = rows(work, "select state, complete, stats from market.crawl")
    assert (state, complete) == ("failed", False)
    for _, expected in HOSTILE.values():
        assert stats[expected] >= 1
    assert took < 45
    assert 50 < peak < 600, f"{peak:.0f} MB"


ROBOTS: dict[str, Callable[[socket], None]] = {
    "500": sends(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    "slow": lambda channel: time.sleep(TIMEOUT + 2),
}


@pytest.mark.parametrize("robots", ROBOTS)
def test_a_robots_txt_that_cannot_be_had_forbids_nothing_and_is_counted(
    hostile: Hostile, work: Session, robots: str
) -> None:
    hostile.robots = ROBOTS[robots]
    done = crawl("-a", "category=good")
    assert done.returncode == 0, done.stderr
    ((state, stats),) = rows(work, "select state, stats from market.crawl")
    assert state == "finished"
    told = {name for name in stats if name.startswith("robotstxt/")}
    assert told & {"robotstxt/response_status_count/500"} or any("exception" in name for name in told)
