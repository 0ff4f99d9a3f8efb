from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from database.agent import MODES, Proposal
from reseller import control
from tests.webapp import working_day
from tests.webapp.working_day import OWNER, PASSWORD, Day

pytestmark = pytest.mark.browser
PAGES = (
    "/console/?",
    "/console/trends?",
    "/console/proposals?",
    "/console/proposals/{proposal}?",
    "/console/purchases?",
    "/console/purchases/{purchase}?",
    "/console/stock?",
    "/console/stock/{product}?",
    "/console/crawls?",
    "/console/crawls/{crawl}?",
    "/console/settings?",
    "/api/docs?",
)


@pytest.fixture
def day(work: Session) -> Day:
    return working_day.begin(work)


def enter(visit: Any, path: str, width: int = 1280, **options: Any) -> Any:
    """Signs in through the form, then goes to `path`."""
    page = visit("/console/sign-in?lang=en", width=width, **options)
    page.fill("[name=email]", OWNER)
    page.fill("[name=password]", PASSWORD)
    page.click("form.door__form button")
    page.wait_for_url("**/console/")
    page.wait_for_load_state("networkidle")
    page.goto(page.url.replace("/console/", path))
    page.wait_for_load_state("networkidle")
    return page


def states() -> dict[int, str]:
    with database.session() as work:
        return dict(work.execute(sa.select(Proposal.id, Proposal.state)).tuples().all())


def buy_one(work: Session, day: Day) -> tuple[int, int]:
    """A purchase received by hand: ids of order and product."""
    from reseller import proposals, purchasing

    order = proposals.approve(work, day.proposals[-1], who=OWNER, reason="", now=day.now)
    work.commit()
    purchasing.place(order.id, day.now)
    purchasing.mark_ordered(work, order.id, "300481", who=OWNER, now=day.now)
    purchasing.receive(work, order.id, who=OWNER, now=day.now)
    work.commit()
    return order.id, work.scalars(sa.text("select id from shop.product")).one()


def test_a_proposal_is_found_with_j_and_approved_with_a_and_enter(visit: Any, day: Day, complaints: list[str]) -> None:
    page = enter(visit, "/console/proposals")
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = int(page.evaluate("document.activeElement.href.split('/').pop()"))
    page.keyboard.press("a")
    assert "Reserves" in page.inner_text("#confirm")
    assert states()[chosen] == "proposed", "the key alone moves no money"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Approved." in page.inner_text(".toasts")
    assert states()[chosen] == "approved"
    assert list(states().values()).count("approved") == 1
    assert complaints == []


def test_r_asks_for_the_reason_and_keeps_it(visit: Any, day: Day) -> None:
    page = enter(visit, f"/console/proposals/{day.proposals[0]}")
    page.keyboard.press("r")
    page.keyboard.type("too bulky")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with database.session() as work:
        proposal = work.get_one(Proposal, day.proposals[0])
    assert (proposal.state, proposal.decision_reason, proposal.decided_by) == ("rejected", "too bulky", OWNER)


def test_escape_leaves_the_question_and_everything_as_it_was(visit: Any, day: Day) -> None:
    page = enter(visit, "/console/proposals")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    assert not page.is_visible("#confirm")
    assert set(states().values()) == {"proposed"}


def test_several_are_chosen_summed_and_rejected_together(visit: Any, day: Day) -> None:
    page = enter(visit, "/console/proposals")
    assert not page.is_visible(".together")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    assert page.inner_text("[data-chosen]") == "2"
    page.keyboard.press("r")
    page.keyboard.type("not now")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert list(states().values()).count("rejected") == 2


def test_without_javascript_a_click_approves(visit: Any, day: Day) -> None:
    page = enter(visit, f"/console/proposals/{day.proposals[0]}", java_script_enabled=False)
    page.click("button[name=approve]")
    assert states()[day.proposals[0]] == "approved"


def test_keys_search_and_help(visit: Any, day: Day) -> None:
    page = enter(visit, "/console/trends")
    page.keyboard.press("/")
    page.keyboard.type("condor 3?aj")
    assert page.input_value(".find__field") == "condor 3?aj", "keys typed in a field are text"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.is_visible("#keys")


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_breaks_the_policy_or_scrolls_sideways(
    visit: Any, work: Session, day: Day, complaints: list[str], language: str, width: int
) -> None:
    order, product = buy_one(work, day)
    ids = {"proposal": day.proposals[0], "purchase": order, "product": product, "crawl": day.failed_crawl}
    page = enter(visit, "/console/", width=width)
    for path in PAGES:
        page.goto(
            page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path.format(**ids) + f"lang={language}"
        )
        page.wait_for_load_state("networkidle")
        if path.startswith("/api/docs"):
            page.wait_for_selector(".opblock")
        else:
            assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert complaints == [], path


@pytest.mark.parametrize("width", [360, 390])
def test_the_agents_mode_and_its_switch_fit_a_phone_in_every_mode(
    visit: Any, work: Session, day: Day, width: int
) -> None:
    page = enter(visit, "/console/", width=width)
    for mode in MODES:
        control.change(work, who="test", mode=mode)
        work.commit()
        for language in ("fr", "ar", "en"):
            page.goto(page.url.split("?")[0] + f"?lang={language}")
            switch = page.locator(".helm__switch").bounding_box()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (mode, language)
            assert switch["x"] >= 0, (mode, language)
            assert switch["x"] + switch["width"] <= width, (mode, language)


def test_the_stop_switch_is_in_view_on_a_phone_and_works(visit: Any, day: Day) -> None:
    page = enter(visit, "/console/trends", width=390)
    with page.expect_navigation():
        page.click(".helm__switch--stop")
    assert "The stop switch is on." in page.inner_text(".notice--stopped")
