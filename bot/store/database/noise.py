"""The schema of what keeps noise down; ``tables`` has the rest."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from bot.store.database.types import Moment, Reason, Serial, metadata

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
