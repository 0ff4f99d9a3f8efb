"""One page of a longer list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of page `number` (1 is the first) of `total` rows in all, `size` a page."""

    rows: Sequence[Row]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


def paged(
    work: Session, query: sa.Select, ordering: Sequence[Any], make: Callable[[Any], Row], number: int, size: int
) -> Page[Row]:
    """Page `number` of `query` in `ordering`, each row made by `make`. A number past the end gives the last page."""
    total = work.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    found = work.execute(query.order_by(*ordering).limit(size).offset((number - 1) * size))
    return Page([make(row) for row in found], total, number, size)


def containing(text: str) -> str:
    """A LIKE pattern for `text` anywhere, its own wildcards taken literally."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
