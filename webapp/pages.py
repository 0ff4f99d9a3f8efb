"""What every page's template may use besides its own values."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for

from config import settings
from webapp import addresses

STATIC = Path(__file__).parent / "static"


def asset(name: str) -> str:
    """Address of a static file, which changes when the file does, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_version(name, (STATIC / name).stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _version(name: str, changed: int) -> str:
    del name
    return f"{changed // 1_000_000:x}"


def init_app(app: Flask) -> None:
    app.add_template_global(asset)
    app.add_template_filter(addresses.outside, "outside")
    app.context_processor(
        lambda: {
            "shop_name": settings().shop_name,
            "shop_phone": settings().shop_phone,
            "market_pictures": settings().shop_market_pictures,
        }
    )
