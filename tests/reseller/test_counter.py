from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.books import Entry
from reseller import books, sales
from reseller.__main__ import main
from tests.factories import NOON
from tests.reseller.test_sales import AMINA, offered


def test_staff_take_an_order_from_the_call_to_the_cash(work: Session, capsys: pytest.CaptureFixture[str]) -> None:
    product = offered(work)
    order = sales.place(work, {product: 1}, AMINA, key=str(uuid.uuid4()), wilaya=16, now=NOON)
    work.commit()
    for step in ("confirm", "ship", "deliver"):
        assert main(["orders", step, order.reference, "--who", "staff"]) == 0
    assert main(["orders", "cancel", order.reference]) == 1
    assert main(["orders", "--state", "delivered"]) == 0
    said = capsys.readouterr()
    assert f"{order.reference} is delivered" in said.out
    assert "refused (wrong_state)" in said.err
    assert main(["carrier", "--paid", "1976"]) == 0
    assert main(["carrier", "--paid", "1976"]) == 1
    assert books.balance(work, "cash") == 1976


def test_capital_is_put_in_and_taken_out_within_the_cash(work: Session, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["capital", "--put", "200000", "--key", "first", "--now", "2026-05-01T12:00:00Z"]) == 0
    assert work.scalars(sa.select(Entry.at)).one() == NOON
    assert main(["capital", "--take", "50000"]) == 0
    assert main(["capital", "--take", "150001"]) == 1
    assert books.balance(work, "cash") == 150_000
    assert main(["books", "--catch-up"]) == 0
    assert "the accounts balance, and stock is worth its lots" in capsys.readouterr().out
