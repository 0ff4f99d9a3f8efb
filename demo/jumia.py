"""The demo shop: pages in the shop's own template, over the market."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Response, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from demo import jumia_data, pictures
from demo.catalogue import slug
from demo.market import Display, Market, Moment

ROOM = str(Path(__file__).parent)
PAGE_SIZE = 40
MOST_PAGES = 50
CAROUSEL = 6
ROBOTS = """# Site scraping is permitted if the user agent clearly identifies the bot and its owner
# and uses less than 200 requests per minute.
Sitemap: {origin}/index-sitemap.xml

User-agent: *
Disallow: *--*
Disallow: /mobapi/
Disallow: /fr/
Disallow: /cart/
Disallow: /customer/
Disallow: /*color=
Disallow: /*dir=
Disallow: /*price=
Disallow: /*rating=
Disallow: /*shipped_from=
Disallow: /*sort=
"""


class PageCache:
    """Rendered pages of one moment's stamp; forgotten when the market moves."""

    def __init__(self, most: int = 4_000) -> None:
        self._most = most
        self._stamp: object = None
        self._pages: dict[tuple[str, str], str] = {}

    def get(self, stamp: object, key: tuple[str, str], make: Callable[[], str]) -> str:
        """The page of a key, made if need be. Two threads may make one page twice; both are right."""
        if stamp != self._stamp or len(self._pages) >= self._most:
            self._stamp, self._pages = stamp, {}
        pages = self._pages
        if key not in pages:
            pages[key] = make()
        return pages[key]


def create(market: Market) -> Flask:
    """The shop as a Flask application."""
    app = Flask("demo.jumia", template_folder="templates", static_folder="static", root_path=ROOM)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"amount": jumia_data.amount, "euros": jumia_data.euros, "slug": slug}
    app.jinja_env.globals |= {
        "menu": market.menu,
        "discount": jumia_data.discount,
        "is_express": jumia_data.is_express,
        "stock_info": jumia_data.stock_info,
        "picture": jumia_data.image,
        "script": jumia_data.script,
    }
    cache = PageCache()

    @app.before_request
    def look_at_the_clock() -> None:
        g.moment = market.moment()

    @app.after_request
    def tell_the_time(response: Response) -> Response:
        response.headers["X-Market-Time"] = g.moment.now.astimezone(UTC).isoformat()
        return response

    def page(make: Callable[[], str]) -> str:
        return cache.get((g.moment.stamp, request.host), ("page", request.full_path), make)

    @app.get("/")
    def home() -> str:
        return page(lambda: _home(market, g.moment))

    @app.get("/catalog/")
    def search() -> str:
        query = request.args.get("q", "").strip()
        found = market.search(g.moment, query) if query else market.ranking(g.moment)
        title = f"Résultats pour « {query} »" if query else "Tous les produits"
        return page(lambda: _listing(market, g.moment, title, ("Tous les produits",), found, query))

    @app.get("/<address>/")
    def category(address: str) -> str:
        chosen = market.categories.get(address) or abort(404)
        found = market.listing(g.moment, chosen)
        return page(lambda: _listing(market, g.moment, chosen.name, chosen.trail, found))

    @app.get("/<name>-<int:number>.html")
    def product(name: str, number: int) -> str | AnyResponse:
        display = market.by_number(g.moment, number)
        if display is None:
            return redirect("/", 302)
        if f"/{name}-{number}.html" != display.product.url:
            return redirect(display.product.url, 301)
        return page(lambda: _product(market, g.moment, display))

    @app.get("/catalog/productratingsreviews/sku/<sku>/")
    def ratings(sku: str) -> str:
        display = market.by_sku(g.moment, sku) or abort(404)
        return page(lambda: render_template("jumia/ratings.html", display=display, **_frame(g.moment)))

    @app.get("/images/<sku>.svg")
    def picture(sku: str) -> Response:
        found = next((one for one in market.world.products if one.sku == sku), None) or abort(404)
        return Response(
            pictures.of_product(found), mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
        )

    @app.get("/robots.txt")
    def robots() -> Response:
        return Response(ROBOTS.format(origin=_origin()), mimetype="text/plain")

    @app.get("/index-sitemap.xml")
    def sitemap() -> Response:
        return Response(render_template("jumia/sitemap.xml", **_frame(g.moment)), mimetype="application/xml")

    @app.errorhandler(404)
    def missing(_: object) -> tuple[str, int]:
        return render_template("jumia/missing.html", **_frame(g.moment)), 404

    return app


def _origin() -> str:
    return request.host_url.rstrip("/")


def _frame(moment: Moment) -> dict[str, Any]:
    return {"origin": _origin(), "today": moment.now.date()}


def _home(market: Market, moment: Moment) -> str:
    ranked = market.ranking(moment)
    flash = [one for one in ranked if one.shelf.old_price][:12]
    best = [one for one in ranked if one not in flash][:12]
    store = jumia_data.script({"view": "Home", "activeLanguage": "fr", "countryCode": "DZ", "url": "/"})
    return render_template("jumia/home.html", flash=flash, best=best, store=store, **_frame(moment))


def _address(market: Market, name: str) -> str:
    return next((one.slug for one in market.menu if one.name == name), slug(name))


def _in_order(found: list[Display], number: int) -> tuple[list[Display], frozenset[str]]:
    """Page `number` of a listing; a sponsored product of the page moves to its top."""
    shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    paid = next((one for one in shown[1:] if one.sponsored), None)
    if paid is None:
        return shown, frozenset()
    return [paid, *(one for one in shown if one is not paid)], frozenset({paid.product.sku})


def _listing(
    market: Market,
    moment: Moment,
    title: str,
    trail: tuple[str, ...],
    found: list[Display],
    query: str = "",
) -> str:
    number = request.args.get("page", 1, type=int)
    pages = min(MOST_PAGES, max(1, -(-len(found) // PAGE_SIZE)))
    if not 1 <= number <= pages:
        abort(404)
    shown, sponsored = _in_order(found, number)
    skus = {one.product.sku for one in found}
    others = [one for one in market.ranking(moment) if one.product.sku not in skus][:CAROUSEL] if number == 1 else []
    base = f"/catalog/?q={quote_plus(query)}&page=" if query else f"{request.path}?page="
    address = f"{base}{number}"
    return render_template(
        "jumia/listing.html",
        title=title,
        department=trail[0],
        crumbs=[(name, _address(market, name)) for name in trail[:-1]],
        last_crumb=trail[-1],
        query=query,
        shown=shown,
        sponsored=sponsored,
        others=others,
        total=len(found),
        number=number,
        pages=pages,
        base=base,
        store=jumia_data.script(jumia_data.listing_store(address, shown, sponsored, _origin())),
        linked=jumia_data.script(jumia_data.listing_linked(shown, _origin(), moment.now.date().isoformat())),
        **_frame(moment),
    )


def _product(market: Market, moment: Moment, display: Display) -> str:
    of = display.product
    related = [
        one for one in market.ranking(moment) if one.product.department == of.department and one.product is not of
    ][:CAROUSEL]
    return render_template(
        "jumia/product.html",
        display=display,
        related=related,
        store=jumia_data.script(jumia_data.product_store(display, _origin())),
        linked=jumia_data.script(jumia_data.product_linked(display, _origin())),
        **_frame(moment),
    )
