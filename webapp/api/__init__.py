"""The API for programs, version 1: `/api/v1`, its document `/api/v1/openapi.json`, its pages `/api/docs`."""

from __future__ import annotations

from flask import Flask
from flask_openapi3 import Info, OpenAPI
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from config import settings
from reseller.refusals import Refused
from webapp.api import docs, private, problems, public

DESCRIPTION = """Products and prices of the watched markets, what trends, and the purchases that the agent proposes.

Money is a decimal text with its ISO 4217 currency, times are ISO 8601 in UTC, lists come in pages. Errors are problem
details (RFC 9457). Proposals and purchases need a token of `POST /api/v1/token`, or the console's cookie with the
header `X-CSRF-TOKEN`."""

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "access_token_cookie"},
}

for _blueprint in (public.blueprint, private.blueprint):
    _blueprint.register_error_handler(Refused, problems.refused)
    _blueprint.register_error_handler(HTTPException, problems.http)
    _blueprint.register_error_handler(OperationalError, problems.away)
    _blueprint.register_error_handler(InterfaceError, problems.away)
    _blueprint.register_error_handler(Exception, problems.broken)


def register(app: Flask) -> None:
    """Adds the API and its documentation to `app`."""
    assert isinstance(app, OpenAPI)
    app.info = Info(title=f"{settings().shop_name} API", version="1", description=DESCRIPTION)
    app.security_schemes = SECURITY
    problems.register(app)
    app.register_api(public.blueprint)
    app.register_api(private.blueprint)
    app.register_blueprint(docs.blueprint)
