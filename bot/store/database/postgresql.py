"""PostgreSQL: its addresses, its connections and how their sessions begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.core.errors import StoreError
from bot.store.database.failures import WRONG_OPTION

CONNECT_TIMEOUT_S = 10

# A replica that hangs in a transaction must not hold its locks for ever.
_SESSION = """
SET TIME ZONE 'UTC';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '60s';
"""


def engine(url: str) -> Engine:
    """Return an engine that connects when it is first used.

    Raises:
        StoreError: the URL is not understood, or has an option that PostgreSQL does not know.
    """
    address = _parsed(url)
    arguments: dict[str, Any] = {"application_name": "leaderboard-bot"}
    if "connect_timeout" not in address.query:
        arguments["connect_timeout"] = CONNECT_TIMEOUT_S
    with _options_checked():
        opened = create_engine(
            address,
            connect_args=arguments,
            pool_pre_ping=True,
            max_overflow=-1,
            hide_parameters=True,
        )
        _try_options(opened)
    event.listen(opened, "connect", _prepare)
    return opened


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


def _prepare(connection: Any, _record: object) -> None:
    connection.execute(_SESSION)
    connection.commit()


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
