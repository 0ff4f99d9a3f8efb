from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session


def test_tables_and_migrations_agree(work: Session) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from database.tables import metadata

    context = MigrationContext.configure(
        work.connection(),
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in ("market", "agent", "shop", "books"),
        },
    )
    assert compare_metadata(context, metadata) == []


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


def insert_product(work: Session) -> int:
    return work.scalar(
        sa.text("insert into shop.product (sku, title, created_at) values ('HN-1', 'x', now()) returning id")
    )


MOVE = sa.text(
    "insert into shop.stock_movement (product_id, kind, quantity, unit_cost, idempotency_key, reason, who, at)"
    " values (:product, :kind, :quantity, :cost, gen_random_uuid()::text, 'test', 'test', now())"
)


def test_stock_on_hand_is_the_sum_of_its_movements(work: Session) -> None:
    product = insert_product(work)
    work.execute(MOVE, {"product": product, "kind": "receipt", "quantity": 5, "cost": 100})
    work.execute(MOVE, {"product": product, "kind": "sale", "quantity": -2, "cost": None})
    assert work.scalar(sa.text("select quantity from shop.stock_on_hand")) == 3


def test_stock_never_goes_below_zero_however_many_take_at_once(work: Session, database_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from database import create_engine

    product = insert_product(work)
    work.execute(MOVE, {"product": product, "kind": "receipt", "quantity": 10, "cost": 100})
    work.commit()
    engine = create_engine(database_url, pool_size=30)

    def take(_: int) -> bool:
        try:
            with engine.begin() as connection:
                connection.execute(MOVE, {"product": product, "kind": "sale", "quantity": -1, "cost": None})
        except sa.exc.IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(30) as pool:
        taken = sum(pool.map(take, range(50)))
    engine.dispose()
    assert taken == 10
    assert work.scalar(sa.text("select quantity from shop.stock_on_hand")) == 0


OBSERVE = sa.text(
    "insert into market.observation (listing_id, crawl_id, observed_at, price_kind)"
    " select listing, crawl, now() + listing * interval '1 s', 'none' from unnest(:listings) as listing,"
    " unnest(:crawls) as crawl"
)


@pytest.mark.parametrize("unknown", ["listing", "crawl"])
def test_an_observation_of_an_unknown_listing_or_crawl_is_refused_with_its_whole_statement(
    work: Session, unknown: str
) -> None:
    listing = insert_listing(work)
    crawl = work.scalar(sa.text("select id from market.crawl"))
    known = {"listings": [listing], "crawls": [crawl]}
    wrong = known | {"listings": [listing, listing + 1]} if unknown == "listing" else known | {"crawls": [crawl + 1]}
    with pytest.raises(sa.exc.IntegrityError, match=f"of a {unknown} that is not in market"), work.begin_nested():
        work.execute(OBSERVE, wrong)
    work.execute(OBSERVE, known)
    assert work.scalar(sa.text("select count(*) from market.observation")) == 1


@pytest.mark.parametrize("table", ["market.listing", "market.crawl"])
def test_what_the_log_names_is_neither_deleted_nor_truncated_under_it(work: Session, table: str) -> None:
    listing = insert_listing(work)
    work.execute(OBSERVE, {"listings": [listing], "crawls": [work.scalar(sa.text("select id from market.crawl"))]})
    for statement in (f"delete from {table}", f"truncate {table} cascade"):
        with pytest.raises(sa.exc.IntegrityError, match="keeps its rows"), work.begin_nested():
            work.execute(sa.text(statement))
    work.execute(sa.text(f"truncate market.observation, {table} cascade"))
