"""Feeds as other channels fetch them: streamed, with an ETag, so that what has not changed is not sent again."""

from __future__ import annotations

import re
from functools import lru_cache

import sqlalchemy as sa
import vl_convert as vlc
from flask import Blueprint, Response, abort, request, send_from_directory, stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from config import settings
from database.shop import Listing, Product
from reseller.channels import feeds
from reseller.channels.offers import fingerprint
from reseller.content import pictures
from webapp.i18n import LANGUAGES
from webapp.pages import STATIC
from webapp.storefront.pictures import drawing_of
from webapp.work import work

blueprint = Blueprint("feeds", __name__)
TYPES = {"facebook": "text/csv", "google": "application/xml"}
SIDE = 1000
"""Pixels of a drawing's side; Meta asks for 500, Google for 250."""


@blueprint.get("/feeds/facebook.csv")
def facebook() -> AnyResponse:
    """Catalogue of Facebook and Instagram; `lang` is fr, ar or en."""
    return _feed("facebook")


@blueprint.get("/feeds/google.xml")
def google() -> AnyResponse:
    """Feed of Google Merchant Center; `lang` is fr, ar or en."""
    return _feed("google")


def _feed(name: str) -> AnyResponse:
    wanted = request.args.get("lang", settings().shop_language)
    if wanted not in LANGUAGES:
        abort(404)
    answer = Response(mimetype=TYPES[name])
    answer.set_etag(fingerprint(work(), name, wanted))
    answer.cache_control.public = True
    answer.cache_control.no_cache = True
    answer.make_conditional(request)
    if answer.status_code != 304 and request.method != "HEAD":
        pieces = feeds.text(name, feeds.rows(work(), name, wanted, feeds.Report()))
        answer.response = stream_with_context(piece.encode() for piece in pieces)
    return answer


@blueprint.get("/pictures/<sku>.png")
def drawn(sku: str) -> AnyResponse:
    """The drawing that stands for a product of ours of which no picture may be shown."""
    query = sa.select(Listing.title, Listing.shelf).join(Product, Product.id == Listing.product_id)
    found = work().execute(query.where(Product.sku == sku)).first()
    if found is None:
        abort(404)
    answer = Response(_png(drawing_of(found.title, found.shelf or "other")), mimetype="image/png")
    answer.add_etag()
    answer.cache_control.public = True
    answer.cache_control.max_age = 86_400
    return answer.make_conditional(request)


@blueprint.get("/pictures/own/<name>")
def own(name: str) -> AnyResponse:
    """A picture that a person has put into DATA_DIR/pictures, where SHOP_PICTURES lets us show it."""
    if settings().shop_pictures != "own" or not name.lower().endswith(pictures.SUFFIXES):
        abort(404)
    return send_from_directory(pictures.folder(), name, max_age=3600)


@lru_cache(maxsize=128)
def _png(symbol: str) -> bytes:
    icons = (STATIC / "img" / "icons.svg").read_text()
    found = re.search(rf'<symbol id="{re.escape(symbol)}" viewBox="([^"]+)">(.*?)</symbol>', icons, flags=re.DOTALL)
    box, drawing = (found[1], found[2]) if found else ("0 0 24 24", "")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="#f4efe6"/>'
        f'<svg x="200" y="200" width="600" height="600" viewBox="{box}" color="#1d5c5a" fill="#1d5c5a">{drawing}</svg>'
        "</svg>"
    )
    return bytes(vlc.svg_to_png(svg))
