"""SQLite: its connections, with their settings, and transactions that wait for the file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, QueuePool, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.errors import MissingDatabaseError
from bot.store.database.failures import GONE
from bot.store.database.sqlite import busy
from bot.store.database.sqlite import file as sqlite_file

_FILE = "file"


def engine(path: Path, pool: type[Pool] = QueuePool, foreign_keys: str = "ON") -> Engine:
    """Return an engine that opens the file when it is first used, and never makes it.

    A connection that was kept is of no use once another file, or none, has taken the place of its
    own: what was written would go with the file that was moved.
    """

    def connect() -> Any:
        if not path.exists():
            raise MissingDatabaseError(GONE)
        until = busy.deadline(time.monotonic())
        connection = busy.insist(lambda: sqlite_file.connect(path), until)
        connection.execute(f"PRAGMA busy_timeout={busy.ASKING_MS}")
        # Has no effect inside a transaction, so it is set before any.
        connection.execute(f"PRAGMA foreign_keys={foreign_keys}")
        return connection

    unlimited = {"max_overflow": -1} if pool is QueuePool else {}
    made = create_engine(
        "sqlite://", creator=connect, poolclass=pool, hide_parameters=True, **unlimited
    )

    def remember(_: Any, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = sqlite_file.identity(path)

    def compare(_: Any, record: ConnectionPoolEntry, __: Any) -> None:
        if record.info[_FILE] != sqlite_file.identity(path):
            raise DisconnectionError

    event.listen(made, "connect", remember)
    event.listen(made, "checkout", compare)
    event.listen(made, "begin", busy.begin)
    event.listen(made, "commit", busy.commit)
    return made
