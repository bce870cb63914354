"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ailments",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "name", name="pk_ailments"),
    )
    op.create_table(
        "boards",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("include_derived", sa.Boolean(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("higher_is_better", sa.Boolean()),
        sa.Column("leader", sa.Text()),
        sa.Column("doubted", sa.Integer(), nullable=False),
        sa.Column("rows_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_boards"),
        sa.UniqueConstraint(
            "benchmark",
            "task",
            "include_derived",
            name="uq_boards_benchmark_task_include_derived",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "channels",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.Column("paused_error", sa.Text()),
        sa.Column("probe", sa.Text()),
        sa.PrimaryKeyConstraint("name", name="pk_channels"),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", Serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_deliveries"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_state_channel_seq", "deliveries", ["state", "channel", "seq"])

    op.create_table(
        "discoveries",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_discoveries"),
    )
    op.create_table(
        "events",
        sa.Column("seq", Serial, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("task", sa.Text()),
        sa.Column("include_derived", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("row_id", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_at", "events", ["at"])
    op.create_index("ix_events_benchmark", "events", ["benchmark"])
    op.create_index("ix_events_model", "events", ["model"])

    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    op.create_table(
        "model_facts",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("parameters", sa.BigInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True)),
        sa.Column("license", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", name="pk_model_facts"),
    )
    op.create_table(
        "targets",
        sa.Column("benchmark", sa.Text(), nullable=False),
        sa.Column("include_derived", sa.Boolean(), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("every_s", sa.Double(), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("polled_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("benchmark", "include_derived", name="pk_targets"),
    )
    op.create_table(
        "attempts",
        sa.Column("seq", Serial, autoincrement=True, nullable=False),
        sa.Column("delivery_seq", Serial, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(
            ["delivery_seq"],
            ["deliveries.seq"],
            name="fk_attempts_delivery_seq_deliveries",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_attempts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempts_delivery_seq", "attempts", ["delivery_seq"])

    op.create_table(
        "delivery_events",
        sa.Column("delivery_seq", Serial, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_seq"],
            ["deliveries.seq"],
            name="fk_delivery_events_delivery_seq_deliveries",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_seq", "position", name="pk_delivery_events"),
    )
    op.create_index("ix_delivery_events_event_id", "delivery_events", ["event_id"])

    op.create_table(
        "rows",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("board_id", Serial, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_rows_board_id_boards"),
        sa.PrimaryKeyConstraint("id", name="pk_rows"),
    )
    op.create_index("ix_rows_board_id", "rows", ["board_id"])
    op.create_index("ix_rows_model", "rows", ["model"])

    op.create_table(
        "row_versions",
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.Text()),
        sa.Column("source", sa.Text()),
        sa.Column("pull_request", sa.BigInteger()),
        sa.Column("notes", sa.Text()),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["rows.id"], name="fk_row_versions_row_id_rows"),
        sa.PrimaryKeyConstraint("row_id", "valid_from", name="pk_row_versions"),
        sa.UniqueConstraint("row_id", "valid_to", name="uq_row_versions_row_id_valid_to"),
    )
    op.create_index("ix_row_versions_valid_to", "row_versions", ["valid_to"])
