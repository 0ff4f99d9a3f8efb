"""What a price of ours should become: floor, ceiling, demand, markdown by age, one step at a time. Plain, in DZD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from reseller import pricing
from reseller.appraisal import LEFTOVER_LOSS, label_prices
from reseller.demand import Rate
from reseller.pricing import ALGERIA, CENT, Economics, Landed

MOST_STEP = Decimal("0.10")
"""Most that one change moves a price, up or down: whoever follows a competitor's mistake follows it in small steps."""

MOST_CHANGES = 2
"""Changes of one price a day in Algiers: shoppers who come back meet a price they know."""

LEAST_CHANGE = Decimal("0.015")
"""A smaller change is not worth a shopper's surprise."""

FAR_BELOW = Decimal("0.92")
"""Cheapest by far: below this part of the lowest other price, nobody compares any further. Then the price rises."""

HORIZON = 30
SOONEST = 7
"""Days to sell what is in stock: 30 from when it came, never fewer than 7."""

MARKDOWNS = ((60, Decimal("0.20")), (45, Decimal("0.10")), (30, Decimal(0)))
"""Age of a lot in days, and the loss that is allowed from then on, of its landed cost: old stock goes out of fashion,
and its money could work. The first that applies counts."""

MARKDOWN_STEP = Decimal("0.07")
MARKDOWN_EVERY = timedelta(days=3)
MOST_UNITS = 40


@dataclass(frozen=True, slots=True)
class Batch:
    """Units in stock that cost the same: landed cost in DZD, and their age in days."""

    units: int
    cost: Decimal
    days_old: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A product on the shelf.

    Attributes:
        price: ours, DZD. batches: what is in stock, the next to leave first.
        lowest: the lowest price of others today, None where nobody else has it. reference: their lowest that lasts, or
            the last one before they sold out; None where nobody else ever had it.
        rate: units a day that we sell at a price, None where nothing is known.
        changes_today: changes of the price since midnight in Algiers. changed_at: the last one.
        resting_until: a person has set the price or taken a change back.
        goodwill: what an order is worth beyond its profit, DZD.
    """

    now: datetime
    price: Decimal
    batches: Sequence[Batch]
    margin_floor: Decimal
    lowest: Decimal | None = None
    reference: Decimal | None = None
    rate: Callable[[Decimal], Rate] | None = None
    changes_today: int = 0
    changed_at: datetime | None = None
    resting_until: datetime | None = None
    goodwill: float = 0.0
    economics: Economics = ALGERIA

    @property
    def units(self) -> int:
        return sum(batch.units for batch in self.batches)

    @property
    def dearest(self) -> Decimal:
        """Landed cost of the dearest unit in stock: the margin floor holds for whichever unit is sold."""
        return max(batch.cost for batch in self.batches)

    @property
    def days_old(self) -> int:
        return max(batch.days_old for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the price becomes, and by which rule.

    Attributes:
        price: the new price; the old one where `key` says that it stays.
        key: of `sentences.PRICES`.
        floor: least price allowed; below the margin floor by markdown only. ceiling: most, None where unknown.
        numbers: what the sentence names.
    """

    price: Decimal
    key: str
    floor: Decimal
    ceiling: Decimal | None
    numbers: dict[str, Any] = field(default_factory=dict)


def decide(of: Situation) -> Decision:
    """The next price. Never below the floor; above the ceiling only while it comes down to it step by step."""
    if not of.batches or of.dearest <= 0:
        return Decision(of.price, "no_cost", Decimal(0), None, {"old_price": of.price})
    margin_floor = pricing.charm_up(pricing.floor_price(of.dearest, of.margin_floor, of.economics))
    markdown = _markdown_floor(of)
    floor = margin_floor if markdown is None else min(margin_floor, markdown[0])
    ceiling = None
    if of.reference is not None:
        ceiling = max(floor, pricing.charm_down(of.reference * (1 + of.economics.premium_limit)))
    numbers: dict[str, Any] = {"old_price": of.price, "floor": floor, "ceiling": ceiling, "reference": of.reference}
    numbers |= {"units": of.units, "days_old": of.days_old, "lowest": of.lowest}
    if of.resting_until is not None and of.resting_until > of.now:
        return Decision(of.price, "resting", floor, ceiling, numbers | {"until": f"{of.resting_until:%Y-%m-%d}"})
    if of.price < floor:
        return Decision(floor, "floor", floor, ceiling, numbers | {"new_price": floor})
    if of.changes_today >= MOST_CHANGES:
        return Decision(of.price, "enough_today", floor, ceiling, numbers)
    target, key, found = _target(of, margin_floor, ceiling)
    if markdown is not None:
        target, key = _marked_down(of, target, floor), "markdown"
        numbers["loss"] = of.dearest * markdown[1]
    numbers |= {"target": target, "rate": found}
    new = _step(of.price, target, floor)
    if new == of.price:
        return Decision(of.price, "keep", floor, ceiling, numbers)
    if key != "markdown" and abs(new - of.price) < of.price * LEAST_CHANGE:
        return Decision(of.price, "small", floor, ceiling, numbers)
    return Decision(new, key, floor, ceiling, numbers | {"new_price": new})


def _markdown_floor(of: Situation) -> tuple[Decimal, Decimal] | None:
    """The floor of old stock and the loss it allows, by the dearest of the lots that are old; None while none is."""
    for days, loss in MARKDOWNS:
        old = [batch.cost for batch in of.batches if batch.days_old >= days]
        if old:
            return pricing.charm_up(pricing.loss_price(max(old), loss, of.economics)), loss
    return None


def _marked_down(of: Situation, target: Decimal, floor: Decimal) -> Decimal:
    """A step down every three days until somebody buys or the floor is reached."""
    if of.changed_at is not None and of.now - of.changed_at < MARKDOWN_EVERY:
        return of.price
    return max(floor, min(target, pricing.charm_down(of.price * (1 - MARKDOWN_STEP))))


def _target(of: Situation, floor: Decimal, ceiling: Decimal | None) -> tuple[Decimal, str, float | None]:
    """Where the price should go, by which rule, and the units a day that are expected there."""
    if ceiling is None or of.rate is None or of.reference is None:
        alone = pricing.charm_up(pricing.price_for_margin(of.dearest, of.economics.target_margin, of.economics))
        return max(floor, alone), "stand_alone", None
    best = max(label_prices(floor, max(floor, ceiling)), key=lambda price: _earns(of, price))
    key = "ceiling" if of.price > ceiling else "competitors"
    rate = of.rate(best).mean
    others = of.reference if of.lowest is None else min(of.lowest, of.reference)
    near = min(pricing.charm_up(others * FAR_BELOW), ceiling)
    if best < near:
        best, rate = near, of.rate(near).mean
        key = "cheapest" if of.price < near else key
    elif best > of.price and of.lowest is None:
        key = "shortage"
    elif best > of.price and rate * _days_left(of) > of.units:
        key = "scarce"
    return best, key, rate


def _earns(of: Situation, price: Decimal) -> float:
    """Expected profit of the stock at a price, what is left after the days that remain marked down."""
    assert of.rate is not None
    profit = float(pricing.quote_at(price, Landed(of.dearest, Decimal(0), Decimal(0)), of.economics).profit)
    loss = float(of.dearest * LEFTOVER_LOSS)
    chances = of.rate(price).sells(range(1, min(of.units, MOST_UNITS) + 1), [_days_left(of)])[:, 0]
    return float((chances * (profit + of.goodwill) - (1 - chances) * loss).sum())


def _days_left(of: Situation) -> int:
    return max(SOONEST, HORIZON - of.days_old)


def _step(price: Decimal, target: Decimal, floor: Decimal) -> Decimal:
    """One step towards the target, on a label price where one lies within the step, else on a whole dinar."""
    if target > price:
        most = min(target, price * (1 + MOST_STEP))
        label = pricing.charm_down(most)
        return label if label > price else max(price, _whole(most, ROUND_FLOOR))
    if target < price:
        least = max(target, floor, price * (1 - MOST_STEP))
        label = pricing.charm_up(least)
        return label if label < price else min(price, _whole(least, ROUND_CEILING))
    return price


def _whole(price: Decimal, rounding: str) -> Decimal:
    return price.quantize(Decimal(1), rounding).quantize(CENT)
