from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from database import shop
from reseller import lowest_price
from tests.factories import NOON


@pytest.fixture
def listing(work: Session) -> shop.Listing:
    product = shop.Product(sku="HN-000001", title="Casque", created_at=NOON)
    work.add(product)
    work.flush()
    made = shop.Listing(
        product_id=product.id, state="published", title="Casque", price=1, published_at=NOON, changed_at=NOON
    )
    work.add(made)
    work.flush()
    return made


def prices(work: Session, listing: shop.Listing, *steps: tuple[int, int]) -> datetime:
    """Prices by days from NOON; returns a moment after the last."""
    before: Decimal | None = None
    for day, price in steps:
        at = NOON + timedelta(days=day)
        row = {"old_price": before, "new_price": price, "floor": 1, "reason": "x", "who": "agent", "at": at}
        work.add(shop.PriceChange(listing_id=listing.id, **row))
        work.flush()
        before = Decimal(price)
    return at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("steps", "lowest"),
    [
        ([(0, 9000), (40, 7000)], 9000),
        ([(0, 9000), (20, 8000), (35, 9500), (40, 7000)], 8000),
        ([(0, 8000), (5, 9000), (40, 7000)], 9000),
        ([(0, 8000), (15, 9000), (40, 7000)], 8000),
        ([(0, 9000)], None),
        ([(0, 9000), (10, 9500)], None),
    ],
)
def test_beside_a_reduction_stands_the_lowest_price_of_the_thirty_days_before(
    work: Session, listing: shop.Listing, steps: list[tuple[int, int]], lowest: int | None
) -> None:
    now = prices(work, listing, *steps)
    found = lowest_price.reduction(work, listing.id, now)
    assert (found and found.lowest_before) == lowest


def test_a_price_raised_before_it_falls_is_no_real_reduction(work: Session, listing: shop.Listing) -> None:
    now = prices(work, listing, (0, 7000), (38, 9000), (40, 7500))
    found = lowest_price.reduction(work, listing.id, now)
    assert found is not None
    assert (found.lowest_before, found.is_real) == (7000, False)


@pytest.mark.parametrize(
    ("rule", "country", "shown"),
    [("law", "dz", False), ("law", "fr", True), ("law", "FR", True), ("always", "dz", True), ("never", "fr", False)],
)
def test_it_is_shown_where_the_law_of_the_shoppers_country_asks_for_it(
    work: Session, listing: shop.Listing, configure: Any, rule: str, country: str, shown: bool
) -> None:
    configure(SHOP_LOWEST_PRICE=rule)
    now = prices(work, listing, (0, 9000), (40, 7000))
    assert lowest_price.shown(work, listing.id, now, country=country) == (9000 if shown else None)


def test_without_a_shopper_the_shops_own_country_decides(work: Session, listing: shop.Listing, configure: Any) -> None:
    now = prices(work, listing, (0, 9000), (40, 7000))
    assert lowest_price.shown(work, listing.id, now) is None
    configure(SHOP_COUNTRY="de")
    assert lowest_price.shown(work, listing.id, now) == 9000
