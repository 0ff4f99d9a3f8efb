"""Letters to sellers whom only a person may write to: prepared here, sent by hand, the reply noted and followed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import settings
from database.agent import CONTACT_LANGUAGES, REPLIES, Proposal, PurchaseOrder, SellerContact
from database.market import Listing
from reseller import control, money, purchase_trail
from reseller.pricing import CENT
from reseller.refusals import Refused
from reseller.suppliers.ouedkniss_contact import OuedknissContact, message

MOST_ASKED = Decimal(10) ** 9
MOST_NOTE = 500


def prepare_for(work: Session, order: PurchaseOrder, *, now: datetime) -> SellerContact | None:
    """The first message, where an order is for such a seller; in Arabic where the shop speaks it. Does not commit."""
    if order.supplier != OuedknissContact.name:
        return None
    language = "ar" if settings().shop_language == "ar" else "fr"
    return prepare(work, order.id, language, who=control.AGENT, now=now)


def prepare(work: Session, order_id: int, language: str, *, who: str, now: datetime) -> SellerContact:
    """A message in `fr` or `ar` for a person to send. Does not commit.

    Raises:
        Refused: `not_found`, `wrong_state` (no order that waits for a seller's reply), `bad_value`.
    """
    if language not in CONTACT_LANGUAGES:
        raise Refused("bad_value", f"The language is one of {', '.join(CONTACT_LANGUAGES)}.", field="language")
    order = _waiting(work, order_id)
    text = message(
        language,
        title=work.get_one(Listing, order.listing_id).title,
        unit_price=_asked(work, order),
        quantity=order.quantity,
        place=settings().delivery_commune,
        shop=settings().shop_name,
    )
    made = SellerContact(purchase_order_id=order.id, kind="message", language=language, text=text, at=now, who=who)
    work.add(made)
    work.flush()
    return made


def note_reply(
    work: Session,
    order_id: int,
    reply: str,
    *,
    who: str,
    now: datetime,
    unit_price: Decimal | None = None,
    note: str = "",
) -> PurchaseOrder:
    """Notes what the seller said, and what follows. Does not commit.

    `accepted` at no more than was reserved for: the order is `ordered`. Accepted dearer, `refused` or `no_answer`:
    `failed`, and its money is free.

    Args:
        unit_price: DZD per unit that the seller agreed to; with `accepted` only.

    Raises:
        Refused: `not_found`, `wrong_state`, `bad_value`.
    """
    if reply not in REPLIES:
        raise Refused("bad_value", f"The reply is one of {', '.join(REPLIES)}, not {reply!r}.", field="reply")
    accepted = reply == "accepted"
    sound = unit_price is not None and unit_price.is_finite() and CENT <= unit_price < MOST_ASKED
    if accepted != (unit_price is not None) or (accepted and not sound):
        raise Refused("bad_value", "A seller who accepts names a price above zero; others none.", field="unit_price")
    order = _waiting(work, order_id)
    work.add(
        SellerContact(
            purchase_order_id=order.id,
            kind="reply",
            reply=reply,
            unit_price=unit_price,
            text=note.strip()[:MOST_NOTE] or None,
            at=now,
            who=who,
        )
    )
    _follow(work, order, reply, unit_price, who, now)
    return order


def contacts(work: Session, order_id: int) -> Sequence[SellerContact]:
    """Messages and replies of an order, oldest first."""
    mine = SellerContact.purchase_order_id == order_id
    return work.scalars(sa.select(SellerContact).where(mine).order_by(SellerContact.id)).all()


def _follow(
    work: Session, order: PurchaseOrder, reply: str, unit_price: Decimal | None, who: str, now: datetime
) -> None:
    allowed = _asked(work, order)
    if unit_price is not None and unit_price <= allowed:
        why = f"the seller agrees to {unit_price} DA each"
        purchase_trail.change(work, order, "ordered", who, why, now)
        order.confirmed_price = unit_price
        order.supplier_reference = work.get_one(Listing, order.listing_id).external_id
        return
    if unit_price is not None:
        why = f"the seller asks {unit_price} DA each, dearer than the {allowed} DA allowed"
    else:
        why = "the seller refused" if reply == "refused" else "the seller did not answer"
    purchase_trail.change(work, order, "failed", who, why, now)
    money.release(work, order, now)


def _asked(work: Session, order: PurchaseOrder) -> Decimal:
    return work.get_one(Proposal, order.proposal_id).unit_price


def _waiting(work: Session, order_id: int) -> PurchaseOrder:
    order = purchase_trail.locked(work, order_id)
    if order.supplier != OuedknissContact.name or order.state != "ordering":
        message = f"Purchase {order_id} ({order.supplier}, {order.state}) does not wait for a seller's reply."
        raise Refused("wrong_state", message, order=order_id, state=order.state)
    return order
