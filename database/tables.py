"""All tables that migrations know: importing this module registers every schema."""

from database import agent, books, channels, market, orders, shop
from database.base import Base

metadata = Base.metadata

__all__ = ["agent", "books", "channels", "market", "metadata", "orders", "shop"]
