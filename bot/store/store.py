"""The database, and the transactions that are opened on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from sqlalchemy import Connection

from bot.store.database.engine import Database
from bot.store.database.sqlite.file import daemon_lock
from bot.store.unit import Unit


class Store:
    """The database of a program. Safe to call from several threads and processes.

    A unit of work is one transaction, and ends with its ``with`` block::

        with store.write() as db:
            for claim, result in db.targets.end(polled):
                db.outbox.add(result.told.deliveries, result.at)

    Nothing inside may wait for anything else, as the Hub: others wait for it meanwhile. What a
    unit needs from another is read before: one that is opened inside another of the same thread
    would wait for itself, so it raises ``RuntimeError`` at once.

    Raises:
        ConflictError: PostgreSQL undid it for another transaction's sake: whoever opened it may
            run it again.
        BusyError: another program held the database for too long.
        StoreError: the database cannot be used; nothing of the transaction is stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held = ExitStack()
        self._here = threading.local()

    def read(self) -> AbstractContextManager[Unit]:
        """Open a unit that sees one state of the database, and writes nothing."""
        return self._unit(self._database.read)

    def write(self) -> AbstractContextManager[Unit]:
        """Open a unit that is stored at its end, or undone on an error."""
        return self._unit(self._database.write)

    def was_written(self) -> bool:
        """Tell whether anybody, in any process, has written since the last call.

        True where that is not known, as on PostgreSQL. For one thread at a time.
        """
        return self._database.was_written()

    def close(self) -> None:
        """Close every connection and let go of the daemon's lock."""
        self._held.close()
        self._database.close()

    def acquire_daemon_lock(self, owner: str) -> None:
        """Take the one right to run a daemon on an SQLite file, until ``close`` or the end.

        On PostgreSQL several replicas may run, so there is nothing to take.

        Raises:
            StoreError: another process has it.
        """
        if self._database.file is not None:
            self._held.enter_context(daemon_lock(self._database.file, owner))

    @contextmanager
    def _unit(self, opened: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Unit]:
        if getattr(self._here, "busy", False):
            raise RuntimeError("a unit of work is open in this thread: end it first, or use it")
        self._here.busy = True
        try:
            with opened() as connection:
                yield Unit(connection)
        finally:
            self._here.busy = False
