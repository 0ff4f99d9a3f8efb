from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from freezegun import freeze_time
from sqlalchemy.orm import Session

from database.shop import Account, EndedToken
from tests.webapp.working_day import OWNER, PASSWORD, send, sign_in
from webapp import accounts


@pytest.fixture
def owner(work: Session) -> Account:
    made = accounts.create(work, OWNER, name="Samira", password=PASSWORD)
    work.commit()
    return made


def run(app: OpenAPI, *arguments: str, typed: str | None = None) -> Any:
    return app.test_cli_runner().invoke(args=["users", *arguments], input=typed)


def test_create_admin_makes_an_owner_who_can_sign_in(app: OpenAPI, client: FlaskClient) -> None:
    made = run(app, "create-admin", OWNER, "--name", "Samira", "--password-stdin", typed=PASSWORD + "\n")
    assert made.exit_code == 0, made.output
    assert sign_in(client).headers["Location"] == "/console/"
    assert "Samira" in client.get("/console/").text


def test_create_admin_without_a_password_prints_one_that_opens(app: OpenAPI, client: FlaskClient) -> None:
    made = run(app, "create-admin", OWNER, typed="")
    password = made.output.split("Password: ")[1].strip()
    assert len(password) >= 12
    assert sign_in(client, password=password).status_code == 303


def test_create_admin_leaves_an_account_that_is_there_as_it_is(
    app: OpenAPI, client: FlaskClient, owner: Account
) -> None:
    again = run(app, "create-admin", OWNER.upper(), "--password-stdin", typed="another-password\n")
    assert again.exit_code == 1
    assert "set-password" in again.output
    assert sign_in(client).status_code == 303


@pytest.mark.parametrize(("email", "password", "told"), [("nobody", PASSWORD, "e-mail"), (OWNER, "short", "10 char")])
def test_a_wrong_email_or_a_short_password_makes_no_account(
    app: OpenAPI, work: Session, email: str, password: str, told: str
) -> None:
    refused = run(app, "create-admin", email, "--password-stdin", typed=password + "\n")
    assert refused.exit_code == 1
    assert told in refused.output
    assert work.scalar(sa.select(sa.func.count()).select_from(Account)) == 0


def test_the_password_is_kept_as_a_scrypt_hash(owner: Account) -> None:
    assert owner.password_hash.startswith("scrypt:")
    assert PASSWORD not in owner.password_hash


def test_list_tells_role_state_and_last_sign_in(app: OpenAPI, client: FlaskClient, owner: Account) -> None:
    assert run(app, "list").output == f"{OWNER}\towner\tactive\tnever\n"
    sign_in(client)
    run(app, "disable", OWNER)
    assert f"{OWNER}\towner\tdisabled\t{datetime.now(UTC):%Y}" in run(app, "list").output


def test_disabling_ends_open_sessions_and_bars_new_ones(app: OpenAPI, client: FlaskClient, owner: Account) -> None:
    sign_in(client)
    assert client.get("/console/").status_code == 200
    assert run(app, "disable", OWNER.upper()).exit_code == 0
    assert client.get("/console/").headers["Location"].startswith("/console/sign-in")
    assert sign_in(client).status_code == 401


def test_a_new_password_ends_sessions_made_under_the_old_one(app: OpenAPI, client: FlaskClient, owner: Account) -> None:
    sign_in(client)
    run(app, "set-password", OWNER, "--password-stdin", typed="another-password\n")
    assert client.get("/console/").status_code == 303
    assert sign_in(client).status_code == 401
    assert sign_in(client, password="another-password").status_code == 303


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(client: FlaskClient, owner: Account) -> None:
    wrong, unknown = sign_in(client, password="wrong-password"), sign_in(client, email="no@hanout.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(OWNER, "no@hanout.example") == unknown.text
    assert not client.get_cookie("access_token_cookie")


def test_too_many_failures_bar_even_the_right_password_for_a_while(client: FlaskClient, owner: Account) -> None:
    for _ in range(8):
        assert sign_in(client, password="wrong-password").status_code == 401
    assert sign_in(client).status_code == 429


def test_the_limit_forgets_after_its_window_and_after_a_success() -> None:
    limit = accounts.FailureLimit(per_person=2, window=timedelta(minutes=15))
    with freeze_time("2026-05-01 12:00") as clock:
        limit.failed("1.2.3.4", OWNER)
        limit.forgive("1.2.3.4", OWNER)
        limit.failed("1.2.3.4", OWNER)
        assert limit.wait("1.2.3.4", OWNER) is None
        limit.failed("1.2.3.4", OWNER)
        assert limit.wait("1.2.3.4", OWNER) == timedelta(minutes=15)
        assert limit.wait("5.6.7.8", OWNER) is None
        clock.tick(timedelta(minutes=15, seconds=1))
        assert limit.wait("1.2.3.4", OWNER) is None


def test_one_address_cannot_try_many_emails_without_end() -> None:
    limit = accounts.FailureLimit(per_address=3)
    for number in range(3):
        limit.failed("1.2.3.4", f"{number}@hanout.example")
    assert limit.wait("1.2.3.4", "fresh@hanout.example") is not None


def test_the_token_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient, owner: Account) -> None:
    cookies = sign_in(client).headers.getlist("Set-Cookie")
    token = next(cookie for cookie in cookies if cookie.startswith("access_token_cookie"))
    assert "HttpOnly" in token
    assert "SameSite=Lax" in token
    assert "Secure" not in token


def test_over_https_the_cookies_are_marked_secure(configure: Any, database_url: str, owner: Account) -> None:
    from webapp import create_app

    configure(WEB_HTTPS="true")
    cookies = sign_in(create_app().test_client()).headers.getlist("Set-Cookie")
    assert all("Secure" in cookie for cookie in cookies if "token" in cookie)


def test_a_session_ends_after_twelve_hours(client: FlaskClient, owner: Account) -> None:
    with freeze_time(datetime.now(UTC)) as clock:
        sign_in(client)
        clock.tick(timedelta(hours=11, minutes=59))
        assert client.get("/console/").status_code == 200
        clock.tick(timedelta(minutes=2))
        assert client.get("/console/stock?q=a").headers["Location"] == "/console/sign-in?next=/console/stock?q%3Da"


def test_a_token_signed_by_another_key_counts_for_nothing(client: FlaskClient, owner: Account) -> None:
    import jwt

    forged = jwt.encode({"sub": str(owner.id), "type": "access", "fresh": False, "jti": "1"}, "x" * 40, "HS256")
    client.set_cookie("access_token_cookie", forged)
    assert client.get("/console/").status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/console",
        "/\\evil.example",
        "javascript:alert(1)",
        "/console\\..//evil.example",
        "https:/console",
        "/p/1",
        "/console/%0d%0aSet-Cookie:a=b",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(client: FlaskClient, owner: Account, elsewhere: str) -> None:
    from urllib.parse import quote

    there = sign_in(client, wanted=quote(elsewhere, safe="%")).headers["Location"]
    assert there.startswith(("/console/", "/console?")), there
    assert "evil" not in there
    assert "\n" not in there


def test_after_signing_in_one_lands_where_one_wanted_to(client: FlaskClient, owner: Account) -> None:
    assert sign_in(client, wanted="/console/proposals?state=rejected").headers["Location"].endswith("?state=rejected")


def test_a_form_from_another_site_cannot_sign_a_visitor_in(client: FlaskClient, owner: Account) -> None:
    form = {"email": OWNER, "password": PASSWORD}
    answer = client.post("/console/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not client.get_cookie("access_token_cookie")


@pytest.mark.usefixtures("owner")
def test_signing_out_ends_the_token_and_every_copy_of_it(client: FlaskClient, work: Session) -> None:
    sign_in(client)
    cookie = client.get_cookie("access_token_cookie")
    assert cookie is not None
    bearer = {"Authorization": f"Bearer {cookie.value}"}
    assert client.application.test_client().get("/api/v1/proposals", headers=bearer).status_code == 200
    send(client, "/console/sign-out")
    assert client.application.test_client().get("/api/v1/proposals", headers=bearer).status_code == 401
    assert work.scalar(sa.select(sa.func.count()).select_from(EndedToken)) == 1
    sign_in(client)
    assert client.get("/console/").status_code == 200
    with freeze_time(datetime.now(UTC) + accounts.TOKEN_LIFETIME + timedelta(minutes=1)):
        sign_in(client)
        send(client, "/console/sign-out")
    work.rollback()
    assert work.scalar(sa.select(sa.func.count()).select_from(EndedToken)) == 1
