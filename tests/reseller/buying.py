"""What the tests of those who buy in the browser look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import agent
from database.agent import PurchaseOrder
from database.market import Listing
from tests.reseller.market_process import MarketProcess

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
Approved = Callable[..., PurchaseOrder]


def last(work: Session) -> agent.PurchaseEvent:
    """The latest event of any purchase."""
    work.rollback()
    return work.scalars(sa.select(agent.PurchaseEvent).order_by(agent.PurchaseEvent.id.desc()).limit(1)).one()


def listing_of(work: Session, order: PurchaseOrder) -> Listing:
    return work.get_one(Listing, order.listing_id)


def path_of(work: Session, order: PurchaseOrder) -> str:
    """Path of the product's page."""
    return urlsplit(listing_of(work, order).url).path


def bought(market: MarketProcess, work: Session, order: PurchaseOrder) -> list[int]:
    """Units of each order of this product in the account's history."""
    return [units for sku, units in market.bought() if sku == listing_of(work, order).external_id]
