from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

import config
from database import marts
from tests.analytics_sql.conftest import MODELS_ONLY, Dbt
from tests.analytics_sql.market_rows import NOW, small_market

MODELS = config.ROOT / "analytics_sql" / "models" / "marts"
TABLES = sorted(marts.metadata.sorted_tables, key=lambda table: table.name)


def contracts() -> dict[str, list[dict[str, Any]]]:
    """The columns of each mart's contract by the name of its table."""
    found = {}
    for file in MODELS.glob("*.yml"):
        for model in yaml.safe_load(file.read_text())["models"]:
            for version in model.get("versions", [{}]):
                left_out = {name for part in version.get("columns", []) for name in part.get("exclude", [])}
                columns = [column for column in model["columns"] if column["name"] not in left_out]
                found[version.get("config", {}).get("alias", model["name"])] = columns
    return found


def as_postgres_says(kind: str) -> str:
    return {"timestamptz": "timestamp with time zone"}.get(kind, kind)


def test_the_contracts_are_what_the_app_reads() -> None:
    contracted = {name: {column["name"] for column in columns} for name, columns in contracts().items()}
    read = {table.name: set(table.columns.keys()) for table in TABLES}
    assert {name: contracted.get(name) for name in read} == read


def test_every_mart_column_has_its_line_in_the_docs() -> None:
    text = (config.ROOT / "docs" / "MARTS.md").read_text()
    named = {name: text.partition(f"## marts.{name}\n")[2].partition("\n## ")[0] for name in contracts()}
    assert [name for name, section in named.items() if not section] == []
    assert [
        f"{name}.{column['name']}"
        for name, columns in contracts().items()
        for column in columns
        if f"`{column['name']}`"
        not in named[name] + named["current_offers"] * ("columns of `current_offers`" in named[name])
    ] == []


def test_the_tables_are_what_the_contracts_say(work: Session, dbt: Dbt) -> None:
    small_market(work)
    work.commit()
    dbt(*MODELS_ONLY)
    dialect = work.get_bind().dialect
    read_by_app = {table.name: {c.name: str(c.type.compile(dialect)) for c in table.columns} for table in TABLES}
    for name, columns in contracts().items():
        rows = work.execute(
            sa.text(
                "select attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)"
                " from pg_attribute where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped"
                " order by attnum"
            ),
            {"name": f"marts.{name}"},
        ).all()
        contract = {column["name"]: column for column in columns}
        kinds = {name: kind for name, kind, _, _ in rows}
        assert kinds == {n: as_postgres_says(c["data_type"]) for n, c in contract.items()}
        if name in read_by_app:
            assert kinds == {n: as_postgres_says(k.lower().replace(", ", ",")) for n, k in read_by_app[name].items()}
        assert {name for name, _, not_null, _ in rows if not_null} == {
            n for n, c in contract.items() if "constraints" in c
        }
        assert [name for name, _, _, comment in rows if not comment or "doc(" in comment] == []
        said = work.scalar(sa.text("select obj_description(to_regclass(:n))"), {"n": f"marts.{name}"})
        assert said.startswith("One row per ")


def test_the_marts_of_a_small_market_are_as_computed_by_hand(work: Session, dbt_command: Dbt) -> None:
    listings = small_market(work)
    work.commit()
    dbt_command("build", "--project-dir", "analytics_sql", "--exclude-resource-type", "unit_test")

    offers = {row.listing_id: row for row in work.execute(sa.select(marts.current_offers))}
    assert len(offers) == 5
    headphone = offers[listings["headphone"].id]
    assert (headphone.price, headphone.price_dzd, headphone.low_30d_price) == (
        Decimal(4680),
        Decimal(4680),
        Decimal(4680),
    )
    assert (headphone.rating_count, headphone.stock_left, headphone.position) == (24, 2, 20)
    assert (headphone.department, headphone.category) == ("Électronique", "Casques")
    assert headphone.category_path == "Électronique > Audio > Casques"
    assert (headphone.availability, headphone.last_observed_at) == ("low_stock", NOW)
    assert offers[listings["phone"].id].price_dzd == Decimal("26599.86")
    assert [offers[listings[name].id].is_resellable for name in ("headphone", "bag", "flat", "phone", "silent")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert offers[listings["silent"].id].price is None

    days = work.execute(
        sa.select(marts.price_history_daily)
        .where(marts.price_history_daily.c.listing_id == listings["headphone"].id)
        .order_by("day")
    ).all()
    assert [row.day for row in days] == [NOW.date() - timedelta(days=age) for age in range(10, -1, -1)]
    assert [row.close_price for row in days] == [5000, 5000, *[5200] * 5, *[4900] * 3, 4680]
    assert [row.observation_count for row in days] == [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1]
    assert [row.low_30d_price for row in days] == [*[5000] * 7, *[4900] * 3, 4680]

    trends = {row.listing_id: row for row in work.execute(sa.select(marts.trending_products_v1))}
    assert set(trends) == {listings[name].id for name in ("headphone", "bag", "flat", "phone")}
    selling, once = trends[listings["headphone"].id], trends[listings["bag"].id]
    # 24 ratings now, 12 eight days ago; 4680 against 5200.
    assert (selling.rating_count_gain_7d, selling.price_change_7d_pct) == (12, Decimal("-10.00"))
    # 0.35 x 4/9 + 0.40 x 10/15 + 0.25 x 24/44
    assert selling.confidence == Decimal("0.559")
    assert once.confidence == Decimal("0.271")
    # Two listings: who leads a signal has rank 1, the other 0, and 0.5 each where they tie. The headphone leads pace of
    # ratings (0.40), units gone (0.15) and position (0.25); none sold out (0.05) and none climbed (0.15). It leads both
    # price signals that the market shows, and the bag both of engagement: 114 ratings, of 4.3.
    assert (selling.score_sales, once.score_sales) == (Decimal("0.9"), Decimal("0.1"))
    assert (selling.score_price, once.score_price) == (Decimal(1), Decimal(0))
    assert (selling.score_engagement, once.score_engagement) == (Decimal(0), Decimal(1))
    # 50 + 100 x (0.6 x 0.4 + 0.35 x 0.5 - 0.05 x 0.5) x (0.4 + 0.6 x 0.559), and 50 less the same x (0.4 + 0.6 x 0.271)
    assert (selling.score, once.score) == (Decimal("78.68"), Decimal("28.06"))
    # Between them are the two that are alone in their markets.
    assert (selling.rank_overall, once.rank_overall) == (1, 4)
    assert once.observation_count == 1
    assert (once.rating_count_gain_7d, once.price_change_7d_pct) == (None, None)
    assert selling.reason_fr == "12 avis de plus en 7 jours, prix −10 %"
    assert selling.reason_ar == "12 تقييمًا إضافيًا خلال 7 أيام، السعر −10 %"
    assert once.reason_fr == "Bien noté (4,3 sur 114 avis)"
    assert once.reason_en == "Well rated (4.3 from 114 reviews)"


def test_an_empty_database_gives_valid_empty_marts_also_from_within_the_project(
    work: Session, dbt_command: Dbt
) -> None:
    dbt_command("build", cwd=config.ROOT / "analytics_sql")
    assert marts.built(work)
    for table in TABLES:
        assert work.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_the_analyst_reads_marts_after_each_rebuild_and_indexes_are_there(work: Session, dbt: Dbt) -> None:
    small_market(work)
    work.commit()
    dbt(*MODELS_ONLY)
    dbt(*MODELS_ONLY)
    definitions = work.scalars(sa.text("select indexdef from pg_indexes where schemaname = 'marts'")).all()
    for part in (
        "UNIQUE INDEX % ON marts.current_offers USING btree (listing_id)",
        "INDEX % ON marts.current_offers USING gin (title gin_trgm_ops)",
        "INDEX % ON marts.current_offers USING btree (category)",
        "UNIQUE INDEX % ON marts.trending_products_v1 USING btree (listing_id)",
        "INDEX % ON marts.trending_products_v1 USING btree (score DESC)",
        "UNIQUE INDEX % ON marts.trending_products_v2 USING btree (listing_id)",
        "UNIQUE INDEX % ON marts.price_history_daily USING btree (listing_id, day)",
        "UNIQUE INDEX % ON marts.demand_forecast USING btree (product_id, day)",
        "UNIQUE INDEX % ON marts.sales_daily USING btree (product_id, day)",
        "UNIQUE INDEX % ON marts.stock_position USING btree (product_id)",
        "INDEX % ON marts.profit_by_product USING btree (profit_dzd DESC)",
        "INDEX % ON marts.customer_orders USING btree (customer_key)",
    ):
        before, after = part.split("%")
        assert [d for d in definitions if before.strip() in d and d.endswith(after.strip())], part
    names = work.scalars(sa.text("select tablename from pg_tables where schemaname = 'marts' order by 1")).all()
    assert names == sorted(contracts())
    work.commit()
    work.execute(sa.text("set local role analyst"))
    rows = {table.name: work.scalar(sa.select(sa.func.count()).select_from(table)) for table in TABLES}
    own_shop = {"customer_orders", "demand_forecast", "profit_by_product", "sales_daily", "stock_position"}
    empty = {name for name, count in rows.items() if not count}
    assert empty == own_shop | {"seller_performance"}, "our shop has bought and sold nothing, no listing names a seller"
