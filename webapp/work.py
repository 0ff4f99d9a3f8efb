"""One unit of work a request: opened when first asked for, rolled back unless the view committed."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

import database


def work() -> Session:
    """The session of this request."""
    if "work" not in g:
        g.work_context = database.session()
        g.work = g.work_context.__enter__()
    session: Session = g.work
    return session


def now() -> datetime:
    """This request's one moment, UTC: by `CLOCK` in the app's configuration where days are lived through faster."""
    if "now" not in g:
        clock = current_app.config.get("CLOCK")
        g.now = clock() if clock else datetime.now(UTC)
    moment: datetime = g.now
    return moment


def init_app(app: Flask) -> None:
    @app.teardown_appcontext
    def _close(_: BaseException | None) -> None:
        if context := g.pop("work_context", None):
            g.pop("work", None)
            context.__exit__(None, None, None)
