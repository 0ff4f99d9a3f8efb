"""A shop that will not answer now, and what the crawl says of it."""

from __future__ import annotations

from dataclasses import dataclass

META = "refusal"
"""Where a response's meta says that its shop has refused: to ask on would be to hammer it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no more is to be asked.

    Attributes:
        name: under which it is counted, such as `page/challenge`.
    """

    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"
