"""What all tables share: naming of constraints, column types, choices as checked text."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

BigId = Annotated[int, mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)]
Money = Annotated[Decimal, mapped_column(sa.Numeric(14, 2))]
Instant = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]
Stamp = Annotated[datetime, mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())]
Json = Annotated[dict[str, object], mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))]


class Base(DeclarativeBase):
    """Tables of the schemas market, agent, shop and books; dbt owns marts."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def one_of(column: str, choices: tuple[str, ...]) -> sa.CheckConstraint:
    """A check that `column` is one of `choices` (or null, where the column allows it)."""
    quoted = ", ".join(f"'{choice}'" for choice in choices)
    return sa.CheckConstraint(f"{column} in ({quoted})", name=f"{column}_known")
