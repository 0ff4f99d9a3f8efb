"""The tracked spider over real HTTP: what it reads, what it refuses, and that nothing leads around the guard."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import ROOT
from crawlers.markets import MarketRefused
from crawlers.pages.errors import UnknownShop
from crawlers.spiders.market import ArgumentError
from crawlers.spiders.tracked import TrackedSpider
from tests.crawlers.conftest import HTML, SCRAPY, Answer, Shop
from tests.crawlers.test_schema_org import MICRODATA, html, product

MEGABYTE = 1024 * 1024
PUBLIC = "93.184.215.14"


def rows(work: Session, query: str) -> list[Any]:
    work.rollback()
    return [tuple(row) for row in work.execute(sa.text(query))]


def rejected(work: Session) -> dict[str, str]:
    """The defect's name by the address it was found under."""
    found = rows(work, "select url, reason from market.rejected_item")
    return {url: reason.split(":")[0] for url, reason in found}


def crawl(tmp_path: Path, addresses: list[str], *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    watched = tmp_path / "watched.txt"
    watched.write_text("# what is watched\n\n" + "\n".join(addresses))
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data")} | variables
    command = [*SCRAPY, "crawl", "tracked", "-a", f"file={watched}", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False)


class Hostile(socketserver.StreamRequestHandler):
    """/drip sends a byte at a time, for ever; /endless sends as fast as it can, for ever, without a length."""

    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        if path == "/robots.txt":
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><body>")
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"." if path == "/drip" else b"<p>much</p>" * 10_000)
                time.sleep(0.2 if path == "/drip" else 0)


@pytest.fixture
def hostile() -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Hostile) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_list_of_addresses_yields_offers_the_gone_and_a_named_reject_for_each_that_is_neither(
    shop: Shop, hostile: int, work: Session, tmp_path: Path
) -> None:
    origin = f"http://127.0.0.1:{shop.port}"
    latin = html(product(name="Écouteurs", sku="EC"), head='<meta charset="utf-8">').replace("\\u00c9", "É")
    shop["/p/casque"] = html(product())
    shop["/p/micro"] = html(body=MICRODATA.replace("CB-12", "MD-1"))
    shop["/p/latin"] = Answer(latin.encode("latin-1"), headers={"Content-Type": "text/html; charset=ISO-8859-1"})
    shop["/p/moved"] = Answer(b"", 301, {"Location": "/p/new"} | HTML)
    shop["/p/new"] = html(product(name="Lampe", sku="L-1"))
    shop["/p/gone"] = Answer(html("nothing").encode(), 410)
    shop["/p/home"] = Answer(b"", 302, {"Location": "/"} | HTML)
    shop["/"] = html(body="<h1>Bienvenue</h1>")
    shop["/p/about"] = html(body="<h1>Qui sommes-nous</h1>")
    shop["/p/pdf"] = Answer(b"%PDF-1.7" + bytes(90), headers={"Content-Type": "application/pdf"})
    shop["/p/png"] = Answer(b"\x89PNG\r\n\x1a\n" + bytes(90))
    shop["/p/big"] = b"<html>" + b" " * 11 * MEGABYTE
    bomb = gzip.compress(b"<html><body>" + b" " * 80 * MEGABYTE)
    assert len(bomb) < MEGABYTE
    shop["/p/bomb"] = Answer(bomb, headers=HTML | {"Content-Encoding": "gzip"})
    addresses = [f"{origin}{path}" for path in shop.answers if path not in ("/", "/p/new")]
    addresses += [f"{origin}/p/missing"] + [f"http://127.0.0.1:{hostile}/{path}" for path in ("drip", "endless")]
    before = time.monotonic()
    ended = crawl(tmp_path, addresses, "-s", "DOWNLOAD_TIMEOUT=2", TRACKED_ALLOW_PRIVATE="true")
    assert time.monotonic() - before < 45
    host = f"127.0.0.1:{shop.port}"
    stored = rows(
        work,
        "select external_id, title, url, price from market.listing join market.observation on listing_id = listing.id",
    )
    assert sorted(stored) == [
        (f"{host}/CB-12", "Casque Bluetooth", f"{origin}/p/casque", Decimal(4900)),
        (f"{host}/EC", "Écouteurs", f"{origin}/p/latin", Decimal(4900)),
        (f"{host}/L-1", "Lampe", f"{origin}/p/new", Decimal(4900)),
        (f"{host}/MD-1", "Casque Bluetooth", f"{origin}/p/micro", Decimal(4900)),
    ]
    assert {address.split("/", 3)[3]: name for address, name in rejected(work).items()} == {
        "p/about": "page/no_product",
        "p/pdf": "page/not_html",
        "p/png": "page/not_html",
        "p/big": "page/too_large",
        "p/bomb": "page/too_large",
        "endless": "page/too_large",
        "drip": "page/timeout",
        **dict.fromkeys(["p/gone", "p/home", "p/missing", "p/moved"], "gone/not_believed"),
    }
    assert ended.returncode == 1
    ((reason,),) = rows(work, "select reason from market.crawl")
    assert "pages could not be used" in reason


def test_what_was_sold_and_is_gone_is_out_of_stock(shop: Shop, work: Session, tmp_path: Path) -> None:
    origin = f"http://127.0.0.1:{shop.port}"
    paths = ["/p/1", "/p/2", "/p/3"]
    for number, path in enumerate(paths):
        shop[path] = html(product(sku=f"S{number}", name=f"Article {number}"))
    addresses = [f"{origin}{path}" for path in paths]
    assert crawl(tmp_path, addresses, TRACKED_ALLOW_PRIVATE="true").returncode == 0
    shop.market_time = "2026-05-03T12:00:00Z"
    shop["/p/2"] = Answer(b"<html>gone</html>", 404)
    ended = crawl(tmp_path, addresses, TRACKED_ALLOW_PRIVATE="true")
    assert ended.returncode == 0, ended.stderr
    latest = rows(
        work,
        "select distinct on (listing_id) url, price, price_kind, availability from market.observation "
        "join market.listing on listing.id = listing_id order by listing_id, observed_at desc",
    )
    assert sorted(latest) == [
        (f"{origin}/p/1", Decimal(4900), "fixed", "unknown"),
        (f"{origin}/p/2", None, "none", "out_of_stock"),
        (f"{origin}/p/3", Decimal(4900), "fixed", "unknown"),
    ]


def test_a_product_under_a_new_address_stays_known_by_its_sku_and_one_that_was_replaced_is_out_of_stock(
    shop: Shop, work: Session, tmp_path: Path
) -> None:
    origin = f"http://127.0.0.1:{shop.port}"
    for path, sku in (("/p/renamed", "KEPT"), ("/p/replaced", "OLD"), ("/p/other", "NEW"), ("/p/as-it-was", "SAME")):
        shop[path] = html(product(sku=sku, name=f"Article {sku}"), body="")
    addresses = [f"{origin}{path}" for path in ("/p/renamed", "/p/replaced", "/p/as-it-was")]
    assert crawl(tmp_path, addresses, TRACKED_ALLOW_PRIVATE="true").returncode == 0
    shop.market_time = "2026-05-03T12:00:00Z"
    shop["/p/nouveau"] = shop.answers["/p/renamed"]
    shop["/p/renamed"] = Answer(b"", 301, {"Location": "/p/nouveau"} | HTML)
    shop["/p/replaced"] = Answer(b"", 301, {"Location": "/p/other"} | HTML)
    ended = crawl(tmp_path, addresses, TRACKED_ALLOW_PRIVATE="true")
    assert ended.returncode == 0, ended.stderr
    latest = rows(
        work,
        "select distinct on (listing_id) split_part(external_id, '/', 2), url, price, availability "
        "from market.observation join market.listing on listing.id = listing_id order by listing_id, observed_at desc",
    )
    assert sorted(latest) == [
        ("KEPT", f"{origin}/p/nouveau", Decimal(4900), "unknown"),
        ("NEW", f"{origin}/p/other", Decimal(4900), "unknown"),
        ("OLD", f"{origin}/p/replaced", None, "out_of_stock"),
        ("SAME", f"{origin}/p/as-it-was", Decimal(4900), "unknown"),
    ]


NETWORK = '''
"""Names that answer as a test says; the one public address is really a server of this machine."""
import json, os, socket

ANSWERS = json.loads(os.environ["TEST_ANSWERS"])
PORT = int(os.environ["TEST_PORT"])
_getaddrinfo, _connect_ex = socket.getaddrinfo, socket.socket.connect_ex


def getaddrinfo(host, port, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in ANSWERS:
        return _getaddrinfo(host, port, *rest, **named)
    given = ANSWERS[name]
    addresses = given.pop(0) if len(given) > 1 else given[0]
    kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    return [(kind, socket.SOCK_STREAM, 6, "", (address, port) + ((0, 0) if kind == socket.AF_INET6 else ()))
            for kind, address in zip(kinds, addresses)]


def connect_ex(self, address):
    with open(os.environ["TEST_CONNECTIONS"], "a") as log:
        log.write(f"{address[0]}\\n")
    return _connect_ex(self, ("127.0.0.1", PORT) if address[0] == "PUBLIC" else address)


socket.getaddrinfo, socket.socket.connect_ex = getaddrinfo, connect_ex
'''


def test_no_address_redirect_or_dns_answer_leads_into_the_network(
    shop: Shop, work: Session, tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NETWORK.replace("PUBLIC", PUBLIC))
    closed = {"Connection": "close"}
    shop["/robots.txt"] = Answer(b"User-agent: *\nAllow: /\n", headers={"Content-Type": "text/plain"} | closed)
    shop["/p/1"] = html(product())
    inward = {
        "/to-ip": f"http://127.0.0.1:{shop.port}/secret",
        "/to-decimal": "http://2130706433/secret",
        "/to-inside": "http://inside.example/secret",
        "/to-turning": "http://turning.example/secret",
        "/to-six": "http://[::ffff:127.0.0.1]/secret",
        "/to-file": "file:///etc/passwd",
    }
    for path, target in inward.items():
        shop[path] = Answer(b"", 302, HTML | closed | {"Location": target})
    shop["/refresh"] = '<html><head><meta http-equiv="refresh" content="0;url=http://127.0.0.1/secret"></head></html>'
    shop["/secret"] = html(product(name="Secret", sku="SECRET"))
    given = [
        *(f"http://open.example{path}" for path in ("/p/1", "/refresh", *inward)),
        "http://inside.example/direct",
        "http://several.example/direct",
        "http://sixth.example/direct",
        "http://turns.example/direct",
        "http://localhost/secret",
        "http://0x7f.1/secret",
        f"http://open.example:{shop.port}/secret",
        "http://user@open.example/secret",
    ]
    answers = {
        "open.example": [[PUBLIC]],
        "inside.example": [["10.0.0.8"]],
        "several.example": [[PUBLIC, "127.0.0.1"]],
        "sixth.example": [["::1"]],
        "turns.example": [[PUBLIC], ["127.0.0.1"]],
        "turning.example": [[PUBLIC], ["169.254.169.254"]],
    }
    connections = tmp_path / "connections"
    variables = {
        "MARKETS": "live",
        "CRAWLER_CONTACT": "owner@shop.example",
        "PYTHONPATH": str(tmp_path),
        "TEST_ANSWERS": json.dumps(answers),
        "TEST_PORT": str(shop.port),
        "TEST_CONNECTIONS": str(connections),
        "http_proxy": f"http://127.0.0.1:{shop.port}",
        "https_proxy": f"http://127.0.0.1:{shop.port}",
    }
    quick = ["-s", "AUTOTHROTTLE_ENABLED=0", "-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_ENABLED=0"]
    ended = crawl(tmp_path, given, *quick, **variables)
    assert rows(work, "select external_id from market.listing") == [("open.example/CB-12",)], ended.stderr
    assert set(connections.read_text().split()) == {PUBLIC}
    assert [path for path in shop.asked if "secret" in path or "direct" in path or "://" in path] == []
    assert all(path in shop.asked for path in inward)
    names = rejected(work)
    assert len(names) == len(given) - 1
    assert set(names.values()) == {"page/forbidden_address"}
    ((stats,),) = rows(work, "select stats from market.crawl")
    assert stats["page/forbidden_address"] == len(given) - 1


def test_in_demo_nothing_can_be_tracked_unless_the_setting_allows_this_machine(configure: Any) -> None:
    configure(MARKETS="demo")
    with pytest.raises(MarketRefused, match="TRACKED_ALLOW_PRIVATE"):
        TrackedSpider(urls="http://127.0.0.1/p")
    configure(TRACKED_ALLOW_PRIVATE="true")
    assert TrackedSpider(urls="http://127.0.0.1/p").addresses == ["http://127.0.0.1/p"]


def test_live_is_refused_without_a_contact(configure: Any) -> None:
    configure(MARKETS="live")
    with pytest.raises(MarketRefused, match="CRAWLER_CONTACT"):
        TrackedSpider(urls="https://a.example/p")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "urls or a file"),
        ({"urls": "https://a.example/", "file": "x"}, "urls or a file"),
        ({"urls": "a.example/p/1"}, "no address: a.example/p/1"),
        ({"urls": "javascript:alert(1)"}, "no address"),
        ({"file": "/nowhere/at/all"}, "cannot be read"),
        ({"urls": "https://a.example/", "country": "zz"}, "zz is no country"),
        ({"urls": "https://a.example/", "country": "DZ"}, "country"),
        ({"urls": "https://a.example/", "currency": "dinar"}, "currency"),
    ],
)
def test_a_wrong_argument_is_named(configure: Any, given: dict[str, str], named: str) -> None:
    configure(MARKETS="replay")
    with pytest.raises(ArgumentError, match=named):
        TrackedSpider(**given)


def test_addresses_may_have_commas_and_come_from_a_file(configure: Any, tmp_path: Path) -> None:
    configure(MARKETS="replay")
    both = "https://a.example/p,1.html,https://b.example/2"
    assert TrackedSpider(urls=both).addresses == ["https://a.example/p,1.html", "https://b.example/2"]
    (tmp_path / "watched").write_text("# mine\nhttps://a.example/1\n\n https://b.example/2 \nhttps://a.example/1\n")
    assert TrackedSpider(file=tmp_path / "watched").addresses == ["https://a.example/1", "https://b.example/2"]


def test_the_currency_is_that_of_the_country_unless_given(configure: Any) -> None:
    configure(MARKETS="replay")
    tracked = TrackedSpider(urls="https://a.example/1", country="tn")
    assert (tracked.market.currency, tracked.country) == ("TND", "tn")
    assert TrackedSpider(urls="https://a.example/1", currency="EUR").market.currency == "EUR"


@pytest.mark.parametrize(
    ("url", "country", "named"),
    [
        ("notaurl", None, "notaurl is no address"),
        ("https://", None, "no address"),
        ("https://a.example/1", "zz", "zz is no country"),
        (None, None, "give --url"),
    ],
)
def test_a_saved_page_under_no_address_or_in_no_country_is_refused(
    url: str | None, country: str | None, named: str
) -> None:
    with pytest.raises(UnknownShop, match=named):
        TrackedSpider.saved_page(html(product()).encode(), url, country)


def test_a_saved_page_has_the_countrys_money_however_the_country_is_written() -> None:
    page = TrackedSpider.saved_page(html(product()).encode(), "https://a.example/1", "MA")
    assert (page.country, page.currency) == ("ma", "MAD")
