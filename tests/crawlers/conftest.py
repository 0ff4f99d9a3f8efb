"""A shop that answers what a test says, the replay of the real pages, and crawls as processes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from config import ROOT

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
SCRAPY = [str(Path(sys.executable).with_name("scrapy"))]
_direct = build_opener(ProxyHandler({}))


@dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(HTML))
    declared_length: int | None = None


@dataclass
class Shop:
    """Answers by path and query; a list of answers is given one after another, the last for ever."""

    port: int
    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    market_time: str | None = "2026-05-01T12:00:00Z"
    before_answer: Callable[[str], None] = lambda _: None

    def __setitem__(self, path: str, answer: Answer | list[Answer] | bytes | str) -> None:
        if isinstance(answer, str):
            answer = answer.encode()
        self.answers[path] = Answer(answer) if isinstance(answer, bytes) else answer

    def next(self, path: str) -> Answer:
        found = self.answers.get(path, Answer(b"not here", 404))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A web server on this machine in the place of the demo market, both of Jumia and of Ouedkniss."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.asked.append(self.path)
            made.agents.add(self.headers["User-Agent"])
            made.before_answer(self.path)
            answer = made.next(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if made.market_time:
                self.send_header("X-Market-Time", made.market_time)
            length = answer.declared_length
            self.send_header("Content-Length", str(len(answer.body) if length is None else length))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(answer.body)
            if length is not None:
                self.close_connection = True

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            variables = json.loads(self.rfile.read(size))["variables"]
            asked = variables.get("filter") or {"categorySlug": "ad", "page": variables["id"]}
            self.path = f"/graphql/{asked['categorySlug']}/{asked['page']}"
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Shop(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("MARKETS", "demo")
    monkeypatch.setenv("DEMO_JUMIA_PORT", str(made.port))
    monkeypatch.setenv("DEMO_OUEDKNISS_PORT", str(made.port))
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


Crawl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    """`crawl("jumia", category="x")`: runs `scrapy crawl` as anyone would, with its own DATA_DIR."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(spider: str, **arguments: Any) -> subprocess.CompletedProcess[str]:
        given = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        command = [*SCRAPY, "crawl", spider, *given]
        return subprocess.run(
            command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@dataclass(frozen=True)
class Replay:
    port: int

    def get(self, path: str) -> Any:
        with _direct.open(f"http://127.0.0.1:{self.port}{path}") as answer:
            return json.load(answer)

    def set_clock(self, now: str | None) -> None:
        body = json.dumps({"now": now}).encode()
        request = Request(f"http://127.0.0.1:{self.port}/_market/clock", body, dict(JSON), method="PUT")
        _direct.open(request).close()


@pytest.fixture
def replay(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """The replay server as a process, and MARKETS=replay."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MARKETS", "replay")
    monkeypatch.setenv("REPLAY_PORT", str(port))
    monkeypatch.setenv("REPLAY_DIR", str(shared / "real"))
    command = [sys.executable, "-c", "from demo.replay import serve; serve()"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"replay: ready on http://127.0.0.1:{port}\n"
        yield Replay(port)
        process.terminate()
        assert process.wait(10) == 0
