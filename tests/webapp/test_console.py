from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy.orm import Session

import database
from database.agent import BudgetEntry, Control, Proposal, PurchaseOrder
from database.shop import StockMovement
from reseller import control
from tests.webapp import working_day
from tests.webapp.working_day import OWNER, STAFF, Day, csrf, send, sign_in


@pytest.fixture
def day(work: Session) -> Day:
    return working_day.begin(work)


@pytest.fixture
def owner(client: FlaskClient, day: Day) -> FlaskClient:
    sign_in(client)
    return client


@pytest.fixture
def staff(client: FlaskClient, day: Day) -> FlaskClient:
    sign_in(client, STAFF)
    return client


def fresh(query: Any) -> Any:
    """What others have committed."""
    with database.session() as work:
        return work.scalar(query)


def reserved() -> Decimal:
    return Decimal(fresh(sa.select(sa.func.coalesce(sa.func.sum(BudgetEntry.amount), 0))))


def state_of(proposal_id: int) -> str:
    return str(fresh(sa.select(Proposal.state).where(Proposal.id == proposal_id)))


def approve_first(client: FlaskClient, day: Day) -> int:
    send(client, "/console/proposals/decide", approve=day.proposals[0])
    return int(fresh(sa.select(PurchaseOrder.id).where(PurchaseOrder.proposal_id == day.proposals[0])))


def pages(day: Day) -> list[str]:
    return [
        "/console/",
        "/console/trends",
        "/console/proposals",
        f"/console/proposals/{day.proposals[0]}",
        "/console/purchases",
        "/console/stock",
        "/console/crawls",
        f"/console/crawls/{day.failed_crawl}",
        "/console/settings",
    ]


def test_nothing_of_the_console_is_shown_without_signing_in(app: OpenAPI, client: FlaskClient, day: Day) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/console") or rule.endpoint in ("console.sign_in", "console.enter"):
            continue
        path = re.sub(r"<[^>]+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = client.open(path, method=method)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["Location"].startswith("/console/sign-in"), path


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_every_page_opens_in_every_language_and_is_kept_by_nobody(owner: FlaskClient, day: Day, language: str) -> None:
    for path in pages(day):
        page = owner.get(f"{path}?lang={language}")
        assert page.status_code == 200, path
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert " style=" not in page.text
        assert "<script>" not in page.text


def test_every_page_opens_before_anything_was_crawled(client: FlaskClient, work: Session) -> None:
    from webapp import accounts

    accounts.create(work, OWNER, name="Samira", password=working_day.PASSWORD)
    work.commit()
    sign_in(client)
    for name in ("", "trends", "proposals", "purchases", "stock", "crawls", "settings"):
        assert client.get(f"/console/{name}?lang=en").status_code == 200
    assert "python scheduler.py --once" in client.get("/console/?lang=en").text


def test_today_names_what_waits_and_leads_to_it(owner: FlaskClient, day: Day) -> None:
    page = owner.get("/console/?lang=en").text
    assert f"{len(day.proposals)} proposals wait for you" in page
    assert "0 offers where 212 were seen before" in page
    for path in (f"/console/proposals/{day.proposals[0]}", f"/console/crawls/{day.failed_crawl}"):
        assert f'href="{path}"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/console/proposals/decide",
        "/console/purchases/1/place",
        "/console/purchases/1/ordered",
        "/console/purchases/1/received",
        "/console/purchases/1/cancel",
        "/console/purchases/1/not-ordered",
        "/console/purchases/1/letter",
        "/console/purchases/1/reply",
        "/console/orders/1/confirm",
        "/console/prices/1",
        "/console/prices/changes/1/undo",
        "/console/ledger/capital",
        "/console/ledger/handed-over",
        "/console/stock/1/correct",
        "/console/settings",
        "/console/stop",
        "/console/resume",
        "/console/sign-out",
    ],
)
def test_a_form_without_its_token_does_nothing(owner: FlaskClient, day: Day, path: str) -> None:
    before = (reserved(), fresh(sa.select(Control.stopped)), fresh(sa.select(Control.mode)))
    for fields in ({}, {"csrf_token": "guessed"}):
        answer = owner.post(path, data={**fields, "approve": day.proposals[0], "mode": "auto", "confirmed": "yes"})
        assert answer.status_code == 403, path
    assert (reserved(), fresh(sa.select(Control.stopped)), fresh(sa.select(Control.mode))) == before
    assert state_of(day.proposals[0]) == "proposed"


def test_every_route_that_changes_something_is_in_the_test_above(app: OpenAPI) -> None:
    changing = {
        re.sub(r"<int:\w+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/console/") and "POST" in (rule.methods or set())
    }
    marks = test_a_form_without_its_token_does_nothing.pytestmark  # type: ignore[attr-defined]
    assert changing - {"/console/sign-in"} == set(marks[0].args[1])


def test_approving_reserves_and_hands_over_and_says_so(owner: FlaskClient, day: Day) -> None:
    answer = send(owner, "/console/proposals/decide", approve=day.proposals[0], reason="sells well")
    assert "Approved." in answer.text
    assert "Order it from the seller" in answer.text
    assert state_of(day.proposals[0]) == "approved"
    assert reserved() > 0
    assert fresh(sa.select(PurchaseOrder.state)) == "ordering"


def test_rejecting_keeps_the_reason(owner: FlaskClient, day: Day) -> None:
    send(owner, "/console/proposals/decide", reject=day.proposals[0], reason="too bulky")
    assert state_of(day.proposals[0]) == "rejected"
    page = owner.get(f"/console/proposals/{day.proposals[0]}?lang=en").text
    assert "too bulky" in page
    assert OWNER in page


def test_several_are_decided_at_once_and_a_refusal_undoes_no_other(owner: FlaskClient, work: Session, day: Day) -> None:
    costs = dict(work.execute(sa.select(Proposal.id, Proposal.landed_cost * Proposal.quantity)).tuples().all())
    one, two = sorted(day.proposals, key=lambda proposal: costs[proposal])[:2]
    control.change(work, who="test", budget_per_day=costs[one])
    work.commit()
    answer = send(owner, "/console/proposals/decide", approve="", ids=[one, two])
    assert "Approved." in answer.text
    assert f"n° {two}: Not bought: the budget of the day would be exceeded" in answer.text
    assert (state_of(one), state_of(two)) == ("approved", "proposed")
    assert reserved() == costs[one]


def test_many_refusals_fit_into_one_answer(owner: FlaskClient, day: Day) -> None:
    unknown = [max(day.proposals) + number for number in range(1, 121)]
    answer = send(owner, "/console/proposals/decide", approve="", ids=unknown)
    assert sum(f"n° {number}:" in answer.text for number in unknown) == 5
    assert "115 more were refused." in answer.text
    cookies = answer.request.environ.get("HTTP_COOKIE", "")
    assert max(len(cookie) for cookie in cookies.split(";")) < 4000


def test_choosing_none_is_said_and_changes_nothing(owner: FlaskClient, day: Day) -> None:
    answer = send(owner, "/console/proposals/decide", approve="")
    assert "Choose at least one proposal first." in answer.text
    assert reserved() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mode": "dry-run"}, "the agent is in dry run. An owner can change the mode"),
        ({"budget_per_day": Decimal(100)}, "the budget of the day would be exceeded. 0 DA of 100 DA are reserved"),
        ({"budget_total": Decimal(100)}, "the budget in all would be exceeded"),
        ({"cap_per_product": Decimal(100)}, "the cap for one product would be exceeded"),
        ({"margin_floor": Decimal("0.9")}, "is under the floor of 90.0%"),
    ],
)
def test_a_refusal_says_what_to_do_and_reserves_nothing(
    owner: FlaskClient, work: Session, day: Day, change: dict[str, Any], said: str
) -> None:
    control.change(work, who="test", **change)
    work.commit()
    answer = send(owner, "/console/proposals/decide", approve=day.proposals[0])
    assert said in answer.text.replace("\u202f", " ")
    assert (state_of(day.proposals[0]), reserved()) == ("proposed", 0)


def test_every_refusal_has_its_own_words_in_every_language(app: OpenAPI) -> None:
    from reseller.refusals import CODES, Refused
    from webapp.console import labels

    for language in ("fr", "ar", "en"):
        with app.test_request_context(f"/console/?lang={language}"):
            said = {code: labels.refusal(Refused(code, "plain English")) for code in CODES - {"bad_value"}}
        assert not [code for code, text in said.items() if "plain English" in text], language
        assert len(set(said.values())) == len(said)


def test_a_purchase_by_hand_goes_from_ordered_to_stock_and_shop(owner: FlaskClient, day: Day) -> None:
    order = approve_first(owner, day)
    assert "Order it from the seller" in owner.get(f"/console/purchases/{order}?lang=en").text
    assert "Not changed: give the supplier" in send(owner, f"/console/purchases/{order}/ordered", reference=" ").text
    send(owner, f"/console/purchases/{order}/ordered", reference="300481")
    answer = send(owner, f"/console/purchases/{order}/received", unit_cost="4 100,50")
    assert "in stock and in the shop" in answer.text
    assert fresh(sa.select(StockMovement.unit_cost)) == Decimal("4100.50")
    page = owner.get(f"/console/purchases/{order}?lang=en").text
    for words in ("ordered by hand, reference 300481", OWNER, "Received"):
        assert words in page
    product = fresh(sa.select(StockMovement.product_id))
    assert f'href="/console/stock/{product}"' in page
    assert owner.get(f"/console/stock/{product}").status_code == 200


def test_receiving_what_was_never_ordered_is_refused(owner: FlaskClient, day: Day) -> None:
    order = approve_first(owner, day)
    answer = send(owner, f"/console/purchases/{order}/received")
    assert "This purchase has moved on meanwhile" in answer.text
    assert fresh(sa.select(sa.func.count()).select_from(StockMovement)) == 0


def test_cancelling_frees_the_money(owner: FlaskClient, day: Day) -> None:
    order = approve_first(owner, day)
    assert reserved() > 0
    assert "are free again" in send(owner, f"/console/purchases/{order}/cancel", reason="changed my mind").text
    assert reserved() == 0


def test_a_correction_sent_twice_counts_once_and_never_goes_below_zero(owner: FlaskClient, day: Day) -> None:
    order = approve_first(owner, day)
    send(owner, f"/console/purchases/{order}/ordered", reference="1")
    send(owner, f"/console/purchases/{order}/received")
    product = fresh(sa.select(StockMovement.product_id))
    units = fresh(sa.select(sa.func.sum(StockMovement.quantity)))
    path, form = f"/console/stock/{product}/correct", {"quantity": "−1", "reason": "broken", "key": uuid.uuid4().hex}
    for _ in range(2):
        send(owner, path, **form)
    assert fresh(sa.select(sa.func.sum(StockMovement.quantity))) == units - 1
    answer = send(owner, path, quantity="-500", reason="gone", key=uuid.uuid4().hex)
    assert f"the stock would fall below zero. {units - 1} units are on hand" in answer.text
    assert fresh(sa.select(sa.func.sum(StockMovement.quantity))) == units - 1


@pytest.mark.parametrize("quantity", ["", "0", "1.5", "many", "NaN", "snan", "1e400", "Infinity"])
def test_a_correction_that_is_no_number_of_units_is_refused(owner: FlaskClient, day: Day, quantity: str) -> None:
    answer = send(owner, "/console/stock/1/correct", quantity=quantity, reason="x", key="k")
    assert answer.status_code == 200
    assert "Not changed" in answer.text


def test_settings_change_only_after_confirming_what_would_change(owner: FlaskClient, day: Day) -> None:
    form = {"mode": "auto", "budget_per_day": "50 000", "budget_total": "400 000", "cap_per_product": "60 000",
            "margin_floor": "12,5"}  # fmt: skip
    shown = send(owner, "/console/settings", **form)
    assert fresh(sa.select(Control.mode)) == "approve"
    assert "The agent will buy by itself, up to" in shown.text
    assert "Budget in all" not in shown.text
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.text.split("panel--narrow")[1])
    )
    answer = owner.post("/console/settings", data=hidden, follow_redirects=True)
    assert "The settings are changed." in answer.text
    with database.session() as work:
        row = work.scalars(sa.select(Control)).one()
    assert (row.mode, row.budget_per_day, row.margin_floor) == ("auto", Decimal(50_000), Decimal("0.1250"))
    assert (row.budget_total, row.changed_by) == (Decimal(400_000), OWNER)


@pytest.mark.parametrize(
    "wrong", [{"budget_per_day": "-1"}, {"margin_floor": "100"}, {"budget_total": "lots"}, {"cap_per_product": "1e13"}]
)
def test_a_wrong_setting_is_refused_before_it_is_shown_for_confirming(
    owner: FlaskClient, day: Day, wrong: dict[str, str]
) -> None:
    assert "Not changed" in send(owner, "/console/settings", **wrong).text
    assert "Not changed" in send(owner, "/console/settings", confirmed="yes", **wrong).text


def test_staff_decide_on_proposals_but_not_on_settings(staff: FlaskClient, day: Day) -> None:
    assert "Approved." in send(staff, "/console/proposals/decide", approve=day.proposals[0]).text
    answer = send(staff, "/console/settings", mode="auto", confirmed="yes")
    assert answer.status_code == 403
    assert "Only an owner may do this" in answer.text
    assert fresh(sa.select(Control.mode)) == "approve"


def test_staff_may_stop_the_agent_but_only_an_owner_releases_it(app: OpenAPI, staff: FlaskClient, day: Day) -> None:
    send(staff, "/console/stop", reason="prices look wrong")
    assert fresh(sa.select(Control.stopped)) is True
    page = staff.get("/console/trends?lang=en").text
    assert "The stop switch is on." in page
    assert "prices look wrong" in page
    assert "the stop switch is on" in send(staff, "/console/proposals/decide", approve=day.proposals[0]).text
    assert send(staff, "/console/resume").status_code == 403
    assert fresh(sa.select(Control.stopped)) is True
    owner = app.test_client()
    sign_in(owner)
    assert "The stop switch is released." in send(owner, "/console/resume").text
    assert fresh(sa.select(Control.stopped)) is False


def test_signing_out_closes_the_door(owner: FlaskClient, day: Day) -> None:
    owner.post("/console/sign-out", data={"csrf_token": csrf(owner.get("/console/"))})
    assert owner.get("/console/").status_code == 303


def test_the_way_back_never_leads_to_another_site(owner: FlaskClient, day: Day) -> None:
    token = csrf(owner.get("/console/"))
    answer = owner.post("/console/stop", data={"csrf_token": token, "back": "https://evil.example/"})
    assert answer.headers["Location"] == "/console/"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "usually <bdi"), ("fr", "d’habitude <bdi"), ("ar", "عادةً <bdi")]
)
def test_a_crawl_shows_which_field_fell(owner: FlaskClient, day: Day, language: str, words: str) -> None:
    page = owner.get(f"/console/crawls/{day.failed_crawl}?lang={language}").text
    assert page.count('class="fell"') == 1
    assert words in page


def test_what_a_marketplace_wrote_is_shown_never_run(owner: FlaskClient, day: Day) -> None:
    page = owner.get(f"/console/crawls/{day.failed_crawl}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_rejected_items_can_be_narrowed_to_one_reason(owner: FlaskClient, day: Day) -> None:
    path = f"/console/crawls/{day.failed_crawl}"
    assert owner.get(f"{path}?reason=price is negative").text.count('class="reject"') == 2
    assert owner.get(f"{path}?reason=another").text.count('class="reject"') == 0


def test_trends_are_searched_filtered_and_sorted(owner: FlaskClient, day: Day) -> None:
    assert owner.get("/console/trends?q=condor 3&lang=en").text.count("book__main") == 1
    assert "Nothing trends under these words" in owner.get("/console/trends?q=fridge&lang=en").text
    dearest_last = owner.get("/console/trends?sort=price&page=99").text
    assert dearest_last.index("Condor 0") < dearest_last.index("Condor 5")


@pytest.mark.parametrize("path", ["proposals/999999", "purchases/999999", "stock/999999", "crawls/999999", "nowhere"])
def test_what_is_not_there_is_a_calm_404(owner: FlaskClient, day: Day, path: str) -> None:
    assert owner.get(f"/console/{path}").status_code == 404


@pytest.mark.parametrize("code", ["fr", "ar"])
def test_the_console_is_wholly_translated(code: str) -> None:
    from webapp import messages

    folder = next(folder for folder, side in messages.CATALOGUES.items() if side == "console")
    assert messages.missing(folder, "console", code) == []


def test_a_translation_names_the_same_figures_as_its_message() -> None:
    from webapp import messages

    folder = next(folder for folder, side in messages.CATALOGUES.items() if side == "console")
    names = re.compile(r"%\((\w+)\)s")
    for code in messages.TRANSLATED:
        for message in messages.load(folder, code):
            if isinstance(message.id, str) and message.id:
                assert set(names.findall(message.id)) == set(names.findall(str(message.string))), (code, message.id)
