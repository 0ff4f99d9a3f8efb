"""A crawl that brings less than usual ends as failed, and a person can try its page at once."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import ROOT
from tests.crawlers.conftest import JSON, SCRAPY, Answer, Crawl, Shop
from tests.crawlers.test_bad_crawls import ad, ads, listing, product, rows


@pytest.fixture(autouse=True)
def _migrated(work: Session) -> None:
    """Each test has its own database."""


def repeat_crawls(work: Session, times: int) -> None:
    """As if the crawl that ran had run so often before, a day apart."""
    work.rollback()
    columns = "spider, marketplace, country, markets, arguments, state, pages, offers, coverage, complete"
    query = f"""
        insert into market.crawl ({columns}, stats, started_at, finished_at)
        select {columns}, stats || jsonb_build_object('run', day), started_at - day * interval '1 day', finished_at
        from market.crawl cross join generate_series(1, {times}) as day
    """
    work.execute(sa.text(query))
    work.commit()


def last_crawl(work: Session, columns: str = "state, reason") -> tuple[Any, ...]:
    return tuple(rows(work, f"select {columns} from market.crawl order by started_at desc limit 1")[0])


def extract(reason: str) -> subprocess.CompletedProcess[str]:
    """Runs the command that the reason names, as a person would copy it."""
    command = shlex.split(reason.split("see the page: ")[1])
    assert command[:2] == ["scrapy", "extract"]
    return subprocess.run([*SCRAPY, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "data" / "pages").glob("*"))


def test_a_field_that_falls_silent_fails_the_crawl_and_its_page_is_kept_for_extract(
    shop: Shop, crawl: Crawl, work: Session, tmp_path: Path
) -> None:
    shop["/telephones/"] = listing(*[product(number) for number in range(1, 41)])
    assert crawl("jumia", category="telephones").returncode == 0
    state, reason, complete, coverage = last_crawl(work, "state, reason, complete, coverage")
    assert (state, reason, complete, coverage["rating"], coverage["stock_left"]) == ("finished", None, True, 1.0, 0.0)
    assert kept(tmp_path) == []
    repeat_crawls(work, 2)

    unrated = [product(number, rating={"average": 0, "totalRatings": 0}) for number in range(1, 41)]
    shop["/telephones/"] = listing(*unrated, text="<p>Appelez le 0550 12 34 56</p>")
    assert crawl("jumia", category="telephones").returncode == 1
    state, reason, complete, pages, offers = last_crawl(work, "state, reason, complete, pages, offers")
    assert (state, complete, pages, offers) == ("failed", False, 1, 40)
    assert reason.startswith("layout changed? rating in 0% of the offers where 100% were usual")
    (page,) = kept(tmp_path)
    assert b"0550" not in page.read_bytes()
    ended = extract(reason)
    offers_read = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (ended.returncode, len(offers_read)) == (0, 40)
    assert {offer["rating"] for offer in offers_read} == {None}
    assert offers_read[0]["external_id"] == product(1)["sku"]


def test_a_page_that_is_not_understood_is_kept_and_extract_says_the_same(
    shop: Shop, crawl: Crawl, work: Session, tmp_path: Path
) -> None:
    shop["/telephones/"] = b"<html><body><main>redesigned</main></body></html>"
    assert crawl("jumia", category="telephones").returncode == 1
    state, reason = last_crawl(work)
    assert state == "failed"
    assert "page/layout_changed" in reason
    ended = extract(reason)
    assert ended.returncode == 3
    assert ended.stderr.startswith("page/layout_changed: ")


def test_an_answer_of_an_api_is_kept_without_persons(shop: Shop, crawl: Crawl, work: Session, tmp_path: Path) -> None:
    answer = ads(ad(1, description="tel 0661 23 45 67", user={"displayName": "Rezak Bensalem"}), more=True)
    shop["/graphql/telephones/1"] = answer
    broken = {"errors": [{"message": "down, write to ali@mail.dz"}], "data": None, "user": {"displayName": "Rezak"}}
    shop["/graphql/informatique/1"] = Answer(json.dumps(broken).encode(), headers=dict(JSON))
    assert crawl("ouedkniss", category="telephones,informatique", max_pages=2).returncode == 1
    (page,) = kept(tmp_path)
    assert page.suffix == ".json"
    for secret in (b"Rezak", b"ali@mail", b"0661"):
        assert secret not in page.read_bytes()
    ended = extract(last_crawl(work)[1])
    assert ended.returncode == 3
    assert ended.stderr.startswith("page/api_errors: ")
