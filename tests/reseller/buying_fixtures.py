"""A plugin for the tests of those who buy in the browser: the market, one Chromium, an approved order."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from database.agent import PurchaseOrder
from reseller import control, proposals
from reseller.suppliers import browsers
from tests.factories import NOON
from tests.reseller.buying import CHROMIUM, Approved
from tests.reseller.conftest import Offer
from tests.reseller.market_process import MarketProcess, market_process


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarketProcess]:
    with market_process(tmp_path_factory.mktemp("market")) as started:
        yield started


@pytest.fixture(scope="module")
def one_browser() -> Iterator[None]:
    """The same Chromium for all tests of a module; each purchase has a context of its own."""
    with browsers.kept():
        yield


@pytest.fixture
def market(
    served: MarketProcess, one_browser: None, configure: Any, database_url: str, tmp_path: Path
) -> Iterator[MarketProcess]:
    """The market, and the settings to buy there."""
    configure(AGENT_SUPPLIER="jumia_browser", DEMO_JUMIA_PORT=served.port, BROWSER_PATH=CHROMIUM, DATA_DIR=tmp_path)
    yield served
    served.clear()
    served.set_clock(NOON)


@pytest.fixture
def approved(work: Session, offer: Offer, market: MarketProcess) -> Approved:
    """`approved(...)`: an approved order of something the shop really sells, which nobody has bought before."""

    def make(**values: Any) -> PurchaseOrder:
        product = market.product()
        price = Decimal(product["prices"]["rawPrice"])
        control.change(work, who="owner", mode="approve", cap_per_product=Decimal(90_000))
        control.change(work, who="owner", budget_per_day=Decimal(500_000), budget_total=Decimal(500_000))
        listing = offer(external_id=product["sku"], price=price, title=product["displayName"], **values)
        listing.url = f"{market.address}{product['url']}"
        work.flush()
        [one] = [one for one in proposals.propose(work, NOON) if one.listing_id == listing.id]
        order = proposals.approve(work, one.id, who="owner", reason="", now=NOON)
        work.commit()
        return order

    return make
