"""The shop and the console, in Flask. A view parses a request, calls one function of `reseller`, renders."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from flask_openapi3 import Info, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from config import settings

ROOMS = ("accounts", "storefront", "feeds", "console", "api")
"""Parts that add their pages through `register(app)` or a `blueprint`, in this order."""


def create_app(**overrides: Any) -> OpenAPI:
    """The web application. It migrates nothing and needs no database to start.

    Args:
        overrides: Flask configuration that replaces the defaults, for tests.

    Raises:
        config.SettingsError: a setting has a wrong value.
    """
    from webapp import errors, i18n, pages, security, work

    app = OpenAPI(__name__, info=Info(title=f"{settings().shop_name} API", version="1"), doc_ui=False)
    app.config.from_mapping(
        SECRET_KEY=settings().signing_key(),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings().web_https,
        SEND_FILE_MAX_AGE_DEFAULT=300,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        TEMPLATES_AUTO_RELOAD=app.debug,
    )
    app.config.from_mapping(overrides)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings().web_https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    for part in (work, security, i18n, pages, errors):
        part.init_app(app)
    for room in ROOMS:
        if find_spec(f"webapp.{room}"):
            _open(import_module(f"webapp.{room}"), app)
    return app


def _open(room: ModuleType, app: OpenAPI) -> None:
    if hasattr(room, "register"):
        room.register(app)
    elif hasattr(room, "blueprint"):
        app.register_blueprint(room.blueprint)
