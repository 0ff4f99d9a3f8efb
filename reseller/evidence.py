"""What the market says of a listing's product: who asks what, how much of it sells, and how sure that is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.orders import Order
from reseller import competition, experience
from reseller.competition import HOME, Competition
from reseller.demand import Rate, Response, Trial, compared
from reseller.experience import Period

RATINGS_PER_SALE = 0.1
"""Buyers who rate, as a fraction. Unknown, and no matter where we have sales: our share then absorbs the error."""

USUAL_GAIN = 0.1
"""Ratings a day of a listing whose category nobody has measured: one in ten days."""

LEAST_GAIN = 0.02
"""The same in a category in which nothing sells: one in seven weeks."""

CATEGORY_DAYS = 3.0
"""What the category says of a listing weighs as much as seeing the listing itself for so many days."""

NEXT_TO_NOTHING = 0.001
"""Ratings a day of what stands last and was never rated: no rate is nought."""

RANK_SHAPE = 6.0
"""Shape of the belief that a place in a shop's order makes of what sells there: right within some 40 percent."""

ABROAD_ECHO = 0.5
"""Part of a demand abroad that is there at home too, where no home seller shows any."""

OTHER_PRODUCT = ("no_price", "turned", "wild")
"""Prices that are ignored for these reasons belong to nothing that we sell; what sells there says nothing either."""

LONGEST_TREND = 2.0
"""By how many times demand may grow next week at a trend score of 100 and full confidence; at 0 it falls as much."""

FORECAST_WEEKS = 4
"""Weeks of own sales from which the forecast is believed instead of the plain mean."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One listing's product in the market.

    Attributes:
        product: id of the product in market_products; below 0 where it is known by this listing alone.
        market: units a day that all home sellers together sell.
        score: trend, 0 to 100. confidence: 0 to 1.
    """

    listing_id: int
    product: int
    competition: Competition
    market: Rate
    score: Decimal
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class Lessons:
    """What our own sales teach: how shoppers answer to prices, (units, days, price compared) by market listing, and
    how many orders were delivered."""

    response: Response = field(default_factory=Response)
    own: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    delivered: int = 0


def gather(
    work: Session,
    listing_ids: Collection[int],
    now: datetime,
    *,
    anchors: Mapping[int, Decimal] | None = None,
    turned: Collection[int] = (),
) -> dict[int, Evidence]:
    """Evidence by listing; a listing that the marts do not know has none of sales. Does not commit.

    Args:
        anchors: DZD that a listing's product is known to be worth, so that wild prices are told by it.
        turned: listings that show another product than they did.
    """
    asks = {
        listing_id: [replace(one, turned=one.listing_id in turned) for one in found]
        for listing_id, found in competition.asks(work, listing_ids, now).items()
    }
    known = {row.listing_id: row for row in work.execute(_trends(listing_ids))}
    products = dict(work.execute(_products(listing_ids)).tuples().all())
    found = {}
    for listing_id in listing_ids:
        row = known.get(listing_id)
        usual_gain = USUAL_GAIN
        if row is not None and row.demand_per_listing is not None:
            usual_gain = max(float(row.demand_per_listing) / 7, LEAST_GAIN)
        score, confidence = (row.score, row.confidence) if row else (Decimal(50), Decimal(0))
        prices = competition.judge(asks[listing_id], anchor=(anchors or {}).get(listing_id))
        others = {one.listing_id for one in prices.ignored if one.why in OTHER_PRODUCT}
        same = [one for one in asks[listing_id] if one.listing_id not in others]
        found[listing_id] = Evidence(
            listing_id,
            products.get(listing_id, -listing_id),
            prices,
            _market(one_of_each_seller(same, listing_id), usual_gain, float(score), float(confidence)),
            score,
            confidence,
        )
    return found


def one_of_each_seller(asks: Collection[competition.Ask], listing_id: int) -> list[competition.Ask]:
    """Of what each seller lists of a product the one that is most like `listing_id` by the words of its title.

    What a seller lists twice differs in colour or size, and whoever wants the one buys not the other. Sellers that
    nobody knows are all different.
    """
    ours = next((_words(one.title) for one in asks if one.listing_id == listing_id), frozenset())

    def likeness(one: competition.Ask) -> tuple[bool, float]:
        words = _words(one.title)
        return one.listing_id == listing_id, len(words & ours) / max(1, len(words | ours))

    by_seller: defaultdict[object, list[competition.Ask]] = defaultdict(list)
    for one in asks:
        by_seller[one.listing_id if one.seller is None else (one.country, one.seller)].append(one)
    return [max(of, key=likeness) for of in by_seller.values()]


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", title.casefold()))


def market_rate(
    gains: Collection[int], usual_gain: float, score: float, confidence: float, ranked: Collection[float] = ()
) -> Rate:
    """Units a day that a product sells in the market.

    Args:
        gains: ratings gained in 7 days, by those of its listings that have no known place in their shop's order.
        usual_gain: ratings a day of a listing of its category.
        ranked: ratings a day of those that have one.
    """
    rated = Rate(max(sum(ranked), NEXT_TO_NOTHING), RANK_SHAPE) if ranked else None
    if gains or not ranked:
        expected = usual_gain * max(1, len(gains))
        seen = Rate(expected, expected * CATEGORY_DAYS)
        seen = seen.after(sum(gains), 7) if gains else seen
        rated = seen if rated is None else rated.plus(seen)
    assert rated is not None
    growth = LONGEST_TREND ** ((score - 50) / 50 * confidence)
    return rated.times(growth / RATINGS_PER_SALE, doubt=0.1 + 0.4 * (1 - confidence))


def _market(asks: Collection[competition.Ask], usual_gain: float, score: float, confidence: float) -> Rate:
    at_home = [one for one in asks if one.country == HOME]
    if any(one.gain is not None for one in at_home) or len(at_home) == len(asks):
        return _seen(at_home, usual_gain, score, confidence)
    return _seen(asks, usual_gain, score, confidence).times(ABROAD_ECHO, doubt=ABROAD_ECHO)


def _seen(asks: Collection[competition.Ask], usual_gain: float, score: float, confidence: float) -> Rate:
    gains = [one.gain for one in asks if one.gain is not None and one.ranked is None]
    ranked = [one.ranked for one in asks if one.ranked is not None]
    return market_rate(gains, usual_gain, score, confidence, ranked)


def lessons(work: Session, now: datetime) -> Lessons:
    """What our sales teach until `now`. Does not commit."""
    histories = experience.histories(work, now)
    if not histories:
        return Lessons()
    ours = {one.market_listing_id: one.prices[-1][1] for one in histories}
    market = gather(work, list(ours), now, anchors=ours)
    forecasts, asked = _forecasts(work), competition.lowest_by_day(work, ours, now - experience.MEMORY)
    trials, own = [], {}
    for one in histories:
        evidence = market[one.market_listing_id]
        reference, periods = evidence.competition.reference, one.periods(now)
        by_day = asked[one.market_listing_id]
        if not by_day and reference is not None:
            by_day = {period.day: reference for period in periods}
        mine = _trials(periods, by_day, evidence.market.mean)
        if not mine:
            continue
        trials += mine
        days, units = sum(trial.days for trial in mine), sum(trial.units for trial in mine)
        ratio = sum(trial.ratio * trial.days for trial in mine) / days
        forecast = forecasts.get(one.market_listing_id)
        own[one.market_listing_id] = (units if forecast is None else forecast * days, days, ratio)
    delivered = work.scalar(sa.select(sa.func.count()).where(Order.state == "delivered")) or 0
    return Lessons(Response.learnt(trials), own, delivered)


def _trials(periods: Iterable[Period], asked: Mapping[date, Decimal], market: float) -> list[Trial]:
    """Days at about the same price, measured by what the market asked on each; a day on which nobody else had it says
    nothing of how shoppers compare."""
    grouped: defaultdict[float, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in periods:
        if one.days > 0 and one.day in asked:
            sums = grouped[round(compared(one.price, asked[one.day]), 2)]
            sums[0] += one.days * one.weight
            sums[1] += one.units * one.weight
    return [Trial(market, days, ratio, units) for ratio, (days, units) in grouped.items() if ratio > 0]


def _trends(listing_ids: Collection[int]) -> sa.Select:
    trend, niche = marts.trending_products_v2, marts.category_niches
    same = [trend.c[name] == niche.c[name] for name in ("marketplace", "country", "category")]
    return (
        sa.select(trend.c.listing_id, trend.c.score, trend.c.confidence, niche.c.demand_per_listing)
        .outerjoin(niche, sa.and_(*same))
        .where(trend.c.listing_id.in_(listing_ids))
    )


def _products(listing_ids: Collection[int]) -> sa.Select:
    same = marts.market_product_listings
    return sa.select(same.c.listing_id, same.c.product_id).where(same.c.listing_id.in_(listing_ids))


def _forecasts(work: Session) -> dict[int, float]:
    """Units a day of the next 28 days, by market listing, where weeks enough are known."""
    from database.shop import Product

    forecast = marts.demand_forecast
    query = (
        sa.select(Product.listing_id, sa.func.avg(forecast.c.expected_units))
        .join(Product, Product.id == forecast.c.product_id)
        .where(Product.listing_id.is_not(None))
        .group_by(Product.listing_id)
        .having(sa.func.min(forecast.c.weeks_known) >= FORECAST_WEEKS)
    )
    return {listing_id: float(units) for listing_id, units in work.execute(query)}
