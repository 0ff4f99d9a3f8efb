"""The demo shop: pages in the shop's own template, over the market."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Response, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from demo import checkout, jumia_data, jumia_mobile, pictures
from demo.catalogue import slug
from demo.devices import device
from demo.market import Category, Display, Market, Moment
from demo.rules import PAGE_SIZE

ROOM = str(Path(__file__).parent)
CAROUSEL = 6
SITEMAP_SIZE = 100


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
    app.register_blueprint(checkout.blueprint(market))

    @app.before_request
    def look_at_the_clock() -> None:
        g.moment = market.moment()

    @app.after_request
    def tell_the_time(response: Response) -> Response:
        response.headers["X-Market-Time"] = g.moment.now.astimezone(UTC).isoformat()
        return response

    def page(make: Callable[[], str]) -> str:
        return cache.get((g.moment.stamp, market.rules, request.host), (device(), request.full_path), make)

    @app.get("/")
    def home() -> str:
        return page(lambda: _home(market, g.moment))

    @app.get("/catalog/")
    def search() -> str:
        query = request.args.get("q", "").strip()
        found = market.search(g.moment, query) if query else market.ranking(g.moment)
        title = f"Résultats pour « {query} »" if query else "Tous les produits"
        return page(lambda: _listing(market, g.moment, title, ("Tous les produits",), found, market.menu, query))

    @app.get("/<address>/")
    def category(address: str) -> str:
        chosen = market.categories.get(address) or abort(404)
        query = request.args.get("q", "").strip()
        found = market.listing(g.moment, chosen, query)
        narrower = market.narrower(chosen)
        return page(lambda: _listing(market, g.moment, chosen.name, chosen.trail, found, narrower, query))

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
        return page(lambda: render_template(_template("ratings"), display=display, **_frame(g.moment)))

    @app.get("/images/<sku>.svg")
    def picture(sku: str) -> Response:
        found = next((one for one in market.world.products if one.sku == sku), None) or abort(404)
        return Response(
            pictures.of_product(found), mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
        )

    @app.get("/robots.txt")
    def robots() -> Response:
        return Response(market.rules.robots(_origin()), mimetype="text/plain")

    @app.get("/index-sitemap.xml")
    def sitemap_index() -> Response:
        names = ["categories", *(f"products-{number}" for number in range(1, len(product_lists()) + 1))]
        addresses = [f"{_origin()}/sitemaps/{name}.xml.gz" for name in names]
        text = render_template("jumia/sitemap.xml", root="sitemapindex", entry="sitemap", addresses=addresses)
        return Response(text, mimetype="application/xml")

    @app.get("/sitemaps/<name>.xml.gz")
    def sitemap(name: str) -> Response:
        lists = {"categories": [f"/{address}/" for address in market.categories]}
        lists |= {f"products-{number}": paths for number, paths in enumerate(product_lists(), 1)}
        addresses = [f"{_origin()}{path}" for path in lists.get(name) or abort(404)]
        text = render_template("jumia/sitemap.xml", root="urlset", entry="url", addresses=addresses)
        return Response(gzip.compress(text.encode(), mtime=0), mimetype="application/gzip")

    def product_lists() -> list[list[str]]:
        """Addresses of what is on sale, sold out or not, SITEMAP_SIZE a list."""
        shelves = market.world.day(g.moment.day)
        on_sale = [of.url for of, shelf in zip(market.world.products, shelves, strict=True) if shelf.on_sale]
        return [on_sale[at : at + SITEMAP_SIZE] for at in range(0, len(on_sale), SITEMAP_SIZE)]

    @app.errorhandler(404)
    def missing(_: object) -> tuple[str, int]:
        return render_template("jumia/missing.html", **_frame(g.moment)), 404

    return app


def _origin() -> str:
    return request.host_url.rstrip("/")


def _template(name: str) -> str:
    """The template of a page for the request's device."""
    return f"jumia/{'mobile_' if device() == 'mobile' else ''}{name}.html"


def _frame(moment: Moment) -> dict[str, Any]:
    return {"origin": _origin(), "today": moment.now.date()}


def _home(market: Market, moment: Moment) -> str:
    ranked = market.ranking(moment)
    flash = [one for one in ranked if one.shelf.old_price][:12]
    best = [one for one in ranked if one not in flash][:12]
    store = jumia_data.script({"view": "Home", "activeLanguage": "fr", "countryCode": "DZ", "url": "/"})
    return render_template(_template("home"), flash=flash, best=best, store=store, **_frame(moment))


def _address(market: Market, name: str) -> str:
    return next((one.slug for one in market.menu if one.name == name), slug(name))


def _in_order(found: list[Display], number: int) -> tuple[list[Display], frozenset[str]]:
    """Page `number` of a listing; a sponsored product of the page moves to its top."""
    shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    paid = next((one for one in shown[1:] if one.sponsored), None)
    if paid is None:
        return shown, frozenset()
    return [paid, *(one for one in shown if one is not paid)], frozenset({paid.product.sku})


def _in_band(found: list[Display], band: str) -> list[Display]:
    """What costs from the first to the last price of a band such as 500-2000, both included."""
    between = re.fullmatch(r"(\d+)-(\d+)", band)
    if not between:
        return found
    low, high = int(between.group(1)), int(between.group(2))
    return [one for one in found if low <= one.shelf.price <= high]


def _listing(
    market: Market,
    moment: Moment,
    title: str,
    trail: tuple[str, ...],
    found: list[Display],
    narrower: list[Category],
    query: str = "",
) -> str:
    number = request.args.get("page", 1, type=int)
    whole = sorted(one.shelf.price for one in found)
    band = request.args.get("price", "")
    found = _in_band(found, band)
    pages = min(market.rules.most_pages, max(1, -(-len(found) // PAGE_SIZE)))
    if not 1 <= number <= pages:
        abort(404)
    shown, sponsored = _in_order(found, number)
    skus = {one.product.sku for one in found}
    others = [one for one in market.ranking(moment) if one.product.sku not in skus][:CAROUSEL] if number == 1 else []
    chosen = "&".join([*([f"q={quote_plus(query)}"] if query else []), *([f"price={band}"] if band else [])])
    base = f"{request.path}?{chosen}{'&' if chosen else ''}page="
    address = f"{base}{number}"
    desktop = jumia_data.listing_store(address, shown, sponsored, _origin())
    mobile = jumia_mobile.listing_state(desktop, title, len(found), number, pages, base)
    return render_template(
        _template("listing"),
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
        narrower=narrower if market.rules.narrower else [],
        suffix=f"?q={quote_plus(query)}" if query else "",
        path=request.path,
        prices=(whole[0], whole[-1]) if whole else None,
        store=jumia_data.script(mobile if device() == "mobile" else desktop),
        linked=jumia_data.script(jumia_data.listing_linked(shown, _origin(), moment.now.date().isoformat())),
        **_frame(moment),
    )


def _product(market: Market, moment: Moment, display: Display) -> str:
    of = display.product
    related = [
        one for one in market.ranking(moment) if one.product.department == of.department and one.product is not of
    ][:CAROUSEL]
    desktop = jumia_data.product_store(display, _origin())
    return render_template(
        _template("product"),
        display=display,
        related=related,
        store=jumia_data.script(jumia_mobile.product_state(desktop) if device() == "mobile" else desktop),
        linked=jumia_data.script(jumia_data.product_linked(display, _origin())),
        **_frame(moment),
    )
