from __future__ import annotations

import json
import os
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from config import ROOT
from pipelines.offer import Offer
from tests.crawlers.conftest import SCRAPY


def extract(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*SCRAPY, "extract", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)


def test_the_offers_of_a_saved_page_are_printed_as_json_lines(shared: Path) -> None:
    pages = shared / "real" / "jumia" / "pages"
    ended = extract("jumia", str(pages / "ma-2026-04-search-laptop-desktop-fr.html"))
    offers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0
    assert len(offers) == 40
    assert set(offers[0]) == {field.name for field in fields(Offer)}
    assert (offers[0]["external_id"], offers[0]["price"], offers[0]["currency"]) == (
        "DE014CL0UG48INAFAMZ",
        "5500.00",
        "MAD",
    )


@pytest.mark.parametrize(
    ("name", "count"),
    [("ng-2025-10-category-groceries-fragment.html", 40), ("ng-2026-02-product-five-left.html", 1)],
)
def test_country_and_address_are_found_in_the_page(shared: Path, name: str, count: int) -> None:
    ended = extract("jumia", str(shared / "real" / "jumia" / "pages" / name))
    lines = ended.stdout.splitlines()
    assert len(lines) == count
    assert json.loads(lines[0])["currency"] == "NGN"
    assert json.loads(lines[0])["url"].startswith("https://www.jumia.com.ng/")


def test_ouedkniss_responses_are_read_too(shared: Path) -> None:
    ended = extract("ouedkniss", str(shared / "real" / "ouedkniss" / "search-response-2026-08-18.json"))
    assert len(ended.stdout.splitlines()) == 3


def test_a_page_that_is_not_understood_ends_with_3_and_the_reason(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body>nothing known</body></html>")
    ended = extract("jumia", str(page), "--country", "dz", "--url", "https://www.jumia.com.dz/telephones/")
    assert ended.returncode == 3
    assert ended.stdout == ""
    assert ended.stderr.startswith("page/layout_changed: ")


def test_a_page_without_a_country_asks_for_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html></html>")
    ended = extract("jumia", str(page))
    assert ended.returncode == 3
    assert "--country" in ended.stdout + ended.stderr
