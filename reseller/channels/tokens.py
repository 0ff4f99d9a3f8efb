"""A refresh token that changes with each use: its successor is stored before the access token is used."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

import httpx
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import database
from database.channels import ChannelToken
from reseller.channels import ChannelUnavailable, TokenLost
from reseller.channels.turns import alone

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
EARLY = timedelta(seconds=60)
"""How long before its end an access token is not used any more."""
LOST = (
    "The Vendor Center does not know our refresh token any more{why}. Make a new one in the Vendor Center (Settings,"
    " Applications) and give it with: python -m reseller channels --token"
)
_table = ChannelToken.__table__


def give(channel: str, refresh_token: str) -> None:
    """Stores a refresh token that a person has made, in place of the one before. Commits."""
    values = {
        "refresh_token": refresh_token.strip(),
        "access_token": None,
        "access_until": None,
        "rotating_since": None,
        "changed_at": datetime.now(UTC),
    }
    with database.engine().begin() as connection:
        made = insert(ChannelToken).values(channel=channel, **values)
        connection.execute(made.on_conflict_do_update(index_elements=["channel"], set_=values))


def access_token(
    channel: str,
    url: str,
    client_id: str,
    *,
    spent: str | None = None,
    slot: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> str:
    """An access token; a new one where the stored one ends soon, or is the one that was `spent`. Commits.

    Processes take turns, so that none uses a refresh token that another has just exchanged.

    Args:
        slot: what keeps the channel's limits; the exchange is a request like any other.

    Raises:
        TokenLost: there is no token, or the channel refuses it.
        ChannelUnavailable: no answer; the next try shows whether the token was exchanged.
    """
    with alone(f"token:{channel}") as connection:
        row = connection.execute(sa.select(_table).where(_table.c.channel == channel)).mappings().first()
        if row is None:
            raise TokenLost(LOST.format(why=" (none was ever given)"))
        if row["access_token"] and row["access_token"] != spent and row["access_until"] > datetime.now(UTC) + EARLY:
            return str(row["access_token"])
        _store(connection, channel, rotating_since=row["rotating_since"] or datetime.now(UTC))
        with slot():
            answer = _exchange(url, client_id, row["refresh_token"])
        if answer.status_code in (400, 401, 403):
            why = ": it was exchanged, and the answer was lost" if row["rotating_since"] else ""
            raise TokenLost(LOST.format(why=why))
        found = _read(answer)
        _store(
            connection,
            channel,
            refresh_token=found["refresh_token"],
            access_token=found["access_token"],
            access_until=datetime.now(UTC) + timedelta(seconds=float(found.get("expires_in") or 300)),
            rotating_since=None,
        )
        return str(found["access_token"])


def _store(connection: sa.Connection, channel: str, **values: object) -> None:
    now = datetime.now(UTC)
    connection.execute(sa.update(ChannelToken).where(_table.c.channel == channel).values(changed_at=now, **values))
    connection.commit()


def _exchange(url: str, client_id: str, refresh_token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": refresh_token}
    try:
        answer = httpx.post(f"{url}/token", data=form, timeout=TIMEOUT, trust_env=False)
    except httpx.HTTPError as error:
        raise ChannelUnavailable(f"no token: {error or type(error).__name__}") from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise ChannelUnavailable(f"no token: the Vendor Center answered {answer.status_code}")
    return answer


def _read(answer: httpx.Response) -> dict[str, str]:
    try:
        found = answer.json()
        if found["access_token"] and found["refresh_token"]:
            return dict(found)
    except (ValueError, KeyError, TypeError):
        pass
    raise ChannelUnavailable(f"no token: the answer ({answer.status_code}) cannot be read")
