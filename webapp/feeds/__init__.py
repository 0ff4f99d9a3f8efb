"""Product feeds and pictures, for programs of other channels."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Adds the feeds."""
    from webapp.feeds.views import blueprint

    app.register_blueprint(blueprint)
