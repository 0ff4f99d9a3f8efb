from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from scrapy.exceptions import UsageError
from scrapy.utils.project import get_project_settings

from config import ROOT
from crawlers.commands.extract import Command
from crawlers.pages.page import Found, Page
from crawlers.spiders.jumia import JumiaSpider
from pipelines.offer import Offer
from tests.crawlers.conftest import SCRAPY
from tests.crawlers.test_bad_pages import PRODUCT, listing


def extract(*arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [*SCRAPY, "extract", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, input=stdin, check=False)
    return subprocess.CompletedProcess(command, ended.returncode, ended.stdout.decode(), ended.stderr.decode())


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


def test_country_and_address_are_found_in_the_page(shared: Path) -> None:
    ended = extract("jumia", str(shared / "real" / "jumia" / "pages" / "ng-2025-10-category-groceries-fragment.html"))
    lines = ended.stdout.splitlines()
    assert len(lines) == 40
    assert json.loads(lines[0])["currency"] == "NGN"
    assert json.loads(lines[0])["url"].startswith("https://www.jumia.com.ng/")


def test_an_offer_is_printed_with_decimals_as_text_and_iso_times(shared: Path) -> None:
    page = shared / "real" / "jumia" / "pages" / "gh-2025-06-21-search-laptop-desktop.html"
    ended = extract("jumia", "-", stdin=page.read_bytes())
    first = json.loads(ended.stdout.splitlines()[0])
    assert list(first) == [field.name for field in fields(Offer)]
    assert (first["price"], first["old_price"], first["rating"], first["rating_count"]) == (
        "1643.00",
        "1898.93",
        "3.5",
        114,
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", first["observed_at"])
    assert (first["price_kind"], first["availability"], first["position"]) == ("fixed", "in_stock", 1)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--country", "ng"), "page/wrong_shop: "),
        (("--url", "https://www.jumia.co.ke/catalog/?q=laptop"), "page/wrong_shop: "),
    ],
)
def test_a_page_that_contradicts_what_is_said_of_it_ends_with_3(
    shared: Path, options: tuple[str, str], reason: str
) -> None:
    page = shared / "real" / "jumia" / "pages" / "gh-2025-06-21-search-laptop-desktop.html"
    ended = extract("jumia", str(page), *options)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith(reason)


def test_a_home_page_without_products_is_no_empty_list(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<html><body><div class="flyout"><a class="itm" href="/a/">A</a></div></body></html>')
    ended = extract("jumia", str(page), "--url", "https://www.jumia.com.ng/")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith("page/layout_changed: ")


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


def run(page: Path, url: str | None = None, country: str | None = None) -> int:
    """The command in this process."""
    command = Command()
    command.settings = get_project_settings()
    command.run(["jumia", str(page)], argparse.Namespace(url=url, country=country))
    return command.exitcode


def test_a_page_with_half_a_character_and_endless_counts_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    odd = {"displayName": "Casque HALF", "rating": {"average": 4.1, "totalRatings": 2**70}}
    page.write_text(listing(PRODUCT | odd, PRODUCT).replace("HALF", r"\ud83d"))
    assert run(page) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["title"], first["rating_count"]) == ("Casque \ufffd", None)
    assert (second["title"], second["rating_count"]) == ("Oraimo Casque", 41)


def test_an_address_that_is_none_ends_with_2(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(listing(PRODUCT))
    ended = extract("jumia", str(page), "--url", "https://[bad/")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--url: 'https://[bad/' is no address" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["https://www.jumia.ma:port/", "www.jumia.ma", "", "https://", "file:///a.html"])
def test_what_is_no_address_of_a_page_is_refused_before_the_file_is_read(url: str) -> None:
    with pytest.raises(UsageError, match="--url: "):
        run(Path("/nonexistent"), url=url)


@pytest.mark.parametrize("country", ["Maroc", "", "m", "m1"])
def test_what_is_no_country_is_refused_before_the_file_is_read(country: str) -> None:
    with pytest.raises(UsageError, match="--country: "):
        run(Path("/nonexistent"), country=country)


@pytest.mark.parametrize(
    ("country", "code", "said"),
    [
        ("DZ", 0, ""),
        (" dz", 0, ""),
        ("MA", 3, "page/wrong_shop: what is given and the page name two shops: ma and dz\n"),
        ("zz", 3, "page/unknown_shop: there is no shop of zz\n"),
    ],
)
def test_a_country_may_be_written_in_capitals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], country: str, code: int, said: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text(listing(PRODUCT) if country != "zz" else "<html></html>")
    assert run(page, country=country) == code
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (1 if code == 0 else 0, said)


def test_what_nobody_thought_of_ends_with_3_and_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(page: Page) -> Found:
        raise RuntimeError("a mistake of ours \ud83d")

    monkeypatch.setattr(JumiaSpider, "parse_page", staticmethod(broken))
    saved = tmp_path / "page.html"
    saved.write_text(listing(PRODUCT))
    assert run(saved) == 3
    assert capsys.readouterr() == ("", "page/unexpected: RuntimeError: a mistake of ours ?\n")
