"""Which of its two templates the shop shows: it goes by the user agent, as the real one does."""

from __future__ import annotations

from typing import Literal

from flask import request

Device = Literal["desktop", "mobile"]


def device() -> Device:
    """The device of the request's user agent."""
    return "mobile" if "Mobi" in request.headers.get("User-Agent", "") else "desktop"
