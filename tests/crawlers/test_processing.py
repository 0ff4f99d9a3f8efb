"""Items at less cost: what users of Scrapy rely on stays as they know it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from scrapy.utils.project import get_project_settings
from sqlalchemy.orm import Session

from config import ROOT
from pipelines.offer import Offer
from tests.crawlers.conftest import SCRAPY, Shop
from tests.crawlers.test_bad_crawls import listing, product

PIPELINES = """
from scrapy.exceptions import DropItem

class Late:
    async def process_item(self, item):
        item.title += ", read twice"
        return item

class Picky:
    def process_item(self, item):
        if item.external_id.startswith("AB002"):
            raise DropItem("not this one")
        if item.external_id.startswith("AB003"):
            raise ZeroDivisionError
        return item

class Old:
    def process_item(self, item, spider):
        item.brand = spider.name
        return item
"""

FRAIL = """
class Frail:
    def process_item(self, item):
        return item if getattr(item, "title", "") != "Casque 3" else 1 / 0
"""


def scrapy(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*SCRAPY, "crawl", "jumia", "-a", "category=x", "-O", f"{folder / 'offers.csv'}", *options]
    inside = os.environ | {"DATA_DIR": str(folder / "data"), "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=inside, capture_output=True, text=True, timeout=120, check=False)


def exported(folder: Path) -> list[dict[str, str]]:
    with (folder / "offers.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def _served(shop: Shop, work: Session) -> None:
    shop["/x/"] = listing(*[product(number) for number in range(1, 5)])


def stats(work: Session) -> dict[str, Any]:
    work.rollback()
    return dict(work.scalar(sa.text("select stats from market.crawl")))


def test_a_feed_has_one_line_an_offer_and_the_stats_count_them(tmp_path: Path, work: Session) -> None:
    ended = scrapy(tmp_path)
    assert ended.returncode == 0, ended.stderr
    lines = exported(tmp_path)
    assert list(lines[0]) == [field.name for field in fields(Offer)]
    assert [line["title"] for line in lines] == ["Casque 1", "Casque 2", "Casque 3", "Casque 4"]
    assert stats(work)["item_scraped_count"] == 4
    assert "Scraped from" not in ended.stderr


def test_items_are_described_at_level_debug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    assert scrapy(tmp_path).stderr.count("Scraped from") == 4


@pytest.mark.parametrize("old", [False, True])
def test_pipelines_of_every_kind_are_called_and_may_drop_or_fail(tmp_path: Path, work: Session, old: bool) -> None:
    (tmp_path / "extra.py").write_text(PIPELINES)
    chosen = {"extra.Late": 50, "extra.Picky": 60} | ({"extra.Old": 70} if old else {})
    ended = scrapy(tmp_path, "-s", f"ITEM_PIPELINES={chosen}".replace("'", '"'))
    lines = exported(tmp_path)
    assert [line["title"] for line in lines] == ["Casque 1, read twice", "Casque 4, read twice"]
    assert {line["brand"] for line in lines} == {"jumia" if old else "Oraimo"}
    assert "Dropped: not this one" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr
    assert "'item_scraped_count': 2" in ended.stderr
    assert "'item_dropped_count': 1" in ended.stderr


def test_an_offer_that_makes_a_pipeline_fail_is_kept_as_a_reject(tmp_path: Path, work: Session) -> None:
    (tmp_path / "extra.py").write_text(FRAIL)
    ours = dict(get_project_settings().getdict("ITEM_PIPELINES"))
    ended = scrapy(tmp_path, "-s", f"ITEM_PIPELINES={json.dumps(ours | {'extra.Frail': 250})}")
    assert ended.returncode == 0, ended.stderr
    ((reason, title),) = work.execute(sa.text("select reason, raw ->> 'title' from market.rejected_item")).all()
    assert (reason, title) == ("offer/unexpected: ZeroDivisionError: division by zero", "Casque 3")
    assert stats(work)["offer/unexpected"] == 1
    assert "ZeroDivisionError" in ended.stderr
    assert [line["title"] for line in exported(tmp_path)] == ["Casque 1", "Casque 2", "Casque 4"]
