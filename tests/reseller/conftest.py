"""A market with offers worth buying, and a supplier that speaks HTTP on a free port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

import database
from database import market
from tests import factories
from tests.reseller.supplier_server import SupplierServer

Offer = Callable[..., market.Listing]


@pytest.fixture
def offer(work: Session) -> Offer:
    """`offer(price=..., score=...)`: a listing that the marts show reduced (`reduced_offer`), committed."""
    factories.create_marts(work)

    def make(**values: Any) -> market.Listing:
        price = Decimal(values.pop("price", 5000))
        of = {
            name: values.pop(name)
            for name in ("marketplace", "country", "title", "external_id", "attributes")
            if name in values
        }
        listing = factories.listing(work, **of)
        factories.reduced_offer(work, listing, **{"price": price, "price_dzd": price, **values})
        work.commit()
        return listing

    return make


@pytest.fixture
def supplier(configure: Any, database_url: str) -> Iterator[SupplierServer]:
    """The demo supplier's contract on a free port; purchases of Jumia Algeria go there."""
    with SupplierServer() as server:
        configure(AGENT_SUPPLIER="demo", DEMO_JUMIA_PORT=server.port)
        yield server


@pytest.fixture
def buying(work: Session, configure: Any) -> None:
    """The agent buys by itself within the usual budget, and does not wait for objections."""
    from reseller import control

    configure(AGENT_WAIT_MINUTES=0)
    control.change(work, who="owner", mode="auto")
    work.commit()


@pytest.fixture
def fresh() -> Callable[[], Any]:
    """A session that sees what others have committed."""
    return database.session
