"""Selling on Jumia's Vendor Center, over real HTTP against a server that enforces its documented rules."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from config import ROOT
from database import shop
from database.channels import ChannelAction, ChannelListing, ChannelOrder, ChannelToken
from database.orders import Customer, Order, OrderContact, OrderCost, OrderLine
from reseller import books, sales
from reseller.__main__ import main
from reseller.channels import ChannelRefused, ChannelUnavailable, TokenLost, incoming, sync, tokens, vendor_client
from reseller.channels.jumia_vendor import VendorCenter
from reseller.channels.vendor_client import CHANNEL, Client, Pace
from reseller.refusals import Refused
from tests import factories
from tests.reseller.test_sales import offered
from tests.reseller.vendor_center_server import VendorCenterServer
from tests.webapp import assortment

FAST = ((10_000, 1.0),)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def center(database_url: str, configure: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorCenterServer]:
    """The Vendor Center without waiting; the limits have a test of their own."""
    monkeypatch.setattr(vendor_client, "PACE", Pace(FAST))
    with VendorCenterServer(FAST) as server:
        configure(VENDOR_CENTER_URL=server.url, VENDOR_CENTER_CLIENT_ID="client", SHOP_PICTURES="source")
        tokens.give(CHANNEL, server.refresh_token)
        yield server


@pytest.fixture
def product(work: Session) -> shop.Product:
    """A headset of ours, five units in stock, with a photograph."""
    return stocked(work, 5)


def stocked(work: Session, units: int, price: str = "4900") -> shop.Product:
    listing = factories.listing(work, image_urls=["https://dz.jumia.is/casque.jpg"])
    made = assortment.sell(work, listing, price, units=units)
    work.commit()
    return made


def shopper(product_id: int, number: int) -> str:
    """Somebody orders one unit in our own shop."""
    with database.session() as work:
        try:
            contact = sales.Contact("Karim", f"0661{number:06}", "Hydra", "1 rue")
            key = f"00000000-0000-4000-8000-{number:012}"
            sales.place(work, {product_id: 1}, contact, key=key, wilaya=16, now=now())
        except Refused as refused:
            return refused.code
        work.commit()
        return "placed"


def channel() -> VendorCenter:
    return VendorCenter(Client(pause=0.01))


def synchronise() -> dict[str, str]:
    return sync.run(now(), [channel()])


def row(work: Session, product: shop.Product) -> ChannelListing:
    work.rollback()
    query = sa.select(ChannelListing).where(ChannelListing.product_id == product.id, ChannelListing.channel == CHANNEL)
    return work.scalars(query.execution_options(populate_existing=True)).one()


def available(work: Session, product: shop.Product) -> int:
    work.rollback()
    query = sa.text("select available from shop.stock_available where product_id = :id")
    return int(work.scalar(query, {"id": product.id}) or 0)


def test_a_product_is_created_approved_and_shown_less_the_safety_unit(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    assert synchronise() == {}
    there = center.products[product.sku]
    assert (there["stock"], there["price"]) == (4, 4900.0)
    item = there["item"]
    assert item["brand"] == {"code": 3, "name": "Oraimo"}
    assert item["category"] == {"code": 1000100, "name": "Casques"}
    assert item["images"] == [{"url": "https://dz.jumia.is/casque.jpg", "primary": True}]
    found = row(work, product)
    assert (found.state, found.external_id, found.shown, found.price) == ("live", f"S-{product.sku}", 4, Decimal(4900))
    feeds = len(center.feeds)
    assert synchronise() == {}
    assert len(center.feeds) == feeds, "nothing has changed, and nothing is sent"


def test_a_product_waits_for_its_approval_before_it_is_given_stock(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    center.auto_approve = False
    assert synchronise() == {}
    assert row(work, product).state == "waiting"
    center.products[product.sku]["qc"]["status"] = "approved"
    assert synchronise() == {}
    assert center.products[product.sku]["stock"] == 4
    assert [feed["kind"] for feed in center.feeds.values()].count("create") == 1


def test_a_product_without_a_photograph_is_not_sent_and_says_why(
    work: Session, center: VendorCenterServer, product: shop.Product, configure: Any
) -> None:
    configure(SHOP_PICTURES="none")
    for _ in range(2):
        assert synchronise() == {}
    found = row(work, product)
    assert found.state == "failed"
    assert "photograph" in (found.last_error or "")
    assert center.feeds == {}
    assert work.scalar(sa.select(sa.func.count()).select_from(ChannelAction)) == 1


def test_price_follows_and_a_withdrawn_product_shows_nothing(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    synchronise()
    listing = work.scalars(sa.select(shop.Listing)).one()
    listing.price = Decimal(5200)
    work.commit()
    synchronise()
    assert center.products[product.sku]["price"] == 5200.0
    assert row(work, product).price == Decimal(5200)
    work.scalars(sa.select(shop.Listing)).one().state = "withdrawn"
    work.commit()
    synchronise()
    there = center.products[product.sku]
    assert (there["stock"], there["status"]) == (0, "inactive")
    assert (row(work, product).state, row(work, product).shown) == ("withdrawn", 0)
    work.scalars(sa.select(shop.Listing)).one().state = "published"
    work.commit()
    synchronise()
    assert (there["stock"], there["status"], row(work, product).state) == (4, "active", "live")


def test_an_item_that_is_refused_is_told_and_tried_again_when_it_changes(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    center.refuse_items[product.sku] = "the picture is too small"
    synchronise()
    found = row(work, product)
    assert (found.state, found.last_error) == ("failed", "publish: the picture is too small")
    center.refuse_items.clear()
    synchronise()
    assert product.sku not in center.products, "the same would be refused again"
    work.scalars(sa.select(shop.Listing)).one().title = "Casque Bluetooth pliable"
    work.commit()
    synchronise()
    assert center.products[product.sku]["stock"] == 4


def test_an_order_there_becomes_one_order_of_ours_however_often_it_is_read(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    synchronise()
    numbers = [center.buy(product.sku, units) for units in (1, 2)]
    for _ in range(3):
        synchronise()
    assert [order.channel for order in work.scalars(sa.select(Order))] == [CHANNEL, CHANNEL]
    noted = work.scalars(sa.select(ChannelOrder).order_by(ChannelOrder.id)).all()
    assert [(each.external_id, each.state) for each in noted] == [(number, "taken") for number in numbers]
    assert available(work, product) == 2
    assert (center.products[product.sku]["stock"], row(work, product).shown) == (1, 1)
    assert "Amine" not in str(work.execute(sa.text("select * from shop.channel_order")).all())


def test_what_is_sold_there_and_not_yet_in_our_books_stays_out_of_the_pool(
    work: Session, center: VendorCenterServer, product: shop.Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody has taken the order, its units are nobody else's."""
    synchronise()
    center.buy(product.sku, 3)
    with monkeypatch.context() as closed:
        closed.setattr(incoming, "take", lambda *_: None)
        assert channel().give_back(product.id, now()) == 1
    assert center.products[product.sku]["stock"] == 0
    assert row(work, product).shown == 3
    outcomes = [shopper(product.id, number) for number in range(4)]
    assert outcomes == ["placed", "placed", "sold_out", "sold_out"]
    synchronise()
    assert (row(work, product).shown, available(work, product)) == (0, 0)


def test_an_order_there_is_ours_at_the_price_of_there_even_where_our_shop_offers_it_no_more(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    """Whom the channel names in full is kept as any shopper; whom it does not is nobody from the first moment on."""
    synchronise()
    center.products[product.sku]["price"] = 5100.0
    center.buy(product.sku)
    center.buy(product.sku, phone="0550 12 34 56", regionCode="31")
    work.execute(sa.update(shop.Listing).values(state="withdrawn", price=1))
    work.commit()
    synchronise()
    orders = work.scalars(sa.select(Order).order_by(Order.id)).all()
    assert [(order.state, order.wilaya, order.delivery_fee) for order in orders] == [
        ("placed", 16, 0),
        ("placed", 31, 0),
    ]
    assert set(work.scalars(sa.select(OrderLine.unit_price))) == {Decimal(5100)}
    unnamed, named = (work.get_one(Customer, order.customer_id) for order in orders)
    assert (unnamed.phone, unnamed.forgotten_at is not None) == (None, True)
    assert (named.phone, named.forgotten_at) == ("+213550123456", None)
    assert work.scalars(sa.select(OrderContact.order_id)).all() == [orders[1].id]


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "free", "1e12"])
def test_an_order_there_at_a_price_that_is_none_is_kept_for_a_person(
    work: Session, center: VendorCenterServer, product: shop.Product, price: str
) -> None:
    synchronise()
    center.products[product.sku]["price"] = price
    center.buy(product.sku)
    assert synchronise() == {}
    found = work.scalars(sa.select(ChannelOrder)).one()
    assert (found.state, (found.error or "")[:9]) == ("refused", "bad_value")
    assert work.scalars(sa.select(Order)).all() == []


def test_a_cancelled_order_of_there_is_cancelled_here_and_its_units_are_free_again(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    synchronise()
    number = center.buy(product.sku, 2)
    synchronise()
    assert available(work, product) == 3
    center.orders[str(number)]["status"] = "CANCELLED"
    synchronise()
    assert work.scalars(sa.select(Order.state)).all() == ["cancelled"]
    assert available(work, product) == 5


@pytest.mark.parametrize(("commission", "booked"), [("0.15", {"marketplace_fee": Decimal("735.00")}), ("", {})])
def test_what_a_marketplace_keeps_is_a_cost_of_the_order_where_we_know_it(
    work: Session, center: VendorCenterServer, configure: Any, commission: str, booked: dict[str, Decimal]
) -> None:
    """Jumia collects the cash, so no carrier of ours is paid for that."""
    configure(VENDOR_CENTER_COMMISSION=commission)
    product = offered(work, price="4900.00")
    given: dict[str, Any] = {"channel": CHANNEL, "prices": {product: Decimal(4900)}, "delivery_fee": Decimal(0)}
    order = sales.place(work, {product: 1}, None, key="0" * 32, wilaya=16, now=now(), **given)
    by: dict[str, Any] = {"who": "staff", "why": "test", "now": now()}
    sales.confirm(work, order.id, **by)
    sales.ship(work, order.id, cost=Decimal(0), **by)
    sales.deliver(work, order.id, **by)
    work.commit()
    costs = work.execute(sa.select(OrderCost.kind, OrderCost.amount)).tuples().all()
    assert dict(costs) == booked
    assert books.balance(work, "carrier") == 4900 - sum(booked.values())


def test_an_order_of_something_that_is_not_ours_is_kept_for_a_person(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    synchronise()
    center.products["FOREIGN"] = {**center.products[product.sku], "sellerSku": "FOREIGN"}
    center.buy("FOREIGN")
    synchronise()
    order = work.scalars(sa.select(ChannelOrder)).one()
    assert order.state == "refused"
    assert "not ours" in (order.error or "")


def test_the_last_units_are_promised_here_only_when_the_other_channel_is_at_nought(
    work: Session, center: VendorCenterServer, product: shop.Product
) -> None:
    synchronise()
    assert [shopper(product.id, number) for number in range(2)] == ["placed", "sold_out"]
    requests = len(center.seen)
    for senseless in (1000, 0):
        sync.make_free({product.id: senseless}, now(), channel())
    assert len(center.seen) == requests, "nothing is taken back where it would not help, or is not needed"
    sync.make_free({product.id: 1}, now(), channel())
    assert center.products[product.sku]["stock"] == 0
    assert [shopper(product.id, number) for number in range(2, 7)] == ["placed"] * 4 + ["sold_out"]
    assert channel().give_back(product.id, now()) == 0
    synchronise()
    assert center.products[product.sku]["stock"] == 0


def test_a_channel_cannot_show_what_is_promised(work: Session, product: shop.Product) -> None:
    shopper(product.id, 1)
    made = ChannelListing(product_id=product.id, channel=CHANNEL, state="live", shown=5, changed_at=now())
    work.add(made)
    with pytest.raises(sa.exc.IntegrityError, match="4 units to show"):
        work.flush()


def test_shoppers_here_and_there_at_once_never_get_more_than_there_is(
    work: Session, center: VendorCenterServer
) -> None:
    product = stocked(work, 12)
    synchronise()
    ended, troubles = threading.Event(), list[BaseException]()

    def here(number: int) -> int:
        outcome = shopper(product.id, number)
        if outcome == "sold_out":
            channel().give_back(product.id, now())
            outcome = shopper(product.id, number + 1000)
        return outcome == "placed"

    def there(_: int) -> int:
        time.sleep(0.005)
        return center.buy(product.sku) is not None

    def keep_up() -> None:
        while not ended.is_set():
            try:
                assert synchronise() == {}
            except BaseException as error:  # told by the test's own thread
                troubles.append(error)
                return

    syncing = threading.Thread(target=keep_up)
    syncing.start()
    with ThreadPoolExecutor(8) as many:
        ours = [many.submit(here, number) for number in range(14)]
        theirs = [many.submit(there, number) for number in range(14)]
        sold_here, sold_there = (sum(each.result(60) for each in side) for side in (ours, theirs))
    ended.set()
    syncing.join(60)
    assert synchronise() == {}
    assert troubles == []
    states = work.scalars(sa.select(ChannelOrder.state)).all()
    assert states == ["taken"] * sold_there, "an order there that we cannot keep has been sold twice"
    assert sold_here + sold_there <= 12
    assert available(work, product) == 12 - sold_here - sold_there
    assert center.products[product.sku]["stock"] <= available(work, product)


def test_a_rotated_token_is_stored_before_it_is_used(work: Session, center: VendorCenterServer) -> None:
    """The moment the answer is on its way, the old token is dead; what is used first is what is stored."""
    stored_when_used = []

    def look(method: str, path: str) -> None:
        if path == "/catalog/products":
            with database.session() as mine:
                stored_when_used.append(mine.scalars(sa.select(ChannelToken.refresh_token)).one())

    center.before = look
    for rotation in (1, 2):
        center.access.clear()
        work.execute(sa.update(ChannelToken).values(access_until=now() - timedelta(hours=1)))
        work.commit()
        Client(pause=0.01).get("/catalog/products")
        assert stored_when_used[-1] == f"refresh-{rotation}" == center.refresh_token


def test_processes_that_need_a_token_at_once_exchange_it_once(center: VendorCenterServer) -> None:
    with ThreadPoolExecutor(8) as many:
        got = set(many.map(lambda _: tokens.access_token(CHANNEL, center.url, "client"), range(8)))
    assert got == {"access-1"}
    assert center.spent == {"refresh-0"}


def test_a_token_that_was_exchanged_and_lost_is_told_clearly(work: Session, center: VendorCenterServer) -> None:
    def hang_up(method: str, path: str) -> None:
        if path == "/token":
            raise ConnectionError

    center.after = hang_up
    with pytest.raises(ChannelUnavailable):
        Client(pause=0.01).get("/orders")
    center.after = lambda method, path: None
    with pytest.raises(TokenLost, match=r"the answer was lost.*channels --token"):
        Client(pause=0.01).get("/orders")
    assert "answer was lost" in sync.run(now(), [channel()])[CHANNEL]
    tokens.give(CHANNEL, center.refresh_token)
    assert Client(pause=0.01).get("/catalog/brands")["brands"]


def test_a_token_whose_request_never_arrived_is_simply_asked_for_again(center: VendorCenterServer) -> None:
    def hang_up(method: str, path: str) -> None:
        raise ConnectionError

    center.before = hang_up
    with pytest.raises(ChannelUnavailable):
        Client(pause=0.01).get("/catalog/brands")
    center.before = lambda method, path: None
    assert Client(pause=0.01).get("/catalog/brands")["brands"]


def test_without_a_token_it_is_told_how_to_give_one(work: Session, center: VendorCenterServer) -> None:
    work.execute(sa.delete(ChannelToken))
    work.commit()
    with pytest.raises(TokenLost, match="none was ever given"):
        Client(pause=0.01).get("/orders")


def test_a_sync_that_could_not_be_ended_fails_for_whoever_started_it(
    work: Session, center: VendorCenterServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["channels", "--sync"]) == 0
    work.execute(sa.delete(ChannelToken))
    work.commit()
    assert main(["channels", "--sync"]) == 1
    assert "none was ever given" in capsys.readouterr().out


def test_an_access_token_that_ended_early_is_renewed_once(center: VendorCenterServer) -> None:
    client = Client(pause=0.01)
    client.get("/catalog/brands")
    center.access.clear()
    assert client.get("/catalog/brands")["brands"]
    assert len(center.spent) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_read_that_fails_is_asked_again_and_not_for_ever(center: VendorCenterServer, status: int) -> None:
    client = Client(pause=0.01)
    client.get("/catalog/brands")
    center.answers = [(status, {})] * 3
    assert client.get("/catalog/brands")["brands"]
    center.answers = [(status, {})] * 50
    with pytest.raises(ChannelUnavailable, match=str(status)):
        client.get("/catalog/brands")
    assert len(center.answers) == 45


def test_a_feed_whose_answer_is_lost_is_not_sent_again_by_itself(center: VendorCenterServer) -> None:
    client = Client(pause=0.01)
    client.get("/catalog/brands")
    center.answers = [(500, {})]
    with pytest.raises(ChannelUnavailable):
        client.send_feed("stock", [{"sellerSku": "x", "id": "y", "stock": 1}])
    assert [path for method, path in center.seen if method == "POST"] == ["/token", "/feeds/products/stock"]


def test_a_feed_that_is_wrong_as_a_whole_is_refused(center: VendorCenterServer) -> None:
    with pytest.raises(ChannelRefused, match="stock"):
        Client(pause=0.01).send_feed("stock", [{"sellerSku": "x", "id": "y"}])
    with pytest.raises(ValueError, match="1 to 1000"):
        Client(pause=0.01).send_feed("stock", [{}] * 1001)


def test_more_than_a_thousand_items_go_in_several_feeds(
    work: Session, center: VendorCenterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reseller.channels.jumia_vendor.MOST_ITEMS", 2)
    products = [stocked(work, 3) for _ in range(5)]
    assert synchronise() == {}
    sizes = [len(feed["items"]) for feed in center.feeds.values() if feed["kind"] == "create"]
    assert sizes == [2, 2, 1]
    assert [center.products[each.sku]["stock"] for each in products] == [2] * 5


def test_the_limits_are_kept_so_that_nothing_is_sent_too_fast(
    database_url: str, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both limits, at a fifth of their time."""
    limits = ((4, 0.2), (20, 2.0))
    monkeypatch.setattr(vendor_client, "PACE", Pace(limits))
    with VendorCenterServer(limits) as server:
        configure(VENDOR_CENTER_URL=server.url, VENDOR_CENTER_CLIENT_ID="client")
        tokens.give(CHANNEL, server.refresh_token)
        started = time.monotonic()
        with ThreadPoolExecutor(4) as many:
            list(many.map(lambda _: Client(pause=0.01).get("/catalog/brands"), range(24)))
        assert server.too_fast == 0
        assert time.monotonic() - started >= 2.0


def test_the_documented_limits_are_the_ones_that_are_kept() -> None:
    assert vendor_client.LIMITS == ((4, 1.0), (200, 60.0))
    assert vendor_client.MOST_ITEMS == 1000


POINTS = [
    ("dropped", "/token", 1),
    ("after", "/token", 1),
    ("before", "/feeds/products/create", 1),
    ("after", "/feeds/products/create", 1),
    ("after", "/feeds/feed-1", 2),
    ("before", "/feeds/products/stock", 1),
    ("after", "/feeds/products/stock", 1),
    ("after", "/orders", 2),
]
QUICK = """
from reseller.channels import vendor_client
vendor_client.PACE, vendor_client.PAUSE = vendor_client.Pace(((10_000, 1.0),)), 0.01
from reseller.__main__ import main
main(["channels", "--sync"])
"""


@pytest.mark.parametrize(("when", "path", "times"), POINTS)
def test_killed_at_any_point_it_neither_forgets_a_product_nor_lists_it_twice(
    work: Session, center: VendorCenterServer, product: shop.Product, when: str, path: str, times: int
) -> None:
    """SIGKILL while the request is at the server, before it is done, never done, or done and not answered.

    Then a shopper there buys what is shown, and another process goes on.
    """
    reached, release = threading.Event(), threading.Event()
    left = [times]

    def hold(method: str, at: str) -> None:
        if at == path and not reached.is_set():
            left[0] -= 1
            if left[0] == 0:
                reached.set()
                release.wait(60)
                if when == "dropped":
                    raise ConnectionError

    setattr(center, "after" if when == "after" else "before", hold)
    process = subprocess.Popen([sys.executable, "-c", QUICK], cwd=ROOT, stdout=subprocess.DEVNULL)
    assert reached.wait(60), "the point is never reached"
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    until(lambda: not idle_locks())
    release.set()
    if (when, path) == ("after", "/token"):
        assert "answer was lost" in synchronise()[CHANNEL]
        tokens.give(CHANNEL, center.refresh_token)
    center.buy(product.sku)
    assert synchronise() == {}
    assert synchronise() == {}
    created = [
        item["sellerSku"]
        for feed in center.feeds.values()
        for item in feed["results"]
        if feed["kind"] == "create" and item["status"] == "COMPLETED"
    ]
    assert created == [product.sku]
    sold = len(center.orders)
    assert work.scalars(sa.select(ChannelOrder.state)).all() == ["taken"] * sold
    assert available(work, product) == 5 - sold
    assert center.products[product.sku]["stock"] == row(work, product).shown == 4 - sold
    assert set(work.scalars(sa.select(ChannelAction.state))) <= {"done", "failed"}


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def idle_locks() -> int:
    """Connections that still hold a turn: the server notices a killed client a moment later."""
    query = (
        "select count(*) from pg_locks where locktype = 'advisory'"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    with database.session() as work:
        return int(work.scalar(sa.text(query)) or 0)
