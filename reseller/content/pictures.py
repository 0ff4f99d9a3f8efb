"""Which pictures of a product may be shown, by the permission that SHOP_PICTURES says we have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config import settings

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MOST = 8
"""Most pictures of one product."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its address. generated: our own drawing, which shows the kind of thing and not the thing."""

    url: str
    generated: bool


def folder() -> Path:
    """Where a person puts the shop's own pictures: SKU.jpg, SKU-2.jpg, ..."""
    return settings().data_dir / "pictures"


def own(sku: str) -> list[Path]:
    """The files of the shop's own pictures of a product, the main one first."""
    if not folder().is_dir():
        return []
    files = [file for file in folder().iterdir() if file.suffix.lower() in SUFFIXES]
    return sorted((file for file in files if file.stem == sku or file.stem.startswith(f"{sku}-")), key=lambda f: f.stem)


def pictures(sku: str, source: Sequence[str], base: str) -> list[Picture]:
    """The pictures of a product, the main one first; the generated one where no other may be shown.

    Args:
        source: addresses of the pictures of the market's listing.
        base: address of our shop, without a slash at its end.
    """
    permission = settings().shop_pictures
    found: list[Picture] = []
    if permission == "own":
        found = [Picture(f"{base}/pictures/own/{file.name}", generated=False) for file in own(sku)]
    elif permission == "source":
        found = [Picture(url, generated=False) for url in source if url.startswith(("https://", "http://"))]
    return found[:MOST] or [Picture(f"{base}/pictures/{sku}.png", generated=True)]
