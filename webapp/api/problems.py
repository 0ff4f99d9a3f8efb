"""Errors as RFC 9457 problem details, in English: what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from reseller.refusals import Refused
from webapp import errors

MEDIA_TYPE = "application/problem+json"
STATUS_OF_REFUSAL = {"not_found": 404, "bad_value": 422}
"""Every other refusal is a 409: the request was right, the business says no now."""


class Invalid(BaseModel):
    """One value that cannot be used."""

    field: str = Field(description="where it is, as a path: `page_size`, `body.reason`")
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457, `application/problem+json`)."""

    type: str = Field("about:blank", description="`urn:problem:hanout:CODE` where a rule of the business refused")
    title: str
    status: int
    detail: str | None = Field(None, description="for a person: what is wrong and what to do")
    instance: str | None = Field(None, description="the path that was asked for")
    code: str | None = Field(None, description="for programs: why the business refused, e.g. `budget_day`")
    figures: dict[str, str] | None = Field(None, description="the figures that a refusal rests on")
    errors: list[Invalid] | None = None


def response(status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any) -> Response:
    """A problem as a response."""
    title = members.pop("title", HTTP_STATUS_CODES.get(status, "Error"))
    problem = Problem(title=title, status=status, detail=detail, instance=request.path, **members)
    made = jsonify(problem.model_dump(mode="json", exclude_none=True))
    made.status_code = status
    made.mimetype = MEDIA_TYPE
    made.headers.update(headers or {})
    return made


def refused(refusal: Refused) -> Response:
    """A refusal of the business."""
    return response(
        STATUS_OF_REFUSAL.get(refusal.code, 409),
        refusal.message,
        title="Refused by a rule of the business",
        type=f"urn:problem:hanout:{refusal.code}",
        code=refusal.code,
        figures=refusal.details or None,
    )


def invalid(error: ValidationError) -> Response:
    """Values that pydantic refused."""
    found = [Invalid(field=".".join(map(str, one["loc"])) or "body", message=one["msg"]) for one in error.errors()]
    detail = "; ".join(f"{one.field}: {one.message}" for one in found)
    return response(422, detail, title="A value cannot be used", errors=found)


def http(error: HTTPException) -> Response:
    """What Flask and the views raise."""
    if isinstance(error.response, Response):
        return error.response
    headers = (
        {"Allow": ", ".join(error.valid_methods)}
        if isinstance(error, MethodNotAllowed) and error.valid_methods
        else None
    )
    return response(error.code or 500, error.description or "", headers=headers)


def register(app: Flask) -> None:
    """Unknown addresses and methods below /api/ are answered as problems, elsewhere as pages."""

    def outside_a_view(error: HTTPException) -> Any:
        return http(error) if request.path.startswith("/api/") else errors.page(error.code or 404)

    app.register_error_handler(404, outside_a_view)
    app.register_error_handler(405, outside_a_view)
    app.validation_error_callback = invalid  # type: ignore[attr-defined]
    app.validation_error_model = Problem  # type: ignore[attr-defined]


def broken(error: Exception) -> Response:
    """A fault of ours: logged, and told without its inside."""
    current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    return response(500, "Something broke on our side. It has been noted; try again.")


def away(error: Exception) -> Response:
    """The database cannot be reached."""
    current_app.logger.error("%s %s: the database is away: %s", request.method, request.path, error)
    return response(503, "The database cannot be reached just now. Try again.", headers={"Retry-After": "60"})
