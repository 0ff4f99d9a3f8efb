"""The replay over real HTTP: each page under the address it had, as of the day the clock says."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import pytest

from config import ROOT
from demo.replay import ReplayError, create_app

DAY_ONE, DAY_TWO = "2025-06-21T12:00:00Z", "2025-06-22T12:00:00Z"
SERVE = [sys.executable, "-c", "from demo.replay import serve; serve()"]


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Proxy:
    """A client that asks for the markets' hosts through the replay, as a browser asks a proxy."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.through = build_opener(ProxyHandler({"http": self.origin}), _Stay())
        self.direct = build_opener(ProxyHandler({}))

    def get(self, url: str) -> tuple[int, bytes, Any]:
        try:
            with self.through.open(url) as answer:
                return answer.status, answer.read(), answer.headers
        except HTTPError as error:
            return error.code, error.read(), error.headers

    def search(self, variables: Any, query: str = "query SearchQuery { search }") -> tuple[Any, Any]:
        body = json.dumps({"operationName": "SearchQuery", "variables": variables, "query": query}).encode()
        headers = {"Content-Type": "application/json"}
        with self.through.open(Request("http://api.ouedkniss.com/graphql", body, headers)) as answer:
            return json.load(answer), answer.headers

    def market(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.origin}/_market/{path}", data, headers, method="PUT" if data else "GET")
        with self.direct.open(request) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def proxy(shared: Path) -> Iterator[Proxy]:
    port = free_port()
    with subprocess.Popen(SERVE, cwd=ROOT, env=environment(port, shared / "real"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"replay: ready on http://127.0.0.1:{port}\n"
        yield Proxy(port)
        process.terminate()
        assert process.wait(10) == 0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def environment(port: int, folder: Path) -> dict[str, str]:
    return os.environ | {"REPLAY_PORT": str(port), "REPLAY_DIR": str(folder), "MARKETS": "replay"}


@pytest.fixture(autouse=True)
def _no_clock(request: pytest.FixtureRequest) -> None:
    if "proxy" in request.fixturenames:
        request.getfixturevalue("proxy").market("clock", {"now": None})


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("http://www.jumia.com.gh/catalog/?q=laptop", "gh-2025-06-22-search-laptop-desktop.html"),
        ("http://www.jumia.com.gh/catalog/?q=laptop&page=1", "gh-2025-06-22-search-laptop-desktop.html"),
        ("http://www.jumia.ma/catalog/?page=1&q=laptop", "ma-2026-04-search-laptop-desktop-fr.html"),
        ("http://www.jumia.ma/telephones-smartphones/", "ma-2026-04-category-phones-mobile-fr.html"),
        ("http://www.jumia.com.ng/groceries/", "ng-2025-10-category-groceries-fragment.html"),
        ("http://www.jumia.com.ng/catalog/?q=xiaomi+redmi+note+5", "ng-2020-06-search-old-template.html"),
        ("http://www.jumia.com.ng/binatone-dry-iron-di1255-102988845.html", "ng-2023-08-product-few-units.html"),
        (
            "http://www.jumia.com.ng/samsung-galaxy-z-fold-6-5g-7.6-12gb-512gb-rom-large-screen-404945551.html",
            "ng-2026-02-product-five-left.html",
        ),
        ("http://www.jumia.sn/", "sn-2026-01-home-fr.html"),
        ("http://www.jumia.ma/robots.txt", "robots-ma-partial.txt"),
    ],
)
def test_each_page_is_served_byte_for_byte_under_the_address_it_had(
    proxy: Proxy, shared: Path, url: str, file: str
) -> None:
    status, body, headers = proxy.get(url)
    saved = (shared / "real" / "jumia" / "pages" / file).read_bytes()
    assert (status, body) == (200, saved)
    assert headers["X-Market-Time"]


def test_the_clock_chooses_the_day_of_the_ghana_search(proxy: Proxy, shared: Path) -> None:
    pages = shared / "real" / "jumia" / "pages"
    for now, file in ((DAY_ONE, "gh-2025-06-21"), (DAY_TWO, "gh-2025-06-22"), (DAY_ONE, "gh-2025-06-21")):
        assert proxy.market("clock", {"now": now}) == {"now": now}
        assert proxy.market("clock") == {"now": now}
        _, body, headers = proxy.get("http://www.jumia.com.gh/catalog/?q=laptop")
        assert body == (pages / f"{file}-search-laptop-desktop.html").read_bytes()
        assert headers["X-Market-Time"] == now


def test_before_the_day_it_was_saved_a_page_is_not_there(proxy: Proxy) -> None:
    proxy.market("clock", {"now": "2025-06-20T12:00:00Z"})
    assert proxy.get("http://www.jumia.com.gh/catalog/?q=laptop")[0] == 404


def test_without_a_clock_every_page_has_its_own_day(proxy: Proxy) -> None:
    days = {
        "http://www.jumia.com.gh/catalog/?q=laptop": DAY_TWO,
        "http://www.jumia.com.ng/groceries/": "2025-10-23T12:00:00Z",
        "http://www.jumia.ma/telephones-smartphones/": "2026-04-01T12:00:00Z",
    }
    assert {url: proxy.get(url)[2]["X-Market-Time"] for url in days} == days


@pytest.mark.parametrize("body", [{}, {"now": "yesterday"}, {"now": 7}, []])
def test_a_wrong_clock_is_refused(proxy: Proxy, body: Any) -> None:
    with pytest.raises(HTTPError, match="400"):
        proxy.market("clock", body)


def test_what_was_not_saved_is_not_found_and_a_dead_product_leads_home(proxy: Proxy) -> None:
    assert proxy.get("http://www.jumia.com.gh/catalog/?q=laptop&page=2")[0] == 404
    assert proxy.get("http://www.jumia.com.gh/catalog/?q=phone")[0] == 404
    assert proxy.get("http://www.jumia.ma/groceries/")[0] == 404
    status, _, headers = proxy.get("http://www.jumia.sn/vieux-produit-12345678.html")
    assert (status, headers["Location"]) == (302, "/")


def test_the_plan_covers_every_saved_listing_and_product_in_time_order(proxy: Proxy, shared: Path) -> None:
    plan = proxy.market("plan")
    times = [step["at"] for step in plan]
    assert times == sorted(times)
    assert [step["spider"] for step in plan].count("jumia") == len(
        list((shared / "real" / "jumia" / "pages").glob("*.html"))
    )
    assert {"country": "gh", "query": "laptop", "max_pages": "1"} in [step["arguments"] for step in plan]
    assert [step["arguments"]["category"] for step in plan if step["spider"] == "ouedkniss"] == [
        "immobilier",
        "offres_demandes_emploi",
    ]


def test_the_recorded_search_is_answered_as_recorded_and_then_ends(proxy: Proxy, shared: Path) -> None:
    recorded = json.loads((shared / "real" / "ouedkniss" / "search-response-2026-08-18.json").read_text())
    variables = recorded["_probe"]["request"]["variables"]
    answer, headers = proxy.search(variables)
    assert answer == {"data": recorded["data"]}
    assert headers["X-Market-Time"] == "2026-08-18T12:00:00Z"
    second, _ = proxy.search({"q": variables["q"], "filter": variables["filter"] | {"page": 2}})
    assert second["data"]["search"]["announcements"]["data"] == []


def test_the_912_ads_come_page_by_page_each_once(proxy: Proxy, shared: Path) -> None:
    raw = json.loads((shared / "real" / "ouedkniss" / "ads-2024-04-05.json").read_text())
    seen: list[dict[str, Any]] = []
    for page in range(1, 20):
        answer, _ = proxy.search({"filter": {"categorySlug": "immobilier", "page": page, "count": 48}})
        found = answer["data"]["search"]["announcements"]
        assert found["paginatorInfo"] == {"lastPage": 19, "hasMorePages": page < 19, "total": 912}
        seen += found["data"]
    assert len({ad["id"] for ad in seen}) == 912
    assert [ad["title"] for ad in seen] == [ad["title"] for ad in raw]
    assert [ad["price"] for ad in seen] == [ad["price"] for ad in raw]
    assert sum(ad["store"] is None for ad in seen) == sum(ad["store"] is None for ad in raw)


def total(proxy: Proxy, **search: Any) -> int:
    words = search.pop("q", None)
    answer, _ = proxy.search({"q": words, "filter": search})
    return int(answer["data"]["search"]["announcements"]["paginatorInfo"]["total"])


def test_categories_and_words_narrow_the_search(proxy: Proxy) -> None:
    assert total(proxy, categorySlug="immobilier-vente-studio") == 16
    assert total(proxy, categorySlug="immobilier-vente") > total(proxy, categorySlug="immobilier-vente-villa") > 0
    assert total(proxy, categorySlug="immob") == 0
    assert 0 < total(proxy, categorySlug="immobilier", q="Béjaïa") == total(proxy, q="bejaia")


def test_a_search_with_errors_is_answered_with_status_200_and_errors(proxy: Proxy) -> None:
    for variables, query in (
        ({"filter": {"count": 500}}, "query SearchQuery { search }"),
        ({"filter": {"page": "x"}}, "query SearchQuery { search }"),
        ({}, "{ __schema { types { name } } }"),
    ):
        answer, _ = proxy.search(variables, query)
        assert answer["errors"][0]["message"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"REPLAY_DIR=.*MANIFEST\.tsv"):
        create_app(tmp_path)
    ended = subprocess.run(
        SERVE, cwd=ROOT, env=environment(free_port(), tmp_path), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"replay: REPLAY_DIR={tmp_path}")
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_a_clear_error(proxy: Proxy, shared: Path) -> None:
    port = int(proxy.origin.rsplit(":", 1)[1])
    ended = subprocess.run(
        SERVE, cwd=ROOT, env=environment(port, shared / "real"), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("replay: ")
    assert "Traceback" not in ended.stderr


def test_the_manifest_names_days_that_exist(shared: Path) -> None:
    app = create_app(shared / "real")
    plan = app.test_client().get("/_market/plan").get_json()
    assert [date.fromisoformat(step["at"][:10]).year for step in plan] == sorted(
        date.fromisoformat(step["at"][:10]).year for step in plan
    )
