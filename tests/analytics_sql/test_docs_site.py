"""The page that `make docs` makes of the project, by the real dbt, in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import config
from tests.analytics_sql.conftest import Dbt

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def make_page(page: Path) -> str:
    """`python -m analytics_sql.docs_site --to PAGE`: what it says."""
    command = [sys.executable, "-m", "analytics_sql.docs_site", "--to", str(page)]
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def page(dbt_target: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The page of a machine where no mart was built and no database answers, and what was said of it."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(folder / "data"))
        patch.setenv("DBT_TARGET_PATH", str(dbt_target))
        patch.setenv("DBT_LOG_PATH", str(folder))
        patch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")
        return folder / "index.html", make_page(folder / "index.html")


def test_where_no_mart_is_built_the_page_is_made_without_a_database_and_says_so(page: tuple[Path, str]) -> None:
    file, said = page
    assert file.as_uri() in said
    assert "the marts are not built in" in said
    assert not (file.parent / "data").exists()


def test_the_page_names_no_address_to_load_from(page: tuple[Path, str]) -> None:
    text = page[0].read_text()
    assert "cloudfront" not in text
    assert re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//[^>]*", text) == []
    assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import", text) == []
    assert text.index("Content-Security-Policy") < text.index("<script")


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
def test_a_browser_shows_models_exposures_and_lineage_and_asks_nobody(page: tuple[Path, str]) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    broken: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: broken.append(str(error)))
        tab.goto(page[0].as_uri())
        tab.get_by_role("heading", name="Hanout's marts").wait_for()
        tab.goto(page[0].as_uri() + "#!/model/model.hanout.current_offers")
        tab.get_by_text("One row per listing, with what is last known of it").first.wait_for()
        tab.get_by_text("first picture of the listing").first.wait_for()
        tab.goto(page[0].as_uri() + "#!/exposure/exposure.hanout.storefront")
        tab.get_by_text("Home page, search, product pages").first.wait_for()
        assert set(tab.locator("a", has_text="trending_products").all_inner_texts())
        tab.locator(".launcher, .btn-launch, [ng-click*='onLauncherClick']").first.click()
        tab.locator("canvas").first.wait_for()
        browser.close()
    assert broken == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_where_marts_are_built_the_page_has_the_columns_that_stand_in_the_database(dbt: Dbt, tmp_path: Path) -> None:
    dbt("run", "--select", "stg_crawls")
    said = make_page(tmp_path / "index.html")
    assert re.search(r"with the columns of \d+ tables as they stand in the database", said)
    text = (tmp_path / "index.html").read_text()
    assert '"type": "TIMESTAMP WITH TIME ZONE", "index": 9, "name": "served_at"' in text
