"""Letters to sellers: what they say, what they do not say, and what follows from the reply."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database.agent import PurchaseOrder, SellerContact
from reseller import control, money, proposals, purchasing, seller_contact
from reseller.refusals import Refused
from reseller.suppliers.ouedkniss_contact import message
from tests.factories import NOON
from tests.reseller.conftest import Offer

Waiting = Callable[..., PurchaseOrder]


@pytest.fixture
def waiting(work: Session, offer: Offer) -> Waiting:
    """`waiting()`: an order of an ad, handed over to a person."""

    def make(**values: Any) -> PurchaseOrder:
        control.change(work, who="owner", mode="approve")
        offer(marketplace="ouedkniss", **values)
        [one] = proposals.propose(work, NOON)
        order = proposals.approve(work, one.id, who="owner", reason="", now=NOON)
        work.commit()
        return purchasing.place(order.id, NOON)

    return make


def test_a_message_is_prepared_when_the_order_is_handed_over_and_again_in_another_language(
    work: Session, waiting: Waiting
) -> None:
    order = waiting(title="iPhone 12 128Go")
    assert (order.supplier, order.state) == ("ouedkniss_contact", "ordering")
    seller_contact.prepare(work, order.id, "ar", who="karima", now=NOON)
    first, second = seller_contact.contacts(work, order.id)
    assert (first.language, second.language, second.who) == ("fr", "ar", "karima")
    for one in (first, second):
        assert "iPhone 12 128Go" in (one.text or "")
        assert "5\N{NO-BREAK SPACE}000" in (one.text or "")


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("quantity", [1, 3])
def test_a_message_names_the_ad_the_price_the_place_and_of_us_the_shop_only(language: str, quantity: int) -> None:
    text = message(
        language,
        title="Frigo\nLG  45 L",
        unit_price=Decimal("12500.00"),
        quantity=quantity,
        place="Alger Centre",
        shop="Hanout",
    )
    for part in ("Frigo LG 45 L", "12\N{NO-BREAK SPACE}500", "Alger Centre", "Hanout"):
        assert part in text
    assert (str(quantity) in re.sub(r"12.500|45", "", text)) == (quantity > 1)
    assert not re.search(r"(\d[ .]?){9}|@|http", text)


def test_a_very_long_title_is_cut(work: Session) -> None:
    text = message("fr", title="x" * 5000, unit_price=Decimal(1), quantity=1, place="Alger", shop="Hanout")
    assert len(text) < 500


@pytest.mark.parametrize(
    ("reply", "unit_price", "state", "why"),
    [
        ("accepted", Decimal("4800"), "ordered", "agrees to 4800 DA"),
        ("accepted", Decimal("5000.00"), "ordered", "agrees to 5000.00 DA"),
        ("accepted", Decimal("5000.01"), "failed", "dearer than the 5000.00 DA allowed"),
        ("refused", None, "failed", "refused"),
        ("no_answer", None, "failed", "did not answer"),
    ],
)
def test_what_the_seller_says_decides_what_becomes_of_the_purchase(
    work: Session, waiting: Waiting, reply: str, unit_price: Decimal | None, state: str, why: str
) -> None:
    order = seller_contact.note_reply(work, waiting().id, reply, unit_price=unit_price, who="karima", now=NOON)
    assert order.state == state
    assert money.tied_up(work) == (order.total if state == "ordered" else 0)
    from database.agent import PurchaseEvent

    last = work.scalars(sa.select(PurchaseEvent).order_by(PurchaseEvent.id.desc()).limit(1)).one()
    assert why in last.why
    assert last.who == "karima"
    assert seller_contact.contacts(work, order.id)[-1].reply == reply


def test_what_was_haggled_off_is_in_the_cost_of_the_goods(work: Session, waiting: Waiting) -> None:
    order = waiting()
    reserved = order.unit_price
    seller_contact.note_reply(work, order.id, "accepted", unit_price=Decimal(4600), who="karima", now=NOON)
    purchasing.receive(work, order.id, who="karima", now=NOON)
    assert work.scalar(sa.text("select unit_cost from shop.stock_movement")) == reserved - 400


@pytest.mark.parametrize(
    ("reply", "unit_price"),
    [
        ("maybe", None),
        ("accepted", None),
        ("accepted", Decimal(0)),
        ("accepted", Decimal(-5)),
        ("accepted", Decimal("NaN")),
        ("accepted", Decimal(10) ** 12),
        ("refused", Decimal(100)),
    ],
)
def test_a_reply_that_makes_no_sense_changes_nothing(
    work: Session, waiting: Waiting, reply: str, unit_price: Decimal | None
) -> None:
    order = waiting()
    with pytest.raises(Refused) as refused:
        seller_contact.note_reply(work, order.id, reply, unit_price=unit_price, who="karima", now=NOON)
    assert refused.value.code == "bad_value"
    assert [one.kind for one in seller_contact.contacts(work, order.id)] == ["message"]


def test_a_second_reply_or_one_to_another_supplier_is_refused(work: Session, waiting: Waiting) -> None:
    order = waiting()
    seller_contact.note_reply(work, order.id, "refused", who="karima", now=NOON)
    for call in (
        lambda: seller_contact.note_reply(work, order.id, "refused", who="karima", now=NOON),
        lambda: seller_contact.prepare(work, order.id, "fr", who="karima", now=NOON),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "wrong_state"
    with pytest.raises(Refused, match="language"):
        seller_contact.prepare(work, order.id, "de", who="karima", now=NOON)


def test_what_was_written_and_answered_is_neither_changed_nor_deleted(work: Session, waiting: Waiting) -> None:
    waiting()
    assert work.scalar(sa.select(sa.func.count(SellerContact.id))) == 1
    for statement in ("update agent.seller_contact set text = text", "delete from agent.seller_contact"):
        with pytest.raises(sa.exc.DBAPIError, match="append only"), work.begin_nested():
            work.execute(sa.text(statement))
