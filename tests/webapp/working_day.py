"""A day in the console: people with accounts, open proposals by hand, purchases under way, crawls good and bad."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from database.market import Crawl, RejectedItem
from database.orders import Order
from database.shop import Product
from reseller import control, proposals, purchasing, sales
from tests import factories
from webapp import accounts

OWNER, STAFF, PASSWORD = "samira@hanout.example", "yacine@hanout.example", "a-long-password"
PRICES = (4200, 5400, 6500, 8900, 9800, 14900)
OPEN_BUDGET = {"budget_per_day": Decimal(200_000), "budget_total": Decimal(400_000), "cap_per_product": Decimal(60_000)}


@dataclass(frozen=True)
class Day:
    """Ids of what there is; `now` is the wall clock when it was made."""

    listings: list[int]
    proposals: list[int]
    failed_crawl: int
    now: datetime


def begin(work: Session, mode: str = "approve") -> Day:
    """Makes and commits the day; the agent, in `mode`, has proposed what it finds worth buying."""
    now = datetime.now(UTC)
    factories.create_marts(work)
    for email, name, role in ((OWNER, "Samira", "owner"), (STAFF, "Yacine", "staff")):
        accounts.create(work, email, name=name, password=PASSWORD, role=role)
    control.change(work, who="test", mode=mode, **OPEN_BUDGET)
    failed = _crawls(work, now)
    listings = []
    for number, price in enumerate(PRICES):
        listing = factories.listing(work, title=f"Écouteurs Condor {number}", last_seen_at=now)
        amounts = {"price": Decimal(price), "price_dzd": Decimal(price)}
        factories.reduced_offer(work, listing, now=now, **amounts, rank_overall=number + 1, confidence=0.8)
        for back in range(3):
            day = (now - timedelta(days=back)).date()
            factories.mart_day(work, listing, day, Decimal(price + 100 * back))
        listings.append(listing.id)
    made = [proposal.id for proposal in proposals.propose(work, now)]
    work.commit()
    assert len(made) >= 3, "the agent has to propose something, or these tests hold nothing"
    return Day(listings, made, failed.id, now)


def _crawls(work: Session, now: datetime) -> Crawl:
    ended = now - timedelta(hours=1)
    factories.crawl(work, started_at=ended - timedelta(minutes=3), finished_at=ended, offers=240, pages=6)
    factories.crawl(
        work, spider="ouedkniss", marketplace="ouedkniss", coverage={"price": 0.64, "likes": 1.0},
        started_at=ended - timedelta(days=1),
    )  # fmt: skip
    failed = factories.crawl(
        work, spider="ouedkniss", marketplace="ouedkniss", state="failed", reason="0 offers where 212 were seen before",
        started_at=ended, finished_at=ended + timedelta(seconds=90), rejects=2, coverage={"price": 0.12, "likes": 1.0},
        stats={"usual": {"price": 0.64, "likes": 1.0}, "fallen": ["price"]},
    )  # fmt: skip
    for number in range(2):
        raw: dict[str, object] = {"title": f"<script>alert({number})</script>", "price": "-1"}
        work.add(RejectedItem(crawl_id=failed.id, url=None, reason="price is negative", raw=raw))
    work.flush()
    return failed


def stock_up(work: Session, day: Day, proposal: int = -1) -> tuple[int, int]:
    """A purchase ordered by hand and received: ids of the purchase and of our product. Commits."""
    order = proposals.approve(work, day.proposals[proposal], who=OWNER, reason="", now=day.now)
    work.commit()
    purchasing.place(order.id, day.now)
    purchasing.mark_ordered(work, order.id, f"30048{order.id}", who=OWNER, now=day.now)
    purchasing.receive(work, order.id, who=OWNER, now=day.now)
    work.commit()
    return order.id, work.scalars(sa.select(Product.id).where(Product.listing_id == order.listing_id)).one()


def order(work: Session, day: Day, product: int, units: int = 1) -> Order:
    """A shopper's order of our product. Commits."""
    contact = sales.Contact("Nadia Bouzid", "0550 12 34 56", "Bab Ezzouar", "12 rue des Frères")
    made = sales.place(work, {product: units}, contact, key=str(uuid.uuid4()), wilaya=16, now=day.now)
    work.commit()
    return made


def sign_in(client: FlaskClient, email: str = OWNER, password: str = PASSWORD, wanted: str = "") -> TestResponse:
    """Sends the sign-in form as a browser would."""
    address = f"/console/sign-in?next={wanted}" if wanted else "/console/sign-in"
    return client.post(address, data={"email": email, "password": password})


def csrf(page: TestResponse) -> str:
    """The value that the page's forms repeat."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def send(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Sends a form of the console with its csrf field, and follows the answer."""
    token = csrf(client.get("/console/?lang=en"))
    return client.post(path, data={"csrf_token": token, **fields}, follow_redirects=True)
