"""Indexes of what polls and deliveries look for, and of nothing else.

The versions of rows that stand all end at one time: an index of them had a database read every one
of them to find those of a board.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_row_versions_ended", "row_versions", ["valid_to"], "valid_to < '9999-12-31 00:00:00+00'"),
    (
        "ix_deliveries_in_order",
        "deliveries",
        ["channel", "seq"],
        "ended_at IS NULL AND attempts < 4",
    ),
    (
        "ix_deliveries_passed",
        "deliveries",
        ["channel", "next_attempt_at"],
        "ended_at IS NULL AND attempts >= 4",
    ),
    (
        "ix_deliveries_passed_created",
        "deliveries",
        ["channel", "created_at"],
        "ended_at IS NULL AND attempts >= 4",
    ),
    (
        "ix_deliveries_claimed",
        "deliveries",
        ["channel", "lease_owner"],
        "lease_owner IS NOT NULL",
    ),
)


def upgrade() -> None:
    op.drop_index("ix_row_versions_valid_to", table_name="row_versions")
    op.drop_index("ix_rows_board_id", table_name="rows")
    op.create_index("ix_rows_board_id_model_id", "rows", ["board_id", "model", "id"])
    for name, table, columns, words in PARTIAL:
        condition = sa.text(words)
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
