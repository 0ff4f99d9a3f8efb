"""Tokens and health."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from reseller.overview import CrawlRow, MartAge
from webapp.api.schemas.base import Schema


class Credentials(Schema):
    """E-mail and password of an account of the console."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024)


class Token(Schema):
    """A bearer token (RFC 6750)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int = Field(description="seconds")


class CrawlState(Schema):
    """The last crawl of a spider and country."""

    id: int
    spider: str
    country: str
    state: str
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    offers: int
    rejects: int

    @classmethod
    def of(cls, row: CrawlRow) -> CrawlState:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class MartState(Schema):
    """What the marts hold of a marketplace."""

    marketplace: str
    listings: int
    newest_sighting: datetime

    @classmethod
    def of(cls, row: MartAge) -> MartState:
        return cls(marketplace=row.marketplace, listings=row.listings, newest_sighting=row.newest_sighting)


class Health(Schema):
    """Whether the app can do its work. `failing` needs a person now; `degraded` serves with what is there."""

    status: Literal["ok", "degraded", "failing"]
    database: Literal["up", "away"]
    problems: list[str] = Field(description="what is wrong, for a person")
    marts_built: bool
    marts: list[MartState]
    marts_behind: timedelta | None = Field(description="how far newer sightings are ahead of the marts")
    crawls: list[CrawlState]
