"""The demo supplier's API, `/supplier/v1`: sells at the shop's prices from the shop's stock, once a key."""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from demo.market import Market
from demo.orders import KeyReused

TOKEN = "demo"  # noqa: S105 published: there is nothing to protect
Answer = tuple[Response, int]


class Refused(Exception):
    """The supplier will not sell. `code` is the API's word for it."""

    def __init__(self, code: str, status: int, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.answer = {"error": code, **more}


class Wish(BaseModel):
    """The body of an order. `max_unit_price` in dinars."""

    model_config = ConfigDict(extra="forbid")

    sku: str = Field(min_length=1)
    quantity: int = Field(ge=1, le=1_000)
    max_unit_price: Decimal = Field(gt=0)


def blueprint(market: Market, token: str) -> Blueprint:
    """The supplier's routes. Every request needs `Authorization: Bearer {token}`."""
    routes = Blueprint("supplier", __name__, url_prefix="/supplier/v1")

    @routes.before_request
    def authorize() -> None:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise Refused("unauthorized", 401, message="Authorization: Bearer TOKEN")

    @routes.errorhandler(Refused)
    def refused(refusal: Refused) -> Answer:
        return jsonify(refusal.answer), refusal.status

    @routes.post("/orders")
    def place() -> Answer:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            raise Refused("idempotency_key_missing", 400, message="the header Idempotency-Key is required")
        wish = _wish()
        moment = market.moment()
        try:
            order, new = market.orders.place(
                key, wish.sku, wish.quantity, str(wish.max_unit_price), moment.now, lambda: _quote(market, wish)
            )
        except KeyReused as reused:
            raise Refused("key_reused", 409, message="this key belongs to another order") from reused
        return jsonify(order.shown(moment.now)), 201 if new else 200

    @routes.get("/products/<sku>")
    def product(sku: str) -> Answer:
        display = market.by_sku(market.moment(), sku)
        if display is None:
            raise Refused("unknown_sku", 404)
        shown = {"sku": sku, "title": display.product.title, "unit_price": f"{display.shelf.price}.00"}
        return jsonify(shown | {"currency": "DZD", "stock": display.stock}), 200

    @routes.get("/orders/<reference>")
    def show(reference: str) -> Answer:
        order = market.orders.by_reference(reference)
        if order is None:
            raise Refused("unknown_order", 404)
        return jsonify(order.shown(market.clock.now())), 200

    @routes.get("/orders")
    def find() -> Answer:
        key = request.args.get("key", "")
        if not key:
            raise Refused("key_missing", 400, message="orders are found by ?key=")
        order = market.orders.by_key(key)
        return jsonify({"orders": [order.shown(market.clock.now())] if order else []}), 200

    return routes


def _wish() -> Wish:
    try:
        return Wish.model_validate_json(request.get_data())
    except ValidationError as error:
        faults = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]
        raise Refused("invalid", 422, faults=faults) from error


def _quote(market: Market, wish: Wish) -> int:
    """The unit price in dinars.

    Raises:
        Refused: unknown, sold out, or dearer than wished.
    """
    display = market.by_sku(market.moment(), wish.sku)
    if display is None:
        raise Refused("unknown_sku", 404)
    if display.stock < wish.quantity:
        raise Refused("out_of_stock", 409, stock=display.stock)
    if display.shelf.price > wish.max_unit_price:
        raise Refused("price_changed", 409, unit_price=f"{display.shelf.price}.00")
    return display.shelf.price
