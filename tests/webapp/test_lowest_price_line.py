"""The line beside a reduction of ours, where the law of the shop's country asks for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from database.shop import Listing, PriceChange, Product
from tests.webapp.assortment import Shelf
from tests.webapp.test_storefront import text, words
from webapp.i18n import money_text

LINES = {
    "fr": "Prix le plus bas des 30 jours précédents :",
    "ar": "أدنى سعر خلال الثلاثين يومًا السابقة:",
    "en": "Lowest price of the 30 days before:",
}


def asked(work: Session, shelf: Shelf, *steps: tuple[int, int]) -> str:
    """Our prices of the earphones by days before now; the address of their page."""
    query = sa.select(Listing).join(Product).where(Product.listing_id == shelf["earphones"].id)
    listing, before = work.scalars(query).one(), None
    for ago, price in steps:
        at = datetime.now(UTC) - timedelta(days=ago)
        row = {"old_price": before, "new_price": price, "floor": 1, "reason": "x", "who": "agent", "at": at}
        work.add(PriceChange(listing_id=listing.id, **row))
        work.flush()
        before = price
    listing.price = Decimal(before or 0)
    work.commit()
    return f"/p/{shelf['earphones'].id}?lang="


@pytest.mark.parametrize("code", ["fr", "ar", "en"])
def test_a_reduction_names_the_lowest_price_before_it_and_counts_from_there(
    client: FlaskClient, work: Session, shelf: Shelf, configure: Any, code: str
) -> None:
    """It was 9,500, then 10,500, and is 7,600: 20 % less than the lowest, not 28 %."""
    configure(SHOP_COUNTRY="fr")
    page = words(text(client, asked(work, shelf, (60, 9500), (20, 10500), (2, 7600)) + code))
    with client.application.test_request_context(f"/?lang={code}"):
        lowest, last = words(money_text(Decimal(9500))), words(money_text(Decimal(10500)))
    assert f"{LINES[code]} {lowest}" in page
    assert re.search(r"\D20\s?%", page)
    assert not re.search(r"28\s?%", page)
    assert last not in page
    assert last not in words(text(client, f"/?lang={code}")), "a list announces no reduction that it does not explain"


@pytest.mark.parametrize(
    ("country", "steps"),
    [
        ("dz", [(60, 9500), (2, 7600)]),
        ("fr", [(60, 9500)]),
        ("fr", [(60, 7600), (2, 9500)]),
        ("fr", [(60, 7600), (10, 9500), (2, 8000)]),
    ],
    ids=["no law asks", "never changed", "raised", "lowered to what is above the lowest before"],
)
def test_without_a_reduction_or_a_law_there_is_no_such_line(
    client: FlaskClient, work: Session, shelf: Shelf, configure: Any, country: str, steps: list[tuple[int, int]]
) -> None:
    configure(SHOP_COUNTRY=country)
    page = text(client, asked(work, shelf, *steps) + "fr")
    assert "30 jours précédents" not in words(page)
    assert ("price__old" in page.split('class="row"')[0]) == (country == "dz")
