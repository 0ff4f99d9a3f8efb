"""What others ask for the same product: which of their prices count, and what it usually costs there. All in DZD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median, median_low

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import marts
from database.market import Listing

FARTHEST = Decimal(4)
"""A price over four times its product's usual one, or under a quarter of it, is a mistake or another product."""

MONTH = timedelta(days=30)
WEEK = timedelta(days=7)
HOME = "dz"


@dataclass(frozen=True, slots=True)
class Ask:
    """One seller's price.

    Attributes:
        price: asked now; None where it names none, or in a currency without a rate.
        week, month: median of its daily prices of these days, where they are known.
        gain: ratings gained in 7 days, None where nobody knows. ranked: ratings a day that its place in its shop's
            order tells of (demand_by_rank), None where it stands nowhere.
        turned: the page shows another product than it did.
        seller: who offers it, None where nobody knows. title: as it stands there.
    """

    listing_id: int
    price: Decimal | None
    country: str = HOME
    available: bool = True
    week: Decimal | None = None
    month: Decimal | None = None
    gain: int | None = None
    ranked: float | None = None
    turned: bool = False
    seller: str | None = None
    title: str = ""

    @property
    def lasting(self) -> Decimal:
        """The middle of now, week and month: what lasts counts, a day's outlier or a short discount does not."""
        assert self.price is not None
        return median([self.price, self.week or self.price, self.month or self.price])

    @property
    def usual(self) -> Decimal:
        """What it costs when the discount of the day has ended."""
        assert self.price is not None
        return self.month or self.price


@dataclass(frozen=True, slots=True)
class Ignored:
    """A price that does not count, and why: no_price, abroad, turned, sold_out, wild."""

    listing_id: int
    price: Decimal | None
    why: str


@dataclass(frozen=True, slots=True)
class Competition:
    """The prices that shoppers of ours can have instead, and those that were left out.

    Attributes:
        last: the lowest price that lasted, of those who have sold out since.
    """

    asks: tuple[Ask, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    last: Decimal | None = None

    @property
    def now(self) -> Decimal | None:
        """The lowest price of today."""
        return min((one.price for one in self.asks if one.price is not None), default=None)

    @property
    def lasting(self) -> Decimal | None:
        """The lowest price that lasts."""
        return min((one.lasting for one in self.asks), default=None)

    @property
    def reference(self) -> Decimal | None:
        """What shoppers measure us by: the lowest price that lasts, or the last one where everybody has sold out."""
        return self.last if self.lasting is None else self.lasting

    @property
    def usual(self) -> Decimal | None:
        """The lowest of the usual prices."""
        return min((one.usual for one in self.asks), default=None)


def judge(asks: Iterable[Ask], *, anchor: Decimal | None = None) -> Competition:
    """Separates the prices that count from those that do not.

    Args:
        anchor: a price that is known to be of the product, such as what we paid; else the lower median of theirs
            decides, since believing a price too low costs a chance, and one too high costs money.
    """
    every = list(asks)
    possible = [one for one in every if _fault(one) is None]
    known = [one.month or one.price for one in possible if one.price is not None]
    centre = anchor or (median_low(known) if known else None)
    kept, left_out = [], []
    for one in every:
        why = _fault(one) or ("wild" if _is_wild(one, centre) else None)
        if why is None:
            kept.append(one)
        else:
            left_out.append(Ignored(one.listing_id, one.price, why))
    gone = [one.lasting for one in every if _fault(one) == "sold_out" and not _is_wild(one, centre)]
    return Competition(tuple(kept), tuple(left_out), min(gone, default=None))


def _fault(ask: Ask) -> str | None:
    if ask.price is None or not ask.price.is_finite() or ask.price <= 0:
        return "no_price"
    if ask.country != HOME:
        return "abroad"
    if ask.turned:
        return "turned"
    return None if ask.available else "sold_out"


def _is_wild(ask: Ask, centre: Decimal | None) -> bool:
    assert ask.price is not None
    return any(
        not (other / FARTHEST <= ask.price <= other * FARTHEST) for other in (centre, ask.month) if other is not None
    )


def asks(work: Session, listing_ids: Collection[int], now: datetime) -> dict[int, list[Ask]]:
    """For each listing, what is asked for its product: by itself and by whoever lists the same. Does not commit."""
    trend, same, rank = marts.trending_products_v2, marts.market_product_listings, marts.demand_by_rank
    mine, theirs = same.alias("mine"), same.alias("theirs")
    peers = work.execute(
        sa.select(mine.c.listing_id, theirs.c.listing_id)
        .join(theirs, theirs.c.product_id == mine.c.product_id)
        .where(mine.c.listing_id.in_(listing_ids))
    )
    by_listing: dict[int, set[int]] = {listing_id: {listing_id} for listing_id in listing_ids}
    for listing_id, peer in peers:
        by_listing[listing_id].add(peer)
    every = set().union(*by_listing.values())
    usual = _usual(work, every, now)
    found: dict[int, Ask] = {}
    columns = (
        trend.c.listing_id,
        trend.c.price_dzd,
        trend.c.country,
        trend.c.availability,
        trend.c.rating_count_gain_7d,
        rank.c.expected_rating_gain_per_day,
        sa.func.coalesce(Listing.attributes["seller_id"].astext, Listing.seller_name),
        trend.c.title,
    )
    ranked = trend.outerjoin(rank, rank.c.listing_id == trend.c.listing_id).outerjoin(
        Listing, Listing.id == trend.c.listing_id
    )
    for listing_id, price, country, availability, gain, expected, seller, title in work.execute(
        sa.select(*columns).select_from(ranked).where(trend.c.listing_id.in_(every))
    ):
        available = availability in ("in_stock", "low_stock")
        week, month = usual[listing_id]
        expected = None if expected is None else float(expected)
        found[listing_id] = Ask(
            listing_id, price, country, available, week, month, gain, expected, seller=seller, title=title or ""
        )
    return {
        listing_id: [found[peer] for peer in sorted(peers) if peer in found] for listing_id, peers in by_listing.items()
    }


def _usual(
    work: Session, listing_ids: Collection[int], now: datetime
) -> defaultdict[int, tuple[Decimal | None, Decimal | None]]:
    """Median daily price of the last 7 and 30 days, by listing."""
    history = marts.price_history_daily
    price = sa.cast(history.c.close_price_dzd, sa.Double)
    middle = sa.func.percentile_cont(0.5).within_group(price)
    days = work.execute(
        sa.select(history.c.listing_id, middle.filter(history.c.day > (now - WEEK).date()), middle)
        .where(
            history.c.listing_id.in_(listing_ids),
            history.c.day > (now - MONTH).date(),
            history.c.day <= now.date(),
            history.c.close_price_dzd > 0,
        )
        .group_by(history.c.listing_id)
    )
    usual: defaultdict[int, tuple[Decimal | None, Decimal | None]] = defaultdict(lambda: (None, None))
    for listing_id, week, month in days:
        usual[listing_id] = (_dinars(week), _dinars(month))
    return usual


def _dinars(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(round(amount, 2)))


def lowest_by_day(work: Session, anchors: Mapping[int, Decimal], since: datetime) -> dict[int, dict[date, Decimal]]:
    """For each listing and day the lowest price at home at which its product could be had, DZD. Does not commit.

    A listing that was not seen for two days or more was not to be had then, whatever it said before.

    Args:
        anchors: DZD that each listing's product is known to be worth, so that wild prices are told by it.
    """
    same, history = marts.market_product_listings, marts.price_history_daily
    mine, theirs = same.alias("mine"), same.alias("theirs")
    peers = (
        sa.select(mine.c.listing_id, theirs.c.listing_id.label("peer"))
        .join(theirs, theirs.c.product_id == mine.c.product_id)
        .where(mine.c.listing_id.in_(anchors))
        .union(sa.select(Listing.id, Listing.id).where(Listing.id.in_(anchors)))
        .subquery()
    )
    count, listing_id = history.c.observation_count, history.c.listing_id
    before = sa.func.lag(count).over(partition_by=listing_id, order_by=history.c.day)
    after = sa.func.lead(count, 1, 1).over(partition_by=listing_id, order_by=history.c.day)
    seen = (
        sa.select(history.c.listing_id, history.c.day, ((count > 0) | ((before > 0) & (after > 0))).label("near"))
        .where(history.c.listing_id.in_(sa.select(peers.c.peer)))
        .subquery()
    )
    rows = work.execute(
        sa.select(peers.c.listing_id, history.c.day, history.c.close_price_dzd)
        .select_from(seen)
        .join(history, sa.and_(history.c.listing_id == seen.c.listing_id, history.c.day == seen.c.day))
        .join(peers, peers.c.peer == history.c.listing_id)
        .join(Listing, Listing.id == history.c.listing_id)
        .where(
            Listing.country == HOME,
            seen.c.near,
            history.c.day >= since.date(),
            history.c.availability.in_(("in_stock", "low_stock")),
            history.c.close_price_dzd > 0,
        )
    )
    found: dict[int, dict[date, Decimal]] = {listing_id: {} for listing_id in anchors}
    for listing_id, day, price in rows:
        if anchors[listing_id] / FARTHEST <= price <= anchors[listing_id] * FARTHEST:
            before = found[listing_id].get(day, price)
            found[listing_id][day] = min(price, before)
    return found
