"""Global Trade Item Numbers: EAN-8, UPC-A, EAN-13 and GTIN-14."""

from __future__ import annotations

import re

RESTRICTED = ("02", "04", "2")
"""Prefixes that shops use among themselves, as GS1 lists them; no number of a product."""


def valid_gtin(text: str) -> str | None:
    """The digits of a number whose length, prefix and check digit are right (GS1 General Specifications 7.9)."""
    digits = re.sub(r"[\s\-]", "", text)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", digits) or set(digits) == {"0"}:
        return None
    if len(digits) == 13 and digits.startswith(RESTRICTED):
        return None
    *body, check = (int(digit) for digit in digits)
    total = sum(value * (3 if place % 2 == 0 else 1) for place, value in enumerate(reversed(body)))
    return digits if (10 - total % 10) % 10 == check else None
