"""What those who work here see: what needs them, what trends, proposals, purchases, stock, crawls, settings."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Adds the console below /console."""
    from webapp.console import access, actions, considered, ledger, orders, prices, purchases, shelf, views
    from webapp.console.blueprint import blueprint

    for pages in (access, actions, considered, ledger, orders, prices, purchases, shelf, views):
        assert pages.blueprint is blueprint
    app.register_blueprint(blueprint)
