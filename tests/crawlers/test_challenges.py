"""Shops that want proof of a person: recognised, not hammered, passed by a browser if the settings say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crawlers.challenges import is_challenge
from crawlers.pages import schema_org
from crawlers.pages.errors import ChallengePage
from crawlers.pages.page import refuse_challenge
from tests.crawlers.conftest import HTML, Answer, Crawl, Shop
from tests.crawlers.demo_shop import DemoShop, demo_shop
from tests.crawlers.test_bad_crawls import listing, product
from tests.crawlers.test_schema_org import html, page
from tests.crawlers.test_schema_org import product as shop_product

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
MOMENT = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>x</body></html>"
CAPTCHA = b'<html><head><title>Robot check</title></head><body><div class="g-recaptcha"></div></body></html>'


@pytest.mark.parametrize(
    ("status", "mitigated", "body"),
    [
        (403, False, MOMENT),
        (503, False, MOMENT),
        (429, False, b"<html><script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script></html>"),
        (403, True, b""),
        (200, False, CAPTCHA),
        (200, False, b"<html><title>Pardon Our Interruption</title></html>"),
        (200, False, "<html><title> Un instant\u2026 </title></html>".encode()),
        (200, False, b"<html><script>window._cf_chl_opt={};</script></html>"),
        (200, True, b"<html><title>Casque</title></html>"),
    ],
)
def test_a_challenge_is_recognised_whatever_its_status(status: int, mitigated: bool, body: bytes) -> None:
    assert is_challenge(status, mitigated, body)


WIDGETS = (
    b'<div class="g-recaptcha" data-sitekey="x"></div>',
    b'<div class="h-captcha"></div>',
    b'<div class="cf-turnstile"></div>',
    b"<script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>",
)


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_page_that_is_there_and_has_a_captcha_in_a_form_is_no_challenge(widget: bytes) -> None:
    body = b"<!doctype html><html><head><title>Casque</title></head><body><form>" + widget + b"</form></body></html>"
    assert not is_challenge(200, False, body)
    assert not is_challenge(404, False, body)
    assert is_challenge(403, False, body)
    whole = html(shop_product(), body=f"<h1>Casque Bluetooth</h1><form>{widget.decode()}</form>").encode()
    assert not is_challenge(200, False, whole)
    assert len(schema_org.parse(page(whole), "tracked").offers) == 1


@pytest.mark.parametrize("title", ["Un instant dans le vent", "Just a moment, a novel", "Access denied: the game"])
def test_a_product_named_like_a_challenge_is_none(title: str) -> None:
    assert not is_challenge(200, False, f"<html><head><title>{title}</title></head></html>".encode())


def test_a_saved_page_and_an_answer_are_judged_alike() -> None:
    for body in (MOMENT, CAPTCHA, b"<!doctype html><html><title>Access denied</title></html>"):
        assert is_challenge(200, False, body)
        with pytest.raises(ChallengePage):
            refuse_challenge(page(body))
    with pytest.raises(ChallengePage):
        refuse_challenge(page(b"<html>" + WIDGETS[0] + b"</html>", status=403))


@pytest.mark.parametrize("status", [200, 403, 503])
def test_no_real_page_is_taken_for_a_challenge(shared: Path, status: int) -> None:
    pages = sorted((shared / "real/jumia/pages").glob("*.html"))
    assert pages
    assert [page.name for page in pages if is_challenge(status, False, page.read_bytes())] == []


def test_a_refusal_that_is_no_challenge_is_not_taken_for_one() -> None:
    assert not is_challenge(403, False, b"<html><title>403 Forbidden</title></html>")
    assert not is_challenge(200, False, listing(product(1)).encode())


def ended(work: Session) -> tuple[str, str]:
    work.rollback()
    ((state, reason),) = work.execute(sa.text("select state, reason from market.crawl"))
    return state, reason


@pytest.mark.parametrize(
    "answer",
    [Answer(MOMENT, 503), Answer(b"{}", 403, {**HTML, "cf-mitigated": "challenge"})],
    ids=["page", "header"],
)
def test_a_challenge_ends_the_crawl_at_once_and_is_told(
    shop: Shop, crawl: Crawl, work: Session, answer: Answer
) -> None:
    shop["/a/"] = listing(product(1), following="/a/?page=2")
    shop["/a/?page=2"] = answer
    assert crawl("jumia", category="a").returncode == 1
    assert shop.asked == ["/robots.txt", "/a/", "/a/?page=2"]
    state, reason = ended(work)
    assert state == "failed"
    assert reason.startswith("stopped early: page/challenge: the shop answered")
    assert "set BROWSER=1" in reason
    kept = work.execute(sa.text("select split_part(reason, ':', 1), url from market.rejected_item")).all()
    assert [tuple(row) for row in kept] == [("page/challenge", f"http://127.0.0.1:{shop.port}/a/?page=2")]
    assert work.execute(sa.text("select count(*) from market.listing")).scalar() == 1


def test_a_shop_that_challenges_is_not_asked_for_the_rest_of_its_menu(shop: Shop, crawl: Crawl, work: Session) -> None:
    names = [f"c{number}" for number in range(60)]
    menu = "".join(f'<a class="itm" href="/{name}/"></a>' for name in names)
    shop["/"] = f'<!doctype html><html><body><div class="flyout">{menu}</div></body></html>'
    for name in names:
        shop[f"/{name}/"] = Answer(MOMENT, 403)
    assert crawl("jumia", max_pages=100).returncode == 1
    assert len(shop.asked) <= 2 + 8  # robots.txt, the menu, and what was under way: CONCURRENT_REQUESTS
    assert "page/challenge" in ended(work)[1]
    assert "page/no_response" not in ended(work)[1]


def test_a_challenge_of_an_api_ends_its_crawl_too(shop: Shop, crawl: Crawl, work: Session) -> None:
    for number in range(1, 10):
        shop[f"/graphql/telephones/{number}"] = Answer(MOMENT, 403)
    assert crawl("ouedkniss", category="telephones,informatique", max_pages=4).returncode == 1
    assert len(shop.asked) <= 1 + 2
    assert ended(work)[1].startswith("stopped early: page/challenge: the shop answered 403")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "1")
    monkeypatch.setenv("BROWSER_PATH", str(CHROMIUM))


@needs_chromium
def test_a_challenge_that_the_browser_does_not_pass_ends_the_crawl_and_the_browser_is_honest(
    shop: Shop, crawl: Crawl, work: Session, browser: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_SECONDS", "2")
    shop["/a/"] = Answer(MOMENT, 403)
    assert crawl("jumia", category="a").returncode == 1
    assert shop.asked == ["/robots.txt", "/a/", "/a/"]
    assert [agent for agent in shop.agents if not agent.startswith("Hanout/")] == []
    assert "a browser did not pass it" in ended(work)[1]


@pytest.fixture
def wary_market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoShop]:
    with demo_shop(tmp_path / "market") as started:
        monkeypatch.setenv("MARKETS", "demo")
        monkeypatch.setenv("DEMO_JUMIA_PORT", started.port)
        started.put("faults", challenge=True, passable=True, times=10_000)
        yield started


@needs_chromium
def test_a_challenge_that_a_browser_passes_costs_no_offer(
    wary_market: DemoShop, crawl: Crawl, work: Session, browser: None
) -> None:
    assert crawl("jumia", max_pages=30).returncode == 0
    through_browser = work.execute(sa.text("select count(*), min(price) > 0 from market.observation")).one()
    stats = work.execute(sa.text("select stats from market.crawl")).scalar_one()
    assert stats["playwright/page_count"] == stats["playwright/page_count/closed"] == 22
    assert stats["playwright/request_count/navigation"] == 23  # the challenge once, then its cookie
    assert stats["robotstxt/request_count"] == 1
    assert stats["page/challenged"] == 2  # robots.txt, which is asked for without the browser, and the first page
    assert set(stats) & {"playwright/response_count/resource_type/image", "retry/count"} == set()
    work.execute(sa.text("truncate market.observation, market.listing, market.stored_batch, market.crawl cascade"))
    work.commit()
    wary_market.reset()
    assert crawl("jumia", max_pages=30).returncode == 0
    plain = work.execute(sa.text("select count(*), min(price) > 0 from market.observation")).one()
    assert tuple(through_browser) == tuple(plain)
    assert plain[0] > 600
