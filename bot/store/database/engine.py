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

from sqlalchemy import Connection, Engine, NullPool, Pool, QueuePool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.core.errors import MissingDatabaseError, StoreError
from bot.store.database import busy, sqlite_file
from bot.store.database.failures import NOT_SET_UP, WRONG_OPTION, translated

CONNECT_TIMEOUT_S = 10

# A replica that hangs in a transaction must not hold its locks for ever.
_POSTGRESQL_SESSION = """
SET TIME ZONE 'UTC';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '60s';
"""


class Database(ABC):
    """A database that runs transactions; safe to use from several threads."""

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

    def __init__(self, engine: Engine, patience_s: float = busy.LONGEST_S) -> None:
        """Keep an engine; what other programs hold of an SQLite file is waited for so long."""
        self.engine = engine
        self.patience_s = patience_s
        postgresql = engine.dialect.name == "postgresql"
        self._reading = {"isolation_level": "REPEATABLE READ"} if postgresql else {}
        # SQLite has one writer at a time and no queue: under load, a thread that only asks again
        # and again may never have its turn. Threads queue here; processes wait as SQLite does.
        self._turn = nullcontext() if postgresql else threading.Lock()
        # With a rollback journal readers and writers exclude each other.
        apart = postgresql or sqlite_file.wal_is_safe(sqlite3.sqlite_version_info)
        self._reading_turn = nullcontext() if apart else self._turn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database; raises ``StoreError``."""
        began = time.monotonic()
        with (
            translated(),
            self._reading_turn,
            self._connect(began, **self._reading) as connection,
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


def engine_for(url: str) -> Engine:
    """Return an engine that connects when it is first used; never creates a file.

    Raises:
        StoreError: the URL is neither an SQLite file nor a PostgreSQL server.
    """
    path = sqlite_file.path_of(url)
    return _sqlite(path, QueuePool) if path else _postgresql(url)


def flaw(url: str) -> str | None:
    """Say why no database can be at a URL, as far as that shows without connecting; else None."""
    try:
        path = sqlite_file.path_of(url)
        if path is None:
            _postgresql(url)
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
    return _sqlite(path, NullPool, "OFF") if path else _postgresql(url)


def _parsed(url: str) -> URL:
    """Parse a PostgreSQL URL; raises ``StoreError`` without repeating it."""
    try:
        # The short form that some hosts hand out.
        made = make_url("postgresql" + url[8:] if url.startswith("postgres:") else url)
    except (ArgumentError, ValueError):
        made = None
    if made is None or made.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise StoreError(
            "database.url is not understood. Write sqlite:///leaderboard-bot.db or "
            "postgresql://user@host/database."
        )
    return made


def _sqlite(path: Path, pool: type[Pool], foreign_keys: str = "ON") -> Engine:
    def connect() -> Any:
        if not path.exists():
            raise MissingDatabaseError(NOT_SET_UP)
        until = busy.deadline(time.monotonic())
        connection = busy.insist(lambda: sqlite_file.connect(path), until)
        connection.execute(f"PRAGMA busy_timeout={busy.ASKING_MS}")
        # Has no effect inside a transaction, so it is set before any.
        connection.execute(f"PRAGMA foreign_keys={foreign_keys}")
        return connection

    unlimited = {"max_overflow": -1} if pool is QueuePool else {}
    engine = create_engine(
        "sqlite://", creator=connect, poolclass=pool, hide_parameters=True, **unlimited
    )
    event.listen(engine, "begin", busy.begin)
    event.listen(engine, "commit", busy.commit)
    return engine


def _postgresql(url: str) -> Engine:
    made = _parsed(url)
    arguments: dict[str, Any] = {"application_name": "leaderboard-bot"}
    if "connect_timeout" not in made.query:
        arguments["connect_timeout"] = CONNECT_TIMEOUT_S
    with _options_checked():
        engine = create_engine(
            made,
            connect_args=arguments,
            pool_pre_ping=True,
            max_overflow=-1,
            hide_parameters=True,
        )
        _try_options(engine)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


@contextmanager
def _options_checked() -> Iterator[None]:
    import psycopg

    try:
        yield
    except (ArgumentError, psycopg.ProgrammingError, TypeError, ValueError):
        raise StoreError(WRONG_OPTION) from None  # not chained: the error may repeat the URL


def _try_options(engine: Engine) -> None:
    """Build what psycopg would connect with; raises what it would, without connecting."""
    from psycopg.conninfo import make_conninfo

    _, options = engine.dialect.create_connect_args(engine.url)
    options.pop("context", None)  # SQLAlchemy's own, for Python
    make_conninfo(**options)
    float(options.get("connect_timeout", 0))


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute(_POSTGRESQL_SESSION)
    connection.commit()
