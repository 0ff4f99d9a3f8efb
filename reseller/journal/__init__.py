"""Which entries an event posts: goods that move, orders that arrive, money that changes hands. None of these commits.

Each is called in the transaction of its event, under the lock of the product or the order that it is about.
"""

from __future__ import annotations

from reseller.journal.goods import delivered, moved
from reseller.journal.order_lines import lines_of, shares, was_delivered
from reseller.journal.payments import capital, cost_paid, handed_over, purchase_paid, purchase_prepaid

__all__ = [
    "capital",
    "cost_paid",
    "delivered",
    "handed_over",
    "lines_of",
    "moved",
    "purchase_paid",
    "purchase_prepaid",
    "shares",
    "was_delivered",
]
