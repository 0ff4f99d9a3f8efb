"""The Jumia spider with everything on, against bare Scrapy spiders that download the same bytes from the same server.

One saved listing of 458 kB (a generated one where it is absent) is served under many addresses, each time with SKUs
of its own. Ours asks robots.txt, finds the addresses in the menu, reads and checks every product, scrubs it and stores
it in PostgreSQL. The bare spider is given the addresses and parses nothing; the others show what lies between.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks import Row
from benchmarks.store import cluster
from config import ROOT, settings

PAGES = 200
PER_PAGE = 40
REPEATS = 5
PAGE_BYTES = 458_000
SAVED = ROOT.parent / "shared/real/jumia/pages/ma-2026-04-search-laptop-desktop-fr.html"
HERE = Path(__file__).parent
_ELAPSED = re.compile(r"'elapsed_time_seconds': ([\d.]+)")
_ITEMS = re.compile(r"'item_scraped_count': (\d+)")


def product(number: int) -> dict[str, Any]:
    """A product as Jumia embeds it."""
    price = f"{1000 + number % 9000}.00"
    sku = f"BE{number:06}NAFAMZ"
    prices = {"rawPrice": price, "price": f"{price} DA", "priceEuro": "8.60", "oldPrice": "9,900 DA", "discount": "13%"}
    return {
        "sku": sku,
        "name": f"Produit {number}, 6,5 pouces, 128 Go, 8 Go de RAM",
        "displayName": f"Marque Produit {number}, 6,5 pouces, 128 Go, 8 Go de RAM",
        "brand": "Marque",
        "sellerId": 77815,
        "isShopExpress": True,
        "categories": ["Téléphone & Tablette", "Téléphones portables", "Smartphones"],
        "prices": prices,
        "tags": "COD|COL_201|CP_17|CP_26|CP_29|CP_UN2|CTO|Camp_28|MSTPRF|POD|TBOOST",
        "rating": {"average": 3.5, "totalRatings": number % 300},
        "image": f"https://dz.jumia.is/unsafe/fit-in/300x300/product/{number}/1.jpg",
        "isSponsored": False,
        "url": f"/marque-produit-{number}-{number:08}.html",
        "isBuyable": True,
        "simples": [{"sku": f"{sku}-1", "isBuyable": True, "name": "", "prices": prices}],
    }


def card(number: int) -> str:
    """The same product as a card, in the template's classes."""
    told = product(number)
    return (
        f'<article class="prd _fb col c-prd"><a href="{told["url"]}" class="core" data-gtm-id="{told["sku"]}" '
        f'data-gtm-price="8.60" data-gtm-brand="Marque"><div class="img-c">'
        f'<img data-src="{told["image"]}" class="img"/>'
        f'</div><div class="info"><h3 class="name">{told["displayName"]}</h3><div class="prc">{told["prices"]["price"]}'
        f'</div><div class="s-prc-w"><div class="old">9,900 DA</div><div class="bdg _dsct _sm">13%</div></div>'
        f'<div class="rev"><div class="stars _s">3.5 out of 5</div>({number % 300})</div></div></a></article>'
    )


def page(number: int) -> bytes:
    """A listing page of the weight of a real one, with its embedded JSON at the end and no page after it."""
    first = (number - 1) * PER_PAGE + 1
    numbers = range(first, first + PER_PAGE)
    state = {"view": "Catalog", "countryCode": "DZ", "products": [product(n) for n in numbers]}
    script = f"<script>window.__STORE__={json.dumps(state)};</script></body></html>"
    cards = "".join(card(n) for n in numbers)
    head = f"<!doctype html><html><body><div class='row'>{cards}</div>"
    filling = '<div class="-pvs"><a class="_link" href="/mlp-x/">Offres</a></div>'
    repeats = max((PAGE_BYTES - len(head) - len(script)) // len(filling), 0)
    return f"{head}{filling * repeats}{script}".encode()


def saved_page(body: bytes, number: int) -> bytes:
    """A saved listing with SKUs of its own, as the demo's shop of Algeria would serve it as its only page."""
    skus = sorted(set(re.findall(rb'"sku":"([A-Z0-9]{12,})"', body)))
    body = re.sub(b"|".join(skus), lambda sku: b"%05d" % number + sku.group()[5:], body)
    for old, new in (
        ('"countryCode":"MA"', '"countryCode":"DZ"'),
        ("Page suivante", "Page unique"),
        ("904 résultats", f"{PER_PAGE} résultats"),
        ('rel="next"', 'rel="none"'),
    ):
        body = body.replace(old.encode(), new.encode())
    return body


def pages() -> dict[str, bytes]:
    """What the server has: listings by their address, and the home page whose menu leads to them."""
    saved = SAVED.read_bytes() if SAVED.exists() else None
    numbers = range(1, PAGES + 1)
    found = {f"/c{number}/": saved_page(saved, number) if saved else page(number) for number in numbers}
    links = "".join(f'<a class="itm" href="{address}">x</a>' for address in found)
    found["/"] = f"<!doctype html><html><body><div class='flyout'>{links}</div></body></html>".encode()
    return found


def serve() -> None:
    """Serves the pages until the process is ended; prints its port."""
    served = pages()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = served.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("X-Market-Time", "2026-05-01T12:00:00Z")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


@contextmanager
def pages_served() -> Iterator[int]:
    """The pages on this machine, in a process of their own."""
    command = [sys.executable, "-c", "from benchmarks.crawl import serve; serve()"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def _crawl(arguments: list[str], environment: dict[str, str], items: int) -> float:
    """Pages a second of one crawl, by Scrapy's own clock: without the start of the process.

    Raises:
        RuntimeError: the crawl did not bring every item.
    """
    program = str(Path(sys.executable).with_name("scrapy"))
    command = [program, *arguments, "-s", "LOG_LEVEL=INFO"]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)
    brought, elapsed = _ITEMS.search(ended.stderr), _ELAPSED.search(ended.stderr)
    if not elapsed or int(brought.group(1) if brought else 0) != items:
        raise RuntimeError(f"{' '.join(command)} did not read {PAGES} pages:\n{ended.stderr[-2000:]}")
    return PAGES / float(elapsed.group(1))


def _forget(address: str) -> None:
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute("truncate market.observation, market.listing, market.stored_batch, market.crawl cascade")
    connection.close()


BARE = {
    "nothing": ("the same bytes downloaded by a bare spider that parses nothing", 0, ">= 0.45"),
    "items": ("a bare spider that yields 40 empty items a page through five empty pipelines", PER_PAGE, ""),
    "css": ("a bare spider that reads the cards by CSS", PER_PAGE, ""),
}


def run() -> list[Row]:
    """Crawls by turns, REPEATS times; ratios are of the same turn, the median counts."""
    folder = settings().data_dir / "bench_crawl"
    pairs: dict[str, list[tuple[float, float]]] = {how: [] for how in BARE}
    with cluster(folder) as address, pages_served() as port:
        chosen = {"MARKETS": "demo", "DEMO_JUMIA_PORT": str(port), "DATABASE_URL": address, "DATA_DIR": str(folder)}
        ours_in = chosen | {"CRAWL_MAX_PAGES": str(PAGES + 1)}
        # The pages are here only; a proxy of the environment would be asked for them otherwise.
        bare_in = {"no_proxy": "127.0.0.1", "SCRAPY_SETTINGS_MODULE": "benchmarks.bare_settings"}
        given = ["-a", f"start=http://127.0.0.1:{port}", "-a", f"pages={PAGES}"]
        for _ in range(REPEATS):
            _forget(address)
            ours = _crawl(["crawl", "jumia"], ours_in, PAGES * PER_PAGE)
            for how, (_, items, _) in BARE.items():
                command = ["runspider", str(HERE / "bare_spider.py"), *given, "-a", f"how={how}"]
                pairs[how].append((ours, _crawl(command, bare_in, PAGES * items)))
    return [
        _row(f"the Jumia spider with everything on against {BARE[how][0]}", BARE[how][2], pairs[how]) for how in BARE
    ]


def _row(name: str, goal: str, pairs: list[tuple[float, float]]) -> Row:
    ratios = [ours / bare for ours, bare in pairs]
    ours, bare = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    kind = "a saved page" if SAVED.exists() else "generated pages"
    return Row(
        name=name,
        ratio=statistics.median(ratios),
        ours=f"{ours:.0f} pages/s",
        other=f"{bare:.0f} pages/s",
        goal=goal,
        note=f"{PAGES} pages of {PER_PAGE} products, {PAGE_BYTES // 1000} kB each, {kind}, {REPEATS} turns",
        samples=ratios,
    )
