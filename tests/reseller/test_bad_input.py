"""What the world may send us that is wrong: a clear refusal, nothing lost, nothing bought.

In a real browser the same is shown by `test_jumia_browser.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import SettingsError, settings
from database import agent, market, shop
from reseller import books, candidates, control, inventory, money, proposals, purchasing
from reseller.__main__ import main
from reseller.refusals import Refused
from tests import factories
from tests.factories import NOON
from tests.reseller import shelf
from tests.reseller.conftest import Offer
from tests.reseller.supplier_server import SupplierServer

LATER = NOON + timedelta(hours=6)
HEADSET, CASE = "Casque JBL Tune 510BT", "Coque silicone iPhone 12"


@pytest.fixture
def proposed(work: Session, offer: Offer, supplier: SupplierServer) -> Callable[..., agent.Proposal]:
    """`proposed(title=...)`: an open proposal of the offer SKU1, committed."""

    def make(**values: Any) -> agent.Proposal:
        control.change(work, who="owner", mode="approve")
        offer(external_id="SKU1", **values)
        [one] = proposals.propose(work, NOON)
        work.commit()
        return one

    return make


def approve(work: Session, proposal: agent.Proposal) -> agent.PurchaseOrder:
    order = proposals.approve(work, proposal.id, who="owner", reason="", now=NOON)
    work.commit()
    return order


def last_why(work: Session) -> str:
    return work.scalars(sa.select(agent.PurchaseEvent.why).order_by(agent.PurchaseEvent.id.desc()).limit(1)).one()


def rename(work: Session, title: str) -> None:
    """The crawl of the hour after finds another title on the page."""
    work.execute(sa.update(market.Listing).values(title=title))
    work.commit()


@pytest.mark.parametrize("status", [500, 502])
def test_a_supplier_that_answers_500_after_it_took_the_order_is_asked_by_key_and_has_one_order(
    work: Session, supplier: SupplierServer, proposed: Callable[..., agent.Proposal], status: int
) -> None:
    order = approve(work, proposed())
    supplier.status = status
    assert purchasing.place(order.id, NOON).state == "ordering"
    assert purchasing.poll(NOON) == []
    supplier.status = None
    assert [one.state for one in purchasing.poll(LATER)] == ["ordered"]
    assert (len(supplier.orders), money.tied_up(work)) == (1, order.total)


@pytest.mark.parametrize("by", [1, -1])
def test_a_total_that_is_off_by_one_dinar_is_not_taken_for_the_order(
    work: Session, supplier: SupplierServer, proposed: Callable[..., agent.Proposal], by: int
) -> None:
    order = approve(work, proposed())
    supplier.answer_with = lambda true: true | {"total": str(Decimal(true["total"]) + by)}
    for at in (NOON, LATER):
        assert purchasing.place(order.id, at).state == "ordering"
    assert "contradicts itself" in last_why(work)
    assert (len(supplier.orders), money.tied_up(work)) == (1, order.total)
    assert work.scalar(sa.select(sa.func.count()).select_from(shop.StockMovement)) == 0


def test_a_price_that_went_up_by_one_dinar_is_not_paid(
    work: Session, supplier: SupplierServer, proposed: Callable[..., agent.Proposal]
) -> None:
    order = approve(work, proposed(price=5000))
    supplier.prices["SKU1"] = Decimal(5001)
    assert purchasing.place(order.id, NOON).state == "failed"
    assert (supplier.orders, money.tied_up(work)) == ({}, 0)


@pytest.mark.parametrize("crawled", [False, True], ids=["before the next crawl", "after it"])
def test_a_page_that_turned_into_another_product_after_the_decision_is_not_bought(
    work: Session, supplier: SupplierServer, proposed: Callable[..., agent.Proposal], crawled: bool
) -> None:
    """What counts is the title that was decided on, not the one that the page bears by now."""
    order = approve(work, proposed(title=HEADSET))
    supplier.titles["SKU1"] = CASE
    if crawled:
        rename(work, CASE)
    left = purchasing.place(order.id, NOON)
    assert (left.state, left.handed_over_at) == ("ordering", NOON)
    assert f"{CASE!r} instead of {HEADSET!r}" in last_why(work)
    assert supplier.posts == []


def test_a_proposal_whose_page_turned_into_another_product_is_neither_approved_nor_kept(
    work: Session, proposed: Callable[..., agent.Proposal]
) -> None:
    one = proposed(title=HEADSET)
    rename(work, f"{HEADSET} - Noir")
    assert proposals.expire(work, NOON) == 0, "a word more is the same product"
    rename(work, CASE)
    with pytest.raises(Refused, match="another product") as refused:
        proposals.approve(work, one.id, who="owner", reason="", now=NOON)
    assert refused.value.code == "expired"
    assert proposals.expire(work, NOON) == 1
    assert (one.state, one.decision_reason) == ("expired", "the page has become another product")
    assert money.tied_up(work) == 0


def test_a_page_that_turned_into_another_product_is_not_bought_again_as_the_one_we_know(
    work: Session, offer: Offer
) -> None:
    listing = offer(price=5000, title=CASE)
    shelf.stand(work, listing, title=HEADSET, units=1)
    assert proposals.propose(work, NOON) == []
    assert "This page has become another article" in candidates.why(work, listing.id)["en"]


def test_what_arrives_is_kept_under_the_title_that_was_bought(
    work: Session, supplier: SupplierServer, proposed: Callable[..., agent.Proposal]
) -> None:
    order = purchasing.place(approve(work, proposed(title=HEADSET)).id, NOON)
    rename(work, CASE)
    supplier.deliver()
    assert [one.id for one in purchasing.poll(LATER)] == [order.id]
    assert work.scalars(sa.select(shop.Product.title)).one() == HEADSET


@pytest.mark.parametrize(
    ("price", "why"),
    [
        ("0", "No price at which one could order."),
        ("5000000000", "does not look like this product"),
        ("999999999999", "No price at which one could order."),
    ],
    ids=["nought", "a million times its median", "the most that the log can keep"],
)
def test_a_price_of_nought_or_of_a_million_times_the_median_is_never_proposed(
    work: Session, offer: Offer, price: str, why: str
) -> None:
    listing = offer(price=price)
    for back in range(1, 30):
        factories.mart_day(work, listing, (NOON - timedelta(days=back)).date(), Decimal(5000))
    for mode in ("dry-run", "auto"):
        control.change(work, who="owner", mode=mode)
        assert proposals.propose(work, NOON) == []
    assert why in candidates.why(work, listing.id)["en"]


def test_a_correction_below_what_is_there_is_refused_and_leaves_stock_books_and_shop_as_they_are(
    work: Session, offer: Offer
) -> None:
    listing = shelf.stand(work, offer(), units=3, cost=5000)
    with pytest.raises(Refused, match="3 are on hand") as refused:
        inventory.correct(work, listing.product_id, -4, who="staff", reason="counted", now=NOON)
    assert refused.value.code == "stock_negative"
    work.commit()
    assert inventory.on_hand(work, listing.product_id) == 3
    assert books.balance(work, "stock") == 15_000
    assert work.get_one(shop.Listing, listing.id).state == "published"


@pytest.mark.parametrize("option", ["--budget-day", "--budget-total", "--cap-product"])
def test_a_budget_below_nought_is_refused_wherever_it_is_given(
    work: Session, configure: Any, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    control.get(work)
    work.commit()
    before = (control.get(work).budget_per_day, control.get(work).budget_total, control.get(work).cap_per_product)
    work.commit()
    assert main(["control", f"{option}=-1"]) == 1
    assert "refused (bad_value)" in capsys.readouterr().err
    row = control.get(work)
    assert (row.budget_per_day, row.budget_total, row.cap_per_product) == before
    name = {"--budget-day": "PER_DAY", "--budget-total": "TOTAL", "--cap-product": ""}[option]
    with pytest.raises(SettingsError, match="-1"):
        configure(**{f"AGENT_BUDGET_{name}" if name else "AGENT_CAP_PER_PRODUCT": "-1"})
    settings.cache_clear()
