"""An item or a page that could not be used, kept with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Reject:
    """What goes to `market.rejected_item`.

    Attributes:
        reason: begins with the defect's name, such as `offer/price/negative` or `page/truncated`.
        raw: the item as it came; for a page the beginning of its body.
        rejected_at: aware, UTC, of this machine.
    """

    url: str | None
    reason: str
    raw: dict[str, Any]
    rejected_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def names(self) -> list[str]:
        """The names of all its defects, as they are counted in the crawl's stats."""
        return [name.strip() for name in self.reason.split(":", 1)[0].split(",")]
