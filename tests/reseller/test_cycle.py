from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import ROOT
from database import agent, shop
from reseller import control, cycle
from tests.factories import NOON
from tests.reseller.conftest import Offer
from tests.reseller.supplier_server import SupplierServer


def reseller(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reseller", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_in_dry_run_the_agent_proposes_and_buys_nothing(work: Session, offer: Offer, supplier: SupplierServer) -> None:
    offer()
    summary = cycle.run(NOON)
    assert [one.state for one in summary.proposed] == ["proposed"]
    assert not summary.approved
    assert not supplier.posts
    assert work.scalar(sa.select(sa.func.count()).select_from(agent.BudgetEntry)) == 0


@pytest.mark.usefixtures("buying")
def test_in_auto_the_agent_buys_receives_prices_and_publishes(
    work: Session, offer: Offer, supplier: SupplierServer
) -> None:
    listing = offer(title="PROMO!!! Casque Bluetooth 🔥🔥 Oraimo")
    first = cycle.run(NOON)
    assert [order.state for order in first.moved] == ["ordered"]
    supplier.deliver()
    second = cycle.run(NOON + timedelta(days=1))
    assert [order.state for order in second.moved] == ["received"]

    order = work.scalars(sa.select(agent.PurchaseOrder)).one()
    proposal = work.get_one(agent.Proposal, order.proposal_id)
    movement = work.scalars(sa.select(shop.StockMovement)).one()
    assert (movement.kind, movement.quantity, movement.unit_cost) == ("receipt", order.quantity, order.unit_price)
    assert movement.idempotency_key == f"receipt:{order.id}"
    product = work.scalars(sa.select(shop.Product)).one()
    assert (product.listing_id, product.sku) == (listing.id, f"HN-{product.id:06}")
    offered = work.scalars(sa.select(shop.Listing)).one()
    assert (offered.state, offered.title, offered.price) == (
        "published",
        "Casque Bluetooth Oraimo",
        proposal.sale_price,
    )
    change = work.scalars(sa.select(shop.PriceChange)).one()
    assert (change.old_price, change.new_price) == (None, offered.price)
    assert change.floor <= offered.price
    states = work.scalars(sa.select(agent.PurchaseEvent.to_state).order_by(agent.PurchaseEvent.id)).all()
    assert states == ["approved", "ordering", "ordered", "received"]


@pytest.mark.usefixtures("buying")
def test_what_is_in_stock_is_not_bought_again(work: Session, offer: Offer, supplier: SupplierServer) -> None:
    offer()
    cycle.run(NOON)
    supplier.deliver()
    cycle.run(NOON + timedelta(days=1))
    assert not cycle.run(NOON + timedelta(days=2)).proposed
    assert len(supplier.orders) == 1


@pytest.mark.usefixtures("buying")
def test_the_stop_switch_holds_even_orders_that_were_approved(
    work: Session, offer: Offer, supplier: SupplierServer
) -> None:
    from reseller import proposals

    offer()
    [proposal] = proposals.propose(work, NOON)
    proposals.approve(work, proposal.id, who="owner", reason="", now=NOON)
    control.stop(work, "owner", "a doubt")
    work.commit()
    assert cycle.run(NOON).refused == {"stopped": 1}
    assert not supplier.posts
    control.resume(work, "owner")
    work.commit()
    assert [order.state for order in cycle.run(NOON).moved] == ["ordered"]


def test_a_cycle_without_marts_says_so(work: Session) -> None:
    done = reseller("run", "--now", "2026-05-01T12:00:00Z")
    assert done.returncode == 0, done.stderr
    assert "marts are not built" in done.stdout


def test_the_command_line_runs_a_cycle_in_the_mode_it_is_given(
    work: Session, offer: Offer, supplier: SupplierServer
) -> None:
    offer()
    done = reseller("run", "--now", "2026-05-01T12:00:00Z", "--mode", "auto", "--who", "karima")
    assert done.returncode == 0, done.stderr
    assert "mode auto" in done.stdout
    assert "approved 1 purchases" in done.stdout
    assert not supplier.posts
    done = reseller("purchases", "--follow", "--now", "2026-05-01T12:10:00Z")
    assert done.returncode == 0, done.stderr
    assert "1 ordered" in done.stdout
    assert len(supplier.posts) == 1
    assert len(supplier.orders) == 1
    assert work.scalars(sa.select(agent.PurchaseOrder)).one().created_at == NOON
    assert control.get(work).changed_by == "karima"


def test_the_command_line_changes_and_shows_the_control(work: Session) -> None:
    done = reseller("control", "--mode", "approve", "--budget-day", "1234", "--stop", "on holiday", "--who", "karima")
    assert done.returncode == 0, done.stderr
    assert "stop switch ON: on holiday" in done.stdout
    row = control.get(work)
    assert (row.mode, row.budget_per_day, row.stopped, row.changed_by) == ("approve", Decimal(1234), True, "karima")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["control", "--budget-day=-5"], 1, "budget_per_day is an amount of dinars"),
        (["control", "--budget-day", "much"], 2, "is no number"),
        (["run", "--now", "yesterday"], 2, "is no ISO 8601 time"),
    ],
)
def test_a_wrong_argument_is_named(work: Session, arguments: list[str], code: int, text: str) -> None:
    done = reseller(*arguments)
    assert (done.returncode, text in done.stderr) == (code, True), done.stderr


def test_a_database_that_is_away_is_said_in_one_line(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = reseller("run")
    assert done.returncode == 1
    assert "the database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("buying")
def test_cycles_side_by_side_buy_each_product_once(work: Session, offer: Offer, supplier: SupplierServer) -> None:
    for _ in range(5):
        offer(stock_left=1)
    with ThreadPoolExecutor(4) as pool:
        summaries = [one.result(60) for one in [pool.submit(cycle.run, NOON) for _ in range(4)]]
    assert sum(len(summary.proposed) for summary in summaries) == 5
    assert sum(len(summary.approved) for summary in summaries) == 5
    cycle.run(NOON)
    orders = work.scalars(sa.select(agent.PurchaseOrder)).all()
    assert [order.state for order in orders] == ["ordered"] * 5
    assert sorted(supplier.posts) == sorted(order.idempotency_key for order in orders)
