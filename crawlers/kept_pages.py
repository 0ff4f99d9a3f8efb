"""Keeps the page that a crawl could make least of, so that a person can try a mended parser on it."""

from __future__ import annotations

import logging
import re
import shlex
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from crawlers.pages.page import Found, Page
from pipelines.scrub import scrub_json, scrub_text

log = logging.getLogger(__name__)

MOST_BYTES = 2 * 1024 * 1024
MOST_FILES = 20
_RANKS = {"page/layout_changed": 0, "page/unexpected": 0, "page/empty": 2, "page/bad_status": 2, "page/wrong_shop": 2}
_OTHER_FAILURE, _READ, _LAST_PAGE = 1, 3, 4
_UNTOUCHED = re.compile(rb"(<(script|style)\b.*?</\2\s*>)", re.IGNORECASE | re.DOTALL)
_TEXT = re.compile(rb"(?:^|(?<=>))[^<>]{6,}")
_CONTACT_LINK = re.compile(rb"""(?i)((?:tel|mailto|sms|viber|whatsapp):|wa\.me/|t\.me/)[^"'\s<>]+""")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a page lies, and the command that reads it."""

    path: Path
    command: str


class WorstPage:
    """The page of a crawl that says least: one that was not understood, else the one with the fewest filled fields.

    At most one page of MOST_BYTES is held in memory.
    """

    def __init__(self) -> None:
        self._page: Page | None = None
        self._weight: tuple[int, float] = (9, 0.0)

    def refuse(self, page: Page, name: str) -> None:
        """A page that yielded nothing, under the error's name."""
        self._hold(page, (_RANKS.get(name, _OTHER_FAILURE), 0.0))

    def weigh(self, page: Page, found: Found, start: bool) -> None:
        """A page that was read. The last page of a listing has few offers by nature, and counts after the others."""
        rank = _READ if start or found.next_url or found.has_next else _LAST_PAGE
        if (rank, 0.0) < self._weight and (found.offers or rank == _READ):
            filled = sum(
                (offer.price is not None)
                + (offer.brand is not None)
                + (offer.rating is not None)
                + bool(offer.category_path)
                + bool(offer.image_urls)
                for offer in found.offers
            )
            self._hold(page, (rank, float(filled)))

    def _hold(self, page: Page, weight: tuple[int, float]) -> None:
        if weight < self._weight and 0 < len(page.body) <= MOST_BYTES:
            self._page, self._weight = page, weight

    def keep(self, folder: Path, spider: str, marketplace: str) -> Kept | None:
        """Writes the page, scrubbed, and forgets older ones. None without a page, or where the disk takes none."""
        page = self._page
        if page is None:
            return None
        body, ending = scrubbed(page.body)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{spider}-{page.country}-{uuid.uuid4().hex[:6]}.{ending}"
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            for old in sorted(folder.iterdir())[:-MOST_FILES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            path.unlink(missing_ok=True)
            log.error("The page could not be kept in %s: %s", folder, error.strerror)
            return None
        command = ["scrapy", "extract", marketplace, str(path), "--url", page.url, "--country", page.country]
        return Kept(path, shlex.join(command))


def scrubbed(body: bytes) -> tuple[bytes, str]:
    """The body without personal data, and what it is: `json` or `html`. A page's scripts stay as they are."""
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            return orjson.dumps(scrub_json(orjson.loads(body))), "json"
        except orjson.JSONDecodeError:
            return scrub_text(body.decode("utf-8", "replace")).encode(), "json"
    parts = _UNTOUCHED.split(body)
    for number in range(0, len(parts), 3):  # text, script, its name, text, ...
        parts[number] = _CONTACT_LINK.sub(rb"\1", _TEXT.sub(_without_contacts, parts[number]))
    return b"".join(part for number, part in enumerate(parts) if number % 3 != 2), "html"


def _without_contacts(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if not any(sign in text for sign in (b"@", b"0", b"\xd9")) or text.isspace():
        return text
    try:
        return scrub_text(text.decode()).encode()
    except UnicodeDecodeError:
        return scrub_text(text.decode("latin-1")).encode("latin-1", "replace")
