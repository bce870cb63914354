"""PostgreSQL's addresses and sessions, as they are behind a pooler, too.

A pooler such as PgBouncer may give each transaction another of the server's sessions. So nothing
here rests on what a session keeps: every transaction begins with all that it needs, and no
statement is prepared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.core.errors import DatabaseAddressError
from bot.core.names import database
from bot.store.database.failures import WRONG_OPTION

READS = "leaderboard_bot_reads"
"""Option of a connection: its transactions see one state of the database, and write nothing."""

# What an address may say otherwise. Without an answer a server is gone after half a minute.
_DEFAULTS: dict[str, Any] = {
    "application_name": "leaderboard-bot",
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# Transactions begin in words of ours, and prepared statements belong to one session.
_ALWAYS: dict[str, Any] = {"autocommit": True, "prepare_threshold": None, "client_encoding": "utf8"}

_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"

# Whatever a role, a database or a pooler says of them. A replica that hangs in a transaction, or
# whose machine is gone, must not hold its locks for long.
_SETTINGS = """
SET LOCAL TIME ZONE 'UTC';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL extra_float_digits = 1;
SET LOCAL lock_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '20s';
"""


def engine(url: str) -> Engine:
    """Return an engine that connects when it is first used.

    Raises:
        DatabaseAddressError: it is not understood, or has an option that PostgreSQL does not know.
    """
    address = _parsed(url)
    unsaid = {name: value for name, value in _DEFAULTS.items() if name not in address.query}
    with _options_checked():
        opened = create_engine(
            address,
            connect_args={**unsaid, **_ALWAYS},
            pool_pre_ping=True,
            max_overflow=-1,
            hide_parameters=True,
        )
        _try_options(opened)
    event.listen(opened, "begin", _begin)
    return opened


@contextmanager
def _options_checked() -> Iterator[None]:
    import psycopg

    try:
        yield
    except (ArgumentError, psycopg.ProgrammingError, TypeError, ValueError):
        raise DatabaseAddressError(
            WRONG_OPTION
        ) from None  # not chained: the error may repeat the URL


def _try_options(engine: Engine) -> None:
    """Build what psycopg would connect with; raises what it would, without connecting."""
    from psycopg.conninfo import make_conninfo

    _, options = engine.dialect.create_connect_args(engine.url)
    options.pop("context", None)  # SQLAlchemy's own, for Python
    make_conninfo(**options)
    float(options.get("connect_timeout", 0))
    for host in options.get("host", "").split(","):
        if not host.startswith("/"):
            host.encode("idna")


def _begin(connection: Connection) -> None:
    """Begin a transaction, with all that it needs, in one exchange with the server."""
    reads = connection.get_execution_options().get(READS)
    words = f"{_READING if reads else _WRITING}{_SETTINGS}"
    connection.exec_driver_sql(words, execution_options={"no_parameters": True})


def _parsed(url: str) -> URL:
    """Parse a PostgreSQL URL; raises ``DatabaseAddressError`` without repeating it."""
    if flaw := database.flaw(url):
        raise DatabaseAddressError(flaw)
    try:
        # The short form that some hosts hand out.
        made = make_url("postgresql" + url[8:] if url.startswith("postgres:") else url)
    except (ArgumentError, ValueError):
        made = None
    if made is None or made.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise DatabaseAddressError(
            "is not understood; write sqlite:///leaderboard-bot.db or "
            "postgresql://user@host/database"
        )
    return made
