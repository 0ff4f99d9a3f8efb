from __future__ import annotations

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import agent
from database.shop import Product
from reseller import books, control, journal, limits, money, proposals, purchasing, sales
from reseller.refusals import Refused
from tests import factories
from tests.factories import NOON

MANY = Decimal(10**6)


def proposal(work: Session, **values: Any) -> agent.Proposal:
    """An open proposal of one unit at 1,000 DA landed, margin 20 %."""
    listing = values.pop("listing_id", None) or factories.listing(work).id
    defaults: dict[str, Any] = {
        "listing_id": listing,
        "mode": "auto",
        "quantity": 1,
        "offer_price": Decimal(900),
        "offer_currency": "DZD",
        "unit_price": Decimal(900),
        "landed_cost": Decimal(1000),
        "sale_price": Decimal(1500),
        "expected_profit": Decimal(300),
        "margin": Decimal("0.2"),
        "score": Decimal(70),
        "confidence": Decimal("0.7"),
        "arithmetic": {"steps": []},
        "reasons": {},
        "supplier": "manual",
        "created_at": NOON,
    }
    made = agent.Proposal(**defaults | values)
    work.add(made)
    work.flush()
    return made


def allow(work: Session, **values: Any) -> None:
    open_wide: dict[str, Any] = {
        "mode": "auto",
        "budget_per_day": MANY,
        "budget_total": MANY,
        "cap_per_product": MANY,
        "margin_floor": Decimal(0),
    }
    control.change(work, who="owner", **open_wide | values)


def put_in(work: Session, amount: str) -> None:
    journal.capital(work, Decimal(amount), key=f"capital:{amount}", who="owner", why="test", now=NOON)


def approve(work: Session, of: agent.Proposal, who: str = "agent", now: datetime = NOON) -> agent.PurchaseOrder:
    return proposals.approve(work, of.id, who=who, reason="", now=now)


RULES: dict[str, dict[str, Any]] = {
    "dry_run": {"mode": "dry-run"},
    "approval_needed": {"mode": "approve"},
    "margin_floor": {"margin_floor": Decimal("0.2001")},
    "cap_product": {"cap_per_product": Decimal("999.99")},
    "budget_day": {"budget_per_day": Decimal("999.99")},
    "budget_total": {"budget_total": Decimal("999.99")},
    "no_cash": {},
    "stopped": {},
}


def scenario(work: Session, code: str) -> agent.Proposal:
    allow(work, **RULES[code])
    if code == "stopped":
        control.stop(work, "owner", "a doubt")
    if code == "no_cash":
        put_in(work, "999.99")
    return proposal(work)


@pytest.mark.parametrize("code", RULES)
def test_each_rule_refuses_and_reserves_nothing(work: Session, code: str) -> None:
    one = scenario(work, code)
    with pytest.raises(Refused) as refused:
        approve(work, one)
    assert refused.value.code == code
    assert one.state == "proposed"
    assert money.tied_up(work) == 0
    assert work.scalar(sa.select(sa.func.count()).select_from(agent.PurchaseOrder)) == 0


@pytest.mark.parametrize("code", RULES)
def test_without_a_rule_what_it_refuses_would_be_bought(
    work: Session, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = scenario(work, code)
    request = []
    monkeypatch.setattr(limits, "RULES", (request.append, *limits.RULES))
    with pytest.raises(Refused):
        approve(work, one)
    others = [rule for rule in limits.RULES[1:] if _refusal(rule, request[0]) != code]
    assert len(others) == len(limits.RULES) - 2
    monkeypatch.setattr(limits, "RULES", tuple(others))
    assert approve(work, one).state == "approved"
    assert money.tied_up(work) == 1000


def _refusal(rule: Any, request: limits.Request) -> str | None:
    try:
        rule(request)
    except Refused as refused:
        return refused.code
    return None


def test_a_budget_may_be_used_up_to_the_last_dinar(work: Session) -> None:
    allow(work, budget_per_day=Decimal(2000), budget_total=Decimal(2000), cap_per_product=Decimal(1000))
    approve(work, proposal(work))
    approve(work, proposal(work))
    assert money.budget(work, NOON).remaining == 0
    with pytest.raises(Refused, match="2,000 of 2,000 DA"):
        approve(work, proposal(work))


def test_a_person_may_approve_in_mode_approve(work: Session) -> None:
    allow(work, mode="approve")
    assert approve(work, proposal(work), who="owner").state == "approved"


def test_nobody_buys_in_a_dry_run(work: Session) -> None:
    allow(work, mode="dry-run")
    with pytest.raises(Refused, match="Change the mode"):
        approve(work, proposal(work), who="owner")


def test_the_cap_counts_what_earlier_orders_of_the_product_tie_up(work: Session) -> None:
    allow(work, cap_per_product=Decimal(1500))
    first = proposal(work)
    approve(work, first)
    with pytest.raises(Refused) as refused:
        approve(work, proposal(work, listing_id=first.listing_id))
    assert refused.value.code == "cap_product"


def test_the_day_of_the_budget_is_the_day_in_algiers(work: Session) -> None:
    allow(work, budget_per_day=Decimal(1000))
    before_midnight = datetime(2026, 5, 1, 22, 59, tzinfo=UTC)
    approve(work, proposal(work), now=before_midnight)
    with pytest.raises(Refused):
        approve(work, proposal(work), now=before_midnight)
    assert approve(work, proposal(work), now=before_midnight + timedelta(minutes=2)).state == "approved"


def test_a_cancelled_order_gives_its_money_back_once(work: Session) -> None:
    allow(work, budget_per_day=Decimal(1000), budget_total=Decimal(1000))
    order = approve(work, proposal(work))
    purchasing.cancel(work, order.id, who="owner", reason="changed my mind", now=NOON)
    money.release(work, order, NOON)
    assert (money.tied_up(work), money.reserved_on(work, NOON)) == (0, 0)
    assert approve(work, proposal(work)).state == "approved"


def test_what_is_released_today_does_not_widen_the_budget_of_another_day(work: Session) -> None:
    allow(work, budget_per_day=Decimal(1000))
    order = approve(work, proposal(work))
    tomorrow = NOON + timedelta(days=1)
    purchasing.cancel(work, order.id, who="owner", reason="", now=tomorrow)
    assert money.reserved_on(work, tomorrow) == 0


def test_the_budget_in_all_counts_what_other_days_have_reserved(work: Session) -> None:
    allow(work, budget_total=Decimal(1500))
    approve(work, proposal(work))
    with pytest.raises(Refused) as refused:
        approve(work, proposal(work, created_at=NOON + timedelta(days=1)), now=NOON + timedelta(days=1))
    assert (refused.value.code, refused.value.details["used"]) == ("budget_total", "1000.00")


@pytest.mark.parametrize(("limit", "code"), [("budget_per_day", "budget_day"), ("budget_total", "budget_total")])
def test_fifty_at_once_never_overspend(work: Session, limit: str, code: str) -> None:
    allow(work, **{limit: Decimal(7500)})
    waiting = [proposal(work).id for _ in range(50)]
    work.commit()
    outcomes = _at_once([lambda one=one: _try(one) for one in waiting])
    assert outcomes == Counter({"approved": 7, code: 43})
    assert money.tied_up(work) == 7000
    assert work.scalar(sa.select(sa.func.count()).select_from(agent.PurchaseOrder)) == 7


def test_fifty_at_once_never_exceed_the_cap_of_one_product(work: Session) -> None:
    allow(work, cap_per_product=Decimal(3000))
    listing = factories.listing(work).id
    waiting = [proposal(work, listing_id=listing, state="expired").id for _ in range(49)]
    waiting.append(proposal(work, listing_id=listing).id)
    work.execute(sa.text("drop index agent.uq_proposal_open_listing"))
    work.execute(sa.text("update agent.proposal set state = 'proposed'"))
    work.commit()
    assert _at_once([lambda one=one: _try(one) for one in waiting]) == Counter(approved=3, cap_product=47)
    assert money.tied_up_in(work, listing) == 3000


def test_fifty_approvals_of_one_proposal_make_one_order(work: Session) -> None:
    allow(work)
    one = proposal(work).id
    work.commit()
    assert _at_once([lambda: _try(one)] * 50) == Counter(approved=1, not_open=49)
    assert money.tied_up(work) == 1000


def test_a_stop_thrown_while_others_buy_holds_from_its_commit_on(work: Session) -> None:
    allow(work)
    waiting = [proposal(work).id for _ in range(20)]
    work.commit()
    control.stop(work, "owner", "enough")
    started = threading.Event()
    with ThreadPoolExecutor(20) as pool:
        running = [pool.submit(lambda one=one: (started.set(), _try(one))[1]) for one in waiting]
        started.wait(10)
        work.commit()
        assert Counter(one.result(60) for one in running) == Counter(stopped=20)


def test_cash_that_is_promised_to_one_purchase_is_not_there_for_another(work: Session) -> None:
    allow(work)
    put_in(work, "2500")
    first, second = (approve(work, proposal(work)) for _ in range(2))
    with pytest.raises(Refused, match="500 DA are at hand"):
        approve(work, proposal(work))
    receive(work, first)
    assert (books.balance(work, "cash"), money.cash_at_hand(work)) == (Decimal(1500), Decimal(500))
    purchasing.cancel(work, second.id, who="owner", reason="", now=NOON)
    assert approve(work, proposal(work)).state == "approved"


def test_what_was_prepaid_is_paid_once(work: Session) -> None:
    allow(work)
    put_in(work, "2500")
    order = approve(work, proposal(work))
    prepaid = {"key": "advance:1", "who": "owner", "why": "half in advance", "now": NOON}
    journal.purchase_prepaid(work, order, Decimal(400), **prepaid)
    assert money.cash_at_hand(work) == 1500
    receive(work, order)
    assert [books.balance(work, account) for account in ("cash", "prepayments", "payables")] == [1500, 0, 0]


def test_the_budget_is_free_again_when_a_shopper_has_paid_and_tied_up_when_the_units_come_back(work: Session) -> None:
    allow(work, budget_total=Decimal(1000), cap_per_product=Decimal(1000))
    order = approve(work, proposal(work))
    product = receive(work, order)
    with pytest.raises(Refused):
        approve(work, proposal(work))
    by: dict[str, Any] = {"who": "staff", "why": "test", "now": NOON}
    contact = sales.Contact("Amina", "0550123456", "Hydra", "12 rue")
    sold = sales.place(work, {product: 1}, contact, key=str(uuid.uuid4()), wilaya=16, now=NOON)
    for step in (sales.confirm, sales.ship):
        step(work, sold.id, **by)
    assert money.tied_up(work) == 1000
    sales.deliver(work, sold.id, **by)
    assert (money.tied_up(work), money.tied_up_in(work, order.listing_id)) == (0, 0)
    assert money.reserved_on(work, NOON) == 1000
    sales.take_back(work, sold.id, **by)
    assert money.tied_up(work) == 1000
    with pytest.raises(Refused):
        approve(work, proposal(work))


def receive(work: Session, order: agent.PurchaseOrder) -> int:
    """The order's units in stock; the product's id."""
    order.state = "ordered"
    work.flush()
    purchasing.receive(work, order.id, who="staff", now=NOON)
    return work.scalars(sa.select(Product.id).where(Product.listing_id == order.listing_id)).one()


def _try(proposal_id: int) -> str:
    with database.session() as mine:
        try:
            order = proposals.approve(mine, proposal_id, who="agent", reason="", now=NOON)
            mine.commit()
        except Refused as refused:
            return refused.code
        return order.state


def _at_once(calls: list[Any]) -> Counter[str]:
    gate = threading.Barrier(len(calls))

    def run(call: Any) -> str:
        gate.wait(60)
        return str(call())

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))
