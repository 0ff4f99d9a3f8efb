"""How to lay out a budget: which candidates, and how many units of each.

Each unit is worth its expected profit per day that its money is tied up; the plan with the greatest sum within the
budget makes most of each dinar and day. An integer programme finds it (HiGHS, through scipy); `greedy` takes the best
value per dinar first, and serves where the programme finds nothing better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reseller import appraisal
from reseller.appraisal import MOST_UNITS
from reseller.sourcing import Candidate

__all__ = ["MOST_UNITS", "Limits", "Plan", "Purchase", "greedy", "plan"]

SHORTLIST = 80
"""Candidates that the integer programme chooses from, the best per dinar first: it stays below half a second."""


NODES = 100
"""Branches that the solver may try: a bound that, unlike one in seconds, gives every machine the same plan."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """Units of a candidate that the plan would buy."""

    candidate: Candidate
    quantity: int

    @property
    def total(self) -> Decimal:
        """Landed cost of all units, DZD."""
        return self.candidate.quote.landed.total * self.quantity

    @property
    def value(self) -> float:
        """Expected profit of all units per day tied up, less for thin evidence: DZD a day."""
        found = self.candidate.appraisal
        return sum(unit.value for unit in found.units[: self.quantity]) if found else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan may not exceed, DZD; what is tied up already counts.

    Attributes:
        remaining: may still be reserved. product, category, seller: most on each.
        in_category, with_seller: tied up in each already.
        purchases: most purchases. hurdle: least that a dinar has to bring a day.
    """

    remaining: Decimal
    product: Decimal
    purchases: int
    hurdle: float = 0.0
    category: Decimal | None = None
    seller: Decimal | None = None
    in_category: Mapping[str, Decimal] = field(default_factory=dict)
    with_seller: Mapping[str, Decimal] = field(default_factory=dict)

    def room(self, kind: str, name: str) -> Decimal:
        """DZD that may still go into a category or to a seller."""
        most, used = (self.category, self.in_category) if kind == "category" else (self.seller, self.with_seller)
        return self.remaining if most is None else max(Decimal(0), most - used.get(name, Decimal(0)))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to buy, the best per dinar and day first, and why the others are not bought, by listing."""

    purchases: list[Purchase]
    left_out: dict[int, str]


def plan(candidates: Iterable[Candidate], limits: Limits) -> Plan:
    """The purchases that bring most profit per day within the limits. One listing of a product at most."""
    every = list(candidates)
    left_out = {one.listing_id: one.barred for one in every if one.barred is not None}
    possible: list[Purchase] = []
    for one in every:
        if one.barred is None:
            most, why = _most(one, limits)
            if most:
                possible.append(Purchase(one, most))
            else:
                left_out[one.listing_id] = why
    shortlist = sorted(possible, key=lambda one: (-one.value / float(one.total), one.candidate.listing_id))[:SHORTLIST]
    chosen = max(_exact(shortlist, limits), greedy(shortlist, limits), key=_worth)
    chosen.sort(key=lambda one: (-one.value / float(one.total), one.candidate.listing_id))
    taken = {one.candidate.listing_id for one in chosen}
    for option in possible:
        if option.candidate.listing_id not in taken:
            left_out[option.candidate.listing_id] = _why_not(option.candidate, chosen, limits)
    return Plan(chosen, left_out)


def greedy(options: Sequence[Purchase], limits: Limits) -> list[Purchase]:
    """Unit by unit, the best value per dinar first; a unit that does not fit is passed over."""
    units = [
        (-unit.value / float(option.candidate.quote.landed.total), option.candidate.listing_id, number, option)
        for option in options
        for number, unit in enumerate(_units(option))
    ]
    quantities: dict[int, int] = {}
    by_listing = {option.candidate.listing_id: option.candidate for option in options}
    for _, listing_id, number, _option in sorted(units, key=lambda one: one[:3]):
        if number == quantities.get(listing_id, 0):
            tried = quantities | {listing_id: number + 1}
            if fits([Purchase(by_listing[one], quantity) for one, quantity in tried.items()], limits):
                quantities = tried
    return [Purchase(by_listing[one], quantity) for one, quantity in quantities.items()]


def fits(purchases: Sequence[Purchase], limits: Limits) -> bool:
    """Whether all limits hold for these purchases together."""
    spent: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in purchases:
        for key in _groups(one.candidate):
            spent[key] += one.total
    products = [one.candidate.product for one in purchases]
    return (
        sum((one.total for one in purchases), Decimal(0)) <= limits.remaining
        and len(purchases) <= limits.purchases
        and len(set(products)) == len(products)
        and all(total <= limits.room(*key) for key, total in spent.items())
    )


@dataclass(slots=True)
class _Programme:
    """The integer programme: a column for each unit that could be bought, then one for buying of each option at all."""

    options: Sequence[Purchase]
    rows: list[tuple[dict[int, float], float]] = field(default_factory=list)

    @property
    def columns(self) -> list[tuple[int, appraisal.Unit]]:
        """(option, unit) of each unit."""
        return [(index, unit) for index, option in enumerate(self.options) for unit in _units(option)]

    def limit(self, limits: Limits) -> None:
        """Adds a row `sum of weight x column <= most` for each limit."""
        cost = {
            column: float(self.options[index].candidate.quote.landed.total)
            for column, (index, _) in enumerate(self.columns)
        }
        bought = {index: len(cost) + index for index in range(len(self.options))}
        owner = {column: index for column, (index, _) in enumerate(self.columns)}
        self.rows.append((cost, float(limits.remaining)))
        self.rows.append((dict.fromkeys(bought.values(), 1.0), float(limits.purchases)))
        products, groups = defaultdict(set), defaultdict(set)
        for index, option in enumerate(self.options):
            products[option.candidate.product].add(index)
            for group in _groups(option.candidate):
                groups[group].add(index)
        self.rows += [({bought[index]: 1.0 for index in same}, 1.0) for same in products.values() if len(same) > 1]
        for (kind, name), inside in groups.items():
            spent = {column: dinars for column, dinars in cost.items() if owner[column] in inside}
            self.rows.append((spent, float(limits.room(kind, name))))
        self.rows += [({column: 1.0, bought[index]: -1.0}, 0.0) for column, index in owner.items()]

    def solve(self) -> list[int]:
        """Units of each option; empty where the solver found nothing."""
        import numpy as np
        from scipy import optimize, sparse  # type: ignore[import-untyped,unused-ignore]

        columns = self.columns
        matrix = sparse.lil_array((len(self.rows), len(columns) + len(self.options)))
        for number, (weights, _) in enumerate(self.rows):
            for column, weight in weights.items():
                matrix[number, column] = weight
        found = optimize.milp(
            c=np.array([-unit.value for _, unit in columns] + [0.0] * len(self.options)),
            constraints=optimize.LinearConstraint(matrix.tocsr(), ub=np.array([most for _, most in self.rows])),
            integrality=np.ones(matrix.shape[1]),
            bounds=optimize.Bounds(0, 1),
            options={"node_limit": NODES, "mip_rel_gap": 1e-3},
        )
        if found.x is None:
            return []
        counts = [0] * len(self.options)
        for (index, _), chosen in zip(columns, found.x, strict=False):
            counts[index] += round(chosen)
        return counts


def _exact(options: Sequence[Purchase], limits: Limits) -> list[Purchase]:
    """What the integer programme chooses; empty where it fails."""
    if not options or limits.remaining <= 0 or limits.purchases <= 0:
        return []
    programme = _Programme(options)
    programme.limit(limits)
    counted = zip(options, programme.solve(), strict=False)
    chosen = [Purchase(option.candidate, count) for option, count in counted if count]
    return chosen if fits(chosen, limits) else []


def _units(option: Purchase) -> Sequence[appraisal.Unit]:
    found = option.candidate.appraisal
    return found.units[: option.quantity] if found else ()


def _groups(candidate: Candidate) -> list[tuple[str, str]]:
    named = (("category", candidate.category), ("seller", candidate.seller))
    return [(kind, name) for kind, name in named if name is not None]


def _worth(purchases: Sequence[Purchase]) -> float:
    return sum(one.value for one in purchases)


def _most(one: Candidate, limits: Limits) -> tuple[int, str]:
    """Units that could be bought were it the only candidate; with 0 the reason."""
    assert one.appraisal is not None
    wanted = appraisal.worth_buying(one.appraisal, one.confidence, limits.hurdle)
    if not wanted:
        return 0, "slow"
    landed = one.quote.landed.total
    bounds = [
        ("cap_product", int(max(Decimal(0), limits.product - one.tied_up) // landed)),
        ("budget", int(max(Decimal(0), limits.remaining) // landed)),
        *((f"cap_{kind}", int(limits.room(kind, name) // landed)) for kind, name in _groups(one)),
        ("sold_out", wanted if one.stock_left is None else one.stock_left),
    ]
    tightest = min(bounds, key=lambda bound: bound[1])
    return max(0, min(wanted, tightest[1])), tightest[0]


def _why_not(one: Candidate, chosen: Sequence[Purchase], limits: Limits) -> str:
    if any(purchase.candidate.product == one.product for purchase in chosen):
        return "same_product"
    if len(chosen) >= limits.purchases:
        return "enough"
    landed = one.quote.landed.total
    for kind, name in _groups(one):
        inside = sum((p.total for p in chosen if (kind, name) in _groups(p.candidate)), Decimal(0))
        if inside + landed > limits.room(kind, name):
            return f"cap_{kind}"
    return "others"
