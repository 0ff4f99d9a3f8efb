"""python -m webapp.messages update | check

Message catalogues: taken from the sources, merged into the .po files, compiled to .mo when those are older.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEBAPP = Path(__file__).parent
TRANSLATED = ("fr", "ar")
CONSOLE = ("console/", "api/", "accounts.py")
CATALOGUES: dict[Path, str] = {
    WEBAPP / "translations": "shop",
    WEBAPP / "console" / "translations": "console",
}
"""Each folder of translations and the side of the app whose messages it holds."""


def extract(side: str) -> Catalog:
    """The messages that the sources of one side, `shop` or `console`, use now."""
    catalogue = Catalog(project="Hanout", fuzzy=False)
    methods = [("**/static/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
    options = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
    for name, line, message, comments, context in extract_from_dir(
        WEBAPP, methods, options, keywords={"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
                                            "_l": None}, comment_tags=("NOTE:",)
    ):  # fmt: skip
        if name.startswith(CONSOLE) == (side == "console"):
            catalogue.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return catalogue


def path(folder: Path, code: str) -> Path:
    """The .po file of a language."""
    return folder / code / "LC_MESSAGES" / "messages.po"


def load(folder: Path, code: str) -> Catalog:
    """What is translated so far; empty where the language has no file yet."""
    file = path(folder, code)
    if not file.exists():
        return Catalog(locale=code, project="Hanout", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=code)


def update() -> None:
    """Adds new messages to every .po file, drops those no longer used, guesses nothing."""
    for folder, side in CATALOGUES.items():
        template = extract(side)
        for code in TRANSLATED:
            catalogue = load(folder, code)
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalogue.obsolete.clear()
            file = path(folder, code)
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as stream:
                write_po(stream, catalogue, width=110, omit_header=False, include_lineno=False, sort_output=True)


def missing(folder: Path, side: str, code: str) -> list[str]:
    """Messages of the sources that a language lacks, or has only as a guess."""
    catalogue = load(folder, code)
    lacking = []
    for message in extract(side):
        if not message.id:
            continue
        found = catalogue.get(message.id, message.context)
        strings = (found.string if isinstance(found.string, tuple) else (found.string,)) if found else ("",)
        if found is None or found.fuzzy or not all(strings):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def compile_catalogues() -> None:
    """Writes each .mo that is older than its .po; safe beside another process that does the same."""
    for folder in CATALOGUES:
        for source in folder.glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            with source.open("rb") as stream:
                catalogue = read_po(stream, locale=source.parts[-3])
            unfinished = target.with_suffix(f".{os.getpid()}")
            with unfinished.open("wb") as out:
                write_mo(out, catalogue)
            unfinished.replace(target)


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        update()
        return 0
    if arguments == ["check"]:
        lacking = {
            (folder, code): missing(folder, side, code) for folder, side in CATALOGUES.items() for code in TRANSLATED
        }
        for (folder, code), messages in lacking.items():
            for message in messages:
                print(f"{folder.relative_to(WEBAPP.parent)}/{code}: {message}")
        return 1 if any(lacking.values()) else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
