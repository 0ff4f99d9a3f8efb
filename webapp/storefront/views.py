"""Pages of the shop."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from reseller import catalogue
from reseller.catalogue import Card, Wanted
from webapp import addresses, charts
from webapp.charts import price
from webapp.i18n import LANGUAGES, language
from webapp.security import IMAGE_POLICY
from webapp.storefront import asking, checkout, names, pictures
from webapp.work import work

blueprint = Blueprint("storefront", __name__, template_folder="templates")
checkout.register(blueprint)


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {
        "shelf_names": names.SHELVES,
        "market_name": names.market,
        "product_address": product_address,
        "drawing": pictures.drawing,
    }


def product_address(card: Card) -> str:
    """Where a product's page is."""
    return url_for("storefront.product", listing_id=card.listing_id, slug=names.slug(card.title))


@blueprint.before_request
def _nothing_to_read_yet() -> tuple[str, int] | None:
    if not catalogue.built(work()):
        return render_template("storefront/not_open.html"), 200
    return None


@blueprint.get("/")
def home() -> str:
    shown = catalogue.home(work())
    histories = catalogue.price_histories(work(), [card.listing_id for card in shown.trending])
    sparks = {listing_id: charts.sparkline(days) for listing_id, days in histories.items()}
    return render_template("storefront/home.html", home=shown, sparks=sparks)


@blueprint.get("/search")
def search() -> str:
    return _results(asking.wanted(request.args))


@blueprint.get("/c/<key>")
def shelf(key: str) -> str:
    if key not in names.SHELVES:
        abort(404)
    return _results(asking.wanted(request.args, shelf=key))


def _results(wish: Wanted) -> str:
    return render_template(
        "storefront/results.html",
        wish=wish,
        query=wish.query,
        result=catalogue.search(work(), wish),
        shelves=catalogue.shelf_counts(work()),
        chips=asking.active(wish),
        sorts=names.SORTS,
        address=lambda page: asking.address(wish, page),
        unfiltered=asking.address(Wanted(query=wish.query, shelf=wish.shelf)),
    )


@blueprint.get("/p/<int:listing_id>")
@blueprint.get("/p/<int:listing_id>-<path:slug>")
def product(listing_id: int, slug: str = "") -> str | AnyResponse:
    found = catalogue.product(work(), listing_id)
    if found is None:
        abort(404)
    if slug != (right := names.slug(found.card.title)):
        kept: dict[str, Any] = dict(addresses.query())
        return redirect(url_for("storefront.product", **kept | {"listing_id": listing_id, "slug": right}), 301)
    history = catalogue.price_history(work(), listing_id)
    return render_template(
        "storefront/product.html", page=found, card=found.card, history=history, facts=charts.facts(history)
    )


@blueprint.get("/charts/price/<int:listing_id>.svg")
def price_chart(listing_id: int) -> Response:
    """The price history as a picture; `lang` and `size` (narrow, wide) are in the address, so that it may be kept."""
    if request.args.get("lang") not in LANGUAGES:
        abort(404)
    found = catalogue.product(work(), listing_id)
    if found is None:
        abort(404)
    beside = [other for other in found.elsewhere if other.marketplace != found.card.marketplace]
    histories = catalogue.price_histories(work(), [listing_id, *(other.listing_id for other in beside)])
    if charts.facts(histories.get(listing_id, [])) is None:
        abort(404)
    svg = price.price_history(
        histories[listing_id],
        found.card.title,
        language(),
        name=names.market(found.card.marketplace),
        others=[price.Source(names.market(it.marketplace), histories.get(it.listing_id, [])) for it in beside],
        narrow=request.args.get("size") == "narrow",
    )
    answer = Response(svg, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = IMAGE_POLICY
    answer.cache_control.public = True
    answer.cache_control.max_age = 600
    return answer
