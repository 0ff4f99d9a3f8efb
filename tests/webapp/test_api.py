from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from sqlalchemy.orm import Session

import database
from database.agent import BudgetEntry, Candidate, PurchaseOrder
from database.shop import Listing
from reseller import control, repricing
from tests import factories
from tests.webapp import working_day
from tests.webapp.working_day import OWNER, PASSWORD, Day

PRIVATE = [
    "/proposals",
    "/proposals/1",
    "/purchases",
    "/purchases/1",
    "/candidates",
    "/candidates/1",
    "/price-changes",
]


@pytest.fixture
def day(work: Session) -> Day:
    return working_day.begin(work)


@pytest.fixture
def bearer(client: FlaskClient, day: Day) -> dict[str, str]:
    answer = client.post("/api/v1/token", json={"email": OWNER, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def assert_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert problem["status"] == status
    assert problem["title"]
    return problem


def test_products_come_with_exact_money_and_utc_times(client: FlaskClient, day: Day) -> None:
    answer = client.get("/api/v1/products?page_size=2&page=2").json
    assert (answer["total"], answer["pages"], answer["page"], len(answer["items"])) == (6, 3, 2, 2)
    product = client.get(f"/api/v1/products/{day.listings[0]}").json
    assert product["price"] == {"amount": "4200.00", "currency": "DZD"}
    assert product["category_path"] == ["Électronique", "Audio", "Casques"]
    assert product["last_seen_at"].endswith("Z")
    assert product["our_offer"] is None


def test_products_are_found_without_accents_and_case(client: FlaskClient, day: Day) -> None:
    assert client.get("/api/v1/products?q=ecouteurs CONDOR 3").json["total"] == 1
    assert client.get("/api/v1/products?q=100%25").json["total"] == 0
    assert client.get("/api/v1/products?marketplace=ouedkniss").json["total"] == 0
    assert client.get("/api/v1/products?in_our_shop=true").json["total"] == 0


def test_a_price_history_is_told_day_by_day_oldest_first(client: FlaskClient, day: Day) -> None:
    days = client.get(f"/api/v1/products/{day.listings[0]}/prices").json["days"]
    assert [one["close"]["amount"] for one in days][-3:] == ["4400.00", "4300.00", "4200.00"]
    assert days[-1]["day"] == day.now.date().isoformat()


def test_trending_is_ranked_and_says_why_in_three_languages(client: FlaskClient, day: Day) -> None:
    items = client.get("/api/v1/trending").json["items"]
    assert [item["product_id"] for item in items] == day.listings
    assert set(items[0]["reason"]) == {"fr", "ar", "en"}
    assert items[0]["score"] == "72.00"


@pytest.mark.parametrize("path", ["/products/999999", "/products/999999/prices", "/nowhere", "/products/abc"])
def test_what_is_not_there_is_a_problem_not_a_page(client: FlaskClient, day: Day, path: str) -> None:
    assert_problem(client.get(f"/api/v1{path}"), 404)


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: FlaskClient, day: Day) -> None:
    answer = client.put("/api/v1/products")
    assert_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("query", ["page=0", "page_size=1000", "page=x", "in_stock=perhaps", "colour=red"])
def test_a_wrong_parameter_is_named(client: FlaskClient, day: Day, query: str) -> None:
    problem = assert_problem(client.get(f"/api/v1/products?{query}"), 422)
    assert problem["errors"][0]["field"] == query.split("=")[0]


@pytest.mark.parametrize("path", PRIVATE)
def test_without_a_token_nothing_private_is_told(client: FlaskClient, day: Day, path: str) -> None:
    answer = client.get(f"/api/v1{path}")
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert_problem(client.get(f"/api/v1{path}", headers={"Authorization": "Bearer abc.def.ghi"}), 401)


def test_without_a_token_nothing_is_decided(client: FlaskClient, work: Session, day: Day) -> None:
    for verdict in ("approve", "reject"):
        assert_problem(client.post(f"/api/v1/proposals/{day.proposals[0]}/{verdict}", json={}), 401)
    assert work.scalar(sa.select(sa.func.count()).select_from(BudgetEntry)) == 0


def test_a_wrong_password_gives_no_token_and_too_many_bar(client: FlaskClient, day: Day) -> None:
    for _ in range(8):
        assert_problem(client.post("/api/v1/token", json={"email": OWNER, "password": "wrong"}), 401)
    barred = client.post("/api/v1/token", json={"email": OWNER, "password": PASSWORD})
    assert_problem(barred, 429)
    assert int(barred.headers["Retry-After"]) > 800


def test_a_body_that_is_no_json_is_refused_clearly(client: FlaskClient, day: Day) -> None:
    assert_problem(client.post("/api/v1/token", data="email=a"), 422)


def test_proposals_tell_their_arithmetic_and_it_adds_up(client: FlaskClient, day: Day, bearer: dict[str, str]) -> None:
    for item in client.get("/api/v1/proposals?state=proposed", headers=bearer).json["items"]:
        *steps, profit = [Decimal(step["amount"]["amount"]) for step in item["arithmetic"]]
        assert sum(steps) == profit == Decimal(item["expected_profit"]["amount"])
        total = Decimal(item["landed_cost"]["amount"]) * item["quantity"]
        assert Decimal(item["landed_cost_total"]["amount"]) == total


def test_approving_reserves_the_money_and_hands_the_purchase_over(
    client: FlaskClient, work: Session, day: Day, bearer: dict[str, str]
) -> None:
    path = f"/api/v1/proposals/{day.proposals[0]}"
    answer = client.post(f"{path}/approve", json={"reason": "sells well"}, headers=bearer)
    assert answer.status_code == 201, answer.text
    purchase = answer.json["purchase"]
    assert purchase["state"] == "ordering"
    assert purchase["events"][0]["who"] == OWNER
    assert purchase["events"][0]["why"] == "sells well"
    assert work.scalar(sa.select(sa.func.sum(BudgetEntry.amount))) == Decimal(purchase["total"]["amount"])
    assert client.get(answer.headers["Location"], headers=bearer).json == purchase
    assert client.get(path, headers=bearer).json["purchase_id"] == purchase["id"]


def test_approving_twice_buys_once(client: FlaskClient, work: Session, day: Day, bearer: dict[str, str]) -> None:
    path = f"/api/v1/proposals/{day.proposals[0]}/approve"
    assert client.post(path, json={}, headers=bearer).status_code == 201
    problem = assert_problem(client.post(path, json={}, headers=bearer), 409)
    assert problem["code"] == "not_open"
    assert work.scalar(sa.select(sa.func.count()).select_from(PurchaseOrder)) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "dry-run"}, "dry_run"),
        ({"budget_per_day": Decimal(1)}, "budget_day"),
        ({"budget_total": Decimal(1)}, "budget_total"),
        ({"cap_per_product": Decimal(1)}, "cap_product"),
        ({"margin_floor": Decimal("0.99")}, "margin_floor"),
    ],
)
def test_a_refusal_of_the_business_is_a_conflict_with_its_code_and_reserves_nothing(
    client: FlaskClient, work: Session, day: Day, bearer: dict[str, str], change: dict[str, Any], code: str
) -> None:
    control.change(work, who="test", **change)
    work.commit()
    answer = client.post(f"/api/v1/proposals/{day.proposals[0]}/approve", json={}, headers=bearer)
    problem = assert_problem(answer, 409)
    assert (problem["code"], problem["type"]) == (code, f"urn:problem:hanout:{code}")
    assert work.scalar(sa.select(sa.func.count()).select_from(BudgetEntry)) == 0


def test_rejecting_keeps_who_and_why(client: FlaskClient, day: Day, bearer: dict[str, str]) -> None:
    path = f"/api/v1/proposals/{day.proposals[0]}/reject"
    answer = client.post(path, json={"reason": "too bulky"}, headers=bearer).json
    assert (answer["state"], answer["decided_by"], answer["decision_reason"]) == ("rejected", OWNER, "too bulky")
    assert_problem(client.post("/api/v1/proposals/999999/reject", json={}, headers=bearer), 404)


def test_the_console_cookie_reads_but_decides_only_with_the_csrf_header(client: FlaskClient, day: Day) -> None:
    working_day.sign_in(client)
    assert client.get("/api/v1/proposals").status_code == 200
    path = f"/api/v1/proposals/{day.proposals[0]}/reject"
    assert_problem(client.post(path, json={}), 403)
    assert_problem(client.post(path, json={}, headers={"X-CSRF-TOKEN": "guessed"}), 403)
    cookie = client.get_cookie("csrf_access_token")
    assert cookie
    assert client.post(path, json={}, headers={"X-CSRF-TOKEN": cookie.value}).status_code == 200


def test_health_is_degraded_while_a_crawl_failed(client: FlaskClient, day: Day) -> None:
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["database"]) == ("degraded", "up")
    assert any("ouedkniss" in problem and "0 offers" in problem for problem in answer.json["problems"])


def test_health_is_ok_when_every_last_crawl_ended_well(client: FlaskClient, work: Session, day: Day) -> None:
    factories.crawl(work, spider="ouedkniss", marketplace="ouedkniss", started_at=day.now)
    work.commit()
    assert client.get("/api/v1/health").json["status"] == "ok"


def test_health_fails_before_the_marts_are_built(client: FlaskClient, database_url: str) -> None:
    answer = client.get("/api/v1/health")
    assert answer.status_code == 503
    assert answer.json["status"] == "failing"
    assert client.get("/api/v1/trending").json["total"] == 0


def test_health_and_the_rest_say_503_while_the_database_is_away(client: FlaskClient, database_url: str) -> None:
    gone = database.create_engine("postgresql://nobody@/nothing?host=/nonexistent")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("database.connection.engine", lambda: gone)
        health, products = client.get("/api/v1/health"), client.get("/api/v1/products")
    assert (health.status_code, health.json["database"]) == (503, "away")
    assert_problem(products, 503)
    assert products.headers["Retry-After"]


def test_every_route_of_the_api_is_in_the_document_and_every_reference_resolves(
    app: OpenAPI, client: FlaskClient
) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    described = {(path, method.upper()) for path, operations in document["paths"].items() for method in operations}
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served
    schemas = document["components"]["schemas"]
    for reference in re.findall(r'"\$ref":\s*"#/components/schemas/([^"]+)"', client.get("/api/v1/openapi.json").text):
        assert reference in schemas


def test_every_operation_has_an_id_a_summary_and_its_security(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            private = path.startswith(tuple(f"/api/v1{one}" for one in PRIVATE))
            assert bool(operation.get("security")) == private, path
    assert set(document["components"]["securitySchemes"]) == {"bearer", "cookie"}


def test_answers_keep_to_the_schemas_that_the_document_names(client: FlaskClient, day: Day) -> None:
    document = client.get("/api/v1/openapi.json").json
    product = client.get(f"/api/v1/products/{day.listings[0]}").json
    schema = document["components"]["schemas"]["Product"]
    assert set(product) == set(schema["properties"]) == set(schema["required"])


def test_swagger_ui_relaxes_styles_on_its_own_page_only(client: FlaskClient, day: Day) -> None:
    page = client.get("/api/docs")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    for path in ("/", "/console/sign-in", "/api/v1/openapi.json"):
        assert "unsafe-inline" not in client.get(path).headers["Content-Security-Policy"]


def test_every_route_is_in_the_documentation(app: OpenAPI) -> None:
    from config import ROOT

    page = (ROOT / "docs" / "API.md").read_text()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            assert re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) in page, rule.rule


def test_every_offer_of_the_last_round_is_listed_with_its_verdict(
    client: FlaskClient, bearer: dict[str, str], work: Session
) -> None:
    kept = {one.id: one for one in work.scalars(sa.select(Candidate))}
    answer = client.get("/api/v1/candidates?page_size=200", headers=bearer).json
    assert {one["id"] for one in answer["items"]} == set(kept)
    first = answer["items"][0]
    assert first["verdict"] == "taken"
    assert Decimal(first["expected_profit"]["amount"]) == kept[first["id"]].expected_profit
    assert set(first["reasons"]) == {"fr", "ar", "en"}
    assert client.get(f"/api/v1/candidates/{first['id']}", headers=bearer).json == first
    taken = client.get("/api/v1/candidates?verdict=taken", headers=bearer).json
    assert {one["verdict"] for one in taken["items"]} == {"taken"}
    assert client.get("/api/v1/candidates?at=2001-01-01T00:00:00Z", headers=bearer).json["total"] == 0


def test_a_price_change_is_taken_back_once(
    client: FlaskClient, bearer: dict[str, str], work: Session, day: Day
) -> None:
    working_day.stock_up(work, day)
    listing = work.scalars(sa.select(Listing)).one()
    before = listing.price
    made = repricing.set_price(work, listing.id, before + 500, who=OWNER, reason="it sells", now=day.now)
    work.commit()
    shown = client.get("/api/v1/price-changes", headers=bearer).json["items"][0]
    assert (shown["id"], shown["rule"], shown["can_be_undone"]) == (made.id, "person", True)
    undone = client.post(f"/api/v1/price-changes/{made.id}/undo", headers=bearer)
    assert undone.status_code == 201
    assert undone.json["undoes_id"] == made.id
    assert Decimal(undone.json["new_price"]["amount"]) == before
    again = assert_problem(client.post(f"/api/v1/price-changes/{made.id}/undo", headers=bearer), 409)
    assert again["code"] == "wrong_state"
    assert_problem(client.post("/api/v1/price-changes/999999/undo", headers=bearer), 404)
