"""What all schemas rest on: money, pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from reseller.overview import Page as Rows

Item = TypeVar("Item")


class Schema(BaseModel):
    """Unknown members are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class Money(Schema):
    """An amount and its currency."""

    amount: Decimal = Field(examples=["12500.00"])
    currency: str = Field(examples=["DZD"], description="ISO 4217")


def money(amount: Decimal | None, currency: str | None = "DZD") -> Money | None:
    """None where either is unknown."""
    return Money(amount=amount, currency=currency) if amount is not None and currency else None


def dinars(amount: Decimal) -> Money:
    """An amount in DZD."""
    return Money(amount=amount, currency="DZD")


class Paging(Schema):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=1_000_000, description="1 is the first; past the end, the last page is answered")
    page_size: int = Field(50, ge=1, le=200)


class Page(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    total: int = Field(description="items in all")
    page: int
    page_size: int
    pages: int


def page_of(rows: Rows[Any], items: list[Item]) -> dict[str, Any]:
    """The page's members, ready for its model."""
    return {"items": items, "total": rows.total, "page": rows.number, "page_size": rows.size, "pages": rows.pages}
