"""Waiting for what other programs hold of an SQLite file.

SQLite has no queue: who is refused has to ask again. It does so itself for a short while, in which
no signal is heard; in between it is seen whether there is still a reason to wait.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

LONGEST_S = 30.0
"""How long other programs are waited for."""
LEAST_S = 5.0
"""What is left of that to who waited long for the other threads of this program."""
ASKING_MS = 500
"""How long SQLite asks by itself."""

WRITES = "leaderboard_bot_writes"
UNTIL = "leaderboard_bot_waits_until"
"""Options of a connection: whether its transactions write, and until when they wait."""

T = TypeVar("T")

_ENOUGH: list[Callable[[], bool]] = []


@contextmanager
def waiting_until(enough: Callable[[], bool]) -> Iterator[None]:
    """Wait for other programs no longer than until ``enough``, such as a signal to end."""
    _ENOUGH.append(enough)
    try:
        yield
    finally:
        _ENOUGH.remove(enough)


def deadline(began: float, longest: float = LONGEST_S) -> float:
    """Return until when a transaction that began to wait then may wait for other programs."""
    return max(began + longest, time.monotonic() + min(LEAST_S, longest))


def begin(connection: Connection) -> None:
    """Begin a transaction on SQLite once the file is free for it."""
    raw = _raw(connection)
    # A writer that begins as a reader fails as soon as another one writes first; a reader has
    # nothing of the file before it reads.
    kind = "BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN"

    def ask() -> None:
        if not raw.in_transaction:
            raw.execute(kind)
        raw.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()

    insist(ask, _until(connection))


def commit(connection: Connection) -> None:
    """Commit, before SQLAlchemy would: a commit that is refused stays open and can be repeated."""
    raw = _raw(connection)
    if raw.in_transaction:
        insist(lambda: raw.execute("COMMIT"), _until(connection))


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _until(connection: Connection) -> float:
    until: float | None = connection.get_execution_options().get(UNTIL)
    return deadline(time.monotonic()) if until is None else until


def insist(ask: Callable[[], T], until: float) -> T:
    """Ask again while other programs hold the file; what is refused after ``until`` raises."""
    while True:
        try:
            return ask()
        except sqlite3.OperationalError as error:
            late = time.monotonic() >= until or any(enough() for enough in _ENOUGH)
            if late or not is_busy(error):
                raise


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether something was refused because another connection has the file."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
