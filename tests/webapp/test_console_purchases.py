"""Purchases that a person carries out: hand-overs, screenshots, letters to sellers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import config
import database
from database.agent import BudgetEntry, Proposal, PurchaseOrder, SellerContact
from reseller import control, proposals, purchase_trail, purchasing
from tests.webapp.working_day import OWNER, Day, send

SECRET = b"nobody may read this"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f6"
    "45400000000049454e44ae426082"
)


def approved(work: Session, day: Day, supplier: str, who: str = OWNER) -> PurchaseOrder:
    work.execute(sa.update(Proposal).values(supplier=supplier))
    order = proposals.approve(work, day.proposals[0], who=who, reason="", now=day.now)
    work.commit()
    return order


@pytest.fixture
def handed_over(work: Session, day: Day) -> PurchaseOrder:
    """A purchase at which the browser stopped, with what it saw."""
    order = approved(work, day, "jumia_browser")
    purchase_trail.change(work, order, "ordering", "agent", "sent to the jumia_browser supplier", day.now)
    why = "handed over to a person: the shop wants proof of a person (status 403)"
    purchase_trail.write(work, order, "ordering", "agent", why, day.now, "seen.png")
    order.handed_over_at, order.agreed_total = day.now, order.total
    work.commit()
    folder = config.settings().data_dir / "screenshots"
    folder.mkdir(exist_ok=True)
    for name in ("seen.png", "other.png"):
        (folder / name).write_bytes(PIXEL)
    (folder.parent / "secret.png").write_bytes(SECRET)
    return order


@pytest.fixture
def letter(work: Session, day: Day) -> PurchaseOrder:
    """A purchase that waits for a seller's reply."""
    order = approved(work, day, "ouedkniss_contact")
    purchasing.place(order.id, day.now, who=OWNER)
    return order


def now_of(order: PurchaseOrder) -> tuple[str, Decimal]:
    """State, and what is still tied up."""
    tied = sa.select(sa.func.coalesce(sa.func.sum(BudgetEntry.amount), 0))
    with database.session() as work:
        return work.get_one(PurchaseOrder, order.id).state, Decimal(work.scalars(tied).one())


def test_a_screenshot_is_shown_to_staff_in_the_trail(staff: FlaskClient, handed_over: PurchaseOrder) -> None:
    path = f"/console/purchases/{handed_over.id}/screenshots/seen.png"
    assert path in staff.get(f"/console/purchases/{handed_over.id}").text
    with staff.get(path) as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PIXEL)
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["other.png", "../secret.png", "..%2fsecret.png", "%2e%2e/secret.png", "/etc/passwd", "seen.png%00", "."]
)
def test_no_other_file_is_given_out(staff: FlaskClient, handed_over: PurchaseOrder, name: str) -> None:
    answer = staff.get(f"/console/purchases/{handed_over.id}/screenshots/{name}")
    assert answer.status_code in (308, 400, 404)
    assert answer.data != PIXEL
    assert SECRET not in answer.data


def test_even_a_name_in_the_trail_cannot_leave_the_folder(
    staff: FlaskClient, work: Session, day: Day, handed_over: PurchaseOrder
) -> None:
    order = purchase_trail.locked(work, handed_over.id)
    for name in ("../secret.png", "..\\secret.png"):
        purchase_trail.write(work, order, "ordering", "agent", "looked again", day.now, name)
    work.commit()
    for name in ("..%2fsecret.png", "..%5csecret.png"):
        answer = staff.get(f"/console/purchases/{handed_over.id}/screenshots/{name}")
        assert answer.status_code == 404
        assert SECRET not in answer.data


def test_what_was_handed_over_is_ticked_off_with_its_number(staff: FlaskClient, handed_over: PurchaseOrder) -> None:
    page = staff.get(f"/console/purchases/{handed_over.id}?lang=en").text
    assert "look into the order history" in page
    send(staff, f"/console/purchases/{handed_over.id}/ordered", reference="300481")
    assert now_of(handed_over)[0] == "ordered"


def test_what_was_not_ordered_frees_its_money_and_needs_a_reason(
    staff: FlaskClient, handed_over: PurchaseOrder
) -> None:
    path = f"/console/purchases/{handed_over.id}/not-ordered"
    assert "say why" in send(staff, path, reason=" ").text
    assert now_of(handed_over)[0] == "ordering"
    assert "are free again" in send(staff, path, reason="the history is empty").text
    assert now_of(handed_over) == ("failed", 0)
    assert "the history is empty" in staff.get(f"/console/purchases/{handed_over.id}").text


def test_a_waiting_purchase_says_when_it_leaves_and_can_be_cancelled(
    owner: FlaskClient, work: Session, day: Day
) -> None:
    control.change(work, who="test", mode="auto")
    order = approved(work, day, "manual", who=control.AGENT)
    assert order.not_before == day.now + timedelta(minutes=10)
    assert "waits for an objection" in owner.get(f"/console/purchases/{order.id}?lang=en").text
    assert "Waits for an objection" in owner.get("/console/purchases?state=open&lang=en").text
    send(owner, f"/console/purchases/{order.id}/cancel", reason="not this one")
    assert now_of(order) == ("cancelled", 0)


def test_letters_in_both_languages_are_ready_to_copy(staff: FlaskClient, letter: PurchaseOrder) -> None:
    for language in ("fr", "ar"):
        send(staff, f"/console/purchases/{letter.id}/letter", language=language)
    assert "in French or in Arabic" in send(staff, f"/console/purchases/{letter.id}/letter", language="de").text
    page = staff.get(f"/console/purchases/{letter.id}?lang=en").text
    assert page.count('data-copy="letter-') == 3
    assert 'lang="ar" dir="rtl"' in page


@pytest.mark.parametrize(("dearer", "state"), [(0, "ordered"), (1, "failed")])
def test_a_seller_who_agrees_is_bought_from_unless_dearer(
    staff: FlaskClient, work: Session, letter: PurchaseOrder, dearer: int, state: str
) -> None:
    price = work.get_one(Proposal, letter.proposal_id).unit_price + dearer
    send(staff, f"/console/purchases/{letter.id}/reply", reply="accepted", unit_price=price, reason="Friday at noon")
    assert now_of(letter)[0] == state
    assert "Friday at noon" in staff.get(f"/console/purchases/{letter.id}").text


def test_a_reply_that_says_nothing_is_refused(staff: FlaskClient, letter: PurchaseOrder) -> None:
    path = f"/console/purchases/{letter.id}/reply"
    for fields in ({}, {"reply": "perhaps"}, {"reply": "accepted"}, {"reply": "accepted", "unit_price": "-4"}):
        assert "Not changed" in send(staff, path, **fields).text
    assert now_of(letter)[0] == "ordering"
    with database.session() as work:
        assert set(work.scalars(sa.select(SellerContact.kind))) == {"message"}
    send(staff, path, reply="refused")
    assert now_of(letter) == ("failed", 0)
