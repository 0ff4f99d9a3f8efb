"""The OpenAPI document and Swagger UI, served from an installed package: no script from elsewhere, none inline."""

from __future__ import annotations

from pathlib import Path

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, Response, current_app, jsonify, make_response, render_template

from webapp import security

SWAGGER = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"

blueprint = Blueprint(
    "api_docs",
    __name__,
    template_folder="templates",
    static_folder=str(SWAGGER),
    static_url_path="/api/docs/swagger",
)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """The OpenAPI 3.1 document, generated from the views."""
    return jsonify(current_app.api_doc)  # type: ignore[attr-defined]


@blueprint.get("/api/docs")
def page() -> Response:
    """Swagger UI. It sets styles on its elements and draws its icons from data addresses: allowed on this page only."""
    response = make_response(render_template("api/docs.html"))
    response.headers["Content-Security-Policy"] = security.policy(
        style_src="'self' 'unsafe-inline'", img_src="'self' data:"
    )
    return response
