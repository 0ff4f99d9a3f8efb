"""The memory of a crawl through the browser: Scrapy and every process of Chromium, page after page.

The shop challenges whoever has no cookie, which a context of the browser gets by running a script: each new context is
challenged once. Its pages are listings of a real one's weight. The server that answers looks at the crawler's processes
each time it is asked for a page whose number is to be measured.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from benchmarks import Row
from benchmarks import crawl as listings
from benchmarks.store import cluster
from config import ROOT, settings

PAGES = int(os.environ.get("BENCH_BROWSER_PAGES", "500"))
EARLY = PAGES // 10
EVERY = max(PAGES // 50, 1)
CLEARANCE = "clearance=42"
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>setTimeout(() => {"
    b"document.cookie = 'clearance=' + 6 * 7 + '; path=/'; location.reload(); }, 100);</script></body></html>"
)


def page(number: int) -> bytes:
    """A listing with products of its own and a link to the next one."""
    link = f'<a href="/long/?page={number + 1}" class="pg" aria-label="Page suivante">&gt;</a></body>'
    whole = listings.page(number)
    return whole.replace(b"</body>", link.encode()) if number < PAGES else whole


@contextmanager
def shop(sizes: dict[int, float]) -> Iterator[int]:
    """The challenged pages; `sizes` gets the memory of the crawl's processes in MB by page number."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            passed = CLEARANCE in (self.headers["Cookie"] or "")
            number = int(self.path.partition("page=")[2] or "1") if self.path.startswith("/long/") else 0
            if number and passed and number % EVERY == 0:
                sizes[number] = _resident()
            body = (page(number) if passed else CHALLENGE) if number else b""
            self.send_response((200 if passed else 403) if number else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("X-Market-Time", "2026-05-01T12:00:00Z")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _resident() -> float:
    """Memory of this process's descendants that crawl, what they share counted once, in MB."""
    found = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "postgres" not in child.name():
                found += child.memory_full_info().pss
    return found / 2**20


def run() -> list[Row]:
    """One crawl of PAGES pages.

    Raises:
        RuntimeError: it did not reach the last page, or not through the browser.
    """
    folder = settings().data_dir / "bench_browser"
    sizes: dict[int, float] = {}
    with cluster(folder) as address, shop(sizes) as port:
        environment = {
            "MARKETS": "demo",
            "DEMO_JUMIA_PORT": str(port),
            "DATABASE_URL": address,
            "DATA_DIR": str(folder),
            "BROWSER": "1",
            "LOG_LEVEL": "WARNING",
        }
        program = str(Path(sys.executable).with_name("scrapy"))
        command = [program, "crawl", "jumia", "-a", "category=long", "-a", f"max_pages={PAGES}"]
        begun = time.monotonic()
        ended = subprocess.run(
            command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
        )
        seconds = time.monotonic() - begun
    if PAGES not in sizes or ended.returncode:
        raise RuntimeError(f"the crawl ended before page {PAGES}:\n{ended.stderr[-2000:]}")
    return [
        Row(
            name=f"memory of Scrapy and Chromium at page {PAGES} against page {EARLY}, all pages through the browser",
            ratio=sizes[PAGES] / sizes[EARLY],
            ours=f"{sizes[PAGES]:.0f} MB",
            other=f"{sizes[EARLY]:.0f} MB",
            goal="<= 1.25",
            note=f"{listings.PAGE_BYTES // 1000} kB a page, {PAGES / seconds:.1f} pages/s; proportional set size, the "
            f"highest of {len(sizes)} samples: {max(sizes.values()):.0f} MB",
            samples=[sizes[number] for number in sorted(sizes)],
        )
    ]
