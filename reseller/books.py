"""The double-entry ledger: entries that balance, what an account holds, what each product earned. DZD.

Amounts are debits where positive and credits where negative, in the ledger and here alike. What posts which entry for
which event is in `journal.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from database.books import Account, Entry, Posting
from reseller.refusals import Refused

MOST_DINARS = Decimal(10) ** 12
"""No entry of a shop is as large: a typing mistake, or a currency taken for another."""

Side = tuple[str, Decimal] | tuple[str, Decimal, int | None]
"""Account, amount, and the product where the account is kept by product."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds: debits less credits, DZD."""

    account: Account
    amount: Decimal

    @property
    def shown(self) -> Decimal:
        """The same with the sign in which people write it: what is owed, put in or earned is positive."""
        return self.amount if self.account.kind in ("asset", "expense") else -self.amount


def post(
    work: Session,
    kind: str,
    sides: Iterable[Side],
    *,
    key: str,
    who: str,
    why: str,
    now: datetime,
    purchase_order_id: int | None = None,
    customer_order_id: int | None = None,
    stock_movement_id: int | None = None,
) -> Entry | None:
    """Writes an entry; the same key again returns the first one. Does not commit.

    Sides of one account and product are one posting; what comes to nothing is left out, and an entry of which nothing
    is left is not written: None.

    Raises:
        Refused: `bad_value`, the sides do not sum to zero, or an amount is out of all proportion.
    """
    summed = _summed(sides)
    if (difference := sum(summed.values())) != 0:
        raise Refused("bad_value", f"An entry balances; this one is {difference} DA off.", field="amount")
    if any(abs(amount) >= MOST_DINARS for amount in summed.values()):
        raise Refused("bad_value", f"An entry of {MOST_DINARS:,} DA or more is a mistake.", field="amount")
    if not summed:
        return None
    made = work.scalar(
        insert(Entry)
        .values(
            kind=kind,
            idempotency_key=key,
            at=now,
            who=who,
            why=why,
            purchase_order_id=purchase_order_id,
            customer_order_id=customer_order_id,
            stock_movement_id=stock_movement_id,
        )
        .on_conflict_do_nothing(index_elements=[Entry.idempotency_key])
        .returning(Entry.id)
    )
    if made is None:
        return _posted_before(work, key, kind, summed)
    rows = [
        {"entry_id": made, "account": account, "product_id": product, "amount": amount}
        for (account, product), amount in summed.items()
    ]
    work.execute(sa.insert(Posting), rows)
    return work.get_one(Entry, made)


def balance(work: Session, account: str, product_id: int | None = None) -> Decimal:
    """Debits less credits of an account, of one product where it is named, in DZD."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), Decimal(0))).where(Posting.account == account)
    if product_id is not None:
        query = query.where(Posting.product_id == product_id)
    return Decimal(work.scalars(query).one())


def balances(work: Session, until: datetime | None = None) -> list[Balance]:
    """Every account and what it holds, those of a kind together; `until`: of entries before that time."""
    posted = sa.select(Posting.account, Posting.amount).join(Entry, Entry.id == Posting.entry_id)
    if until is not None:
        posted = posted.where(Entry.at < until)
    sums = posted.subquery()
    query = (
        sa.select(Account, sa.func.coalesce(sa.func.sum(sums.c.amount), Decimal(0)))
        .outerjoin(sums, sums.c.account == Account.key)
        .group_by(Account.key)
    )
    order = ("asset", "liability", "equity", "income", "expense")
    rows = [Balance(account, Decimal(total)) for account, total in work.execute(query)]
    return sorted(rows, key=lambda row: (order.index(row.account.kind), row.account.key))


def by_product(work: Session, account: str) -> dict[int, Decimal]:
    """What an account kept by product holds of each, in DZD; products that come to nothing are left out."""
    total = sa.func.sum(Posting.amount)
    query = sa.select(Posting.product_id, total).where(Posting.account == account, Posting.product_id.isnot(None))
    return {product: Decimal(held) for product, held in work.execute(query.group_by(Posting.product_id)) if held}


def profit_by_product(work: Session) -> dict[int, Decimal]:
    """Income less expenses of each product that has any, in DZD: what `marts.profit_by_product` says, without dbt."""
    query = (
        sa.select(Posting.product_id, -sa.func.sum(Posting.amount))
        .join(Account, Account.key == Posting.account)
        .where(Account.kind.in_(("income", "expense")))
        .group_by(Posting.product_id)
    )
    return {product: Decimal(profit) for product, profit in work.execute(query)}


def _summed(sides: Iterable[Side]) -> dict[tuple[str, int | None], Decimal]:
    sums: dict[tuple[str, int | None], Decimal] = defaultdict(Decimal)
    for account, amount, *product in sides:
        sums[account, product[0] if product else None] += amount
    return {place: amount for place, amount in sums.items() if amount}


def _posted_before(work: Session, key: str, kind: str, summed: dict[tuple[str, int | None], Decimal]) -> Entry:
    entry = work.scalars(sa.select(Entry).where(Entry.idempotency_key == key)).one()
    postings = work.scalars(sa.select(Posting).where(Posting.entry_id == entry.id))
    if entry.kind != kind or {(one.account, one.product_id): one.amount for one in postings} != summed:
        raise Refused("bad_value", f"The key {key} belongs to another entry.", field="key")
    return entry
