"""What shoppers see."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Adds the shop's pages."""
    from webapp.storefront.views import blueprint

    app.register_blueprint(blueprint)
