"""Our prices: what each should become, the change with its reason, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database import marts
from database.market import Listing as MarketListing
from database.shop import Listing, PriceChange, Product
from reseller import control, evidence, lots, price_rules, pricing, returns, wording
from reseller.appraisal import Offer, goodwill, our_rate
from reseller.demand import Rate
from reseller.lots import Lot
from reseller.money import day_in_algiers
from reseller.price_rules import Batch, Decision, Situation
from reseller.pricing import Economics
from reseller.refusals import Refused
from reseller.shelves import plain

REST = timedelta(days=7)
"""How long a price that a person set, or put back, is left alone."""

SAME_TITLE = 0.5
"""Part of the words of two titles, of those in either, that must agree for a page to show the same product still."""

PERSON = "person"
UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Repriced:
    """One of our listings and what becomes of its price."""

    listing_id: int
    product_id: int
    title: str
    decision: Decision

    @property
    def changes(self) -> bool:
        return bool(self.decision.price != self.decision.numbers["old_price"])

    def reason(self, language: str) -> str:
        """Why, in `language`."""
        return wording.price_reason(self.decision.key, self.decision.numbers)[language]


def plan(work: Session, now: datetime) -> list[Repriced]:
    """What every price on our shelf should become at `now`; changes nothing. Without marts nobody else is known."""
    rows = work.execute(_on_shelf(now)).all()
    stock = {id_: list(found.stock) for id_, found in lots.of_products(work, [row.product_id for row in rows]).items()}
    economics, margin_floor = returns.economics(work), control.get(work).margin_floor
    dearest = {
        row.market_id: max(lot.unit_cost for lot in stock[row.product_id] if lot.is_cost_known)
        for row in rows
        if row.market_id is not None and any(lot.is_cost_known for lot in stock[row.product_id])
    }
    known: Mapping[int, evidence.Evidence] = {}
    taught = evidence.Lessons()
    if rows and marts.built(work):
        turned = {row.market_id for row in rows if row.market_id is not None and not _same(row.source, row.bought_as)}
        ids = [row.market_id for row in rows if row.market_id is not None]
        known = evidence.gather(work, ids, now, anchors=dearest, turned=turned)
        taught = evidence.lessons(work, now)
    return [
        Repriced(
            row.id,
            row.product_id,
            row.title,
            price_rules.decide(
                _situation(row, stock[row.product_id], known.get(row.market_id), taught, margin_floor, economics, now)
            ),
        )
        for row in rows
    ]


def run(now: datetime) -> list[Repriced]:
    """Reprices the shelf at `now`, each change in a transaction of its own; in a dry run or while stopped it only says
    what it would do. A price that changed meanwhile is left to the next run."""
    with database.session() as work:
        row = control.get(work)
        idle = row.stopped or row.mode == "dry-run"
        planned = plan(work, now)
        work.commit()
    if not idle:
        for one in planned:
            if one.changes:
                with database.session() as work:
                    _apply(work, one, now)
                    work.commit()
    return planned


def undo(work: Session, change_id: int, *, who: str, now: datetime) -> PriceChange:
    """Puts a price back to what it was before a change; the price then rests for a week. Does not commit.

    Raises:
        Refused: `not_found`; `wrong_state`, it is not the last change of its listing, or the first price of all;
            `margin_floor`, the old price would be below what is allowed by now.
    """
    change = work.get(PriceChange, change_id)
    if change is None:
        raise Refused("not_found", f"There is no price change {change_id}.", change=change_id)
    listing = work.get_one(Listing, change.listing_id, with_for_update=True, populate_existing=True)
    newest = work.scalar(sa.select(sa.func.max(PriceChange.id)).where(PriceChange.listing_id == listing.id))
    if change.old_price is None or newest != change.id:
        message = f"Change {change_id} cannot be taken back: it is not the last one, or the first price of all."
        raise Refused("wrong_state", message, change=change_id, last=newest)
    floor = _refuse_loss(work, listing, change.old_price)
    numbers = {"change": change.id, "old_price": change.new_price, "new_price": change.old_price}
    return _write(work, listing, Decision(change.old_price, UNDO, floor, None, numbers), who, now, undoes=change.id)


def set_price(work: Session, listing_id: int, price: Decimal, *, who: str, reason: str, now: datetime) -> PriceChange:
    """A person sets a price, which then rests for a week. Does not commit.

    Raises:
        Refused: `not_found`; `bad_value`, no sensible amount, no reason, or the price it has; `margin_floor`.
    """
    listing = work.get(Listing, listing_id, with_for_update=True, populate_existing=True)
    if listing is None:
        raise Refused("not_found", f"There is no listing {listing_id}.", listing=listing_id)
    sensible = price.is_finite() and 0 < price < control.MOST_DINARS and price == price.quantize(pricing.CENT)
    if not sensible or not reason.strip() or price == listing.price:
        raise Refused("bad_value", f"A new price in dinars and a reason are needed, not {price}.", field="price")
    floor = _refuse_loss(work, listing, price)
    numbers = {"old_price": listing.price, "new_price": price}
    return _write(work, listing, Decision(price, PERSON, floor, None, numbers), who, now, reason=reason.strip())


def _on_shelf(now: datetime) -> sa.Select:
    start, end = day_in_algiers(now)
    change = sa.select(PriceChange).where(PriceChange.listing_id == Listing.id, PriceChange.at <= now)
    last = change.order_by(PriceChange.id.desc()).limit(1).lateral("last")
    counted = sa.select(sa.func.count()).where(
        PriceChange.listing_id == Listing.id,
        PriceChange.at >= start,
        PriceChange.at < end,
        PriceChange.old_price.is_not(None),
    )
    on_hand = sa.table("stock_on_hand", sa.column("product_id"), sa.column("quantity"), schema="shop")
    return (
        sa.select(
            Listing.id,
            Listing.product_id,
            Listing.title,
            Listing.price,
            Product.listing_id.label("market_id"),
            Product.title.label("bought_as"),
            MarketListing.title.label("source"),
            MarketListing.country,
            last.c.at.label("changed_at"),
            last.c.reason_key,
            counted.scalar_subquery().label("changes_today"),
        )
        .join(Product, Product.id == Listing.product_id)
        .join(on_hand, on_hand.c.product_id == Product.id)
        .outerjoin(MarketListing, MarketListing.id == Product.listing_id)
        .outerjoin(last, sa.true())
        .where(Listing.state == "published", on_hand.c.quantity > 0)
        .order_by(Listing.id)
    )


def _situation(
    row: Any,
    stock: list[Lot],
    known: evidence.Evidence | None,
    taught: evidence.Lessons,
    margin_floor: Decimal,
    economics: Economics,
    now: datetime,
) -> Situation:
    reference = known.competition.reference if known else None
    rests = row.reason_key in (PERSON, UNDO) and row.changed_at is not None
    return Situation(
        now=now,
        price=row.price,
        batches=[Batch(lot.quantity, lot.unit_cost, (now - lot.received_at).days) for lot in stock],
        margin_floor=margin_floor,
        lowest=known.competition.now if known else None,
        reference=reference,
        rate=_rate(known, taught, reference) if known and reference else None,
        goodwill=goodwill(taught.delivered),
        changes_today=row.changes_today,
        changed_at=row.changed_at,
        resting_until=row.changed_at + REST if rests else None,
        economics=economics,
    )


def _rate(known: evidence.Evidence, taught: evidence.Lessons, reference: Decimal) -> Callable[[Decimal], Rate]:
    offer = Offer(
        price=reference,
        from_abroad=False,
        reference=reference,
        market=known.market,
        confidence=known.confidence,
        own=taught.own.get(known.listing_id),
        sold_out=known.competition.now is None,
    )
    return lambda price: our_rate(offer, price, taught.response)


def _apply(work: Session, one: Repriced, now: datetime) -> None:
    listing = work.get_one(Listing, one.listing_id, with_for_update=True, populate_existing=True)
    if listing.state == "published" and listing.price == one.decision.numbers["old_price"]:
        _write(work, listing, one.decision, control.AGENT, now)


def _write(
    work: Session,
    listing: Listing,
    decision: Decision,
    who: str,
    now: datetime,
    *,
    reason: str | None = None,
    undoes: int | None = None,
) -> PriceChange:
    texts = wording.price_reason(decision.key, decision.numbers | {"why": reason})
    change = PriceChange(
        listing_id=listing.id,
        old_price=listing.price,
        new_price=decision.price,
        floor=decision.floor,
        ceiling=decision.ceiling,
        reason=reason or texts["en"],
        reason_key=decision.key,
        numbers={name: str(value) for name, value in decision.numbers.items() if value is not None},
        reasons=texts,
        undoes_id=undoes,
        who=who,
        at=now,
    )
    listing.price, listing.changed_at = decision.price, now
    work.add(change)
    work.flush()
    return change


def _refuse_loss(work: Session, listing: Listing, price: Decimal) -> Decimal:
    """The least price that a person may set: no further below cost than the deepest markdown."""
    costs = [lot.unit_cost for lot in lots.on_hand(work, listing.product_id) if lot.is_cost_known]
    deepest = max(loss for _, loss in price_rules.MARKDOWNS)
    floor = pricing.loss_price(max(costs), deepest, returns.economics(work)) if costs else Decimal(0)
    if price < floor:
        message = f"{price:,.0f} DA would lose more than {deepest:.0%} of what it cost; {floor:,.0f} DA is the least."
        raise Refused("margin_floor", message, price=price, floor=floor)
    return floor


def _same(now: str | None, then: str) -> bool:
    one, other = set(plain(now or then).split()), set(plain(then).split())
    return not one or not other or len(one & other) / len(one | other) >= SAME_TITLE
