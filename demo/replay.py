"""The replay of saved pages: a forward proxy on localhost that answers for the markets' hosts.

Each page is served under the address it had, as of the day it was saved. The clock says which day it is; with no
clock set every page is served with its own day.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import waitress
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from config import settings
from demo.replay_ads import Ads, UnknownSearch

LOOPBACK = "127.0.0.1"
OUEDKNISS_API = "api.ouedkniss.com"

# Addresses as the pages themselves name them; a product page names its own in its canonical link.
PAGES: dict[str, tuple[str, str | None, dict[str, str]]] = {
    "ng-2020-06-search-old-template.html": (
        "www.jumia.com.ng",
        "/catalog/?q=xiaomi+redmi+note+5",
        {"query": "xiaomi redmi note 5"},
    ),
    "ng-2023-08-product-few-units.html": ("www.jumia.com.ng", None, {}),
    "gh-2025-06-21-search-laptop-desktop.html": ("www.jumia.com.gh", "/catalog/?q=laptop", {"query": "laptop"}),
    "gh-2025-06-22-search-laptop-desktop.html": ("www.jumia.com.gh", "/catalog/?q=laptop", {"query": "laptop"}),
    "ng-2025-10-category-groceries-fragment.html": ("www.jumia.com.ng", "/groceries/", {"category": "groceries"}),
    "sn-2026-01-home-fr.html": ("www.jumia.sn", "/", {}),
    "ng-2026-02-product-five-left.html": ("www.jumia.com.ng", None, {}),
    "ma-2026-04-category-phones-mobile-fr.html": (
        "www.jumia.ma",
        "/telephones-smartphones/",
        {"category": "telephones-smartphones"},
    ),
    "ma-2026-04-search-laptop-desktop-fr.html": ("www.jumia.ma", "/catalog/?q=laptop", {"query": "laptop"}),
}
ROBOTS = {"www.jumia.ma": "robots-ma-partial.txt"}
_CANONICAL = re.compile(rb'<link[^>]*rel="canonical"[^>]*href="https?://[^/"]+([^"]+)"')
_PRODUCT = re.compile(r"-\w*\d+\.html$")

Address = tuple[str, str, tuple[tuple[str, str], ...]]


class ReplayError(RuntimeError):
    """The saved pages are not where REPLAY_DIR says; the text says what is missing."""


@dataclass(frozen=True)
class SavedPage:
    """One saved page: its host, its address there, the time it stands for, and how a spider asks for it alone."""

    host: str
    path: str
    at: datetime
    file: Path
    arguments: dict[str, str]


class Clock:
    """The market's clock: a set time, or none."""

    def __init__(self) -> None:
        self.set_to: datetime | None = None

    def now(self) -> datetime:
        """The set time, else the wall clock; aware, UTC."""
        return self.set_to or datetime.now(UTC)


def noon(day: str) -> datetime:
    """12:00 UTC of a day of the manifest; of a month alone, of its first day."""
    return datetime.combine(date.fromisoformat(day if len(day) == 10 else f"{day}-01"), time(12), UTC)


def saved_pages(folder: Path) -> list[SavedPage]:
    """The saved pages of Jumia in time order.

    Raises:
        ReplayError: the folder, its manifest or a page of it is missing.
    """
    manifest = folder / "MANIFEST.tsv"
    if not manifest.is_file():
        raise ReplayError(f"REPLAY_DIR={folder}: there is no MANIFEST.tsv; it must be the folder of the saved pages")
    lines = [line.split("\t") for line in manifest.read_text().splitlines()[1:]]
    days = {line[0]: line[3] for line in lines if len(line) > 3}
    pages = []
    for name, (host, path, arguments) in PAGES.items():
        file = folder / "jumia" / "pages" / name
        if not file.is_file():
            raise ReplayError(f"REPLAY_DIR={folder}: {file.relative_to(folder)} is missing")
        path = path or _canonical(file)
        start = {} if arguments else {"start_url": f"https://{host}{path}"}
        one = {"max_pages": "1"} if arguments else {}
        asked = {"country": name[:2], **arguments, **start, **one}
        pages.append(SavedPage(host, path, noon(days[f"jumia/pages/{name}"]), file, asked))
    return sorted(pages, key=lambda page: page.at)


def _canonical(file: Path) -> str:
    found = _CANONICAL.search(file.read_bytes())
    if found is None:
        raise ReplayError(f"{file} names no canonical address")
    return found.group(1).decode()


def address(host: str, path: str, query: str) -> Address:
    """What tells pages apart: the order of parameters and the number of the first page do not."""
    parameters = sorted(pair for pair in parse_qsl(query) if pair != ("page", "1"))
    return host, path, tuple(parameters)


class Replay:
    """What is served: pages by address and day, ads by search and day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.pages = saved_pages(folder)
        self.ads = Ads(folder / "ouedkniss")
        self.by_address: dict[Address, list[SavedPage]] = {}
        for page in self.pages:
            split = urlsplit(page.path)
            self.by_address.setdefault(address(page.host, split.path, split.query), []).append(page)

    def page(self, host: str, path: str, query: str) -> SavedPage | None:
        """The page of an address as of the clock: the newest one saved by then."""
        versions = self.by_address.get(address(host, path, query), [])
        past = [page for page in versions if self.clock.set_to is None or page.at <= self.clock.set_to]
        return past[-1] if past else None

    def plan(self) -> list[dict[str, Any]]:
        """The crawls that cover everything saved, in time order."""
        steps = [("jumia", page.at, page.arguments) for page in self.pages]
        steps += [("ouedkniss", at, arguments) for at, arguments in self.ads.plan()]
        steps.sort(key=lambda step: step[1])
        return [{"at": iso(at), "spider": spider, "arguments": arguments} for spider, at, arguments in steps]


def iso(moment: datetime) -> str:
    """A time as the market writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def create_app(folder: Path) -> Flask:
    """The replay as a WSGI application.

    Raises:
        ReplayError: the saved pages are not there.
    """
    replay = Replay(folder)
    app = Flask("replay", static_folder=None)
    app.add_url_rule("/_market/clock", view_func=lambda: _clock(replay), methods=["GET", "PUT"], endpoint="clock")
    app.add_url_rule("/_market/plan", view_func=replay.plan, endpoint="plan")
    app.add_url_rule("/graphql", view_func=lambda: _graphql(replay), methods=["POST"], endpoint="graphql")
    app.add_url_rule("/robots.txt", view_func=lambda: _robots(replay), endpoint="robots")
    app.add_url_rule("/", view_func=lambda: _page(replay), endpoint="home")
    app.add_url_rule("/<path:_path>", view_func=lambda _path: _page(replay), endpoint="page")
    app.errorhandler(HTTPException)(lambda error: Response(f"{error.name}\n", error.code, mimetype="text/plain"))
    return app


def _clock(replay: Replay) -> dict[str, str] | tuple[dict[str, str], int]:
    if request.method == "PUT":
        try:
            given = request.get_json()["now"]
            replay.clock.set_to = None if given is None else datetime.fromisoformat(given).astimezone(UTC)
        except (KeyError, TypeError, ValueError):
            return {"error": 'send {"now": "2026-05-01T12:00:00Z"} or {"now": null}'}, 400
    return {"now": iso(replay.clock.now())}


def _page(replay: Replay) -> Response:
    host = request.host.split(":")[0]
    page = replay.page(host, request.path, request.query_string.decode())
    if page is not None:
        return _timed(Response(page.file.read_bytes(), mimetype="text/html"), replay.clock.set_to or page.at)
    if _PRODUCT.search(request.path) and host != OUEDKNISS_API:
        gone = Response(status=302, headers={"Location": "/"})
        return _timed(gone, replay.clock.now())
    return _timed(Response("This page was not saved.\n", 404, mimetype="text/plain"), replay.clock.now())


def _robots(replay: Replay) -> Response:
    name = ROBOTS.get(request.host.split(":")[0])
    if name is None:
        return _timed(Response("Not saved.\n", 404, mimetype="text/plain"), replay.clock.now())
    text = (replay.folder / "jumia" / "pages" / name).read_text()
    return _timed(Response(text, mimetype="text/plain"), replay.clock.now())


def _graphql(replay: Replay) -> Response:
    body = request.get_json(silent=True)
    try:
        answer, at = replay.ads.search(body, replay.clock.set_to)
    except UnknownSearch as error:
        answer, at = {"errors": [{"message": str(error)}], "data": None}, replay.clock.now()
    document = json.dumps(answer, ensure_ascii=False)
    return _timed(Response(document, mimetype="application/json"), replay.clock.set_to or at)


def _timed(response: Response, at: datetime) -> Response:
    response.headers["X-Market-Time"] = iso(at)
    return response


def serve() -> None:
    """Serves the replay on 127.0.0.1:REPLAY_PORT until SIGTERM or SIGINT."""
    chosen = settings()
    try:
        app = create_app(chosen.replay_dir)
        server = waitress.create_server(app, host=LOOPBACK, port=chosen.replay_port, threads=4, ident="replay")
    except (ReplayError, OSError) as error:
        sys.exit(f"replay: {error}")

    def stop(*_: object) -> None:
        raise SystemExit(0)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
    print(f"replay: ready on http://{LOOPBACK}:{server.effective_port}", flush=True)
    with contextlib.suppress(SystemExit, KeyboardInterrupt):
        server.run()
    server.close()
