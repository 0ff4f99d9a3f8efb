"""Requests that nobody sends by accident, and marketplaces that write what no marketplace should."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy.orm import Session
from typing_extensions import override
from werkzeug.test import TestResponse

from database.agent import Proposal, PurchaseOrder
from database.market import RejectedItem
from tests import factories
from tests.webapp import working_day
from tests.webapp.working_day import OWNER, PASSWORD, Day, csrf, send, sign_in

HUGE = "9" * 30
SAFE_WITHOUT_TOKEN = {"console.enter", "api.make_token", "storefront.place_order"}
"""They ask for a password, or are a guest's own order, and change nothing of anyone's."""


@pytest.fixture
def day(work: Session) -> Day:
    return working_day.begin(work)


@pytest.fixture
def owner(client: FlaskClient, day: Day) -> FlaskClient:
    sign_in(client)
    return client


def pages(app: OpenAPI, number: object) -> list[str]:
    """Every address that can be read, with `number` for each id."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    return [
        re.sub(r"<[^>]+>", "phones", re.sub(r"<int:[^>]+>", str(number), rule.rule))
        for rule in rules
        if not rule.endpoint.endswith("static")
    ]


class Reader(HTMLParser):
    """Notes whatever of a page a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script" and not (values.get("src") or "").startswith("/"):
            self.runs.append("an inline script")
        self.runs += [f"{tag} {name}" for name in values if name.startswith("on") or name in ("style", "srcdoc")]
        self.runs += [f"{tag} {name}={text}" for name, text in attrs if (text or "").lower().startswith("javascript:")]


def running(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    return reader.runs


def assert_calm(answer: TestResponse, asked: object) -> None:
    assert answer.status_code < 500, (asked, answer.status_code)
    assert "Content-Security-Policy" in answer.headers, asked
    assert answer.headers.get("Location", "/").startswith("/"), (asked, answer.headers["Location"])
    assert "Traceback" not in answer.text, asked


def test_every_route_that_changes_something_wants_a_token_from_its_own_page(
    app: OpenAPI, owner: FlaskClient, day: Day
) -> None:
    walked = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            if rule.endpoint in SAFE_WITHOUT_TOKEN:
                continue
            named = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
            path = re.sub(r"<[^>]+>", str(day.proposals[0]), named)
            answer = owner.open(path, method=method, json={"reason": "x"} if rule.rule.startswith("/api") else None)
            assert answer.status_code == 403, (method, rule.rule, answer.status_code)
            walked += 1
    assert walked >= 12


@pytest.mark.parametrize(
    "query",
    [
        "endpoint=x",
        "_scheme=javascript&_external=1",
        "_anchor=x&_method=DELETE",
        "q=%00",
        "%00=x",
        f"page={HUGE}",
        "page=-1&sort=;drop&state=';--&reason=%27",
        "next=//[&back=//[",
        "min=NaN&max=1e999&shelf=nope&brand=%F0%9F%98%80",
        "q=" + quote("'; drop table shop.account; --"),
        "lang=" + quote("ar\r\nSet-Cookie: a=b"),
        "q=" + quote("\u202eهاتف%_\\"),
    ],
)
def test_a_strange_query_breaks_no_page_and_leads_nowhere_else(
    app: OpenAPI, owner: FlaskClient, day: Day, query: str
) -> None:
    for path in pages(app, day.listings[0]):
        answer = owner.get(f"{path}?{query}")
        assert_calm(answer, path)
        assert "javascript:" not in answer.text, path


def test_a_number_that_no_table_holds_is_not_found(app: OpenAPI, owner: FlaskClient, day: Day) -> None:
    for path in pages(app, HUGE):
        if HUGE in path:
            assert owner.get(path).status_code in (404, 422), path
    for path in ("purchases/{}/place", "purchases/{}/received", "stock/{}/correct"):
        token = csrf(owner.get("/console/"))
        form = {"csrf_token": token, "quantity": "1", "reason": "x"}
        assert owner.post("/console/" + path.format(HUGE), data=form).status_code == 404
        assert_calm(owner.post("/console/" + path.format(2**40), data=form), path)
    for chosen in ({"approve": HUGE}, {"reject": "", "ids": [HUGE, "-1"]}):
        assert "Choose at least one" in send(owner, "/console/proposals/decide", **chosen).text


@pytest.mark.parametrize("path", ["/console/stop", "/console/purchases/1/cancel", "/console/sign-in"])
def test_a_nul_in_a_form_is_refused(owner: FlaskClient, day: Day, path: str) -> None:
    form = {"csrf_token": csrf(owner.get("/console/")), "reason": "a\0b", "email": "a\0b", "password": "x"}
    assert owner.post(path, data=form).status_code == 400


def test_a_nul_in_json_is_refused_as_a_problem(client: FlaskClient, day: Day) -> None:
    answer = client.post("/api/v1/token", json={"email": "a\0b", "password": PASSWORD})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("wanted", ["//[", "http://[", "https://evil.example", "/console/\u202e", "/console/?q=هاتف"])
def test_where_one_wanted_to_go_never_breaks_the_way_in(client: FlaskClient, day: Day, wanted: str) -> None:
    there = sign_in(client, wanted=quote(wanted)).headers["Location"]
    assert there.startswith("/console/")
    assert there.isascii()
    token = csrf(client.get("/console/"))
    answer = client.post("/console/stop", data={"csrf_token": token, "back": wanted}, headers={"Referer": "http://["})
    assert answer.headers["Location"].startswith("/console/")


def test_a_form_of_someone_signed_out_whose_referrer_is_no_address_leads_to_the_door(client: FlaskClient) -> None:
    answer = client.post("/console/stop", headers={"Referer": "http://["})
    assert answer.headers["Location"] == "/console/sign-in?next=/console/"


def test_the_host_that_a_request_names_is_on_no_page(owner: FlaskClient, day: Day) -> None:
    for path in ("/", "/console/", "/api/v1/openapi.json", f"/p/{day.listings[0]}", "/nope", "/console/sign-in"):
        answer = owner.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in answer.text, path
        assert "evil.example" not in answer.headers.get("Location", ""), path


def test_signing_in_makes_a_new_token_whatever_the_browser_brought(client: FlaskClient, day: Day) -> None:
    client.set_cookie("access_token_cookie", "chosen-by-another")
    client.set_cookie("csrf_access_token", "chosen-by-another")
    sign_in(client)
    first = client.get_cookie("access_token_cookie")
    sign_in(client)
    second = client.get_cookie("access_token_cookie")
    assert first is not None
    assert second is not None
    assert "chosen-by-another" not in (first.value, second.value)
    assert first.value != second.value


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_of_the_console_that_breaks_says_so_calmly(
    app: OpenAPI, day: Day, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The database gives up in the middle: what draws the rail may not ask it again."""
    from webapp.work import work as session_of_request

    def breaks(*_: object, **__: object) -> None:
        session_of_request().execute(sa.text("select 1 / 0"))

    client = app.test_client()
    sign_in(client)
    token = csrf(client.get("/console/"))
    monkeypatch.setattr("reseller.control.stop", breaks)
    monkeypatch.setattr("reseller.overview.crawls", breaks)
    path = "/console/crawls" if method == "get" else "/console/stop"
    answer = client.open(f"{path}?lang=en", method=method.upper(), data={"csrf_token": token})
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "division" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_no_setting_is_rounded_into_what_its_column_refuses(owner: FlaskClient, day: Day) -> None:
    for wrong in ({"margin_floor": "99.999"}, {"budget_total": "999999999999.999"}):
        assert "Not changed" in send(owner, "/console/settings", confirmed="yes", **wrong).text


@pytest.mark.parametrize("cost", ["0.001", "9999999999999", "1e12", "-1", "NaN"])
def test_a_unit_cost_that_cannot_be_booked_is_refused(owner: FlaskClient, day: Day, work: Session, cost: str) -> None:
    send(owner, "/console/proposals/decide", approve=day.proposals[0])
    order = work.scalars(sa.select(PurchaseOrder.id)).one()
    send(owner, f"/console/purchases/{order}/ordered", reference="1")
    assert "Not changed" in send(owner, f"/console/purchases/{order}/received", unit_cost=cost).text


def test_failures_to_sign_in_are_counted_in_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    from webapp import accounts

    monkeypatch.setattr(accounts, "MOST_REMEMBERED", 10)
    limit = accounts.FailureLimit(window=timedelta(0))
    for number in range(1000):
        limit.failed(f"10.0.0.{number}", "x")
    assert len(limit._failures) <= 12


def test_an_endless_e_mail_is_neither_kept_nor_an_error(app: OpenAPI, client: FlaskClient, day: Day) -> None:
    from webapp import accounts

    assert sign_in(client, email="a" * 100_000).status_code == 401
    assert max(len(email) for _, email in accounts.limit_of(app)._failures) <= accounts.EMAIL_MAX


TITLES = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'y\'',
    "template": "{{ 7 * 7 }}{% raw %}${7*7}%(title)s %s",
    "endless": "Casque " * 1500,
    "turned": "\u202eesrever\u2066 \u200f12 DA",
    "control": "a\x08b\x0bc\x1fd",
    "picture": "]]></title><script>alert(1)</script>",
    "nothing": "   ",
}


@pytest.mark.parametrize("kind", TITLES)
def test_whatever_a_marketplace_writes_is_shown_and_never_run(
    app: OpenAPI, client: FlaskClient, work: Session, kind: str
) -> None:
    title = TITLES[kind]
    day = working_day.begin(work)
    url = "javascript:alert(1)"
    listing = factories.listing(
        work, title=title, brand=title[:50], url=url, attributes={title[:60]: title, "u": url}, last_seen_at=day.now
    )
    most = Decimal("999999999999.99")
    reason = {f"reason_{code}": title for code in ("fr", "ar", "en")}
    factories.mart_offer(
        work, listing, price=most, price_dzd=most, old_price=most, low_30d_price=most, score=99, image_url=url, **reason
    )
    for back in range(3):
        factories.mart_day(work, listing, (day.now - timedelta(days=back)).date(), most - back)
    work.add(RejectedItem(crawl_id=day.failed_crawl, url=url, reason=title, raw={title: [title, url]}))
    told = work.get_one(Proposal, day.proposals[0])
    told.reasons, told.listing_id = {"en": title, "fr": title}, listing.id
    work.commit()
    sign_in(client, OWNER)
    asked = [*pages(app, listing.id), f"/console/proposals/{day.proposals[0]}", f"/console/crawls/{day.failed_crawl}"]
    asked += [f"/charts/price/{listing.id}.svg?lang={code}" for code in ("fr", "ar")]
    shown = 0
    for path in [*asked, "/search?q=alert", "/console/trends?q=alert"]:
        answer = client.get(path)
        assert_calm(answer, path)
        if answer.mimetype == "image/svg+xml" and answer.status_code == 200:
            picture = ET.fromstring(answer.text)
            assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))
            shown += 1
        if answer.mimetype != "text/html" or path == "/api/docs":
            continue
        assert running(answer.text) == [], path
        assert "49{%" not in answer.text, path
    assert shown == 2
