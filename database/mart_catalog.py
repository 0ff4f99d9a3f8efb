"""The marts as PostgreSQL's catalog has them: whatever dbt has built, also what this code has never heard of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import duckdb

from database.duckdb_postgres import ALIAS, literal

NAMES = r"""
select relname from pg_class
where relnamespace = to_regnamespace('marts') and relkind in ('r', 'p', 'v') and relname not like '%\_\_dbt\_%'
order by relname
"""

MARTS = """
select json_build_object(
    'name', c.relname,
    'description', obj_description(c.oid),
    'estimated_rows', greatest(c.reltuples::bigint, 0),
    'key', coalesce((
        select (
            select json_agg(a.attname order by k.place)
            from unnest(i.indkey::int[]) with ordinality as k (number, place)
            join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
        )
        from pg_index as i
        where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null
        order by i.indisprimary desc, i.indexrelid limit 1
    ), '[]'),
    'columns', (
        select json_agg(
            json_build_object(
                'name', a.attname,
                'type', format_type(a.atttypid, a.atttypmod),
                'description', col_description(c.oid, a.attnum)
            ) order by a.attnum
        )
        from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    )
)::text as mart
from pg_class as c
where c.relnamespace = 'marts'::regnamespace and c.relname in ({names})
order by c.relname
"""


@dataclass(frozen=True)
class Column:
    """A column, its type in PostgreSQL's words and its comment."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class Mart:
    """A mart: its comment, which begins with its grain, its columns, and those of its unique key, if it has one."""

    name: str
    description: str | None
    estimated_rows: int
    key: list[str]
    columns: list[Column]

    def described(self) -> dict[str, object]:
        """Grain, key and columns, for JSON."""
        return {"grain": self.description, "key": self.key, "columns": [asdict(column) for column in self.columns]}


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of the marts in the Postgres that is attached to `connection`; none before dbt has run."""
    return [name for (name,) in _ask(connection, NAMES)]


def marts(connection: duckdb.DuckDBPyConnection, named: list[str]) -> list[Mart]:
    """The marts of these names."""
    rows = _ask(connection, MARTS.format(names=", ".join(literal(name) for name in named)))
    return [_mart(json.loads(row)) for (row,) in rows]


def _mart(row: dict) -> Mart:
    return Mart(**row | {"columns": [Column(**column) for column in row["columns"]]})


def _ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(f"from postgres_query('{ALIAS}', {literal(query)})").fetchall()
