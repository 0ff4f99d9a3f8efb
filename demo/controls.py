"""`/_market/`: the clock, the faults and the rules, for those who run the demo. No part of the market that is shown."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import ValidationError

from demo.clock import ClockError
from demo.faults import Fault, Faults
from demo.market import Market
from demo.rules import Rules


def blueprint(market: Market, faults: Faults) -> Blueprint:
    """The routes under `/_market`."""
    routes = Blueprint("controls", __name__, url_prefix="/_market")

    @routes.get("/clock")
    def clock() -> Response:
        return jsonify(market.clock.state())

    @routes.put("/clock")
    def set_clock() -> Response | tuple[Response, int]:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or "now" not in body:
            return jsonify({"error": 'the body is {"now": ISO 8601 time or null}'}), 400
        try:
            market.clock.set(body["now"])
        except ClockError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify(market.clock.state())

    @routes.get("/faults")
    def show_faults() -> Response:
        return jsonify(faults.all())

    @routes.put("/faults")
    def set_faults() -> Response | tuple[Response, int]:
        body: Any = request.get_json(silent=True)
        try:
            for one in [Fault.model_validate(given) for given in (body if isinstance(body, list) else [body])]:
                faults.add(one)
        except ValidationError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify(faults.all())

    @routes.delete("/faults")
    def clear_faults() -> Response:
        faults.clear()
        return jsonify([])

    @routes.get("/rules")
    def show_rules() -> Response:
        return jsonify(market.rules.model_dump())

    @routes.put("/rules")
    def set_rules() -> Response | tuple[Response, int]:
        try:
            market.rules = Rules.model_validate(request.get_json(silent=True))
        except ValidationError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify(market.rules.model_dump())

    return routes
