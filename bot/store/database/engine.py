"""Transactions: where SQLAlchemy meets SQLite and PostgreSQL, and both are made alike."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool

from bot.core.errors import DatabaseAddressError
from bot.store.database.failures import translated
from bot.store.database.postgresql import engine as postgresql
from bot.store.database.sqlite import busy, place
from bot.store.database.sqlite import connections as sqlite
from bot.store.database.sqlite import file as sqlite_file
from bot.store.database.sqlite.changes import Changes


class Database:
    """A database that runs transactions, each on a connection of its own.

    Safe to use from several threads. ``file`` says which SQLite file it is.
    """

    def __init__(
        self, engine: Engine, patience_s: float = busy.LONGEST_S, file: Path | None = None
    ) -> None:
        """Keep an engine; what other programs hold of an SQLite ``file`` is waited for so long."""
        self.engine = engine
        self.file = file
        self.patience_s = patience_s
        served = engine.dialect.name == "postgresql"
        # SQLite has one writer at a time and no queue: under load, a thread that only asks again
        # and again may never have its turn. Threads queue here; processes wait as SQLite does.
        self._turn = nullcontext() if served else threading.Lock()
        # With a rollback journal readers and writers exclude each other.
        apart = served or sqlite_file.wal_is_safe(sqlite3.sqlite_version_info)
        self._reading_turn = nullcontext() if apart else self._turn
        self._changes = Changes(file) if file else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database; raises ``StoreError``."""
        began = time.monotonic()
        with (
            translated(),
            self._reading_turn,
            self._connect(began, **{postgresql.READS: True}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is committed at the end, or undone on an error."""
        began = time.monotonic()
        with (
            translated(),
            self._turn,
            self._connect(began, **{busy.WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def was_written(self) -> bool:
        """Tell whether anybody has written since the last call; True where nobody knows.

        For one thread at a time. Of PostgreSQL nobody knows.
        """
        return self._changes is None or self._changes.seen()

    def close(self) -> None:
        """Close every connection."""
        if self._changes is not None:
            self._changes.close()
        self.engine.dispose()

    def _connect(self, began: float, **options: Any) -> Connection:
        until = {busy.UNTIL: busy.deadline(began, self.patience_s)}
        return self.engine.connect().execution_options(**until, **options)


def database_at(url: str) -> Database:
    """Return a database that connects when it is first used; raises as ``engine_for``."""
    return Database(engine_for(url), file=sqlite_file.path_of(url))


def engine_for(url: str) -> Engine:
    """Return an engine that connects when it is first used; never creates a file.

    Raises:
        DatabaseAddressError: the URL is neither an SQLite file nor a PostgreSQL server.
    """
    path = sqlite_file.path_of(url)
    return sqlite.engine(path) if path else postgresql.engine(url)


def flaw(url: str) -> str | None:
    """Say why no database can be at a URL, as far as that shows without connecting; else None."""
    try:
        path = sqlite_file.path_of(url)
        if path is not None:
            return place.flaw(path)
        postgresql.engine(url)
    except DatabaseAddressError as error:
        return error.flaw
    return None


def migrating_engine(url: str) -> Engine:
    """Return an engine for migrations: foreign keys are off, so that tables can be rebuilt."""
    path = sqlite_file.path_of(url)
    return sqlite.engine(path, NullPool, "OFF") if path else postgresql.engine(url)
