"""Candidates for tests of the plan and of what is kept, judged by the real arithmetic."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from reseller import appraisal, pricing
from reseller.appraisal import Offer
from reseller.demand import Rate, Response
from reseller.sourcing import Candidate

FLOOR = Decimal("0.12")


def candidate(listing_id: int = 1, price: int = 5000, *, market: float = 200.0, **values: Any) -> Candidate:
    """An offer of `price` DZD, `market` units of which sell a day; its usual price is a third higher unless given."""
    confidence = values.get("confidence", Decimal("0.8"))
    reference = values.pop("reference", Decimal(price) * 4 / 3)
    offer = Offer(
        price=Decimal(price),
        from_abroad=False,
        reference=reference,
        market=Rate(market, 4.0),
        confidence=confidence,
        own=values.pop("own", None),
        held=values.pop("held", 0),
        goodwill=values.pop("goodwill", 0.0),
    )
    found = appraisal.appraise(offer, Response(), margin_floor=FLOOR)
    defaults: dict[str, Any] = {
        "marketplace": "jumia",
        "country": "dz",
        "price": Decimal(price),
        "currency": "DZD",
        "score": Decimal(80),
        "confidence": confidence,
        "stock_left": None,
        "tied_up": Decimal(0),
        "why": {},
        "product": -listing_id,
        "quote": found.quote if found else pricing.quote(Decimal(price), from_abroad=False, within_reach=True),
        "reference": reference,
        "market": offer.market,
        "appraisal": found,
        "barred": None if found else "margin",
    }
    return Candidate(listing_id=listing_id, **defaults | values)
