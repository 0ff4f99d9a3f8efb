"""What anyone may read: products, price histories, what trends, health; and the way to a token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_openapi3 import APIBlueprint, Tag
from sqlalchemy.exc import InterfaceError, OperationalError

from reseller import overview
from reseller.overview.crawls import troubled
from webapp import accounts
from webapp.api import problems, schemas
from webapp.work import now, work

PROBLEM = {
    "description": "What is wrong and what to do",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
MARTS_LATE_AFTER = timedelta(hours=24)
MARKET, ACCESS, OPERATION = (Tag(name=name) for name in ("Market", "Access", "Operation"))

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", abp_responses={"422": dict(PROBLEM)})


def answer(model: Any, status: int = 200) -> Response:
    """A model as JSON."""
    response = jsonify(model.model_dump(mode="json"))
    response.status_code = status
    return response


@blueprint.get("/products", tags=[MARKET], responses={200: schemas.Page[schemas.Product]})
def list_products(query: schemas.ProductQuery) -> Response:
    """Products of the market that one could resell

    Last seen first. Empty before the marts have been built once.
    """
    rows = overview.offers(
        work(),
        query=query.q,
        marketplace=query.marketplace,
        department=query.department,
        in_stock=query.in_stock,
        ours=query.in_our_shop,
        page=query.page,
        size=query.page_size,
    )
    items = [schemas.Product.of(row) for row in rows.rows]
    return answer(schemas.Page[schemas.Product](**schemas.page_of(rows, items)))


@blueprint.get("/products/<int:product_id>", tags=[MARKET], responses={200: schemas.Product, 404: dict(PROBLEM)})
def get_product(path: schemas.ProductPath) -> Response:
    """One product"""
    if row := overview.offer(work(), path.product_id):
        return answer(schemas.Product.of(row))
    return problems.response(404, f"There is no product {path.product_id}.")


@blueprint.get(
    "/products/<int:product_id>/prices", tags=[MARKET], responses={200: schemas.PriceHistory, 404: dict(PROBLEM)}
)
def get_price_history(path: schemas.ProductPath) -> Response:
    """A product's prices, day by day, oldest first"""
    if overview.offer(work(), path.product_id) is None:
        return problems.response(404, f"There is no product {path.product_id}.")
    days = [schemas.PriceDay.of(point) for point in overview.history(work(), path.product_id)]
    return answer(schemas.PriceHistory(product_id=path.product_id, days=days))


@blueprint.get("/trending", tags=[MARKET], responses={200: schemas.Page[schemas.Trending]})
def list_trending(query: schemas.TrendingQuery) -> Response:
    """What starts to sell, by rank"""
    rows = overview.trends(
        work(),
        query=query.q,
        department=query.department,
        marketplace=query.marketplace,
        page=query.page,
        size=query.page_size,
    )
    items = [schemas.Trending.of(row) for row in rows.rows]
    return answer(schemas.Page[schemas.Trending](**schemas.page_of(rows, items)))


@blueprint.post(
    "/token",
    tags=[ACCESS],
    responses={200: schemas.Token, 401: dict(PROBLEM), 429: dict(PROBLEM)},
)
def make_token(body: schemas.Credentials) -> Response:
    """A bearer token for an account of the console"""
    limit = accounts.limit_of(current_app)
    try:
        account = accounts.verify(work(), body.email, body.password, limit, request.remote_addr or "")
    except accounts.Barred as barred:
        seconds = int(barred.wait.total_seconds()) + 1
        detail = f"Too many failed sign-ins. Try again in {seconds} seconds."
        return problems.response(429, detail, headers={"Retry-After": str(seconds)})
    if account is None:
        return problems.response(401, "E-mail or password is wrong.", headers={"WWW-Authenticate": "Bearer"})
    work().commit()
    lifetime = int(accounts.TOKEN_LIFETIME.total_seconds())
    response = answer(schemas.Token(access_token=accounts.token(account), expires_in=lifetime))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/health", tags=[OPERATION], responses={200: schemas.Health, 503: schemas.Health})
def get_health() -> Response:
    """Whether the app can do its work

    200 while it serves (`ok`, or `degraded`: marts late or a crawl failed), 503 while it cannot (`failing`: the
    database is away or the marts were never built).
    """
    try:
        state = overview.health(work())
    except (OperationalError, InterfaceError):
        return answer(
            schemas.Health(
                status="failing",
                database="away",
                problems=["The database cannot be reached."],
                marts_built=False,
                marts=[],
                marts_behind=None,
                crawls=[],
            ),
            503,
        )
    return answer(*_judged(state, now()))


def _judged(state: overview.Health, now: datetime) -> tuple[schemas.Health, int]:
    wrong = [
        f"The last crawl of {row.spider} {row.country} {'failed' if row.state == 'failed' else 'never ended'}"
        + (f": {row.reason}" if row.reason else ".")
        for row in troubled(state.crawls, now)
    ]
    if state.behind and state.behind > MARTS_LATE_AFTER:
        wrong.append(f"The marts are {state.behind} behind what was crawled: run `python scheduler.py --job marts`.")
    if not state.marts_built:
        wrong.insert(0, "The marts have not been built: run `python scheduler.py --once`.")
    health = schemas.Health(
        status="failing" if not state.marts_built else "degraded" if wrong else "ok",
        database="up",
        problems=wrong,
        marts_built=state.marts_built,
        marts=[schemas.MartState.of(age) for age in state.marts],
        marts_behind=state.behind,
        crawls=[schemas.CrawlState.of(row) for row in state.crawls],
    )
    return health, 200 if state.marts_built else 503
