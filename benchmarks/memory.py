"""The memory of a long crawl: every page has products that no page before had, and all are stored in PostgreSQL.

The server that answers looks at the crawler's process each time it is asked for a page whose number is to be measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from benchmarks import Row
from benchmarks.crawl import product
from benchmarks.store import cluster
from config import ROOT, settings

PAGES = int(os.environ.get("BENCH_MEMORY_PAGES", "20000"))
PER_PAGE = 40
EARLY = PAGES // 10
EVERY = max(PAGES // 40, 1)
HERE = Path(__file__).parent


def page(number: int) -> bytes:
    """A listing page with products of its own; small, since what a page weighs is freed with it."""
    first = (number - 1) * PER_PAGE + 1
    state = {
        "view": "Catalog",
        "countryCode": "DZ",
        "products": [product(n) | {"sku": f"ME{n:08}NAFAMZ"} for n in range(first, first + PER_PAGE)],
    }
    link = (
        f'<a href="/long/?page={number + 1}" class="pg" aria-label="Page suivante">&gt;</a>' if number < PAGES else ""
    )
    script = f"<script>window.__STORE__={json.dumps(state)};</script>"
    return f"<!doctype html><html><body><div class='pg-w'>{link}</div>{script}</body></html>".encode()


@contextmanager
def pages_served(sizes: dict[int, float]) -> Iterator[int]:
    """The pages, made as they are asked for; `sizes` gets the crawler's memory in MB by page number."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = int(self.path.partition("page=")[2] or "1") if self.path.startswith("/long/") else 0
            if number and (number % EVERY == 0 or number == EARLY):
                sizes[number] = _resident()
            body = page(number) if number else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("X-Market-Time", "2026-05-01T12:00:00Z")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _resident() -> float:
    crawlers = [child for child in psutil.Process().children() if "runspider" in child.cmdline()]
    return sum(child.memory_info().rss for child in crawlers) / 2**20


def run() -> list[Row]:
    """One crawl of PAGES pages.

    Raises:
        RuntimeError: it did not reach the last page.
    """
    folder = settings().data_dir / "bench_memory"
    sizes: dict[int, float] = {}
    with cluster(folder) as address, pages_served(sizes) as port:
        environment = {
            "MARKETS": "demo",
            "DEMO_JUMIA_PORT": str(port),
            "DATABASE_URL": address,
            "DATA_DIR": str(folder),
        }
        program = str(Path(sys.executable).with_name("scrapy"))
        command = [program, "runspider", str(HERE / "long_spider.py"), "-a", "category=long"]
        ended = subprocess.run(
            [*command, "-s", "LOG_LEVEL=WARNING"],
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if PAGES not in sizes:
        raise RuntimeError(f"the crawl ended before page {PAGES}:\n{ended.stderr[-2000:]}")
    return [
        Row(
            name=f"memory of the crawler's process at page {PAGES:,} against page {EARLY:,}",
            ratio=sizes[PAGES] / sizes[EARLY],
            ours=f"{sizes[PAGES]:.0f} MB",
            other=f"{sizes[EARLY]:.0f} MB",
            goal="<= 1.10",
            note=f"{PER_PAGE} new listings a page, stored in PostgreSQL; the highest of all samples: "
            f"{max(sizes.values()):.0f} MB",
            samples=[sizes[number] for number in sorted(sizes)],
        )
    ]
