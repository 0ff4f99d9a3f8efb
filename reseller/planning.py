"""How to lay out a budget: which candidates, and how many units of each. Plain arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reseller.sourcing import Candidate

MOST_UNITS = 8
"""Units of one product that a full score at full confidence is worth: a fortnight of a small shop's sales."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """Units of a candidate that the plan would buy."""

    candidate: Candidate
    quantity: int

    @property
    def total(self) -> Decimal:
        """Landed cost of all units, DZD."""
        return self.candidate.quote.landed.total * self.quantity


def units(score: Decimal, confidence: Decimal) -> int:
    """Units worth trying: one where evidence is thin, more as trend (0 to 100) and confidence (0 to 1) grow."""
    return max(1, int(MOST_UNITS * score / 100 * confidence))


def plan(
    candidates: Iterable[Candidate], *, remaining: Decimal, cap_per_product: Decimal, limit: int
) -> list[Purchase]:
    """Takes candidates in the order given while money is left; one that does not fit is passed over.

    Args:
        remaining: DZD that may still be reserved.
        cap_per_product: most DZD on one product, what is tied up in it included.
        limit: most purchases.
    """
    chosen: list[Purchase] = []
    for candidate in candidates:
        if len(chosen) == limit:
            break
        landed = candidate.quote.landed.total
        affordable = int(min(remaining, cap_per_product - candidate.tied_up) // landed)
        quantity = min(units(candidate.score, candidate.confidence), affordable)
        if candidate.stock_left is not None:
            quantity = min(quantity, candidate.stock_left)
        if quantity >= 1:
            chosen.append(Purchase(candidate, quantity))
            remaining -= chosen[-1].total
    return chosen
