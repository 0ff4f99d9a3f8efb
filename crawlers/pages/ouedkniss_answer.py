"""The envelope of Ouedkniss's GraphQL API: `data`, and `errors` with whatever HTTP status."""

from __future__ import annotations

from typing import Any

import orjson

from crawlers.pages.errors import ApiErrors, NotHtml, PageTruncated
from crawlers.pages.page import Page, refuse_challenge


def answer(page: Page) -> dict[str, Any]:
    """The JSON object that the API answered with.

    Raises:
        NotHtml, PageTruncated, ChallengePage, BadStatus: the answer is none of the API's.
    """
    if not page.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        refuse_challenge(page)
        raise NotHtml("the answer is no JSON object")
    try:
        found: dict[str, Any] = orjson.loads(page.body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise PageTruncated(f"the JSON cannot be read: {error}") from None
    if not found.get("errors"):
        refuse_challenge(page)
    return found


def errors_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors of an answer, each with at least a `message`."""
    listed = found.get("errors") or []
    listed = listed if isinstance(listed, list) else [listed]
    return [error if isinstance(error, dict) else {"message": str(error)} for error in listed]


def api_errors(errors: list[dict[str, Any]]) -> ApiErrors:
    """What to raise for them."""
    return ApiErrors("; ".join(str(error.get("message", error)) for error in errors)[:500])
