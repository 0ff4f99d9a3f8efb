"""Signing in and out, and the door in front of every other page of the console."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import abort, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp import accounts
from webapp.console.blueprint import blueprint
from webapp.work import work

OPEN = {"console.sign_in", "console.enter"}


@blueprint.before_request
def _only_accounts() -> Response | None:
    if request.endpoint in OPEN:
        return None
    try:
        g.account = accounts.account_of_request(work())
    except accounts.SignInNeeded:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else _came_from()
        return redirect(url_for("console.sign_in", next=wanted), 303)
    except accounts.Forged:
        return _turned_away(
            _("This form is out of date"), _("Nothing was changed. Go back, reload the page, try again.")
        )
    return None


@blueprint.after_request
def _not_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _came_from() -> str:
    """The page whose form was sent; a form itself cannot be visited."""
    return safe_next(_parts(request.referrer or "").path)


def _parts(address: str) -> SplitResult:
    """The parts of an address; all empty where it is none, such as `//[`."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _turned_away(title: str, advice: str) -> Response:
    page = "console/turned_away.html" if g.get("account") else "error.html"
    return make_response(render_template(page, code=403, title=title, advice=advice), 403)


@blueprint.errorhandler(404)
def _missing(_error: Exception) -> tuple[str, int]:
    title, advice = (
        _("There is no such thing here"),
        _("It may be of another day, or never was. Look through the lists."),
    )
    return render_template("console/turned_away.html", title=title, advice=advice), 404


def owner_only(view: Any) -> Any:
    """Staff are told so, kindly, and nothing happens."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if g.account.role != "owner":
            return _turned_away(_("Only an owner may do this"), _("Nothing was changed. Ask the owner of the shop."))
        return view(*args, **kwargs)

    return checked


def safe_next(wanted: str | None) -> str:
    """`wanted` if it is a page of ours, else the console's first page: never another site."""
    wanted = wanted or ""
    parts = _parts(wanted)
    ours = parts.path == "/api/docs" or parts.path == "/console" or parts.path.startswith("/console/")
    if parts.scheme or parts.netloc or not ours or "\\" in wanted or not wanted.isprintable():
        return url_for("console.today")
    return wanted


@blueprint.get("/sign-in")
def sign_in() -> Response | str:
    """The form; someone signed in already goes on."""
    try:
        accounts.account_of_request(work())
    except (accounts.SignInNeeded, accounts.Forged):
        return _form()
    return redirect(safe_next(request.args.get("next")), 303)


def _form(error: str | None = None) -> str:
    return render_template("console/sign_in.html", error=error, email=request.form.get("email", ""))


@blueprint.post("/sign-in")
def enter() -> Response | tuple[str, int]:
    """Checks e-mail and password, and goes where the person wanted to."""
    if accounts.from_elsewhere():
        abort(403)
    email, password = request.form.get("email", ""), request.form.get("password", "")
    limit = accounts.limit_of(current_app)
    try:
        account = accounts.verify(work(), email, password, limit, request.remote_addr or "")
    except accounts.Barred as barred:
        minutes = int(barred.wait.total_seconds() // 60) + 1
        wait = ngettext("Too many tries. Wait %(num)s minute.", "Too many tries. Wait %(num)s minutes.", minutes)
        return _form(wait), 429
    if account is None:
        return _form(_("E-mail or password is wrong.")), 401
    work().commit()
    response = redirect(safe_next(request.args.get("next")), 303)
    accounts.sign_in(response, account)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Ends the token and takes the cookies back."""
    response = redirect(url_for("console.sign_in"), 303)
    accounts.sign_out(work(), response)
    work().commit()
    flash(_("You are signed out."), "info")
    return response
