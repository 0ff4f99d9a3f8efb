from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import agent, shop
from database.agent import PURCHASE_STATES, PurchaseOrder
from reseller import control, cycle, money, proposals, purchasing
from reseller.refusals import Refused
from tests.factories import NOON
from tests.reseller.conftest import Offer
from tests.reseller.supplier_server import SupplierServer

LATER = NOON + timedelta(hours=6)
Ordered = Callable[..., PurchaseOrder]


@pytest.fixture
def approved(work: Session, offer: Offer) -> Ordered:
    """`approved(price=...)`: an approved, committed order."""

    def make(**values: Any) -> PurchaseOrder:
        control.change(work, who="owner", mode="approve")
        listing = offer(**values)
        [one] = [one for one in proposals.propose(work, NOON) if one.listing_id == listing.id]
        order = proposals.approve(work, one.id, who="owner", reason="", now=NOON)
        work.commit()
        return order

    return make


def events(work: Session, order: PurchaseOrder) -> list[str]:
    mine = agent.PurchaseEvent.purchase_order_id == order.id
    return list(work.scalars(sa.select(agent.PurchaseEvent.to_state).where(mine).order_by(agent.PurchaseEvent.id)))


def last_why(work: Session) -> str:
    return work.scalars(sa.select(agent.PurchaseEvent.why).order_by(agent.PurchaseEvent.id.desc()).limit(1)).one()


def test_states_and_ends_are_all_there() -> None:
    assert set(purchasing.NEXT_STATES) == set(PURCHASE_STATES)
    ends = {state for state, following in purchasing.NEXT_STATES.items() if not following}
    assert ends == {"received", "failed", "cancelled"}


def test_an_order_placed_twice_reaches_the_supplier_once(supplier: SupplierServer, approved: Ordered) -> None:
    order = approved()
    assert [purchasing.place(order.id, NOON).state for _ in range(2)] == ["ordered", "ordered"]
    assert supplier.posts == [order.idempotency_key]


def test_the_key_is_committed_before_the_supplier_hears_of_it(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()
    seen: list[str] = []

    def look() -> None:
        with database.session() as other:
            seen.append(other.scalars(sa.select(PurchaseOrder.state)).one())

    supplier.before = look
    purchasing.place(order.id, NOON)
    assert seen == ["ordering"]


@pytest.mark.parametrize("fault", ["sold_out", "dearer"])
@pytest.mark.parametrize("when", ["asked again", "ordered"])
def test_a_supplier_who_says_no_ends_the_order_and_frees_the_money(
    work: Session, supplier: SupplierServer, approved: Ordered, fault: str, when: str
) -> None:
    order = approved(external_id="SKU1")

    def change() -> None:
        supplier.sold_out = {"SKU1"} if fault == "sold_out" else set()
        supplier.prices["SKU1"] = Decimal("5000.01")

    if when == "ordered":
        supplier.before = change
    else:
        change()
    assert purchasing.place(order.id, NOON).state == "failed"
    assert money.tied_up(work) == 0
    assert events(work, order) == ["approved", *["ordering"] * (when == "ordered"), "failed"]
    assert not supplier.orders
    assert purchasing.place(order.id, LATER).state == "failed"


@pytest.mark.parametrize("price", ["0", "0.01", "999.99", "5000000000"])
def test_a_price_beyond_belief_is_not_bought_at(
    work: Session, supplier: SupplierServer, approved: Ordered, price: str
) -> None:
    order = approved(external_id="SKU1")
    supplier.prices["SKU1"] = Decimal(price)
    assert purchasing.place(order.id, NOON).state == "failed"
    assert (supplier.posts, money.tied_up(work)) == ([], 0)
    assert price in last_why(work)


def test_the_agent_waits_for_an_objection_before_it_orders_by_itself(
    work: Session, supplier: SupplierServer, offer: Offer
) -> None:
    control.change(work, who="owner", mode="auto")
    offer()
    work.commit()
    cycle.run(NOON)
    order = work.scalars(sa.select(PurchaseOrder)).one()
    assert order.not_before == NOON + timedelta(minutes=10)
    assert purchasing.place(order.id, NOON + timedelta(minutes=9, seconds=59)).state == "approved"
    assert (supplier.posts, events(work, order)) == ([], ["approved"])
    assert purchasing.place(order.id, NOON + timedelta(minutes=10)).state == "ordered"


@pytest.mark.parametrize("fault", ["sold_out", "dearer"])
def test_what_went_up_or_away_while_the_agent_waited_is_not_ordered(
    work: Session, supplier: SupplierServer, offer: Offer, fault: str
) -> None:
    control.change(work, who="owner", mode="auto")
    offer(external_id="SKU1")
    work.commit()
    cycle.run(NOON)
    supplier.sold_out = {"SKU1"} if fault == "sold_out" else set()
    supplier.prices["SKU1"] = Decimal(5001)
    [failed] = cycle.run(NOON + timedelta(minutes=10)).moved
    assert (failed.state, supplier.posts, money.tied_up(work)) == ("failed", [], 0)
    assert ("sold out" if fault == "sold_out" else "dearer than allowed: 5001") in last_why(work)


def test_the_wait_can_be_used_to_object(work: Session, supplier: SupplierServer, offer: Offer) -> None:
    control.change(work, who="owner", mode="auto")
    offer()
    work.commit()
    cycle.run(NOON)
    order = work.scalars(sa.select(PurchaseOrder)).one()
    purchasing.cancel(work, order.id, who="owner", reason="too many already", now=NOON + timedelta(minutes=5))
    work.commit()
    cycle.run(NOON + timedelta(minutes=10))
    assert (supplier.posts, money.tied_up(work)) == ([], 0)


def test_a_person_who_approves_need_not_wait(supplier: SupplierServer, approved: Ordered) -> None:
    order = approved()
    assert order.not_before is None
    assert purchasing.place(order.id, NOON).state == "ordered"


def test_a_person_may_send_what_the_agent_lets_wait(work: Session, supplier: SupplierServer, offer: Offer) -> None:
    control.change(work, who="owner", mode="auto")
    offer()
    work.commit()
    cycle.run(NOON)
    order = work.scalars(sa.select(PurchaseOrder)).one()
    assert purchasing.place(order.id, NOON, who="owner").state == "ordered"


def test_the_next_states_of_an_order_can_be_asked_for(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()
    assert purchasing.next_states(order) == ("ordering", "failed", "cancelled")
    assert purchasing.steps_of_a_person(order) == ("place", "cancel")
    order = purchasing.place(order.id, NOON)
    assert purchasing.next_states(order) == ("received", "failed", "cancelled")
    assert purchasing.steps_of_a_person(order) == ("receive",)


def test_what_a_program_is_ordering_is_not_settled_by_a_person(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    supplier.status = 500
    order = purchasing.place(approved().id, NOON)
    for settle in (
        lambda: purchasing.mark_ordered(work, order.id, "1", who="karima", now=NOON),
        lambda: purchasing.mark_not_ordered(work, order.id, who="karima", why="", now=NOON),
    ):
        with pytest.raises(Refused, match="not been handed over") as refused:
            settle()
        assert refused.value.code == "wrong_state"


@pytest.mark.parametrize("exists", [True, False])
def test_a_person_settles_what_was_handed_over(
    work: Session, supplier: SupplierServer, approved: Ordered, exists: bool
) -> None:
    supplier.answer_with = lambda true: true | {"sku": "ANOTHER"}
    order = purchasing.place(approved().id, NOON)
    assert order.handed_over_at == NOON
    assert purchasing.poll(LATER) == []
    assert purchasing.steps_of_a_person(order) == ("mark_ordered", "mark_not_ordered")
    if exists:
        done = purchasing.mark_ordered(work, order.id, "D-9", who="karima", now=LATER)
        assert (done.state, done.supplier_reference, money.tied_up(work)) == ("ordered", "D-9", order.total)
    else:
        done = purchasing.mark_not_ordered(work, order.id, who="karima", why="they have nothing of us", now=LATER)
        assert (done.state, money.tied_up(work)) == ("failed", 0)
        assert last_why(work) == "they have nothing of us"
    with pytest.raises(Refused):
        purchasing.mark_not_ordered(work, order.id, who="karima", why="", now=LATER)


def test_a_lost_answer_is_asked_for_by_key_and_not_bought_again(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()

    def hang_up() -> None:
        raise ConnectionError

    supplier.after = hang_up
    assert purchasing.place(order.id, NOON).state == "ordering"
    assert money.tied_up(work) == order.total
    supplier.after = lambda: None
    [found] = purchasing.poll(LATER)
    assert (found.state, found.supplier_reference) == ("ordered", "D-1")
    assert supplier.posts == [order.idempotency_key]


def test_a_request_that_never_arrived_is_sent_again_under_the_same_key(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()

    def hang_up() -> None:
        raise ConnectionError

    supplier.before = hang_up
    purchasing.place(order.id, NOON)
    assert not supplier.orders
    supplier.before = lambda: None
    purchasing.poll(LATER)
    assert list(supplier.orders) == [order.idempotency_key]
    assert events(work, order) == ["approved", "ordering", "ordering", "ordered"]


def test_an_order_that_may_be_out_is_asked_for_but_not_sent_again_while_stopped(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()
    supplier.status = 500
    supplier.orders.clear()
    purchasing.place(order.id, NOON)
    supplier.orders.clear()
    supplier.status = None
    control.stop(work, "owner", "")
    work.commit()
    with pytest.raises(Refused, match="stop switch"):
        purchasing.place(order.id, LATER)
    assert (purchasing.poll(LATER), supplier.orders) == ([], {})
    control.resume(work, "owner")
    work.commit()
    assert [one.state for one in purchasing.poll(LATER)] == ["ordered"]


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_an_error_of_the_supplier_leaves_the_order_waiting_with_the_reason(
    work: Session, supplier: SupplierServer, approved: Ordered, status: int
) -> None:
    order = approved()
    supplier.status = status
    for _ in range(3):
        assert purchasing.place(order.id, NOON).state == "ordering"
    assert events(work, order) == ["approved", "ordering", "ordering"]
    assert f"answered {status}" in last_why(work)


@pytest.mark.parametrize(
    "lie",
    [
        {"unit_price": "5000.50", "total": "10001.00", "quantity": 2},
        {"quantity": 900, "total": "4500000"},
        {"sku": "ANOTHER"},
        {"currency": "EUR"},
        {"total": "1"},
        {"state": "perhaps"},
        {"reference": ""},
    ],
    ids=str,
)
def test_a_confirmation_of_something_else_waits_for_a_person(
    work: Session, supplier: SupplierServer, approved: Ordered, lie: dict[str, Any]
) -> None:
    order = approved(stock_left=2)
    supplier.answer_with = lambda true: true | lie
    assert purchasing.place(order.id, NOON).state == "ordering"
    assert money.tied_up(work) == order.total


def test_a_supplier_that_is_away_leaves_everything_as_it_is(work: Session, approved: Ordered, configure: Any) -> None:
    configure(AGENT_SUPPLIER="demo", DEMO_JUMIA_PORT=1)
    order = approved()
    assert purchasing.place(order.id, NOON).state == "approved"
    assert "did not answer" in last_why(work)
    assert money.tied_up(work) == order.total


def test_six_at_once_place_an_order_once(work: Session, supplier: SupplierServer, approved: Ordered) -> None:
    order = approved()
    gate = threading.Barrier(6)

    def place() -> str:
        gate.wait(60)
        return purchasing.place(order.id, NOON).state

    with ThreadPoolExecutor(6) as pool:
        states = [one.result(60) for one in [pool.submit(place) for _ in range(6)]]
    assert "ordered" in states
    assert supplier.posts == [order.idempotency_key]
    assert events(work, order) == ["approved", "ordering", "ordered"]


@pytest.mark.parametrize(("mode", "code"), [("dry-run", "dry_run"), (None, "stopped")])
def test_an_approved_order_stays_here_while_the_agent_may_not_buy(
    work: Session, supplier: SupplierServer, approved: Ordered, mode: str | None, code: str
) -> None:
    order = approved()
    if mode:
        control.change(work, who="owner", mode=mode)
    else:
        control.stop(work, "owner", "")
    work.commit()
    with pytest.raises(Refused) as refused:
        purchasing.place(order.id, NOON)
    assert refused.value.code == code
    assert (supplier.posts, events(work, order)) == ([], ["approved"])


def test_goods_are_received_at_what_the_supplier_charged(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved(external_id="SKU1")
    supplier.prices["SKU1"] = Decimal(4800)
    purchasing.place(order.id, NOON)
    assert purchasing.poll(LATER) == []
    supplier.deliver()
    assert [one.state for one in purchasing.poll(LATER)] == ["received"]
    assert purchasing.poll(LATER) == []
    movement = work.scalars(sa.select(shop.StockMovement)).one()
    assert (movement.quantity, movement.unit_cost) == (order.quantity, order.unit_price - 200)


def test_an_order_that_the_supplier_cancels_frees_its_money(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()
    purchasing.place(order.id, NOON)
    supplier.orders[order.idempotency_key]["state"] = "cancelled"
    assert [one.state for one in purchasing.poll(LATER)] == ["cancelled"]
    assert money.tied_up(work) == 0


def test_an_order_that_the_supplier_has_forgotten_waits_with_the_reason(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    purchasing.place(approved().id, NOON)
    supplier.orders.clear()
    assert purchasing.poll(LATER) == []
    assert "does not know its own order D-1" in last_why(work)


def test_a_person_orders_receives_and_the_shop_offers(work: Session, approved: Ordered) -> None:
    order = approved()
    assert order.supplier == "manual"
    assert purchasing.place(order.id, NOON).state == "ordering"
    assert purchasing.poll(NOON) == []
    with pytest.raises(Refused, match="order number"):
        purchasing.mark_ordered(work, order.id, " ", who="karima", now=NOON)
    purchasing.mark_ordered(work, order.id, " 4711 ", who="karima", now=NOON)
    for _ in range(2):
        done = purchasing.receive(work, order.id, who="karima", now=LATER, unit_cost=Decimal("5400.50"))
    work.commit()
    assert (done.state, done.supplier_reference) == ("received", "4711")
    assert events(work, order) == ["approved", "ordering", "ordered", "received"]
    movement = work.scalars(sa.select(shop.StockMovement)).one()
    assert (movement.quantity, movement.unit_cost, movement.who) == (order.quantity, Decimal("5400.50"), "karima")
    assert work.scalars(sa.select(shop.Listing.state)).one() == "published"


def test_goods_that_came_dearer_are_offered_above_the_margin_floor(work: Session, approved: Ordered) -> None:
    order = approved()
    purchasing.place(order.id, NOON)
    purchasing.mark_ordered(work, order.id, "1", who="karima", now=NOON)
    purchasing.receive(work, order.id, who="karima", now=NOON, unit_cost=Decimal(9000))
    change = work.scalars(sa.select(shop.PriceChange)).one()
    assert change.new_price >= change.floor > 9000


def test_a_second_purchase_of_a_product_adds_to_its_stock(work: Session, approved: Ordered) -> None:
    first = approved(stock_left=1)
    for step in (0, 1):
        order = first
        if step:
            product = work.scalars(sa.select(shop.Product)).one()
            from reseller import inventory

            inventory.move(work, product.id, "sale", -1, key="sale:1", who="staff", reason="", now=NOON)
            [one] = proposals.propose(work, LATER)
            order = proposals.approve(work, one.id, who="owner", reason="", now=LATER)
            work.commit()
        purchasing.place(order.id, NOON)
        purchasing.mark_ordered(work, order.id, "1", who="karima", now=NOON)
        purchasing.receive(work, order.id, who="karima", now=NOON)
        work.commit()
    assert work.scalar(sa.text("select quantity from shop.stock_on_hand")) == 1
    assert len(work.scalars(sa.select(shop.Product)).all()) == 1


def test_an_order_is_received_after_it_was_ordered_not_before(work: Session, approved: Ordered) -> None:
    with pytest.raises(Refused) as refused:
        purchasing.receive(work, approved().id, who="karima", now=NOON)
    assert (refused.value.code, refused.value.details["state"]) == ("wrong_state", "approved")


def test_what_a_machine_may_have_cannot_be_cancelled_from_here(
    work: Session, supplier: SupplierServer, approved: Ordered
) -> None:
    order = approved()
    purchasing.place(order.id, NOON)
    with pytest.raises(Refused) as refused:
        purchasing.cancel(work, order.id, who="owner", reason="", now=NOON)
    assert refused.value.code == "not_cancellable"
    assert money.tied_up(work) == order.total


def test_an_order_by_hand_can_be_cancelled_until_the_goods_are_here(work: Session, approved: Ordered) -> None:
    order = approved()
    purchasing.place(order.id, NOON)
    assert purchasing.cancel(work, order.id, who="owner", reason="too late", now=NOON).state == "cancelled"
    assert money.tied_up(work) == 0
    with pytest.raises(Refused) as refused:
        purchasing.receive(work, order.id, who="owner", now=NOON)
    assert refused.value.code == "wrong_state"


def test_no_such_purchase(work: Session) -> None:
    for call in (
        lambda: purchasing.place(999, NOON),
        lambda: purchasing.cancel(work, 999, who="owner", reason="", now=NOON),
        lambda: purchasing.mark_ordered(work, 999, "1", who="owner", now=NOON),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "not_found"
