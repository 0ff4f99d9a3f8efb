"""Seasons of the demo economy: what a way of buying earns, day by day, with real pages, purchases, orders and books.

The judge stands outside: it knows the world (`demo`), plays its shoppers and its carrier, and hands the agent what the
agent would see anywhere else, pages and its own books.
"""

from __future__ import annotations

from decimal import Decimal

CAPITAL = Decimal(200_000)
"""Dinars that the owner puts in on the first day; whatever the policy, budgets and caps are those of the settings."""
WARM_UP = 28
"""Days of pages that are read before anybody may buy: trends need a past."""
EVERY = 3
"""Days between two decisions to buy."""
