"""The word that a listing is no more: a dead address, or one that leads elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Gone:
    """Stored as an observation without a price, out of stock, if the listing is known; counted otherwise.

    Attributes:
        marketplace: `jumia`, `ouedkniss`, ...
        country: ISO 3166-1 alpha-2, lower case.
        url: the public address that was asked for.
        external_id: the marketplace's own id where it is known; without it the address finds the listing.
        reason: begins with a name, such as `page/product_gone`.
        observed_at: aware, UTC; when the market said so.
    """

    marketplace: str
    country: str
    url: str
    reason: str
    observed_at: datetime
    external_id: str | None = None
