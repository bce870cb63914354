"""The processes at work on the database, and the ids that models have had.

``processes`` says what the Hub's rate limit leaves each. ``models.renamed`` is what the Hub calls a
model now; ``rows.heir`` a newcomer that may be the row renamed. ``boards.unread`` says
that rows of the last answer could not be read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("quota", sa.Text()),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_processes")),
    )
    op.add_column("models", sa.Column("renamed", sa.Text()))
    op.add_column("rows", sa.Column("heir", sa.Text()))
    some = sa.text("renamed IS NOT NULL")
    op.create_index(
        "ix_models_renamed", "models", ["renamed"], sqlite_where=some, postgresql_where=some
    )
    op.add_column("boards", sa.Column("unread", sa.Text()))
