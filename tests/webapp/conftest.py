"""The app on a fresh database, a shelf of products, a server on loopback and a real browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy.orm import Session

from tests.webapp import assortment, working_day
from tests.webapp.assortment import Shelf
from tests.webapp.working_day import STAFF, Day

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
def app(database_url: str) -> OpenAPI:
    from webapp import create_app

    return create_app(TESTING=True, PROPAGATE_EXCEPTIONS=False)


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def shelf(work: Session) -> Shelf:
    return assortment.lay_out(work)


@pytest.fixture
def day(work: Session) -> Day:
    return working_day.begin(work)


@pytest.fixture
def owner(client: FlaskClient, day: Day) -> FlaskClient:
    working_day.sign_in(client)
    return client


@pytest.fixture
def staff(app: OpenAPI, day: Day) -> FlaskClient:
    client = app.test_client()
    working_day.sign_in(client, STAFF)
    return client


@pytest.fixture
def live(app: OpenAPI) -> Iterator[str]:
    """Address of the app, served on loopback for a browser."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium through Playwright."""
    if not CHROMIUM:
        pytest.skip("needs Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser found wrong on the pages of this test: see `visit`."""
    return []


@pytest.fixture
def visit(browser: Any, live: str, complaints: list[str]) -> Iterator[Any]:
    """`visit("/path", width=390, **context options)` opens a page that notes errors and broken policies."""
    contexts = []

    def open_page(path: str, width: int = 390, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 844}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.goto(live + path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()
