"""The blocks of code of docs/ANALYSTS.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

import config

PAGE = config.ROOT / "docs" / "ANALYSTS.md"
OWNER = "-- as the owner of the database\n"


@dataclass(frozen=True)
class Block:
    """A block of code, with its place on the page."""

    line: int
    language: str
    code: str

    @property
    def is_owners(self) -> bool:
        return self.code.startswith(OWNER)


def blocks() -> list[Block]:
    text = PAGE.read_text()
    found = re.finditer(r"^```(\w+)\n(.*?)^```$", text, flags=re.S | re.M)
    return [Block(text[: block.start()].count("\n") + 1, block[1], block[2]) for block in found]


def of(language: str, owners: bool = False) -> list[Any]:
    """The blocks in a language, those for analysts or those for the owner, as parameters of a test."""
    chosen = [block for block in blocks() if block.language == language and block.is_owners == owners]
    return [pytest.param(block, id=f"line {block.line}") for block in chosen]
