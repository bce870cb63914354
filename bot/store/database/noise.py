"""The schema of what keeps noise down; ``tables`` has the rest."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text

from bot.store.database.types import Exact, Moment, Reason, Serial, metadata, partial

memory = Table(
    "memory",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("row_id", ForeignKey("rows.id", ondelete="CASCADE"), primary_key=True, index=True),
    # How the channel knows it, and since when: null where nothing was told yet. Without a rank it
    # was told as gone.
    Column("at", Moment),
    Column("rank", BigInteger),
    Column("score", Exact),
    Column("verified", Boolean),
    Column("leads", Boolean),
    # What was told of each: when, and how it was before.
    Column("present_at", Moment),
    Column("present_before", Boolean),
    Column("score_at", Moment),
    Column("score_before", Exact),
    Column("verified_at", Moment),
    Column("verified_before", Boolean),
    Column("leads_at", Moment),
    Column("leads_before", Boolean),
    # Since when it was told as unstable, and when it will have rested.
    Column("unstable_at", Moment),
    Column("rests_at", Moment),
    partial("ix_memory_rests_at", "rests_at", where="rests_at IS NOT NULL"),
    sqlite_with_rowid=False,
)

mutes = Table(
    "mutes",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    # Null for whatever there is.
    Column("benchmark", Text),
    Column("model", Text),
    Column("channel", Text),
    Column("kind", Text),
    Column("reason", Reason),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("held", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

muted = Table(
    "muted",
    metadata,
    Column("channel", Text, primary_key=True),
    # Held back since the channel's last message.
    Column("events", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

windows = Table(
    "windows",
    metadata,
    Column("channel", Text, primary_key=True),
    # What is collected in it: what waits for a digest, or for the end of quiet hours.
    Column("held_for", Text, primary_key=True),
    Column("opened_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

reports = Table(
    "reports",
    metadata,
    # There is one row, as soon as reports are wanted.
    Column("id", Integer, primary_key=True, autoincrement=False),
    # When reports are sent: the line, and its time zone.
    Column("line", Text, nullable=False),
    # The last one, and how many polls there had been then, over all boards.
    Column("since", Moment, nullable=False),
    Column("polls", BigInteger, nullable=False),
    Column("late_polls", BigInteger, nullable=False),
    Column("next_at", Moment, nullable=False),
)
