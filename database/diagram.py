"""docs/DATA_MODEL.md, made from the tables: a Mermaid diagram and a table of columns a schema."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from config import ROOT
from database import marts
from database.tables import metadata

PATH = ROOT / "docs" / "DATA_MODEL.md"
HEAD = """# Data model

Made from the tables by `python -m database diagram`; a test fails where this page and the tables differ. Schemas
`market`, `agent` and `shop` are SQLAlchemy tables with Alembic migrations; `marts` is built by dbt and only read.

- `market.observation`, `agent.purchase_event`, `agent.budget_entry`, `shop.stock_movement`, `shop.price_change`,
  `shop.order_line`, `shop.order_event` and `shop.order_cost` are append only: a trigger refuses update and delete.
- Units on hand are the view `shop.stock_on_hand`, the sum of the movements; a trigger refuses a sum below zero. What is
  promised to orders that have not left, and what may still be sold, is the view `shop.stock_available`.
- Personal data of shoppers is in `shop.order_contact` and `shop.customer.phone`, nowhere else.
- Money is `numeric(14,2)`: dinars in `agent` and `shop`, the shop's own currency in `market`. Times are UTC.
"""


def _type(column: sa.Column) -> str:
    return column.type.compile(dialect=postgresql.dialect()).lower().replace(" with time zone", "tz")


def _diagram(tables: list[sa.Table]) -> Iterator[str]:
    yield "```mermaid"
    yield "erDiagram"
    for table in tables:
        for column, target in _keys(table):
            many = "|o" if column.unique else "o{"
            one = "|o" if column.nullable else "||"
            entity = target.rpartition(".")[0].replace(".", "_")
            yield f"    {entity} {one}--{many} {_entity(table)} : {column.name}"
    yield "```"


def _keys(table: sa.Table) -> list[tuple[sa.Column, str]]:
    """Columns that lead to another table: by a foreign key, or by a trigger that does its work."""
    keys = [(key.parent, key.target_fullname) for key in table.foreign_keys]
    keys += [(column, target) for column in table.columns if (target := column.info.get("leads_to"))]
    return sorted(keys, key=lambda key: (key[0].name, key[1]))


def _entity(table: sa.Table) -> str:
    return f"{table.schema}_{table.name}"


def document() -> str:
    """The whole page, in Markdown."""
    tables = sorted(metadata.tables.values(), key=lambda table: (table.schema or "", table.name))
    lines = [HEAD, *_diagram(tables)]
    for table in [*tables, *sorted(marts.metadata.tables.values(), key=lambda table: table.name)]:
        lines += ["", f"## {table.schema}.{table.name}", ""]
        if table.comment:
            lines += [table.comment, ""]
        lines += ["| column | type | null | meaning |", "| --- | --- | --- | --- |"]
        for column in table.columns:
            target = ", ".join(f"→ {target}" for own, target in _keys(table) if own is column)
            meaning = "; ".join(filter(None, [column.comment, target]))
            null = "yes" if column.nullable else ""
            lines.append(f"| {column.name} | {_type(column)} | {null} | {meaning} |")
    return "\n".join(lines) + "\n"
