from __future__ import annotations

import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

import config
from tests.webapp.assortment import Shelf
from webapp import i18n, messages

TOKENS = Path(messages.WEBAPP / "static" / "css" / "tokens.css").read_text()


@pytest.mark.parametrize("code", messages.TRANSLATED)
def test_every_message_of_the_shop_is_translated(code: str) -> None:
    folder = messages.WEBAPP / "translations"
    assert messages.missing(folder, "shop", code) == []


@pytest.mark.parametrize("code", messages.TRANSLATED)
def test_a_translation_keeps_the_places_for_values(code: str) -> None:
    for message in messages.load(messages.WEBAPP / "translations", code):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(r"%\(\w+\)s", ids[-1])) if message.id else set()
        for string in strings:
            extra = set(re.findall(r"%\(\w+\)s", string)) - wanted if message.id else set()
            assert not extra, (message.id, string)
        assert not message.id or wanted <= set(re.findall(r"%\(\w+\)s", strings[-1])), message.id


def test_a_lacking_translation_is_noticed(tmp_path: Path) -> None:
    assert "Trending" in messages.missing(tmp_path, "shop", "fr")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"path": "/nope?lang=ar", "headers": {"Accept-Language": "en"}}, "ar"),
        ({"path": "/nope", "headers": {"Accept-Language": "en-GB,fr;q=0.5"}}, "en"),
        ({"path": "/nope", "headers": {"Accept-Language": "de"}}, "fr"),
        ({"path": "/nope?lang=xx", "headers": {"Accept-Language": "ar-DZ"}}, "ar"),
        ({"path": "/nope"}, "fr"),
    ],
)
def test_the_language_is_asked_for_then_wished_then_the_shops(
    client: FlaskClient, asked: dict[str, Any], code: str
) -> None:
    assert f'<html lang="{code}"' in client.get(**asked).text


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    client.get("/nope?lang=ar")
    assert '<html lang="ar" dir="rtl">' in client.get("/nope", headers={"Accept-Language": "fr"}).text


def test_the_language_switch_keeps_the_page(client: FlaskClient, shelf: Shelf) -> None:
    page = client.get("/search?q=samsung&source=jumia&lang=fr").text
    assert 'href="/search?q=samsung&amp;source=jumia&amp;lang=ar"' in page


def test_every_answer_carries_the_strict_policy(client: FlaskClient) -> None:
    for path in ("/", "/nope", "/static/css/base.css"):
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        for directive in ("default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'",
                          "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):  # fmt: skip
            assert directive in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_database_that_is_away_gives_a_calm_503(monkeypatch: pytest.MonkeyPatch, configure: Any) -> None:
    import database.connection as connection
    from webapp import create_app

    configure(DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing")
    for cached in (connection.url, connection.engine):
        cached.cache_clear()
    answer = create_app(TESTING=True, PROPAGATE_EXCEPTIONS=False).test_client().get("/?lang=fr")
    for cached in (connection.url, connection.engine):
        cached.cache_clear()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Nous revenons tout de suite" in answer.text
    assert "psycopg2" not in answer.text


def test_an_error_of_ours_gives_a_calm_500(app: OpenAPI) -> None:
    app.config["TESTING"] = False

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret detail")

    answer = app.test_client().get("/broken?lang=en")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    ("code", "money", "fall", "when"),
    [("fr", "12 500 DA", "−18 %", "3 mai 2026"), ("ar", "12 500 دج", "−18 %", "3 ماي 2026"),
     ("en", "12,500 DA", "−18%", "3 May 2026")],
)  # fmt: skip
def test_numbers_and_dates_are_written_as_people_do(app: OpenAPI, code: str, money: str, fall: str, when: str) -> None:
    with app.test_request_context(f"/?lang={code}"):
        assert i18n.money_text(Decimal("12499.50")).replace("\u202f", " ") == money
        assert i18n.percent(Decimal("-17.9")).striptags().replace("\u202f", " ") == fall
        assert i18n.day(datetime(2026, 5, 2, 23, 30, tzinfo=UTC)) == when


def test_a_recent_time_is_relative_and_keeps_its_exact_moment(app: OpenAPI) -> None:
    now = datetime(2026, 5, 3, 12, tzinfo=UTC)
    with app.test_request_context("/?lang=fr"):
        shown = i18n.ago(now - timedelta(hours=3), now)
        assert shown.striptags() == "il y a 3 heures"
        assert 'datetime="2026-05-03T09:00:00+00:00"' in shown
        assert i18n.ago(now - timedelta(days=90), now, in_sentence=True).striptags() == "le 2 févr. 2026"


def test_signed_percentages_stay_left_to_right_inside_a_sentence(app: OpenAPI) -> None:
    with app.test_request_context("/?lang=ar"):
        assert '<bdi dir="ltr">−9 %</bdi>' in i18n.isolate("السعر −9 %")
        assert "<b>" not in i18n.isolate("<b>−9 %</b>").replace("<bdi", "")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "ink-soft", "green", "terracotta-ink", "blue")
          for ground in ("paper", "surface", "sand-soft")),
        ("on-green", "green"), ("green", "green-soft"), ("terracotta-ink", "terracotta-soft"), ("blue", "blue-soft"),
        ("ink", "sand"),
    ],
)  # fmt: skip
def test_text_has_the_contrast_that_weak_eyes_need(theme: str, text: str, ground: str) -> None:
    light, dark = TOKENS.split("@media (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    colours = found[0] | (found[1] if theme == "dark" else {})
    assert contrast(colours[text], colours[ground]) >= 4.5


def test_the_server_says_when_it_is_ready_and_ends_cleanly(database_url: str, tmp_path: Path) -> None:
    from os import environ

    process = subprocess.Popen(
        [sys.executable, "-m", "webapp"], cwd=config.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**environ, "DATABASE_URL": database_url, "WEB_PORT": "0", "DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert re.fullmatch(r"Hanout is open on http://127\.0\.0\.1:\d+\n", line)
    import httpx

    address = line.split()[-1]
    assert httpx.get(f"{address}/").status_code == 200
    process.send_signal(signal.SIGTERM)
    _, complaints = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in complaints


def test_a_taken_port_is_named(database_url: str, tmp_path: Path) -> None:
    import socket
    from os import environ

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "webapp"], cwd=config.ROOT, text=True, capture_output=True, timeout=60, check=False,
            env={**environ, "DATABASE_URL": database_url, "WEB_PORT": str(taken.getsockname()[1]),
                 "DATA_DIR": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode == 1
    assert "WEB_PORT" in done.stderr
    assert "Traceback" not in done.stderr
