"""Ordering what another channel is showing: its units come back first, or the shopper is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from database.channels import ChannelListing
from database.orders import Order
from database.shop import Product
from reseller.channels import sync, tokens, turns, vendor_client
from reseller.channels.jumia_vendor import VendorCenter
from reseller.channels.vendor_client import CHANNEL, Pace
from tests.reseller.vendor_center_server import VendorCenterServer
from tests.webapp.assortment import Shelf
from tests.webapp.test_checkout import count, order
from tests.webapp.test_storefront import words

FAST = ((10_000, 1.0),)


@pytest.fixture
def center(
    configure: Any, monkeypatch: pytest.MonkeyPatch, work: Session, shelf: Shelf
) -> Iterator[VendorCenterServer]:
    """The earphones (12 units) stand in the Vendor Center with all but the safety unit."""
    monkeypatch.setattr(vendor_client, "PACE", Pace(FAST))
    monkeypatch.setattr(vendor_client, "PAUSE", 0.01)
    monkeypatch.setattr(sync, "PATIENCE", 1.0)
    shelf["earphones"].image_urls = ["https://dz.jumia.is/1.jpg"]
    work.commit()
    with VendorCenterServer(FAST) as server:
        configure(
            VENDOR_CENTER_URL=server.url,
            VENDOR_CENTER_CLIENT_ID="client",
            VENDOR_CENTER_CATEGORY="1000100",
            SHOP_PICTURES="source",
        )
        tokens.give(CHANNEL, server.refresh_token)
        assert sync.run(datetime.now(UTC), [VendorCenter()]) == {}
        yield server


@pytest.fixture
def path(shelf: Shelf) -> str:
    return f"/order/{shelf['earphones'].id}"


def there(center: VendorCenterServer, work: Session, shelf: Shelf) -> tuple[int, int]:
    """Units that the Vendor Center sells, and that our books keep for it."""
    work.rollback()
    query = sa.select(Product.sku, Product.id).where(Product.listing_id == shelf["earphones"].id)
    sku, product = work.execute(query).one()
    kept = sa.select(ChannelListing.shown).where(
        ChannelListing.product_id == product, ChannelListing.channel == CHANNEL
    )
    return center.products[sku]["stock"], work.scalars(kept).one()


def test_what_is_wanted_here_is_taken_from_the_other_shop_before_it_is_promised(
    client: FlaskClient, center: VendorCenterServer, work: Session, shelf: Shelf, path: str
) -> None:
    before, kept = there(center, work, shelf)
    assert before == kept > 1
    assert order(client, path, quantity="2", agreed="").status_code == 303
    assert there(center, work, shelf) == (0, 0)
    assert work.scalars(sa.select(Order.channel)).all() == ["storefront"]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_shop_that_gives_nothing_back_is_told_to_the_shopper_and_nothing_is_promised(
    client: FlaskClient, center: VendorCenterServer, work: Session, shelf: Shelf, path: str, status: int
) -> None:
    before, kept = there(center, work, shelf)
    center.answers = [(status, {})] * 100
    client.get("/?lang=fr")
    answer = order(client, path, quantity="2", agreed="")
    assert answer.status_code == 503
    assert "autre boutique" in words(answer.get_data(as_text=True))
    assert 'value="Amina B."' in answer.get_data(as_text=True), "what was written is kept"
    assert count(work, Order) == 0
    assert there(center, work, shelf) == (before, kept)
    center.answers = []
    assert order(client, path, quantity="1").status_code == 303, "a unit that stands nowhere else needs nobody"


def test_a_shopper_waits_for_a_sync_that_is_at_it_only_so_long(
    client: FlaskClient, center: VendorCenterServer, work: Session, path: str
) -> None:
    held, enough = threading.Event(), threading.Event()

    def sync_all_day() -> None:
        with turns.alone(CHANNEL):
            held.set()
            enough.wait(60)

    other = threading.Thread(target=sync_all_day)
    other.start()
    assert held.wait(30)
    status = order(client, path, quantity="2", agreed="").status_code
    enough.set()
    other.join(30)
    assert (status, count(work, Order)) == (503, 0)
    assert order(client, path, quantity="2", agreed="").status_code == 303
