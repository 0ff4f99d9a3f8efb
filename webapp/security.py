"""Headers that every response carries, first of all a strict content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, Map

from config import settings

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For an SVG answered on its own: it may style itself and load nothing."""
MOST_ID = 2**63 - 1
PICTURE_HOSTS = ("https://*.jumia.is", "https://*.ouedkniss.com")


def policy(**changes: str) -> str:
    """The content security policy, with directives replaced: `policy(style_src="'self' 'unsafe-inline'")`."""
    directives = POLICY | {"img-src": _picture_sources()}
    directives |= {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _picture_sources() -> str:
    if not settings().shop_market_pictures:
        return "'self'"
    local = (f"http://127.0.0.1:{settings().demo_jumia_port}",) if settings().markets == "demo" else ()
    return " ".join(("'self'", *PICTURE_HOSTS, *local))


class Id(IntegerConverter):
    """A number in a path that the database can hold; any other is no page of ours."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": MOST_ID} | options)


def _texts(values: MultiDict[str, str]) -> Iterator[str]:
    for name, texts in values.lists():
        yield from (name, *texts)


def _holds_nul() -> bool:
    """Whether the request says anything with the one character that PostgreSQL cannot keep."""
    said = (request.path, *_texts(request.args), *_texts(request.form))
    return any("\0" in text for text in said) or (request.is_json and b"\\u0000" in request.get_data())


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = Id

    @app.before_request
    def _refuse_nul() -> None:
        """The shop leaves nonsense in an address out by itself; nobody else sends NUL by accident."""
        if request.blueprint != "storefront" and _holds_nul():
            abort(400, "A text holds the character NUL, which cannot be kept.")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy())
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if settings().web_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return response
