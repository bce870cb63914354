"""What keeps noise down: ``mutes``, and in ``muted`` how much each channel was not told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mutes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True),
        sa.Column("benchmark", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mutes_expires_at"), "mutes", ["expires_at"])
    op.create_table(
        "muted",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_muted")),
        sqlite_with_rowid=False,
    )
