"""Transactions: where SQLAlchemy meets SQLite and PostgreSQL, and both are made alike."""

from __future__ import annotations

import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool

from bot.core.errors import StoreError
from bot.store.database import busy, sqlite, sqlite_file
from bot.store.database.failures import translated
from bot.store.database.postgresql import engine as postgresql


class Database(ABC):
    """A database that runs transactions; safe to use from several threads.

    ``is_copy`` says that nobody else can be at work on it, ``file`` which SQLite file it is.
    """

    is_copy = False
    file: Path | None = None

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction that sees one state of the database; raises ``StoreError``."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction that is committed at the end, or undone on an error."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""


class Pooled(Database):
    """The normal case: each transaction on a connection of its own."""

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

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _connect(self, began: float, **options: Any) -> Connection:
        until = {busy.UNTIL: busy.deadline(began, self.patience_s)}
        return self.engine.connect().execution_options(**until, **options)


class Undone(Database):
    """One transaction around all others, undone at the end: nothing is ever committed.

    The threads take turns on its one connection. Rows that it has changed are locked for others
    until it is closed.
    """

    def __init__(self, engine: Engine) -> None:
        self._turn = threading.Lock()
        self._engine = engine
        with translated():
            self.connection = engine.connect()
            self._outer = self.connection.begin()
            # It idles while the Hub is asked, and ends when it is closed.
            self.connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a savepoint; raises ``StoreError``."""
        with self._turn, translated(), self.connection.begin_nested():
            yield self.connection

    write = read

    def close(self) -> None:
        """Undo everything and close the connection."""
        with translated():
            self._outer.rollback()
            self.connection.close()
            self._engine.dispose()


def database_at(url: str) -> Database:
    """Return a database that connects when it is first used; raises as ``engine_for``."""
    return Pooled(engine_for(url), file=sqlite_file.path_of(url))


def engine_for(url: str) -> Engine:
    """Return an engine that connects when it is first used; never creates a file.

    Raises:
        StoreError: the URL is neither an SQLite file nor a PostgreSQL server.
    """
    path = sqlite_file.path_of(url)
    return sqlite.engine(path) if path else postgresql.engine(url)


def flaw(url: str) -> str | None:
    """Say why no database can be at a URL, as far as that shows without connecting; else None."""
    try:
        path = sqlite_file.path_of(url)
        if path is None:
            postgresql.engine(url)
        elif not path.parent.is_dir():
            return f"the folder {path.parent} is not there; make it, or name another"
        else:
            return sqlite_file.flaw(path)
    except StoreError as error:
        return str(error)
    return None


def migrating_engine(url: str) -> Engine:
    """Return an engine for migrations: foreign keys are off, so that tables can be rebuilt."""
    path = sqlite_file.path_of(url)
    return sqlite.engine(path, NullPool, "OFF") if path else postgresql.engine(url)
