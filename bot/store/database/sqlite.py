"""SQLite: its connections, with their settings, and transactions that wait for the file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Pool, QueuePool, create_engine, event

from bot.core.errors import MissingDatabaseError
from bot.store.database import busy, sqlite_file
from bot.store.database.failures import NOT_SET_UP


def engine(path: Path, pool: type[Pool] = QueuePool, foreign_keys: str = "ON") -> Engine:
    """Return an engine that opens the file when it is first used, and never makes it."""

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
    made = create_engine(
        "sqlite://", creator=connect, poolclass=pool, hide_parameters=True, **unlimited
    )
    event.listen(made, "begin", busy.begin)
    event.listen(made, "commit", busy.commit)
    return made
