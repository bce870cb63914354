"""The schema: what is stored, in which types. ``docs/database.md`` explains each table."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)

ERROR_LENGTH = 1000
"""Errors come from strangers: what is stored of one is at most this long."""

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what has not ended."""

# A database uses a partial index only for a query that says its condition in the same words, so
# these are words and no parameters.
_NEVER = "'9999-12-31 00:00:00+00'"
IN_ORDER = literal_column("4", Integer)
"""``IN_ORDER_ATTEMPTS``: a pending delivery that was tried less often holds back later ones."""

# NUL and lone surrogates can be put into a string but into no database.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps it as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently be taken for local ones."""
        if value is None:
            return None
        assert value.tzinfo is not None, "times are aware"
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC, whatever the session's zone."""
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value
        return aware.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal as its digits: neither database may round it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write the digits out."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read the digits back."""
        return None if value is None else Decimal(value)


class Reason(TypeDecorator[str]):
    """An error's text, cut to length and without what no database can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Replace what cannot be stored."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value[:ERROR_LENGTH])


def _partial(name: str, *columns: str, where: str) -> Index:
    """Return an index of the rows that meet a condition: small, whatever else is stored."""
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly this type.
Serial = BigInteger().with_variant(Integer, "sqlite")

targets = Table(
    "targets",
    metadata,
    Column("benchmark", Text, primary_key=True),
    # Empty where the benchmark's tasks were never read: nulls would never be equal.
    Column("task", Text, primary_key=True),
    Column("include_derived", Boolean, primary_key=True),
    Column("watched", Boolean, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("every_s", Double, nullable=False),
    Column("next_poll_at", Moment, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("version", BigInteger, nullable=False),
    Column("etag", Text),
    Column("digest", Text),
    Column("polled_at", Moment),
    Column("whole_at", Moment),
    Column("by_task", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Moment),
    Column("error", Reason),
)

boards = Table(
    "boards",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("benchmark", Text, nullable=False),
    # Empty where there is none, as above.
    Column("task", Text, nullable=False),
    Column("include_derived", Boolean, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("higher_is_better", Boolean),
    Column("turning", Integer, nullable=False),
    Column("leader", Text),
    Column("doubted", Integer, nullable=False),
    # Why, and which rows all of the doubted answers lacked.
    Column("doubt", Text),
    Column("rows_count", Integer, nullable=False),
    UniqueConstraint("benchmark", "task", "include_derived"),
    sqlite_autoincrement=True,
)
rows = Table(
    "rows",
    metadata,
    Column("id", Text, primary_key=True),
    Column("board_id", ForeignKey("boards.id"), nullable=False),
    Column("model", Text, nullable=False, index=True),
    Column("missing", Integer, nullable=False),
    Column("parameters", BigInteger),
    # Histories are read in this order, page by page.
    Index("ix_rows_board_id_model_id", "board_id", "model", "id"),
)

row_versions = Table(
    "row_versions",
    metadata,
    Column("row_id", ForeignKey("rows.id"), primary_key=True),
    Column("valid_from", Moment, primary_key=True),
    # FOREVER while it stands, so that a row can have only one such version.
    Column("valid_to", Moment, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("score", Exact, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("filename", Text),
    Column("source", Text),
    Column("pull_request", BigInteger),
    Column("notes", Text),
    Column("extra", Text, nullable=False),
    UniqueConstraint("row_id", "valid_to"),
    # Not of open ones, which all end at one time: a planner would read them all to find a few.
    _partial("ix_row_versions_ended", "valid_to", where=f"valid_to < {_NEVER}"),
)
ENDED = row_versions.c.valid_to < literal_column(_NEVER)
"""Selects the versions of rows that have ended."""

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Moment, nullable=False, index=True),
    Column("benchmark", Text, nullable=False, index=True),
    Column("task", Text),
    Column("include_derived", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("model", Text, index=True),
    Column("row_id", Text),
    Column("body", Text, nullable=False),
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
    Column("ended_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("in_doubt", Boolean, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("body", LargeBinary, nullable=False),
    Index("ix_deliveries_state_channel_seq", "state", "channel", "seq"),
    _partial("ix_deliveries_in_order", "channel", "seq", where="ended_at IS NULL AND attempts < 4"),
    _partial(
        "ix_deliveries_passed",
        "channel",
        "next_attempt_at",
        where="ended_at IS NULL AND attempts >= 4",
    ),
    _partial(
        "ix_deliveries_passed_created",
        "channel",
        "created_at",
        where="ended_at IS NULL AND attempts >= 4",
    ),
    _partial("ix_deliveries_claimed", "channel", "lease_owner", where="lease_owner IS NOT NULL"),
    sqlite_autoincrement=True,
)

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("delivery_seq", ForeignKey("deliveries.seq", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    # No foreign key: an event may be pruned before a delivery that names it.
    Column("event_id", Text, nullable=False, index=True),
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

ailments = Table(
    "ailments",
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
    Column("model", Text, primary_key=True),
    Column("parameters", BigInteger),
    Column("created_at", Moment),
    Column("license", Text),
    Column("asked_at", Moment, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
