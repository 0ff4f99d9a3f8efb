from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.books import Entry
from database.shop import StockMovement
from reseller import books, journal, lots, reconciliation
from reseller.refusals import Refused
from tests.analytics_sql.plain_fifo import Books
from tests.analytics_sql.plain_profit import profit_by_product
from tests.analytics_sql.random_shop import RandomShop
from tests.analytics_sql.shop_orders import OPENING, Shop


@pytest.fixture
def shop(work: Session) -> Shop:
    return Shop(work)


def put(work: Session, amount: str, key: str = "capital:1") -> Entry | None:
    return journal.capital(work, Decimal(amount), key=key, who="owner", why="beginning", now=OPENING)


def hand_over(work: Session, amount: str) -> None:
    journal.handed_over(work, Decimal(amount), key=f"hand:{amount}", who="staff", why="Yalidine", now=OPENING)


def held(work: Session) -> dict[str, Decimal]:
    return {row.account.key: row.shown for row in books.balances(work) if row.amount}


def test_an_entry_that_does_not_balance_is_refused_at_commit_whoever_writes_it(work: Session) -> None:
    entry = (
        "insert into books.entry (kind, idempotency_key, at, who, why) values ('x', 'x', now(), 'x', 'x') returning id"
    )
    posting = "insert into books.posting (entry_id, account, amount) values (:entry, :account, :amount)"
    made = work.scalar(sa.text(entry))
    work.execute(sa.text(posting), {"entry": made, "account": "cash", "amount": 100})
    work.execute(sa.text(posting), {"entry": made, "account": "capital", "amount": "-99.99"})
    with pytest.raises(sa.exc.IntegrityError, match=r"does not balance: 0\.01"):
        work.commit()
    work.rollback()
    work.execute(sa.text(entry))
    with pytest.raises(sa.exc.IntegrityError, match="no postings"):
        work.commit()


def test_a_posting_added_to_an_old_entry_is_refused_at_commit(work: Session) -> None:
    entry = put(work, "1000.00")
    work.commit()
    assert entry is not None
    statement = "insert into books.posting (entry_id, account, amount) values (:entry, 'cash', 5)"
    work.execute(sa.text(statement), {"entry": entry.id})
    with pytest.raises(sa.exc.IntegrityError, match="does not balance"):
        work.commit()


@pytest.mark.parametrize("table", ["entry", "posting", "account"])
def test_what_is_posted_stays(work: Session, table: str) -> None:
    put(work, "1000.00")
    for statement in (f"delete from books.{table}", f"update books.{table} set {_column(table)} = {_column(table)}"):
        with pytest.raises(sa.exc.DBAPIError, match="append only"), work.begin_nested():
            work.execute(sa.text(statement))


def _column(table: str) -> str:
    return {"entry": "who", "posting": "amount", "account": "kind"}[table]


def test_a_posting_names_a_product_exactly_where_the_account_is_kept_by_product(work: Session) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="posting to stock names a product"):
        books.post(work, "x", [("stock", Decimal(1)), ("cash", Decimal(-1))], key="x", who="x", why="x", now=OPENING)


def test_sides_that_do_not_balance_are_refused(work: Session) -> None:
    sides: list[books.Side] = [("cash", Decimal(2)), ("capital", Decimal(-1))]
    with pytest.raises(Refused, match="1 DA off"):
        books.post(work, "x", sides, key="x", who="x", why="x", now=OPENING)


def test_the_same_key_posts_once_and_belongs_to_one_entry(work: Session) -> None:
    first, second = put(work, "1000.00"), put(work, "1000.00")
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert books.balance(work, "cash") == Decimal(1000)
    with pytest.raises(Refused, match="another entry"):
        put(work, "2000.00")


@pytest.mark.parametrize("amount", ["0", "NaN", "-1000.01", "1000000000000", "0.001", "Infinity"])
def test_capital_that_makes_no_sense_is_refused(work: Session, amount: str) -> None:
    put(work, "1000.00")
    with pytest.raises(Refused):
        put(work, amount, key="capital:2")
    assert books.balance(work, "cash") == Decimal(1000)


def test_the_carrier_hands_over_no_more_than_it_owes(work: Session, shop: Shop) -> None:
    product = shop.product()
    shop.move(product, "receipt", 1, cost="100.00")
    order = shop.go(shop.order({product: (1, "200.00")}, fee="50.00"), "confirmed", "shipped", "delivered")
    shop.pay(order, "delivery_out", "60.00")
    with pytest.raises(Refused, match=r"owes 190\.00 DA"):
        hand_over(work, "190.01")
    hand_over(work, "190.00")
    assert held(work) == {
        "cash": Decimal(190),
        "payables": Decimal(100),
        "sales": Decimal(200),
        "delivery_charged": Decimal(50),
        "cost_of_goods": Decimal(100),
        "delivery_costs": Decimal(60),
    }


def test_each_fate_of_an_order_is_in_the_accounts(work: Session, shop: Shop) -> None:
    product = shop.product()
    shop.move(product, "receipt", 2, cost="100.00")
    shop.move(product, "receipt", 4, cost="120.00")
    delivered = shop.go(shop.order({product: (2, "200.00")}), "confirmed", "shipped")
    assert (books.balance(work, "stock", product), books.balance(work, "goods_out")) == (Decimal(480), Decimal(200))
    shop.go(delivered, "delivered")
    refused = shop.go(shop.order({product: (1, "200.00")}), "confirmed", "shipped", "refused")
    assert books.balance(work, "goods_out", product) == Decimal(120)
    shop.take_back(refused, lost=True)
    shop.take_back(delivered, units=1)
    assert held(work) == {
        "carrier": Decimal(400),
        "cash": Decimal(-200),
        "stock": Decimal(3 * 120 + 100),
        "payables": Decimal(680),
        "sales": Decimal(400),
        "refunds": Decimal(-200),
        "cost_of_goods": Decimal(100),
        "stock_losses": Decimal(120),
    }
    assert books.profit_by_product(work) == {product: Decimal(-20)}


def test_units_found_before_their_cost_is_known_are_revalued_when_it_is(work: Session, shop: Shop) -> None:
    product = shop.product()
    shop.move(product, "correction", 3)
    order = shop.go(shop.order({product: (1, "200.00")}), "confirmed", "shipped", "delivered")
    shop.go(shop.order({product: (1, "200.00")}), "confirmed", "shipped")
    assert [books.balance(work, account) for account in ("stock", "cost_of_goods")] == [0, 0]
    shop.move(product, "receipt", 1, cost="90.00")
    assert books.balance(work, "stock", product) == Decimal(180)
    assert books.balance(work, "goods_out", product) == Decimal(90)
    assert books.balance(work, "cost_of_goods", product) == Decimal(90)
    assert books.balance(work, "stock_losses", product) == Decimal(-270)
    shop.take_back(order)
    assert books.balance(work, "cost_of_goods", product) == 0


def test_over_random_lives_the_ledger_holds_the_lots_and_the_profit_of_each_product(work: Session, shop: Shop) -> None:
    for seed in range(10, 14):
        RandomShop(shop, seed).live(200)
    work.commit()
    movements = list(work.scalars(sa.select(StockMovement)))
    stock = {
        product: sum((lot.value for lot in one.stock), Decimal(0)) for product, one in lots.of_products(work).items()
    }
    assert books.by_product(work, "stock") == {product: value for product, value in stock.items() if value}
    expected = profit_by_product(work, Books(movements), movements)
    found = books.profit_by_product(work)
    assert {product: profit for product, profit in found.items() if profit} == {
        product: profit for product, profit in expected.items() if profit
    }
    assert sum(row.amount for row in books.balances(work)) == 0
    assert reconciliation.check(work) == []
    assert reconciliation.catch_up(work) == 0


def test_a_database_older_than_its_ledger_catches_up_to_the_same_accounts(work: Session, shop: Shop) -> None:
    RandomShop(shop, 21).live(150)
    accounts, profit = held(work), books.profit_by_product(work)
    posted = work.scalar(sa.select(sa.func.count()).select_from(Entry))
    work.commit()
    work.execute(sa.text("truncate books.posting, books.entry, agent.budget_entry"))
    assert reconciliation.check(work) != []
    assert reconciliation.catch_up(work) == posted
    assert (held(work), books.profit_by_product(work)) == (accounts, profit)
    assert reconciliation.check(work) == []
