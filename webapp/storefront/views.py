from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("storefront", __name__, template_folder="templates")


@blueprint.get("/")
def home() -> str:
    return render_template("storefront/home.html")


@blueprint.get("/search")
def search() -> str:
    return render_template("storefront/home.html")
