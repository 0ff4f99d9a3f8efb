from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import agent, marts
from reseller import control, inventory, proposals, purchasing, sourcing
from reseller.refusals import Refused
from tests import factories
from tests.factories import NOON
from tests.reseller.conftest import Offer

trend = marts.trending_products_v2


def change_mart(work: Session, listing_id: int, **values: Any) -> None:
    work.execute(sa.update(trend).where(trend.c.listing_id == listing_id).values(**values))


def approved(work: Session, now: Any = NOON) -> agent.PurchaseOrder:
    [one] = proposals.propose(work, now)
    return proposals.approve(work, one.id, who="owner", reason="", now=now)


@pytest.fixture
def wide(work: Session) -> None:
    many = Decimal(10**6)
    control.change(work, who="owner", mode="approve", budget_per_day=many, budget_total=many, cap_per_product=many)


def test_a_proposal_carries_its_arithmetic_and_its_reasons(work: Session, offer: Offer) -> None:
    listing = offer(price=5000, reason_fr="12 avis de plus en 7 jours")
    [one] = proposals.propose(work, NOON)
    assert (one.listing_id, one.unit_price, one.landed_cost) == (listing.id, 5000, 5250)
    steps = {step["key"]: Decimal(step["amount"]) for step in one.arithmetic["steps"]}  # type: ignore[attr-defined]
    assert steps["sale_price"] == one.sale_price
    assert steps.pop("profit") == sum(steps.values()) == one.expected_profit
    assert one.margin == (one.expected_profit / one.sale_price).quantize(Decimal("0.0001"), ROUND_FLOOR)
    assert set(one.reasons) == {"fr", "ar", "en"}
    assert str(one.reasons["fr"]).startswith("12 avis de plus en 7 jours. ")
    assert "5\u202f250\u00a0DA" in str(one.reasons["fr"])
    assert "5\u202f250\u00a0دج" in str(one.reasons["ar"])


@pytest.mark.parametrize(
    "values",
    [
        {"is_resellable": False},
        {"availability": "out_of_stock"},
        {"availability": "unknown"},
        {"stock_left": 0},
        {"price_kind": "from"},
        {"price_dzd": None},
        {"score": sourcing.MIN_SCORE - 1},
        {"confidence": sourcing.MIN_CONFIDENCE - Decimal("0.01")},
        {"price": 300},
        {"price": 90_000},
    ],
    ids=str,
)
def test_what_cannot_be_had_or_earns_nothing_is_not_proposed(
    work: Session, offer: Offer, values: dict[str, Any]
) -> None:
    offer(**values)
    assert proposals.propose(work, NOON) == []


def test_only_the_top_quarter_of_a_shop_is_trending(work: Session, offer: Offer, wide: None) -> None:
    offers = [offer(score=Decimal(60 + number)) for number in range(9)]
    elsewhere = offer(country="ma", score=Decimal(45))
    proposed = {one.listing_id for one in proposals.propose(work, NOON)}
    assert proposed == {offers[-1].id, offers[-2].id, offers[-3].id, elsewhere.id}


def test_goods_from_abroad_are_proposed_at_their_landed_cost(work: Session, offer: Offer, wide: None) -> None:
    offer(country="ma", currency="MAD", price=8000)
    [one] = proposals.propose(work, NOON)
    assert one.landed_cost == 8000 + Decimal("0.45") * 8000 + 1200 + 250
    assert one.supplier == "manual"


def test_only_jumia_algeria_is_ordered_from_the_demo_supplier(
    work: Session, offer: Offer, wide: None, configure: Any
) -> None:
    configure(AGENT_SUPPLIER="demo")
    offers = {
        offer().id: "demo",
        offer(country="ma").id: "manual",
        offer(marketplace="ouedkniss").id: "ouedkniss_contact",
    }
    assert {one.listing_id: one.supplier for one in proposals.propose(work, NOON)} == offers


def test_the_best_weight_comes_first_and_the_budget_ends_the_plan(work: Session, offer: Offer) -> None:
    weak = offer(confidence=Decimal("0.3"))
    strong = offer(confidence=Decimal("0.9"))
    control.change(work, who="owner", budget_per_day=Decimal(11_000), cap_per_product=Decimal(6_000))
    assert [one.listing_id for one in proposals.propose(work, NOON)] == [strong.id, weak.id]
    offer()
    assert proposals.propose(work, NOON) == []


def test_all_open_proposals_together_fit_the_budget(work: Session, offer: Offer) -> None:
    for _ in range(30):
        offer(price=4000)
    for _ in range(3):
        proposals.propose(work, NOON, limit=2)
    total = work.scalar(sa.select(sa.func.sum(agent.Proposal.quantity * agent.Proposal.landed_cost)))
    assert total is not None
    assert 0 < total <= control.get(work).budget_per_day


def test_an_open_proposal_is_not_made_twice(work: Session, offer: Offer) -> None:
    offer()
    assert len(proposals.propose(work, NOON)) == 1
    assert proposals.propose(work, NOON) == []


def test_what_was_rejected_rests_for_a_week(work: Session, offer: Offer) -> None:
    offer()
    [one] = proposals.propose(work, NOON)
    proposals.reject(work, one.id, who="owner", reason="fashion is over", now=NOON)
    assert (one.state, one.decided_by, one.decision_reason) == ("rejected", "owner", "fashion is over")
    assert proposals.propose(work, NOON + sourcing.REST_AFTER_REJECTION - timedelta(minutes=1)) == []
    assert len(proposals.propose(work, NOON + sourcing.REST_AFTER_REJECTION)) == 1


def test_what_is_on_its_way_or_in_stock_is_not_proposed(work: Session, offer: Offer, wide: None) -> None:
    offer()
    order = approved(work)
    assert proposals.propose(work, NOON) == []
    work.commit()
    purchasing.place(order.id, NOON)
    purchasing.mark_ordered(work, order.id, "A-1", who="owner", now=NOON)
    purchasing.receive(work, order.id, who="owner", now=NOON)
    assert proposals.propose(work, NOON) == []
    product = work.scalars(sa.text("select id from shop.product")).one()
    inventory.correct(work, product, -order.quantity, who="owner", reason="sold at the market", now=NOON)
    assert len(proposals.propose(work, NOON)) == 1


def test_a_proposal_expires_after_its_lifetime(work: Session, offer: Offer, wide: None) -> None:
    offer()
    [one] = proposals.propose(work, NOON)
    later = NOON + proposals.LIFETIME
    with pytest.raises(Refused) as refused:
        proposals.approve(work, one.id, who="owner", reason="", now=later)
    assert refused.value.code == "expired"
    [renewed] = proposals.propose(work, later)
    work.refresh(one)
    assert (one.state, renewed.id != one.id) == ("expired", True)


@pytest.mark.parametrize(
    "values", [{"price_dzd": Decimal(5101)}, {"availability": "out_of_stock"}, {"score": Decimal(1)}], ids=str
)
def test_a_proposal_whose_offer_is_gone_or_dearer_expires(work: Session, offer: Offer, values: dict[str, Any]) -> None:
    listing = offer(price=5000)
    [one] = proposals.propose(work, NOON)
    change_mart(work, listing.id, **values)
    proposals.propose(work, NOON)
    work.refresh(one)
    assert (one.state, one.decision_reason) == ("expired", "gone, dearer, or no longer trending")


def test_a_small_rise_leaves_a_proposal_open(work: Session, offer: Offer) -> None:
    listing = offer(price=5000)
    [one] = proposals.propose(work, NOON)
    change_mart(work, listing.id, price_dzd=Decimal(5100))
    proposals.propose(work, NOON)
    work.refresh(one)
    assert one.state == "proposed"


def test_an_approved_proposal_becomes_an_order_with_its_key_and_its_money(
    work: Session, offer: Offer, wide: None
) -> None:
    offer()
    order = approved(work)
    assert (order.state, order.total) == ("approved", order.quantity * order.unit_price)
    assert len(order.idempotency_key) == 36
    entry = work.scalars(sa.select(agent.BudgetEntry)).one()
    assert (entry.purchase_order_id, entry.kind, entry.amount) == (order.id, "reserve", order.total)
    event = work.scalars(sa.select(agent.PurchaseEvent)).one()
    assert (event.from_state, event.to_state, event.who) == (None, "approved", "owner")


def test_a_decision_is_made_once(work: Session, offer: Offer, wide: None) -> None:
    offer()
    order = approved(work)
    for decide in (proposals.approve, proposals.reject):
        with pytest.raises(Refused) as refused:
            decide(work, order.proposal_id, who="staff", reason="", now=NOON)
        assert (refused.value.code, refused.value.details["state"]) == ("not_open", "approved")
    with pytest.raises(Refused) as refused:
        proposals.reject(work, 999, who="staff", reason="", now=NOON)
    assert refused.value.code == "not_found"


def test_without_marts_nothing_is_proposed(work: Session) -> None:
    assert proposals.propose(work, NOON) == []
    factories.create_marts(work)
    assert proposals.propose(work, NOON) == []
