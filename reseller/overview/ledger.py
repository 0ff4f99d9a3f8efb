"""The ledger as people read it: accounts, entries with their sides, what each product earned, money over time. DZD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.books import Account, Entry, Posting
from database.shop import Product
from reseller import books, reconciliation
from reseller.money import ALGIERS, day_in_algiers
from reseller.overview.paging import Page, paged

EARNED = ("income", "expense")
DAYS_DRAWN = 180


@dataclass(frozen=True, slots=True)
class SideRow:
    """One side of an entry: debit where `amount` is positive, credit where it is negative."""

    account: str
    names: Mapping[str, str]
    product_id: int | None
    product: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry with its sides."""

    id: int
    kind: str
    at: datetime
    who: str
    why: str
    purchase_id: int | None
    order_id: int | None
    sides: Sequence[SideRow]

    @property
    def amount(self) -> Decimal:
        """The sum of its debits."""
        return sum((side.amount for side in self.sides if side.amount > 0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None leaves a filter out. `first` and `last` are days in Algiers."""

    account: str | None = None
    product_id: int | None = None
    order_id: int | None = None
    purchase_id: int | None = None
    first: date | None = None
    last: date | None = None

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the books agree: sums of both sides, how many entries, and what does not agree, a sentence each."""

    debits: Decimal
    credits: Decimal
    entries: int
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProductProfit:
    """What one product earned: each income and expense account's part, as the ledger has it; costs negative."""

    product_id: int
    title: str
    sku: str
    parts: Mapping[str, Decimal]

    @property
    def profit(self) -> Decimal:
        """The sum of the parts."""
        return sum(self.parts.values(), Decimal(0))

    @property
    def sales(self) -> Decimal:
        """What shoppers paid for it and kept."""
        return self.parts.get("sales", Decimal(0)) + self.parts.get("refunds", Decimal(0))


@dataclass(frozen=True, slots=True)
class MoneyDay:
    """What there was at the end of a day. `profit` is the sum of all days so far."""

    day: date
    cash: Decimal
    stock: Decimal
    profit: Decimal


def accounts(work: Session) -> list[books.Balance]:
    """Every account and what it holds."""
    return books.balances(work)


def agreement(work: Session) -> Agreement:
    """Whether the accounts sum to zero and the stock is worth what its lots are."""
    debit = sa.func.sum(Posting.amount).filter(Posting.amount > 0)
    credit = -sa.func.sum(Posting.amount).filter(Posting.amount < 0)
    sums = work.execute(sa.select(debit, credit, sa.func.count(sa.distinct(Posting.entry_id)))).one()
    return Agreement(Decimal(sums[0] or 0), Decimal(sums[1] or 0), sums[2], reconciliation.check(work))


def entries(work: Session, wanted: Wanted, *, page: int = 1, size: int = 50) -> Page[EntryRow]:
    """Entries, newest first."""
    chosen = sa.select(Entry).where(*_filters(wanted))
    found = paged(work, chosen, [Entry.at.desc(), Entry.id.desc()], lambda row: row[0], page, size)
    sides = _sides(work, [entry.id for entry in found.rows])
    rows = [
        EntryRow(
            entry.id,
            entry.kind,
            entry.at,
            entry.who,
            entry.why,
            entry.purchase_order_id,
            entry.customer_order_id,
            sides[entry.id],
        )
        for entry in found.rows
    ]
    return Page(rows, found.total, found.number, found.size)


def _filters(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    side = sa.select(Posting.id).where(Posting.entry_id == Entry.id)
    if wanted.account:
        side = side.where(Posting.account == wanted.account)
    if wanted.product_id is not None:
        side = side.where(Posting.product_id == wanted.product_id)
    if wanted.account or wanted.product_id is not None:
        found.append(side.exists())
    if wanted.order_id is not None:
        found.append(Entry.customer_order_id == wanted.order_id)
    if wanted.purchase_id is not None:
        found.append(Entry.purchase_order_id == wanted.purchase_id)
    if wanted.first:
        found.append(Entry.at >= _midnight(wanted.first))
    if wanted.last:
        found.append(Entry.at < day_in_algiers(_midnight(wanted.last))[1])
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ALGIERS)


def _sides(work: Session, ids: Sequence[int]) -> Mapping[int, list[SideRow]]:
    query = (
        sa.select(Posting, Account, Product.title)
        .join(Account, Account.key == Posting.account)
        .outerjoin(Product, Product.id == Posting.product_id)
        .where(Posting.entry_id.in_(ids))
        .order_by(Posting.entry_id, (Posting.amount < 0), Posting.id)
    )
    found: dict[int, list[SideRow]] = defaultdict(list)
    for posting, account, title in work.execute(query):
        names = {"fr": account.name_fr, "ar": account.name_ar, "en": account.name_en}
        found[posting.entry_id].append(SideRow(account.key, names, posting.product_id, title, posting.amount))
    return found


def profits(work: Session) -> list[ProductProfit]:
    """What each product earned, the most first."""
    query = (
        sa.select(Product.id, Product.title, Product.sku, Posting.account, -sa.func.sum(Posting.amount))
        .join(Account, Account.key == Posting.account)
        .join(Product, Product.id == Posting.product_id)
        .where(Account.kind.in_(EARNED))
        .group_by(Product.id, Product.title, Product.sku, Posting.account)
    )
    named: dict[int, tuple[str, str]] = {}
    parts: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for product_id, title, sku, account, amount in work.execute(query):
        named[product_id] = (title, sku)
        parts[product_id][account] = Decimal(amount)
    found = [ProductProfit(product_id, *named[product_id], parts[product_id]) for product_id in named]
    return sorted(found, key=lambda one: (-one.profit, one.product_id))


def over_time(work: Session, now: datetime) -> list[MoneyDay]:
    """Cash, stock at cost and profit so far at the end of each day on which one of them moved, and of `now`'s."""
    day = sa.cast(sa.func.timezone(ALGIERS.key, Entry.at), sa.Date)
    query = (
        sa.select(day, Posting.account, Account.kind, sa.func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.key == Posting.account)
        .where(sa.or_(Posting.account.in_(("cash", "stock")), Account.kind.in_(EARNED)), Entry.at <= now)
        .group_by(day, Posting.account, Account.kind)
        .order_by(day)
    )
    moved: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for at, account, kind, amount in work.execute(query):
        moved[at]["profit" if kind in EARNED else account] += -amount if kind in EARNED else amount
    if moved:
        moved[now.astimezone(ALGIERS).date()]
    held: dict[str, Decimal] = defaultdict(Decimal)
    days = []
    for at in sorted(moved):
        for name, amount in moved[at].items():
            held[name] += amount
        days.append(MoneyDay(at, held["cash"], held["stock"], held["profit"]))
    first = now.astimezone(ALGIERS).date() - timedelta(days=DAYS_DRAWN)
    return [one for one in days if one.day >= first] or days[-1:]


def profit_since(work: Session, start: datetime) -> Decimal:
    """Income less expenses of entries from `start` on."""
    query = (
        sa.select(sa.func.coalesce(-sa.func.sum(Posting.amount), Decimal(0)))
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.key == Posting.account)
        .where(Account.kind.in_(EARNED), Entry.at >= start)
    )
    return Decimal(work.scalars(query).one())
