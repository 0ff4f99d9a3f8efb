"""The marts that the app reads, as SQLAlchemy sees them. dbt builds them; a test holds these columns to its contracts.

Money is numeric(14,2); `*_dzd` is dinars at the rate of the seed `exchange_rates`; fractions are 0 to 1 unless named
`_pct`. No mart exists before dbt has run once: ask `built()`.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

metadata = sa.MetaData(schema="marts")
Amount = sa.Numeric(14, 2)
Time = sa.DateTime(timezone=True)


def _offer_columns() -> list[sa.Column]:
    return [
        sa.Column("listing_id", sa.BigInteger, primary_key=True),
        sa.Column("marketplace", sa.Text),
        sa.Column("country", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("brand", sa.Text),
        sa.Column("department", sa.Text),
        sa.Column("category", sa.Text),
        sa.Column("category_path", sa.Text),
        sa.Column("seller_kind", sa.Text),
        sa.Column("image_url", sa.Text),
        sa.Column("currency", sa.Text),
        sa.Column("price_kind", sa.Text),
        sa.Column("availability", sa.Text),
        sa.Column("price", Amount),
        sa.Column("price_dzd", Amount),
        sa.Column("old_price", Amount),
        sa.Column("low_30d_price", Amount),
        sa.Column("rating", sa.Numeric(3, 2)),
        sa.Column("rating_count", sa.Integer),
        sa.Column("stock_left", sa.Integer),
        sa.Column("likes", sa.Integer),
        sa.Column("views", sa.Integer),
        sa.Column("position", sa.Integer),
        sa.Column("shipped_from_abroad", sa.Boolean),
        sa.Column("express", sa.Boolean),
        sa.Column("is_resellable", sa.Boolean),
        sa.Column("first_seen_at", Time),
        sa.Column("last_seen_at", Time),
        sa.Column("last_observed_at", Time),
    ]


current_offers = sa.Table("current_offers", metadata, *_offer_columns())
"""One row per listing: what is last known of it. department is the first of the category path, category the last."""


def _trend_columns() -> list[sa.Column]:
    return [
        sa.Column("score", sa.Numeric(6, 2)),
        sa.Column("score_sales", sa.Numeric(5, 4)),
        sa.Column("score_price", sa.Numeric(5, 4)),
        sa.Column("score_engagement", sa.Numeric(5, 4)),
        sa.Column("confidence", sa.Numeric(4, 3)),
        sa.Column("rank_overall", sa.Integer),
        sa.Column("rank_in_category", sa.Integer),
        sa.Column("observation_count", sa.Integer),
        sa.Column("rating_count_gain_7d", sa.Integer),
        sa.Column("price_change_7d_pct", sa.Numeric(7, 2)),
    ]


def _reason_columns() -> list[sa.Column]:
    return [sa.Column("reason_fr", sa.Text), sa.Column("reason_ar", sa.Text), sa.Column("reason_en", sa.Text)]


trending_products_v1 = sa.Table(
    "trending_products_v1", metadata, *_offer_columns(), *_trend_columns(), *_reason_columns()
)
"""One row per listing that has a price and was seen in the last 30 days of the market, scored 0 to 100. Deprecated."""

trending_products_v2 = sa.Table(
    "trending_products_v2",
    metadata,
    *_offer_columns(),
    *_trend_columns(),
    sa.Column("price_vs_median_pct", sa.Numeric(7, 2)),
    sa.Column("price_volatility_pct", sa.Numeric(5, 2)),
    sa.Column("days_off_shelf_7d", sa.Numeric(4, 2)),
    sa.Column("seller_count", sa.Integer),
    *_reason_columns(),
)
"""One row per listing that has a price and was seen in the last 30 days of the market, scored 0 to 100; at 50 it will
sell as it does."""

price_history_daily = sa.Table(
    "price_history_daily",
    metadata,
    sa.Column("listing_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("currency", sa.Text),
    sa.Column("availability", sa.Text),
    sa.Column("open_price", Amount),
    sa.Column("high_price", Amount),
    sa.Column("low_price", Amount),
    sa.Column("close_price", Amount),
    sa.Column("close_price_dzd", Amount),
    sa.Column("low_30d_price", Amount),
    sa.Column("reduced_on", sa.Date),
    sa.Column("prior_price", Amount),
    sa.Column("rating_count", sa.Integer),
    sa.Column("observation_count", sa.Integer),
)
"""One row per listing and day from its first to its last observation; days between two observations are carried
forward, with observation_count 0. Prices in `currency`. low_30d_price: lowest price of that day and the 29 before.
prior_price: lowest of the 30 days before reduced_on, the day on which the price last fell and has not risen since."""

market_products = sa.Table(
    "market_products",
    metadata,
    sa.Column("product_id", sa.BigInteger, primary_key=True),
    sa.Column("title", sa.Text),
    sa.Column("normalised_title", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("brand", sa.Text),
    sa.Column("model_numbers", sa.Text),
    sa.Column("variant", sa.Text),
    sa.Column("storage_gb", sa.Numeric(9, 3)),
    sa.Column("ram_gb", sa.Numeric(9, 3)),
    sa.Column("screen_inches", sa.Integer),
    sa.Column("processor", sa.Text),
    sa.Column("volume_ml", sa.Numeric(14, 3)),
    sa.Column("weight_g", sa.Numeric(14, 3)),
    sa.Column("pack_count", sa.Integer),
    sa.Column("condition", sa.Text),
    sa.Column("department", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("image_url", sa.Text),
    sa.Column("listing_count", sa.Integer),
    sa.Column("available_count", sa.Integer),
    sa.Column("market_count", sa.Integer),
    sa.Column("markets", sa.Text),
    sa.Column("lowest_price_dzd", Amount),
    sa.Column("median_price_dzd", Amount),
    sa.Column("highest_price_dzd", Amount),
    sa.Column("price_spread_pct", sa.Numeric(7, 2)),
    sa.Column("cheapest_listing_id", sa.BigInteger),
    sa.Column("is_resellable", sa.Boolean),
    sa.Column("first_seen_at", Time),
    sa.Column("last_seen_at", Time),
)
"""One row per product: what its listings of all sellers and marketplaces say together. Prices of available listings."""

market_product_listings = sa.Table(
    "market_product_listings",
    metadata,
    sa.Column("listing_id", sa.BigInteger, primary_key=True),
    sa.Column("product_id", sa.BigInteger),
    sa.Column("marketplace", sa.Text),
    sa.Column("country", sa.Text),
    sa.Column("is_available", sa.Boolean),
    sa.Column("price_dzd", Amount),
    sa.Column("price_rank", sa.Integer),
)
"""One row per listing: the product that it offers. price_rank 1 is the product's cheapest available listing."""

category_niches = sa.Table(
    "category_niches",
    metadata,
    sa.Column("marketplace", sa.Text, primary_key=True),
    sa.Column("country", sa.Text, primary_key=True),
    sa.Column("department", sa.Text),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("listing_count", sa.Integer),
    sa.Column("seller_count", sa.Integer),
    sa.Column("brand_count", sa.Integer),
    sa.Column("rating_count_gain_7d", sa.BigInteger),
    sa.Column("demand_per_listing", sa.Numeric(12, 4)),
    sa.Column("sold_out_episodes", sa.BigInteger),
    sa.Column("seller_concentration", sa.Numeric(5, 4)),
    sa.Column("official_share", sa.Numeric(5, 4)),
    sa.Column("discounted_share", sa.Numeric(5, 4)),
    sa.Column("median_rating_count", sa.Numeric(12, 1)),
    sa.Column("low_price_dzd", Amount),
    sa.Column("median_price_dzd", Amount),
    sa.Column("high_price_dzd", Amount),
    sa.Column("margin_room", sa.Numeric(5, 4)),
    sa.Column("entry_difficulty", sa.Numeric(5, 4)),
    sa.Column("niche_score", sa.Numeric(5, 2)),
    sa.Column("niche_rank", sa.Integer),
)
"""One row per marketplace, country and category: demand (ratings gained in 7 days per listing), competition, prices."""

seller_performance = sa.Table(
    "seller_performance",
    metadata,
    sa.Column("marketplace", sa.Text, primary_key=True),
    sa.Column("country", sa.Text, primary_key=True),
    sa.Column("seller_id", sa.Text, primary_key=True),
    sa.Column("seller_name", sa.Text),
    sa.Column("seller_kind", sa.Text),
    sa.Column("listing_count", sa.Integer),
    sa.Column("category_count", sa.Integer),
    sa.Column("available_share", sa.Numeric(5, 4)),
    sa.Column("discounted_share", sa.Numeric(5, 4)),
    sa.Column("rating", sa.Numeric(3, 2)),
    sa.Column("rating_count", sa.BigInteger),
    sa.Column("rating_count_gain_7d", sa.BigInteger),
    sa.Column("gain_share", sa.Numeric(5, 4)),
    sa.Column("sold_out_episodes", sa.BigInteger),
    sa.Column("median_price_dzd", Amount),
    sa.Column("price_level", sa.Numeric(8, 4)),
    sa.Column("last_seen_at", Time),
)
"""One row per marketplace, country and shop: what it offers, how it is rated, how often it is sold out."""

Units = sa.Numeric(12, 3)

demand_forecast = sa.Table(
    "demand_forecast",
    metadata,
    sa.Column("product_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("days_ahead", sa.Integer),
    sa.Column("expected_units", Units),
    sa.Column("units", Units),
    sa.Column("low_50", Units),
    sa.Column("high_50", Units),
    sa.Column("low_90", Units),
    sa.Column("high_90", Units),
    sa.Column("trained_until", sa.Date),
    sa.Column("weeks_known", sa.Integer),
    sa.Column("model", sa.Text),
    sa.Column("model_version", sa.Text),
)
"""One row per product of our shop that has sold and each of the 28 days after trained_until: mean and median
of the day's demand, and the edges of the intervals that hold it in 50 and in 90 of 100 cases."""

demand_by_rank = sa.Table(
    "demand_by_rank",
    metadata,
    sa.Column("listing_id", sa.BigInteger, primary_key=True),
    sa.Column("marketplace", sa.Text),
    sa.Column("country", sa.Text),
    sa.Column("expected_rating_gain_per_day", sa.Numeric(12, 4)),
    sa.Column("ranked_days", sa.Integer),
    sa.Column("last_ranked_on", sa.Date),
)
"""One row per listing with a place in its shop's order in the market's last 28 days, in a market that shows ratings:
the ratings a day that its places speak for at its usual price."""

sales_daily = sa.Table(
    "sales_daily",
    metadata,
    sa.Column("product_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("order_count", sa.Integer),
    sa.Column("units_sold", sa.Integer),
    sa.Column("units_returned", sa.Integer),
    sa.Column("units_without_order", sa.Integer),
    sa.Column("sales_dzd", Amount),
    sa.Column("refunds_dzd", Amount),
    sa.Column("cost_dzd", Amount),
    sa.Column("gross_profit_dzd", Amount),
)
"""One row per product of our shop and UTC day on which units of it were delivered, sold without an order, or came back.
Money in DZD, as in all marts of our shop."""

stock_position = sa.Table(
    "stock_position",
    metadata,
    sa.Column("product_id", sa.BigInteger, primary_key=True),
    sa.Column("sku", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("on_hand", sa.Integer),
    sa.Column("reserved", sa.Integer),
    sa.Column("available", sa.Integer),
    sa.Column("in_transit", sa.Integer),
    sa.Column("value_dzd", Amount),
    sa.Column("in_transit_value_dzd", Amount),
    sa.Column("units_without_cost", sa.Integer),
    sa.Column("oldest_lot_age_days", sa.Integer),
    sa.Column("demand_per_day", Units),
    sa.Column("days_of_cover", sa.Numeric(7, 1)),
    sa.Column("oldest_lot_received_at", Time),
    sa.Column("last_received_at", Time),
    sa.Column("last_sale_at", Time),
)
"""One row per product of our shop: what is in stock, promised and on its way, at FIFO cost."""

profit_by_product = sa.Table(
    "profit_by_product",
    metadata,
    sa.Column("product_id", sa.BigInteger, primary_key=True),
    sa.Column("sku", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("delivered_count", sa.Integer),
    sa.Column("refused_count", sa.Integer),
    sa.Column("units_sold", sa.Integer),
    sa.Column("units_returned", sa.Integer),
    sa.Column("units_lost", sa.Integer),
    sa.Column("units_without_order", sa.Integer),
    sa.Column("units_without_cost", sa.Integer),
    sa.Column("sales_dzd", Amount),
    sa.Column("refunds_dzd", Amount),
    sa.Column("delivery_charged_dzd", Amount),
    sa.Column("revenue_dzd", Amount),
    sa.Column("cost_dzd", Amount),
    sa.Column("delivery_cost_dzd", Amount),
    sa.Column("fees_dzd", Amount),
    sa.Column("losses_dzd", Amount),
    sa.Column("profit_dzd", Amount),
    sa.Column("margin", sa.Numeric(8, 4)),
)
"""One row per product of our shop that was sold, sent or lost: what it earned so far, at FIFO cost."""

customer_orders = sa.Table(
    "customer_orders",
    metadata,
    sa.Column("order_id", sa.BigInteger, primary_key=True),
    sa.Column("customer_key", sa.Text),
    sa.Column("order_of_customer", sa.Integer),
    sa.Column("channel", sa.Text),
    sa.Column("wilaya", sa.SmallInteger),
    sa.Column("state", sa.Text),
    sa.Column("line_count", sa.Integer),
    sa.Column("units", sa.Integer),
    sa.Column("units_returned", sa.Integer),
    sa.Column("goods_dzd", Amount),
    sa.Column("delivery_fee_dzd", Amount),
    sa.Column("total_dzd", Amount),
    sa.Column("refunds_dzd", Amount),
    sa.Column("revenue_dzd", Amount),
    sa.Column("cost_dzd", Amount),
    sa.Column("delivery_cost_dzd", Amount),
    sa.Column("fees_dzd", Amount),
    sa.Column("profit_dzd", Amount),
    sa.Column("is_open", sa.Boolean),
    sa.Column("was_delivered", sa.Boolean),
    sa.Column("placed_at", Time),
    sa.Column("confirmed_at", Time),
    sa.Column("shipped_at", Time),
    sa.Column("delivered_at", Time),
    sa.Column("changed_at", Time),
)
"""One row per order of a shopper, without personal data."""


def built(work: Session) -> bool:
    """Whether dbt has built the marts at least once."""
    names = [f"marts.{table.name}" for table in metadata.sorted_tables]
    return all(work.scalar(sa.select(sa.func.to_regclass(name))) is not None for name in names)
