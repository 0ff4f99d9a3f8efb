"""Who may work here: passwords, sign-in, tokens. `webapp.users` has the commands that make accounts.

Browsers carry the token in an HTTP-only cookie, with a second cookie whose value every form repeats; programs carry it
as a bearer token. A token ends after `TOKEN_LIFETIME`, when it is signed out, when its account is disabled and when its
password changes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic

import flask_jwt_extended as jwt
import sqlalchemy as sa
from flask import Flask, g, request
from flask_jwt_extended.exceptions import CSRFError, JWTExtendedException
from jwt.exceptions import PyJWTError
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

from config import settings
from database.shop import Account, EndedToken

TOKEN_LIFETIME = timedelta(hours=12)
PASSWORD_MIN = 10
EMAIL_MAX = 320
"""Characters; a longer one opens nothing, and is not remembered whole by those who count failures."""
MOST_REMEMBERED = 10_000
"""Counts of failures that are kept before those of the past are thrown out."""
_NOBODY = generate_password_hash(secrets.token_urlsafe())
"""Checked where there is no such account, so that both answers take as long."""


class SignInNeeded(Exception):
    """The request carries no token, or one that no longer counts."""


class Forged(Exception):
    """The request carries a token but not the value that only our own pages know."""


@dataclass
class FailureLimit:
    """Refuses further sign-ins after too many failures, for a while.

    Counts live in this process: enough for one web process; several would each allow as many.

    Attributes:
        per_person: failures of one e-mail from one address.
        per_address: failures of one address, whatever the e-mail.
    """

    per_person: int = 8
    per_address: int = 40
    window: timedelta = timedelta(minutes=15)
    _failures: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, address: str, email: str) -> timedelta | None:
        """How long `email` has to wait at `address`, or None if it need not."""
        with self._lock:
            limits = (((address, email), self.per_person), ((address, ""), self.per_address))
            waits = [self._wait(key, allowed) for key, allowed in limits]
        return max((wait for wait in waits if wait is not None), default=None)

    def _wait(self, key: tuple[str, str], allowed: int) -> timedelta | None:
        failures, now = self._failures.get(key, deque()), monotonic()
        while failures and now - failures[0] >= self.window.total_seconds():
            failures.popleft()
        if not failures:
            self._failures.pop(key, None)
        if len(failures) < allowed:
            return None
        return self.window - timedelta(seconds=now - failures[0])

    def failed(self, address: str, email: str) -> None:
        """Counts a failure."""
        with self._lock:
            if len(self._failures) >= MOST_REMEMBERED:
                self._forget_old()
            for key, allowed in (((address, email), self.per_person), ((address, ""), self.per_address)):
                self._failures.setdefault(key, deque(maxlen=allowed)).append(monotonic())

    def _forget_old(self) -> None:
        oldest = monotonic() - self.window.total_seconds()
        self._failures = {key: failures for key, failures in self._failures.items() if failures[-1] > oldest}

    def forgive(self, address: str, email: str) -> None:
        """Forgets the failures of `email` at `address`."""
        with self._lock:
            self._failures.pop((address, email), None)


@dataclass(frozen=True, slots=True)
class Barred(Exception):
    """Too many failures; try again after `wait`."""

    wait: timedelta


def verify(work: Session, email: str, password: str, limit: FailureLimit, address: str) -> Account | None:
    """The account that `email` and `password` open, or None. Notes the sign-in; does not commit.

    Raises:
        Barred: too many failures from this address.
    """
    email = email.strip().lower()[:EMAIL_MAX]
    if wait := limit.wait(address, email):
        raise Barred(wait)
    account = by_email(work, email)
    right = check_password_hash(account.password_hash if account else _NOBODY, password)
    if account is None or not right or account.disabled_at is not None:
        limit.failed(address, email)
        return None
    limit.forgive(address, email)
    account.last_sign_in_at = datetime.now(UTC)
    return account


def _fingerprint(account: Account) -> str:
    """Changes with the password, so that a token made under the old one stops to count."""
    return hmac.new(settings().signing_key().encode(), account.password_hash.encode(), hashlib.sha256).hexdigest()[:16]


def token(account: Account) -> str:
    """A signed token for `account`."""
    return str(jwt.create_access_token(str(account.id), additional_claims={"pwd": _fingerprint(account)}))


def account_of_request(work: Session) -> Account:
    """The account whose token this request carries.

    Raises:
        SignInNeeded: there is none, it ended, or its account may no longer work here.
        Forged: a cookie without the matching form field or header.
    """
    try:
        verified = jwt.verify_jwt_in_request()
    except CSRFError as error:
        raise Forged from error
    except (JWTExtendedException, PyJWTError) as error:
        raise SignInNeeded from error
    claims = verified[1] if verified else {}
    account = work.get(Account, int(claims.get("sub", 0)))
    if account is None or account.disabled_at or not hmac.compare_digest(claims.get("pwd", ""), _fingerprint(account)):
        raise SignInNeeded
    if work.get(EndedToken, claims["jti"]) is not None:
        raise SignInNeeded
    return account


def form_token() -> str:
    """What a form repeats in its field `csrf_token`; empty before sign-in."""
    claims = g.get("_jwt_extended_jwt") or {}
    return str(claims.get("csrf", ""))


def sign_in(response: Response, account: Account) -> Response:
    """Hands the browser its cookies."""
    jwt.set_access_cookies(response, token(account))  # type: ignore[arg-type]
    return response


def sign_out(work: Session, response: Response) -> Response:
    """Ends the token of this request, copies of it included, and takes the cookies back. Does not commit."""
    claims = jwt.get_jwt()
    now = datetime.now(UTC)
    work.execute(sa.delete(EndedToken).where(EndedToken.ends_at < now))
    work.merge(EndedToken(id=claims["jti"], ends_at=datetime.fromtimestamp(claims["exp"], UTC)))
    jwt.unset_jwt_cookies(response)  # type: ignore[arg-type]
    return response


def from_elsewhere() -> bool:
    """Whether another site's page sent this form; browsers say so themselves."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def limit_of(app: Flask) -> FailureLimit:
    """The failure counts of `app`."""
    limit: FailureLimit = app.extensions["sign_in_limit"]
    return limit


def register(app: Flask) -> None:
    """Tokens, the failure limit and the `users` commands."""
    app.config.update(
        JWT_SECRET_KEY=settings().signing_key(),
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_ACCESS_TOKEN_EXPIRES=TOKEN_LIFETIME,
        JWT_COOKIE_SECURE=settings().web_https,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_CSRF_PROTECT=True,
        JWT_CSRF_CHECK_FORM=True,
        JWT_SESSION_COOKIE=False,
    )
    jwt.JWTManager(app)
    app.extensions["sign_in_limit"] = FailureLimit()
    from webapp import users

    app.cli.add_command(users.users)


def create(work: Session, email: str, *, name: str, password: str, role: str = "owner") -> Account:
    """Makes an account. Does not commit.

    Raises:
        ValueError: the e-mail or the password will not do, or there is such an account; the text says what to do.
    """
    email = email.strip()
    if "@" not in email[1:-1] or " " in email:
        raise ValueError(f"{email!r} is no e-mail address.")
    if by_email(work, email):
        raise ValueError(f"There is an account {email}. `users set-password {email}` gives it a new password.")
    account = Account(
        email=email,
        name=name.strip() or email.partition("@")[0],
        role=role,
        language=settings().shop_language,
        password_hash=hashed(password),
    )
    work.add(account)
    work.flush()
    return account


def by_email(work: Session, email: str) -> Account | None:
    """The account of an e-mail, whatever its case."""
    return work.scalar(sa.select(Account).where(sa.func.lower(Account.email) == email.strip().lower()))


def hashed(password: str) -> str:
    """A scrypt hash of `password`.

    Raises:
        ValueError: it is too short.
    """
    if len(password) < PASSWORD_MIN:
        raise ValueError(f"A password has {PASSWORD_MIN} characters or more.")
    return generate_password_hash(password)
