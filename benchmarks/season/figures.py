"""What a season came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.season import CAPITAL
from database.books import Account, Posting
from database.market import Listing as MarketListing
from database.shop import Product, StockMovement
from reseller import books, lots, pricing, returns


@dataclass(frozen=True)
class Figures:
    """A season's end. Money in DZD.

    Attributes:
        profit: what the owner has more than was put in, stock at what it may be sold for at most (`realisable`).
        booked: the same by the books, stock at cost.
        return_on_capital: profit as a fraction of the capital put in.
        sell_through: units that shoppers kept, of those received.
        stock_left: what the stock that is left has cost; units_left: its units.
        drawdown: the worst fall of the books' worth from a height before.
        worth: what the books say that the shop is worth, by day.
    """

    seed: int
    policy: str
    days: int
    profit: float
    booked: float
    return_on_capital: float
    sell_through: float
    stock_left: float
    units_left: int
    drawdown: float
    purchases: int
    orders: int
    worth: tuple[float, ...]

    def row(self) -> dict[str, object]:
        """All of it, for a file."""
        return asdict(self)

    @classmethod
    def read(cls, row: dict[str, Any]) -> Figures:
        """What `row` has written."""
        return cls(**row | {"worth": tuple(row["worth"])})


def earned(work: Session) -> float:
    """Income less expenses until now, DZD."""
    query = (
        sa.select(sa.func.coalesce(-sa.func.sum(Posting.amount), 0))
        .join(Account, Account.key == Posting.account)
        .where(Account.kind.in_(("income", "expense")))
    )
    return float(work.scalars(query).one())


def drawdown(worth: Sequence[float]) -> float:
    """The worst fall from a height before, DZD, 0 or more."""
    height, worst = float(CAPITAL), 0.0
    for now in worth:
        height = max(height, now)
        worst = max(worst, height - now)
    return worst


def realisable(work: Session, asked: Mapping[str, float]) -> float:
    """What the stock that lies here is worth, DZD: the lower of its cost and of what the market asks for it less what
    selling costs (IAS 2, paragraph 9)."""
    query = sa.select(Product.id, MarketListing.external_id).join(MarketListing, MarketListing.id == Product.listing_id)
    economics, worth = returns.economics(work), 0.0
    for product_id, sku in work.execute(query).tuples():
        for lot in lots.on_hand(work, product_id):
            price = Decimal(round(asked.get(sku, 0.0)))
            costs = sum(pricing.selling_costs(price, lot.unit_cost, economics).values())
            worth += lot.quantity * max(0.0, float(min(lot.unit_cost, price - costs)))
    return worth


def figures(
    work: Session, seed: int, policy: str, worth: Sequence[float], orders: int, asked: Mapping[str, float]
) -> Figures:
    """Reads the books at the end of a season. `asked`: DZD that the market asks for a unit, by SKU."""
    units = dict(
        work.execute(sa.select(StockMovement.kind, sa.func.sum(StockMovement.quantity)).group_by(StockMovement.kind))
        .tuples()
        .all()
    )
    received = int(units.get("receipt", 0))
    kept = -int(units.get("sale", 0)) - int(units.get("return", 0))
    left, booked = books.balance(work, "stock"), earned(work)
    profit = booked - float(left) + realisable(work, asked)
    return Figures(
        seed=seed,
        policy=policy,
        days=len(worth),
        profit=round(profit, 2),
        booked=round(booked, 2),
        return_on_capital=round(profit / float(CAPITAL), 4),
        sell_through=round(kept / received, 4) if received else 0.0,
        stock_left=float(left),
        units_left=int(sum(units.values())),
        drawdown=round(drawdown(worth), 2),
        purchases=int(work.scalar(sa.text("select count(*) from agent.purchase_order where state = 'received'")) or 0),
        orders=orders,
        worth=tuple(round(one, 2) for one in worth),
    )
