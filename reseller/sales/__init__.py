"""A shopper's order, from the form to the money or the return. None of these functions commits.

Each step is one row of the order's history, with the stock and the ledger in the same transaction; a step that is not
allowed is refused and changes nothing.
"""

from __future__ import annotations

from reseller.sales.costs import charge
from reseller.sales.fulfilment import cancel, confirm, deliver, refuse, ship
from reseller.sales.placing import LONGEST, MOST_UNITS, Contact, complete, place
from reseller.sales.returning import take_back
from reseller.sales.states import NEXT_STATES, available, by_reference, total

__all__ = [
    "LONGEST",
    "MOST_UNITS",
    "NEXT_STATES",
    "Contact",
    "available",
    "by_reference",
    "cancel",
    "charge",
    "complete",
    "confirm",
    "deliver",
    "place",
    "refuse",
    "ship",
    "take_back",
    "total",
]
