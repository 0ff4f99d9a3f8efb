"""Pages for what went wrong: calm, in the visitor's language, and needing no database."""

from __future__ import annotations

from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.wrappers import Response


def _texts(code: int) -> tuple[str, str]:
    """Title and advice of an error page."""
    if code == 404:
        return _("This page is not on our shelves"), _("The address may be old. Search for the product, or go home.")
    if code == 503:
        return _("We will be right back"), _("The shop cannot read its books just now. Try again in a minute.")
    if code >= 500:
        return _("Something broke on our side"), _("It has been noted. Try again, or call us.")
    return _("This did not work"), _("Go back and try again.")


def page(code: int) -> tuple[str, int]:
    """The error page of an HTTP status, for nobody: what the console shows of an account needs the database."""
    g.pop("account", None)
    title, advice = _texts(code)
    return render_template("error.html", code=code, title=title, advice=advice), code


def init_app(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response | tuple[str, int] | HTTPException:
        if error.response is not None or (error.code or 500) < 400:
            return error
        return page(error.code or 500)

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def _database_away(error: Exception) -> tuple[str, int, dict[str, str]]:
        app.logger.error("%s %s: the database is away: %s", request.method, request.path, error)
        return *page(ServiceUnavailable.code), {"Retry-After": "60"}

    @app.errorhandler(500)
    def _broken(_: Exception) -> tuple[str, int]:
        return page(500)
