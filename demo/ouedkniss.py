"""The demo classifieds: the search API that everything is read from, and a page an ad for people who follow links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

from flask import Flask, Response, abort, g, jsonify, redirect, render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from demo import jumia_data, ouedkniss_data, pictures
from demo.catalogue import Ad
from demo.classifieds import Posting
from demo.graphql_query import Field as Asked
from demo.graphql_query import GraphQLError, fields
from demo.market import Market, words
from demo.ouedkniss_data import TYPES

ROOM = str(Path(__file__).parent)
MOST_PER_PAGE = 60


class OrderBy(BaseModel):
    model_config = ConfigDict(extra="forbid")

    field: Literal["REFRESHED_AT", "CREATED_AT", "PRICE"] = "REFRESHED_AT"
    order: Literal["ASC", "DESC"] = "DESC"


class SearchFilter(BaseModel):
    """SearchFilterInput. What the demo has no data for is accepted and ignored, as long as it is of the right type."""

    model_config = ConfigDict(extra="forbid")

    categorySlug: str | None = None  # noqa: N815
    origin: str | None = None
    connected: bool | None = None
    delivery: bool | str | None = None
    regionIds: list[str | int] | None = None  # noqa: N815
    cityIds: list[str | int] | None = None  # noqa: N815
    priceRange: list[float | None] | None = None  # noqa: N815
    exchange: bool | None = None
    hasPictures: bool | None = None  # noqa: N815
    hasPrice: bool | None = None  # noqa: N815
    priceUnit: str | None = None  # noqa: N815
    fields: list[Any] | None = None
    page: int | None = Field(1, ge=1)
    orderByField: OrderBy | None = None  # noqa: N815
    count: int | None = Field(48, ge=1, le=MOST_PER_PAGE)
    storeId: str | int | None = None  # noqa: N815

    def admits(self, posting: Posting) -> bool:
        """Whether an ad passes."""
        ad = posting.ad
        low, high = (*(self.priceRange or ()), None, None)[:2]
        return (
            (not self.categorySlug or ad.category == self.categorySlug or ad.category.startswith(self._below))
            and (not self.hasPrice or posting.price is not None)
            and (low is None or (posting.price or 0) >= low)
            and (high is None or (posting.price is not None and posting.price <= high))
            and (not self.storeId or (ad.store is not None and str(ad.store.id) == str(self.storeId)))
        )

    @property
    def _below(self) -> str:
        return f"{self.categorySlug}-"


def create(market: Market) -> Flask:
    """The classifieds site as a Flask application."""
    app = Flask("demo.ouedkniss", template_folder="templates", static_folder="static", root_path=ROOM)
    app.jinja_env.filters |= {"amount": jumia_data.amount}

    @app.before_request
    def look_at_the_clock() -> None:
        g.moment = market.moment()

    @app.after_request
    def tell_the_time(response: Response) -> Response:
        response.headers["X-Market-Time"] = g.moment.now.astimezone(UTC).isoformat()
        return response

    @app.post("/graphql")
    def graphql() -> Response | tuple[Response, int]:
        if request.mimetype != "application/json":
            return jsonify({"message": "Content-Type must be application/json"}), 415
        return jsonify(_answer(market, request.get_json(silent=True)))

    @app.get("/robots.txt")
    def robots() -> Response:
        return Response("User-agent: *\nDisallow:\n", mimetype="text/plain")

    @app.get("/")
    def home() -> str:
        return render_template("ouedkniss/home.html", ads=market.postings(g.moment), today=g.moment.now.date())

    @app.get("/<name>-d<int:number>")
    def ad(name: str, number: int) -> str | AnyResponse:
        posting = _posting(market, number) or abort(404)
        if name != posting.slug:
            return redirect(f"/{posting.slug}-d{number}", 301)
        return render_template(
            "ouedkniss/ad.html",
            posting=posting,
            refreshed=market.time_of(posting.refreshed),
            today=g.moment.now.date(),
        )

    @app.get("/medias/<int:number>.svg")
    def media(number: int) -> Response:
        posting = _posting(market, number) or abort(404)
        return Response(_picture(posting.ad), mimetype="image/svg+xml")

    return app


def _posting(market: Market, number: int) -> Posting | None:
    return next((one for one in market.postings(g.moment) if one.id == number), None)


def _picture(ad: Ad) -> str:
    """The icon of the department that is nearest, labelled with the ad's category."""
    department = next((slug for prefix, slug in PICTURED if ad.category.startswith(prefix)), "maison-cuisine-jardin")
    return pictures.draw(department, ad.number * 7, ad.title, ad.category_name)


PICTURED = (
    ("telephones", "telephone-tablette"),
    ("informatique", "ordinateurs-accessoires-informatique"),
    ("electronique", "electronique"),
    ("vetements", "fashion-mode"),
    ("automobiles", "automobile-outils"),
)


def _answer(market: Market, body: object) -> dict[str, Any]:
    """The envelope: `data`, or `errors` with status 200, as GraphQL has it."""
    try:
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise GraphQLError("GraphQL Request must include at least one of: query, queryId.")
        variables = body.get("variables") or {}
        if not isinstance(variables, dict):
            raise GraphQLError("GraphQL Request parameter variables must be an object.")
        asked = fields(body["query"], variables, body.get("operationName"))
        return {"data": {one.key: _resolve(market, one) for one in asked}}
    except GraphQLError as error:
        return {"errors": [{"message": str(error), "extensions": {"category": "graphql"}}]}


def _resolve(market: Market, asked: Asked) -> Any:
    if asked.name == "__typename":
        return "Query"
    if asked.name in ("__schema", "__type"):
        raise GraphQLError("GraphQL introspection is not allowed, but the query contained __schema or __type.")
    if asked.name not in RESOLVERS:
        raise GraphQLError(f'Cannot query field "{asked.name}" on type "Query".')
    ouedkniss_data.check_arguments(asked, "Query")
    found = RESOLVERS[asked.name](market, asked.arguments)
    return ouedkniss_data.pick(found, asked.selections, str(TYPES["Query"][asked.name]), asked.name)


def _search(market: Market, arguments: dict[str, Any]) -> dict[str, Any]:
    chosen = _filter(arguments.get("filter") or {})
    query = words(str(arguments.get("q") or ""))
    found = [one for one in market.postings(g.moment) if chosen.admits(one) and _matches(query, one)]
    page, count = chosen.page or 1, chosen.count or 48
    shown = found[(page - 1) * count : page * count]
    last = max(1, -(-len(found) // count))
    origin = request.host_url.rstrip("/")
    info = {"lastPage": last, "hasMorePages": page < last, "total": len(found), "currentPage": page, "perPage": count}
    data = [ouedkniss_data.announcement(market, one, origin) for one in shown]
    return {"announcements": {"data": data, "paginatorInfo": info}}


def _matches(query: list[str], posting: Posting) -> bool:
    text = " ".join(words(f"{posting.ad.title} {posting.ad.category_name} {posting.ad.text}"))
    return all(word in text for word in query)


def _filter(given: object) -> SearchFilter:
    try:
        return SearchFilter.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "filter"
        raise GraphQLError(f'Variable "$filter" got an invalid value at "filter.{where}": {first["msg"]}.') from error


def _details(market: Market, arguments: dict[str, Any]) -> dict[str, Any] | None:
    try:
        number = int(str(arguments.get("id")))
    except ValueError as error:
        raise GraphQLError("ID cannot represent a non-integer value.") from error
    posting = _posting(market, number)
    return ouedkniss_data.announcement(market, posting, request.host_url.rstrip("/")) if posting else None


RESOLVERS: dict[str, Callable[[Market, dict[str, Any]], Any]] = {"search": _search, "announcementDetails": _details}
