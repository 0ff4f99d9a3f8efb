"""From a market price to a sale price and a profit: arithmetic on Decimal, DZD per unit, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Economics:
    """What it costs to buy and to sell one unit in Algeria.

    No carrier's tariff or customs table has been read yet: each figure is an estimate of the size a reseller meets,
    to be replaced by the shop's own books. Amounts are DZD per unit, shares are fractions.

    Attributes:
        delivery_in: carriage to us. A parcel within Algeria is some 400 to 900 DA and brings two or three units.
        import_share: customs duty, VAT and agent, of the price, where the goods come from abroad.
        import_freight: international carriage where the goods come from abroad.
        delivery_out: what we add to the delivery fee that the shopper pays.
        cash_handling: the carrier's share for collecting cash, of the sale price.
        confirmation: the telephone call that confirms an order paid on delivery, packing material included.
        return_rate: parcels refused or returned, of those sent with cash on delivery.
        return_carriage: carriage there and back of a parcel that returns; the shopper pays neither.
        return_wear: value lost by a unit that returns, of its landed cost.
        target_margin: profit aimed at, of the sale price.
        premium_limit: most that shoppers pay us above the market's price, of that price (stock in the country,
            cash on delivery, a telephone number): the sale price never exceeds it.
    """

    delivery_in: Decimal = Decimal(250)
    import_share: Decimal = Decimal("0.45")
    import_freight: Decimal = Decimal(1200)
    delivery_out: Decimal = Decimal(150)
    cash_handling: Decimal = Decimal("0.015")
    confirmation: Decimal = Decimal(40)
    return_rate: Decimal = Decimal("0.15")
    return_carriage: Decimal = Decimal(700)
    return_wear: Decimal = Decimal("0.05")
    target_margin: Decimal = Decimal("0.18")
    premium_limit: Decimal = Decimal("0.45")


ALGERIA = Economics()


@dataclass(frozen=True, slots=True)
class Landed:
    """What a unit has cost when it lies in our stock, DZD: `price + imports + delivery_in == total`."""

    price: Decimal
    imports: Decimal
    delivery_in: Decimal

    @property
    def total(self) -> Decimal:
        return self.price + self.imports + self.delivery_in


@dataclass(frozen=True, slots=True)
class Quote:
    """A unit bought, priced and sold, in DZD.

    Attributes:
        steps: (key, signed amount) from the sale price down; the last one, `profit`, is the sum of those before it.
    """

    landed: Landed
    sale_price: Decimal
    profit: Decimal
    steps: tuple[tuple[str, Decimal], ...]

    @property
    def margin(self) -> Decimal:
        """Profit as a fraction of the sale price, 4 decimals."""
        return (self.profit / self.sale_price).quantize(Decimal("0.0001"), ROUND_FLOOR)


def landed_cost(price: Decimal, *, from_abroad: bool, economics: Economics = ALGERIA) -> Landed:
    """What a unit asked at `price` DZD costs until it lies in our stock."""
    imports = price * economics.import_share + economics.import_freight if from_abroad else Decimal(0)
    return Landed(_cents(price), _cents(imports), _cents(economics.delivery_in))


def selling_costs(sale_price: Decimal, landed: Decimal, economics: Economics = ALGERIA) -> dict[str, Decimal]:
    """What selling a unit costs, DZD by step, expected losses on returned parcels included."""
    return {
        "delivery_out": _cents(economics.delivery_out),
        "cash_handling": _cents(sale_price * economics.cash_handling),
        "confirmation": _cents(economics.confirmation),
        "returns": _cents(economics.return_rate * (economics.return_carriage + economics.return_wear * landed)),
    }


def price_for_margin(landed: Decimal, margin: Decimal, economics: Economics = ALGERIA) -> Decimal:
    """The sale price S, unrounded, at which profit / S is `margin`.

    S = landed + fixed + cash_handling * S + margin * S, solved for S; `fixed` are the selling costs at a price of 0.
    """
    fixed = sum(selling_costs(Decimal(0), landed, economics).values())
    return (landed + fixed) / (1 - economics.cash_handling - margin)


def floor_price(landed: Decimal, margin_floor: Decimal, economics: Economics = ALGERIA) -> Decimal:
    """The least whole-dinar price that keeps the margin floor. Its costs are rounded to centimes, hence the 0.05."""
    exact = price_for_margin(landed, margin_floor, economics) + Decimal("0.05")
    return exact.quantize(Decimal(1), ROUND_CEILING).quantize(CENT)


def loss_price(landed: Decimal, loss: Decimal, economics: Economics = ALGERIA) -> Decimal:
    """The least whole-dinar price at which a unit loses no more than `loss` of its landed cost, selling included."""
    fixed = sum(selling_costs(Decimal(0), landed, economics).values())
    exact = (landed * (1 - loss) + fixed) / (1 - economics.cash_handling) + Decimal("0.05")
    return exact.quantize(Decimal(1), ROUND_CEILING).quantize(CENT)


def charm_up(price: Decimal) -> Decimal:
    """The least price at or above `price` that a shop in Algeria would write on a label: whole dinars.

    Below 2,000 DA ends in 00 or 50, below 10,000 in 00, from there on in 500 or 900.
    """
    if price <= 2_000:
        return _multiple(price, 50, ROUND_CEILING)
    if price <= 10_000 - 100:
        return _multiple(price, 100, ROUND_CEILING)
    thousands = (price // 1000) * 1000
    return next(thousands + ending for ending in (500, 900, 1500) if price <= thousands + ending).quantize(CENT)


def charm_down(price: Decimal) -> Decimal:
    """The greatest label price at or below `price`; prices under 50 DA stay whole dinars."""
    if price < 50:
        return _multiple(price, 1, ROUND_FLOOR)
    if price < 2_000:
        return _multiple(price, 50, ROUND_FLOOR)
    if price < 10_500:
        return min(_multiple(price, 100, ROUND_FLOOR), Decimal("9900.00"))
    thousands = (price // 1000) * 1000
    return next(thousands + ending for ending in (900, 500, -100) if price >= thousands + ending).quantize(CENT)


def quote(price: Decimal, *, from_abroad: bool, within_reach: bool = False, economics: Economics = ALGERIA) -> Quote:
    """The sale price by cost and target margin, held under what shoppers would pay, and the profit that leaves.

    Args:
        price: asked by the market, in DZD.
        within_reach: our shoppers can order there themselves, so that the market's bare price is what we are held to;
            else they would have to import it too.
    """
    landed = landed_cost(price, from_abroad=from_abroad, economics=economics)
    wanted = charm_up(price_for_margin(landed.total, economics.target_margin, economics))
    theirs = landed.price if within_reach else landed.price + landed.imports
    ceiling = charm_down(theirs * (1 + economics.premium_limit))
    return quote_at(min(wanted, max(ceiling, Decimal(1))), landed, economics)


def quote_at(sale_price: Decimal, landed: Landed, economics: Economics = ALGERIA) -> Quote:
    """The profit of a unit that landed at `landed` and sells at `sale_price` DZD."""
    steps = [("sale_price", sale_price), ("purchase", -landed.price), ("delivery_in", -landed.delivery_in)]
    if landed.imports:
        steps.insert(2, ("import", -landed.imports))
    steps += [(key, -cost) for key, cost in selling_costs(sale_price, landed.total, economics).items()]
    profit = sum((amount for _, amount in steps), Decimal(0))
    return Quote(landed, sale_price, profit, (*steps, ("profit", profit)))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _multiple(price: Decimal, step: int, rounding: str) -> Decimal:
    return ((price / step).quantize(Decimal(1), rounding) * step).quantize(CENT)
