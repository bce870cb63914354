"""What is collected: ``windows``, what a delivery is held for, and which one told it instead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("held_for", sa.Text()))
    op.add_column("deliveries", sa.Column("merged_into", sa.Text()))
    op.create_table(
        "windows",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("held_for", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "held_for", name=op.f("pk_windows")),
        sqlite_with_rowid=False,
    )
