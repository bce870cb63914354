"""The schema: what is stored, in which types. ``docs/database.md`` explains each table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.database import noise  # noqa: F401 - its tables belong to the schema
from bot.store.database.types import Exact, Moment, Reason, Serial, partial
from bot.store.database.types import metadata as metadata  # noqa: PLC0414 - the schema is it

models = Table(
    "models",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    # What the Hub calls it now; null where that is its name.
    Column("renamed", Text),
    partial("ix_models_renamed", "renamed", where="renamed IS NOT NULL"),
    sqlite_autoincrement=True,
)

boards = Table(
    "boards",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("benchmark", Text, nullable=False),
    # Empty where the benchmark's tasks were never read: nulls would never be equal.
    Column("task", Text, nullable=False),
    Column("include_derived", Boolean, nullable=False),
    # How it is polled.
    Column("watched", Boolean, nullable=False, default=False),
    Column("every_s", Double),
    # Null where it was never watched.
    Column("next_poll_at", Moment),
    Column("fresh", Boolean, nullable=False, default=True),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("version", BigInteger, nullable=False, default=0),
    Column("etag", Text),
    Column("digest", Text),
    Column("polled_at", Moment),
    Column("whole_at", Moment),
    Column("by_task", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("failed_at", Moment),
    Column("error", Reason),
    # How many good polls there were ever, and how many of them came an interval too late.
    Column("polls", BigInteger, nullable=False, default=0),
    Column("late_polls", BigInteger, nullable=False, default=0),
    # What is known of it.
    Column("current", Boolean, nullable=False, default=False),
    Column("settled", Boolean, nullable=False, default=True),
    Column("rows_count", Integer, nullable=False, default=0),
    Column("leader", Text),
    Column("higher_is_better", Boolean),
    Column("turning", Integer, nullable=False, default=0),
    Column("doubt", Text),
    Column("unread", Text),
    UniqueConstraint("benchmark", "task", "include_derived"),
    partial("ix_boards_claimed", "lease_owner", where="lease_owner IS NOT NULL"),
    sqlite_autoincrement=True,
)


def _state() -> tuple[Column[Any], ...]:
    """Return the columns of a result; ``source`` is JSON without the model's name in it."""
    return (
        Column("removed", Boolean, nullable=False),
        Column("rank", BigInteger, nullable=False),
        Column("score", Exact, nullable=False),
        Column("verified", Boolean, nullable=False),
        Column("filename", Text),
        Column("source", Text),
        Column("pull_request", BigInteger),
        Column("notes", Text),
    )


STATE = tuple(column.name for column in _state())
"""The columns that hold a result, of a row as it stands and of its versions."""

rows = Table(
    "rows",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("board_id", ForeignKey("boards.id"), nullable=False),
    # What events and histories call it.
    Column("public_id", Text, nullable=False),
    Column("model_id", ForeignKey("models.id"), nullable=False, index=True),
    Column("missing", Integer, nullable=False),
    Column("reported_rank", BigInteger),
    Column("parameters", BigInteger),
    Column("heir", Text),
    # Since when it stands so; null for one of which only the past is left.
    Column("since", Moment),
    *_state(),
    UniqueConstraint("board_id", "public_id"),
    sqlite_autoincrement=True,
)

row_versions = Table(
    "row_versions",
    metadata,
    Column("row_id", ForeignKey("rows.id"), primary_key=True),
    Column("valid_from", Moment, primary_key=True),
    Column("valid_to", Moment, nullable=False, index=True),
    *_state(),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Moment, nullable=False, index=True),
    Column("board_id", ForeignKey("boards.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    # Null in an event of the whole board.
    Column("model_id", ForeignKey("models.id"), index=True),
    # No foreign key: a row may go before its events.
    Column("row_id", BigInteger),
    Column("body", Text, nullable=False),
    partial("ix_events_led", "board_id", "seq", where="kind = 'new_leader'"),
    sqlite_autoincrement=True,
)

channels = Table(
    "channels",
    metadata,
    Column("name", Text, primary_key=True),
    Column("not_before", Moment),
    Column("paused_at", Moment),
    Column("paused_error", Reason),
    Column("probe", Text),
)

_PASSED = "ended_at IS NULL AND attempts >= 4"

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment),
    # Since when no attempt is planned: of what is held, too.
    Column("ended_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("in_doubt", Boolean, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    # What one waits for that is held, and the id of the delivery that told it instead.
    Column("held_for", Text),
    Column("merged_into", Text),
    Column("body", LargeBinary, nullable=False),
    Index("ix_deliveries_state_channel_seq", "state", "channel", "seq"),
    partial("ix_deliveries_in_order", "channel", "seq", where="ended_at IS NULL AND attempts < 4"),
    partial("ix_deliveries_passed", "channel", "next_attempt_at", where=_PASSED),
    partial("ix_deliveries_passed_created", "channel", "created_at", where=_PASSED),
    partial("ix_deliveries_sent", "ended_at", where="state = 'sent'"),
    partial("ix_deliveries_claimed", "channel", "lease_owner", where="lease_owner IS NOT NULL"),
    sqlite_autoincrement=True,
)

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("delivery_seq", ForeignKey("deliveries.seq", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # No foreign key: an event may be pruned before a delivery that names it.
    Column("event_id", Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)

attempts = Table(
    "attempts",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column(
        "delivery_seq",
        ForeignKey("deliveries.seq", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("error", Reason),
    sqlite_autoincrement=True,
)

incidents = Table(
    "incidents",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("at", Moment, nullable=False),
    Column("error", Reason, nullable=False),
    Column("channel", Text),
    Column("told", Boolean, nullable=False),
)

discoveries = Table(
    "discoveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)

benchmark_tasks = Table(
    "benchmark_tasks",
    metadata,
    Column("benchmark", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

model_facts = Table(
    "model_facts",
    metadata,
    Column("model_id", ForeignKey("models.id"), primary_key=True, autoincrement=False),
    Column("parameters", BigInteger),
    Column("created_at", Moment),
    Column("license", Text),
    Column("asked_at", Moment, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("work", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("quota", Text),
)
