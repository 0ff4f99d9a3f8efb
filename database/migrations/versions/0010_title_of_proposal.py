"""A proposal keeps the title of what was decided on: a page may have turned into another product by the time of the order."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "proposal",
        sa.Column("title", sa.String(), comment="of the offer when it was proposed; null: older than this column"),
        schema="agent",
    )


def downgrade() -> None:
    op.drop_column("proposal", "title", schema="agent")
