"""What an offer is worth to us: the price to ask, how fast it sells, and what each further unit brings. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from reseller import pricing
from reseller.demand import Rate, Response, compared
from reseller.pricing import ALGERIA, CENT, Economics, Landed, Quote

HORIZON = 30
"""Days within which a unit has to be sold; what is left then is marked down."""

LEAD_DAYS = 3
"""Days from the order until a unit stands in our shop: its money is tied up from the first."""

LEFTOVER_LOSS = Decimal("0.10")
"""What is lost on a unit that is not sold within the horizon, of its landed cost: some sell later all the same."""

HURDLE = 0.003
"""Least that a dinar has to bring a day where the budget is nearly spent: 9 % a month, what a better offer of next week
would bring. Money that lies idle asks for nothing (`hurdle`)."""

GOODWILL = 1000.0
"""DZD that an order is worth beyond its profit to a shop that nobody knows: who was served well comes back and tells
others. Half of it is left after `KNOWN_AFTER` orders."""

KNOWN_AFTER = 50

MOST_UNITS = 12
TYPICAL_UNITS = 3
"""Units for which the price is chosen."""

THIN = Decimal("0.25")
"""Confidence below which one unit is tried, and no more."""

THIN_SHARE = 0.5
"""Part of an expected profit that counts where nothing confirms it; all of it counts at a confidence of 1."""

PRICE_STEP = Decimal("1.03")
WORST_CASE = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is known of an offer.

    Attributes:
        price: asked, DZD. reference: what shoppers would pay elsewhere, DZD.
        market: units a day that the market sells of the product, at the reference price.
        own: what we sold of it ourselves, as (units, days, price compared), where we did and the market had it.
        sold_out: nobody else has it now; the reference is their last price.
        goodwill: what an order is worth beyond its profit, DZD.
        held: units of it that we have or await: the first ones to be sold.
        confidence: of the market's evidence, 0 to 1.
    """

    price: Decimal
    from_abroad: bool
    reference: Decimal
    market: Rate
    confidence: Decimal
    own: tuple[float, float, float] | None = None
    held: int = 0
    sold_out: bool = False
    goodwill: float = 0.0


@dataclass(frozen=True, slots=True)
class Unit:
    """The next unit: the chance that it sells within the horizon, what it brings (DZD), the days it ties money up.

    `value` is what it brings a day, goodwill included, less for thin evidence: DZD per day.
    """

    chance: float
    gain: float
    days: float
    value: float


@dataclass(frozen=True, slots=True)
class Appraisal:
    """An offer judged: at `quote.sale_price`, units sell at `rate`; `units` are worth buying in this order."""

    quote: Quote
    rate: Rate
    units: tuple[Unit, ...]
    held: int = 0

    def profit(self, quantity: int) -> Decimal:
        """Expected profit of so many units, what is left over marked down, DZD."""
        return _dinars(sum(unit.gain for unit in self.units[:quantity]))

    def days(self, quantity: int) -> float:
        """Days until the last of so many units is sold, in the mean."""
        return LEAD_DAYS + (self.held + quantity) / self.rate.mean

    def downside(self, quantity: int) -> Decimal:
        """Profit (below 0: loss) of so many units where demand is at its 10 % quantile and the rest is marked down."""
        sold = min(max(self.rate.sold_at(WORST_CASE, HORIZON) - self.held, 0), quantity)
        loss = _dinars(float(self.quote.landed.total * LEFTOVER_LOSS))
        return sold * self.quote.profit - (quantity - sold) * loss


def appraise(
    offer: Offer, response: Response, *, margin_floor: Decimal, economics: Economics = ALGERIA
) -> Appraisal | None:
    """The offer at the price at which its first units bring most a day; None where no price keeps the margin floor
    and stays below what shoppers would pay."""
    landed = pricing.landed_cost(offer.price, from_abroad=offer.from_abroad, economics=economics)
    found = (
        _at(offer, price, landed, response, economics)
        for price in label_prices(
            pricing.charm_up(pricing.floor_price(landed.total, margin_floor, economics)),
            pricing.charm_down(offer.reference * (1 + economics.premium_limit)),
        )
    )
    earning = [one for one in found if one.quote.profit > 0]
    return max(earning, key=lambda one: sum(unit.value for unit in one.units[:TYPICAL_UNITS]), default=None)


def hurdle(tied_up: Decimal, budget: Decimal) -> float:
    """Least that a dinar has to bring a day, by how much of the budget is tied up: money is dear when it is scarce."""
    part = float(tied_up / budget) if budget > 0 else 1.0
    return HURDLE * min(max(part, 0.0), 1.0) ** 2


def goodwill(delivered: int) -> float:
    """What an order is worth beyond its profit, DZD, once so many were delivered."""
    return GOODWILL / (1 + delivered / KNOWN_AFTER)


def worth_buying(appraisal: Appraisal, confidence: Decimal, least: float = 0.0) -> int:
    """Units up to the last that is expected to earn, and `least` a dinar and day; one where the evidence is thin."""
    most = 1 if confidence < THIN else MOST_UNITS
    landed = float(appraisal.quote.landed.total)
    good = 0
    for unit in appraisal.units[:most]:
        if unit.gain <= 0 or unit.value < least * landed:
            break
        good += 1
    return good


def label_prices(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Label prices some 3 % apart from `lowest` to `highest`, both included; none where they cross."""
    if lowest > highest:
        return []
    prices = [lowest]
    while (nxt := pricing.charm_up(prices[-1] * PRICE_STEP)) < highest:
        prices.append(nxt)
    return prices if highest == lowest else [*prices, highest]


def our_rate(offer: Offer, price: Decimal, response: Response) -> Rate:
    """Units a day that we would sell at `price`: the market's, times our share, corrected by what we sold of it."""
    share, doubt = response.share_at(compared(price, offer.reference), sold_out=offer.sold_out)
    rate = offer.market.times(share, doubt)
    if offer.own is None:
        return rate
    units, days, at = offer.own
    return rate.after(units, days * response.share_at(at)[0] / share)


def _at(offer: Offer, price: Decimal, landed: Landed, response: Response, economics: Economics) -> Appraisal:
    quote = pricing.quote_at(price, landed, economics)
    rate = our_rate(offer, price, response)
    numbers = range(offer.held + 1, offer.held + MOST_UNITS + 1)
    chances = rate.sells(numbers, [HORIZON])[:, 0]
    waits = rate.days_until(numbers, HORIZON)
    loss = float(landed.total * LEFTOVER_LOSS)
    trust = THIN_SHARE + (1 - THIN_SHARE) * float(offer.confidence)
    units = []
    for chance, wait in zip(chances, waits, strict=True):
        gain = float(chance) * float(quote.profit) - (1 - float(chance)) * loss
        days = LEAD_DAYS + float(wait)
        worth = gain * (trust if gain > 0 else 1) + float(chance) * offer.goodwill
        units.append(Unit(float(chance), gain, days, worth / days))
    assert all(before.gain >= after.gain - 1e-6 for before, after in pairwise(units))
    return Appraisal(quote, rate, tuple(units), offer.held)


def _dinars(amount: float) -> Decimal:
    return Decimal(repr(round(amount, 2))).quantize(CENT)
