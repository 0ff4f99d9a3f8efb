from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import market, marts, shop
from reseller import control, cycle, price_rules, pricing, repricing, returns
from reseller.__main__ import main
from reseller.refusals import Refused
from tests import factories
from tests.factories import NOON
from tests.reseller import shelf
from tests.reseller.conftest import Offer

LATER = NOON + timedelta(days=1)


def changes(work: Session) -> list[shop.PriceChange]:
    work.expire_all()
    return list(work.scalars(sa.select(shop.PriceChange).order_by(shop.PriceChange.id)))


def only(work: Session, now: Any = NOON) -> repricing.Repriced:
    [one] = repricing.plan(work, now)
    return one


def beside(work: Session, of: market.Listing, price: Any, *, product: int = 77, **values: Any) -> market.Listing:
    """Another offer of the same product."""
    other = factories.listing(work)
    factories.mart_offer(work, other, **{"price": price, "price_dzd": price, **values})
    for one, asked in ((of, Decimal(6000)), (other, price)):
        same = marts.market_product_listings
        row = {"listing_id": one.id, "product_id": product, "marketplace": "jumia", "country": "dz"}
        work.execute(sa.delete(same).where(same.c.listing_id == one.id))
        work.execute(sa.insert(same).values(**row, is_available=True, price_dzd=asked))
    work.commit()
    return other


@pytest.mark.usefixtures("buying")
def test_each_change_is_logged_with_its_rule_its_numbers_and_a_sentence(work: Session, offer: Offer) -> None:
    shelf.stand(work, offer(price=6000, usual=6000), price=9900)
    [repriced] = repricing.run(NOON)
    first, change = changes(work)
    assert (first.old_price, change.old_price, change.new_price) == (None, 9900, repriced.decision.price)
    assert 9900 * (1 - price_rules.MOST_STEP) <= change.new_price < 9900
    assert (change.reason_key, change.who, change.at) == ("ceiling", "agent", NOON)
    assert change.floor <= change.new_price
    assert Decimal(change.numbers["reference"]) == 6000  # type: ignore[arg-type]
    assert set(change.reasons) == {"fr", "ar", "en"}
    assert "9\u202f900\u00a0DA" in str(change.reasons["fr"])
    assert work.scalars(sa.select(shop.Listing.price)).one() == change.new_price


@pytest.mark.usefixtures("buying")
def test_the_test_mode_says_what_it_would_do_and_changes_nothing(
    work: Session, offer: Offer, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.stand(work, offer(price=6000, usual=6000), price=9900)
    assert main(["reprice", "--test", "--now", NOON.isoformat(), "--language", "fr"]) == 0
    said = capsys.readouterr().out
    assert "plus cher que ce que paient les acheteurs" in said
    assert "1 of 1 prices would change (test mode, nothing is changed)" in said
    assert len(changes(work)) == 1
    assert main(["reprice", "--now", NOON.isoformat()]) == 0
    assert len(changes(work)) == 2


@pytest.mark.parametrize("stopped", [False, True])
def test_in_a_dry_run_and_while_stopped_no_price_changes(work: Session, offer: Offer, stopped: bool) -> None:
    shelf.stand(work, offer(price=6000, usual=6000), price=9900)
    if stopped:
        control.change(work, who="owner", mode="auto")
        control.stop(work, "owner", "a doubt")
        work.commit()
    assert [one.changes for one in repricing.run(NOON)] == [True]
    assert len(changes(work)) == 1


@pytest.mark.usefixtures("buying")
def test_the_cycle_reprices_and_counts_the_changes_of_a_day_in_algiers(work: Session, offer: Offer) -> None:
    shelf.stand(work, offer(price=6000), price=20_500)
    for hour in range(4):
        cycle.run(NOON + timedelta(hours=hour))
    assert len(changes(work)) == 1 + price_rules.MOST_CHANGES
    assert only(work, NOON + timedelta(hours=5)).decision.key == "enough_today"
    assert len(cycle.run(LATER).repriced) == 1


@pytest.mark.usefixtures("buying")
def test_a_change_is_undone_by_a_new_one_and_the_price_rests(
    work: Session, offer: Offer, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.stand(work, offer(price=6000, usual=6000), price=9900)
    repricing.run(NOON)
    _, change = changes(work)
    assert main(["reprice", "--undo", str(change.id), "--who", "samira", "--now", NOON.isoformat()]) == 0
    back = changes(work)[-1]
    assert (back.new_price, back.old_price) == (change.old_price, change.new_price)
    assert (back.undoes_id, back.who, back.reason_key) == (change.id, "samira", "undo")
    assert only(work, NOON + repricing.REST - timedelta(minutes=1)).decision.key == "resting"
    assert only(work, NOON + repricing.REST).changes
    assert main(["reprice", "--undo", str(change.id)]) == 1
    assert "refused (wrong_state)" in capsys.readouterr().err


def test_what_cannot_be_undone_is_refused(work: Session, offer: Offer) -> None:
    shelf.stand(work, offer(price=6000, usual=6000), price=9900)
    [first] = changes(work)
    for change, code in ((first.id, "wrong_state"), (999_999, "not_found")):
        with pytest.raises(Refused) as refused:
            repricing.undo(work, change, who="owner", now=NOON)
        assert refused.value.code == code


def test_a_change_is_not_undone_to_a_price_that_has_become_a_loss(work: Session, offer: Offer) -> None:
    listing = shelf.stand(work, offer(price=6000), price=6900)
    repricing.set_price(work, listing.id, Decimal(9000), who="owner", reason="dear now", now=NOON)
    shelf.receive(work, listing.product_id, units=2, cost=9000, at=NOON)
    with pytest.raises(Refused) as refused:
        repricing.undo(work, changes(work)[-1].id, who="owner", now=NOON)
    assert refused.value.code == "margin_floor"
    assert work.get_one(shop.Listing, listing.id).price == 9000


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "Infinity", "7000", "9000.005", "10000000000000", "1000"])
def test_a_senseless_price_is_refused_and_changes_nothing(work: Session, offer: Offer, price: str) -> None:
    listing = shelf.stand(work, offer(price=6000), price=7000)
    with pytest.raises(Refused) as refused:
        repricing.set_price(work, listing.id, Decimal(price), who="owner", reason="why not", now=NOON)
    assert refused.value.code == ("margin_floor" if price == "1000" else "bad_value")
    assert len(changes(work)) == 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"price": Decimal(0)}, "no_price"),
        ({"price": None}, "no_price"),
        ({"price": Decimal(6_000_000_000)}, "wild"),
        ({"price": Decimal(9)}, "wild"),
        ({"price": Decimal(4000), "country": "ma"}, "abroad"),
        ({"price": Decimal(4000), "availability": "out_of_stock"}, "sold_out"),
    ],
    ids=str,
)
def test_a_competitor_that_makes_no_sense_is_ignored_with_a_word(
    work: Session, offer: Offer, values: dict[str, Any], why: str
) -> None:
    from reseller import evidence

    listing = offer(price=6000)
    shelf.stand(work, listing, price=7000)
    before = only(work).decision
    other = beside(work, listing, values.pop("price"), **values)
    after = only(work).decision
    assert (after.price, after.ceiling) == (before.price, before.ceiling)
    known = evidence.gather(work, [listing.id], NOON, anchors={listing.id: Decimal(5000)})[listing.id]
    assert [(one.listing_id, one.why) for one in known.competition.ignored] == [(other.id, why)]


def test_a_cheaper_competitor_lowers_what_shoppers_pay(work: Session, offer: Offer) -> None:
    listing = offer(price=6000)
    shelf.stand(work, listing, price=7000)
    beside(work, listing, Decimal(5500))
    assert only(work).decision.numbers["reference"] == 5500


def test_a_page_that_has_turned_into_another_product_is_no_competitor(work: Session, offer: Offer) -> None:
    listing = offer(price=6000, title="Casque Bluetooth Oraimo Boom 3")
    shelf.stand(work, listing, price=7000)
    assert only(work).decision.ceiling is not None
    listing.title = "Friteuse sans huile Moulinex 4,2 L"
    work.commit()
    decision = only(work).decision
    assert (decision.ceiling, decision.numbers["reference"]) == (None, None)
    assert decision.key in ("stand_alone", "small", "keep")


def test_a_discount_of_a_day_is_not_followed_and_a_lasting_one_is(work: Session, offer: Offer) -> None:
    listing = offer(price=4500)
    shelf.stand(work, listing, price=7000)
    for back in range(20):
        factories.mart_day(work, listing, (NOON - timedelta(days=back)).date(), Decimal(4500 if back == 0 else 6000))
    assert only(work).decision.numbers["reference"] == 6000
    work.execute(sa.update(marts.price_history_daily).values(close_price_dzd=Decimal(4500)))
    assert only(work).decision.numbers["reference"] == 4500


@pytest.mark.usefixtures("buying")
def test_old_stock_is_marked_down_below_the_margin_floor_by_rule_and_logged(work: Session, offer: Offer) -> None:
    old = NOON - timedelta(days=50)
    listing = shelf.stand(work, offer(price=3000), price=6500, since=old)
    for day in range(60):
        repricing.run(NOON + timedelta(days=day))
    marked = changes(work)[-1]
    assert marked.reason_key == "markdown"
    least = pricing.loss_price(Decimal(5000), Decimal("0.20"), returns.economics(work))
    assert marked.new_price == marked.floor == pricing.charm_up(least)
    assert marked.new_price < pricing.floor_price(Decimal(5000), control.get(work).margin_floor)
    shelf.receive(work, listing.product_id, units=5, cost=5000, at=NOON)
    shelf.sell(work, listing.product_id, 3, at=NOON)
    work.commit()
    repricing.run(NOON + timedelta(days=1))
    assert changes(work)[-1].reason_key == "floor"


@pytest.mark.usefixtures("buying")
def test_without_marts_prices_follow_cost_alone(work: Session) -> None:
    shelf.stand(work, factories.listing(work), price=9900)
    [one] = repricing.run(NOON)
    assert one.decision.key == "stand_alone"
    assert len(changes(work)) == 2


@pytest.mark.usefixtures("buying")
def test_a_price_that_changed_meanwhile_is_left_alone(work: Session, offer: Offer) -> None:
    listing = shelf.stand(work, offer(price=6000, usual=6000), price=9900)
    planned = only(work)
    repricing.set_price(work, listing.id, Decimal(8000), who="owner", reason="sold a pair", now=NOON)
    repricing._apply(work, planned, NOON)
    assert work.get_one(shop.Listing, listing.id).price == 8000
