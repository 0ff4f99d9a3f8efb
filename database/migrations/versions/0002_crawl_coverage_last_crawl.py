"""What a crawl covered and whether it was complete; which crawl saw a listing last.

New columns that are null or have a constant default: PostgreSQL rewrites no table for them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column(
            "coverage",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="by field, the fraction of offers that say something, 0 to 1",
        ),
        sa.Column(
            "complete",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="finished, and walked every place it was sent to to its end",
        ),
        sa.Column(
            "served_at",
            sa.DateTime(timezone=True),
            comment="the market's own time of the first page; null: no page came",
        ),
    ):
        op.add_column("crawl", column, schema="market")
    op.add_column(
        "listing",
        sa.Column(
            "last_crawl_id",
            sa.BigInteger(),
            comment="the crawl in market.crawl that saw it last; null: seen before this was kept",
        ),
        schema="market",
    )


def downgrade() -> None:
    op.drop_column("listing", "last_crawl_id", schema="market")
    for name in ("served_at", "complete", "coverage"):
        op.drop_column("crawl", name, schema="market")
