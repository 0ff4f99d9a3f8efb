"""Whole crawls of a small Ouedkniss: it stops where nothing is new, misses nothing, and asks for details on demand."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.crawlers import forked_crawls
from tests.crawlers.conftest import JSON, Answer, Shop

Crawl = Callable[..., int | None]


def ad(number: int, **values: Any) -> dict[str, Any]:
    made = {"id": str(number), "title": f"Téléphone {number}", "slug": f"telephone-{number}", "price": 1000 + number}
    return made | {"createdAt": "2026-05-01T08:00:00.000Z"} | values


def answered(document: dict[str, Any], status: int = 200) -> Answer:
    return Answer(json.dumps(document).encode(), status, dict(JSON))


def page(*ads: dict[str, Any], more: bool = True, **envelope: Any) -> Answer:
    announcements = {"data": ads, "paginatorInfo": {"hasMorePages": more, "lastPage": 9, "total": 99}}
    return answered({"data": {"search": {"announcements": announcements}}} | envelope)


def detail(made: dict[str, Any] | None, **envelope: Any) -> Answer:
    return answered({"data": {"announcement": made}} | envelope)


def fill(shop: Shop, pages: int = 3, category: str = "telephones") -> None:
    """Pages of two ads each: 11 12, 21 22, 31 32."""
    for number in range(1, pages + 1):
        two = [ad(10 * number + place) for place in (1, 2)]
        shop[f"/graphql/{category}/{number}"] = page(*two, more=number < pages)


def asked(shop: Shop) -> list[str]:
    """What was asked for since the last call, robots.txt aside."""
    paths = [path.removeprefix("/graphql/") for path in shop.asked if path != "/robots.txt"]
    shop.asked.clear()
    return paths


def rows(work: Session, query: str) -> list[Any]:
    work.rollback()
    return [tuple(row) for row in work.execute(sa.text(query))]


def last_crawl(work: Session) -> Any:
    return rows(work, "select state, complete, stats ->> 'cut', offers from market.crawl order by id desc limit 1")[0]


EVERYTHING = ["telephones/1", "telephones/2", "telephones/3"]
STOPPED = "all known and unchanged"


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[forked_crawls.Crawls]:
    with forked_crawls.started(tmp_path_factory.mktemp("crawls") / "log") as parent:
        yield parent


@pytest.fixture
def crawl(
    crawls: forked_crawls.Crawls, work: Session, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Crawl:
    """`crawl(category="x")`: a process that crawls this test's shop into its database; its exit code."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(**arguments: Any) -> int | None:
        given = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        ended = crawls.run(forked_crawls.Crawl(arguments=["ouedkniss", *given], environment=dict(os.environ)))
        return ended.code

    return run


def test_a_crawl_stops_at_the_first_page_that_is_all_known_and_unchanged_and_once_a_day_walks_to_the_end(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    fill(shop)
    assert crawl(category="telephones") == 0
    assert asked(shop) == EVERYTHING
    assert last_crawl(work) == ("finished", True, None, 6)

    shop.market_time = "2026-05-01T18:00:00Z"
    assert crawl(category="telephones") == 0
    assert asked(shop) == ["telephones/1"]
    assert last_crawl(work) == ("finished", False, STOPPED, 2)

    shop.market_time = "2026-05-01T20:00:00Z"
    new = ad(99, createdAt="2026-05-01T19:00:00.000Z")
    shop["/graphql/telephones/1"] = page(new, ad(11))
    shop["/graphql/telephones/2"] = page(ad(12), ad(21))
    shop["/graphql/telephones/3"] = page(ad(22, price=5), ad(31), more=False)
    assert crawl(category="telephones") == 0
    assert asked(shop) == ["telephones/1", "telephones/2"], "page 1 had a new ad, page 2 none"

    shop.market_time = "2026-05-02T12:00:01Z"
    assert crawl(category="telephones") == 0
    assert asked(shop) == EVERYTHING, "the last walk to the end is more than 24 hours old"
    assert last_crawl(work) == ("finished", True, None, 6)
    assert rows(
        work,
        "select price from market.observation join market.listing on listing.id = listing_id where external_id = '22' "
        "order by 1",
    ) == [(5,), (1022,)]


def test_what_a_killed_crawl_left_out_is_fetched_by_the_next_which_walks_to_the_end(
    shop: Shop, crawl: Crawl, work: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(shop)
    monkeypatch.setenv("STORE_BATCH_SIZE", "1")
    crawl(category="telephones", incremental=0)
    undisturbed = rows(work, "select external_id, price, observed_at from market.observation join market.listing l "
                             "on l.id = listing_id order by 1")  # fmt: skip
    work.execute(sa.text("truncate market.crawl, market.listing, market.observation, market.stored_batch cascade"))
    work.commit()
    shop.asked.clear()

    killed: list[int] = []

    def kill_at_the_second_page(path: str) -> None:
        if path == "/graphql/telephones/2" and not killed:
            deadline = time.monotonic() + 20
            while rows(work, "select count(*) from market.listing") != [(2,)] and time.monotonic() < deadline:
                time.sleep(0.05)
            killed.append(rows(work, "select (stats ->> 'pid')::integer from market.crawl")[0][0])
            os.kill(killed[0], signal.SIGKILL)

    shop.before_answer = kill_at_the_second_page
    assert crawl(category="telephones") is None
    assert rows(work, "select count(*) from market.listing") == [(2,)]
    asked(shop)
    assert crawl(category="telephones") == 0
    assert asked(shop) == EVERYTHING, "page 1 is known, but the crawl that knew it left the others out"
    assert rows(work, "select external_id, price, observed_at from market.observation join market.listing l "
                      "on l.id = listing_id order by 1") == undisturbed  # fmt: skip
    assert crawl(category="telephones") == 0
    assert asked(shop) == ["telephones/1"]


def test_after_a_page_that_could_not_be_used_the_next_crawl_walks_on_also_past_what_is_known(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    fill(shop)
    good = shop.answers["/graphql/telephones/2"]
    shop["/graphql/telephones/2"] = answered({"errors": [{"message": "Server Error"}], "data": None})
    assert crawl(category="telephones") == 0
    assert asked(shop) == ["telephones/1", "telephones/2"]
    shop.answers["/graphql/telephones/2"] = good
    assert crawl(category="telephones") == 0
    assert asked(shop) == EVERYTHING
    assert rows(work, "select count(*) from market.listing") == [(6,)]


def test_pages_that_repeat_for_ever_and_pages_that_vanish_end(shop: Shop, crawl: Crawl, work: Session) -> None:
    for number in range(1, 40):
        shop[f"/graphql/endless/{number}"] = page(ad(1), ad(2))
    shop["/graphql/shrinking/1"] = page(ad(11))
    shop["/graphql/shrinking/2"] = page(ad(12))
    shop["/graphql/shrinking/3"] = page(more=False)
    shop["/graphql/shifting/1"] = page(ad(21), ad(22))
    shop["/graphql/shifting/2"] = page(ad(21), ad(22))
    shop["/graphql/shifting/3"] = page(ad(23), more=False)
    shop["/graphql/partial/1"] = page(
        ad(31),
        ad(32, price=None),
        more=False,
        errors=[{"message": "no price", "path": ["search", "announcements", "data", 1, "price"]}],
    )
    busy = Answer(b"slow down", 429, {"Retry-After": "0"})
    shop["/graphql/busy/1"] = [busy, page(ad(41), more=False)]
    assert crawl(category="endless,shrinking,shifting,partial,busy") == 0
    paths = asked(shop)
    assert sorted(path for path in paths if path.startswith("endless")) == ["endless/1", "endless/2", "endless/3"]
    assert "shifting/3" in paths, "one page that repeats is a list that moved while it was read"
    seen = rows(work, "select array_agg(external_id order by external_id) from market.listing")
    assert seen == [(["1", "11", "12", "2", "21", "22", "23", "31", "41"],)]
    assert rows(work, "select stats ->> 'cut', complete from market.crawl") == [("pages repeat", False)]
    ((reason,),) = rows(work, "select reason from market.rejected_item")
    assert reason.startswith("offer/unreadable")


def test_details_are_asked_for_on_demand_and_make_one_offer_with_what_the_search_said(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    shop["/graphql/telephones/1"] = page(ad(1, likeCount=7), ad(2), ad(3), ad(4), more=False)
    long = "Écran changé, batterie neuve, tél 0555 12 34 56"
    shop["/graphql/ad/1"] = detail(ad(1, description=long, medias=[{"mediaUrl": "https://cdn.example/b.jpg"}]))
    shop["/graphql/ad/2"] = detail(None, errors=[{"message": "Announcement not found"}])
    shop["/graphql/ad/3"] = Answer(b"<html>Maintenance</html>", 503)
    shop["/graphql/ad/4"] = detail(ad(4, status="SOLD"))
    crawl(category="telephones", detail=1)
    kept = rows(work, "select external_id, attributes ->> 'description', image_urls, likes from market.listing "
                      "left join market.observation o on o.listing_id = listing.id order by 1")  # fmt: skip
    assert kept == [
        ("1", "Écran changé, batterie neuve, tél […]", ["https://cdn.example/b.jpg"], 7),
        ("3", None, [], None),
    ]
    stats, reason = rows(work, "select stats, reason from market.crawl")[0]
    assert (stats["detail/asked"], stats["detail/failed"]) == (4, 1)
    assert (stats["page/read"], stats["page/listing"], stats["page/listing_offers"]) == (5, 1, 4)
    assert "announcementDetails=3" in reason
    shop["/graphql/ad/3"] = detail(ad(3))
    shop.market_time = "2026-05-01T13:00:00Z"
    shop["/graphql/telephones/1"] = page(ad(1, price=900, likeCount=7), ad(3), more=False)
    asked(shop)
    assert crawl(category="telephones", detail=1) == 0
    assert asked(shop) == ["telephones/1", "ad/1"], "ad 3 is as it was"


def test_single_ads_are_read_by_id_or_address_and_one_that_is_no_more_is_out_of_stock(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    shop["/graphql/ad/7"] = detail(ad(7))
    shop["/graphql/ad/8"] = detail(ad(8))
    address = "https://www.ouedkniss.com/telephones-iphone-13-alger-algerie-d8?lang=fr"
    assert crawl(ad=f"7,{address}") == 0
    assert sorted(asked(shop)) == ["ad/7", "ad/8"]
    shop["/graphql/ad/8"] = detail(None)
    shop.market_time = "2026-05-01T18:00:00Z"
    assert crawl(ad="7,8") == 0
    latest = rows(
        work,
        "select distinct on (external_id) external_id, price, availability, stock_left from market.observation "
        "join market.listing on listing.id = listing_id order by external_id, observed_at desc",
    )
    assert latest == [("7", 1007, "unknown", None), ("8", None, "out_of_stock", 0)]
