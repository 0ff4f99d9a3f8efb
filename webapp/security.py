"""Headers that every response carries, first of all a strict content security policy."""

from __future__ import annotations

from flask import Flask, Response

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


def init_app(app: Flask) -> None:
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
