from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session


def test_tables_and_migrations_agree(work: Session) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from database import agent, market, shop
    from database.base import Base

    assert agent and market and shop
    context = MigrationContext.configure(
        work.connection(),
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in ("market", "agent", "shop"),
        },
    )
    assert compare_metadata(context, Base.metadata) == []


def insert_listing(work: Session) -> int:
    work.execute(
        sa.text("insert into market.crawl (spider, marketplace, country, markets) values ('jumia','jumia','dz','demo')")
    )
    return work.scalar(
        sa.text(
            "insert into market.listing (marketplace, country, external_id, url, title, first_seen_at, last_seen_at)"
            " values ('jumia', 'dz', 'A', 'https://x', 'x', now(), now()) returning id"
        )
    )


def test_an_observation_is_never_updated_or_deleted(work: Session) -> None:
    listing = insert_listing(work)
    work.execute(
        sa.text(
            "insert into market.observation (listing_id, crawl_id, observed_at, price, currency, price_kind)"
            " select :listing, id, now(), 10, 'DZD', 'fixed' from market.crawl"
        ),
        {"listing": listing},
    )
    for statement in ("update market.observation set price = 1", "delete from market.observation"):
        with pytest.raises(sa.exc.DBAPIError, match="append only"), work.begin_nested():
            work.execute(sa.text(statement))
