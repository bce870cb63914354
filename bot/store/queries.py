"""What commands and pages ask of the database, and the little they change by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import chain

from msgspec.structs import replace
from sqlalchemy import Connection, delete, func, select

from bot.core.board import BoardKey
from bot.core.events import StoredEvent
from bot.store import deliveries as manual
from bot.store import events as event_log
from bot.store import history as histories
from bot.store import pages, reports, upkeep
from bot.store.engine import Database
from bot.store.tables import heartbeats, row_versions, rows
from bot.store.upsert import upsert
from bot.store.views import BoardRows, BoardView, DeliveryView, HistoryPoint


class Queries:
    """Reads for people; each method is one transaction and raises ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def boards(self) -> tuple[BoardView, ...]:
        """List every board, and every benchmark that was never polled, by name."""
        with self._read() as connection:
            return reports.list_boards(connection)

    def board_rows(self, key: BoardKey) -> BoardRows | None:
        """Load a board as stored; None for one that was never seen."""
        with self._read() as connection:
            return reports.board_rows(connection, key)

    def history(
        self,
        model: str | None = None,
        benchmark: str | None = None,
        since: datetime | None = None,
        task: str | None = None,
    ) -> tuple[HistoryPoint, ...]:
        """List the versions of rows, the oldest first, from the one that stood at ``since`` on.

        ``model``, ``benchmark`` and ``task`` are names or globs; case is ignored.
        """
        found = self.history_groups(model, benchmark, since, task)
        return tuple(sorted(chain(*found), key=_by_time))

    def history_groups(
        self,
        model: str | None = None,
        benchmark: str | None = None,
        since: datetime | None = None,
        task: str | None = None,
    ) -> Iterator[list[HistoryPoint]]:
        """List what ``history`` does, a model of a board at a time; reads as it is asked for more.

        No transaction is open meanwhile.
        """
        return histories.read_groups(self._read, model, benchmark, since, self._tasks(task))

    def events(
        self,
        *,
        since: datetime | None = None,
        benchmark: str | None = None,
        model: str | None = None,
        kinds: Collection[str] = (),
        limit: int | None = None,
        task: str | None = None,
    ) -> tuple[StoredEvent, ...]:
        """List events, the oldest first; of more than ``limit``, the newest.

        ``model``, ``benchmark`` and ``task`` are names or globs; case is ignored. Without
        ``kinds``, of all.
        """
        found = self.event_pages(
            since=since, benchmark=benchmark, model=model, kinds=kinds, limit=limit, task=task
        )
        return tuple(chain(*found))

    def event_pages(
        self,
        *,
        since: datetime | None = None,
        benchmark: str | None = None,
        model: str | None = None,
        kinds: Collection[str] = (),
        limit: int | None = None,
        task: str | None = None,
    ) -> Iterator[tuple[StoredEvent, ...]]:
        """List what ``events`` does, some at a time; reads as it is asked for more.

        No transaction is open meanwhile.
        """
        which = event_log.wanted(self._read, since, benchmark, model, kinds)
        which = replace(which, tasks=self._tasks(task))
        return event_log.read_pages(self._read, which, limit)

    def models(self) -> frozenset[str]:
        """Return the models of all rows that were ever seen."""
        return frozenset(pages.distinct(self._read, rows.c.model))

    def baseline(self) -> datetime | None:
        """Return the time of the oldest result; None where there is none, or one has changed."""
        with self._read() as connection:
            first = func.min(row_versions.c.valid_from)
            each = select(first.label("first"), func.max(row_versions.c.valid_from).label("last"))
            each = each.join(rows, rows.c.id == row_versions.c.row_id).group_by(rows.c.board_id)
            boards = each.subquery()
            query = select(func.min(boards.c.first)).having(
                func.count().filter(boards.c.first < boards.c.last) == 0
            )
            found: datetime | None = connection.execute(query).scalar()
            return found

    def deliveries(
        self, states: Collection[str] = (), limit: int | None = None
    ) -> tuple[DeliveryView, ...]:
        """List deliveries in the given states (all without), the oldest first.

        Of more than ``limit``, the newest. Raises ``ValueError`` for a state there is not.
        """
        return tuple(chain(*self.delivery_pages(states, limit)))

    def delivery_pages(
        self, states: Collection[str] = (), limit: int | None = None
    ) -> Iterator[tuple[DeliveryView, ...]]:
        """List what ``deliveries`` does, some at a time; reads as it is asked for more.

        No transaction is open meanwhile.
        """
        return manual.read_pages(self._read, states, limit)

    def delivery(self, name: str) -> DeliveryView | None:
        """Return the delivery with an id; None where there is none."""
        with self._read() as connection:
            return manual.one_delivery(connection, name)

    def attempted(self, channel: str) -> tuple[str, ...]:
        """Return what still waits on a channel although it was tried, the oldest first."""
        with self._read() as connection:
            return manual.attempted(connection, channel)

    def delivery_ids(self, beginning: str = "", limit: int = pages.PAGE) -> tuple[str, ...]:
        """Return ids of deliveries that begin so, in no order, no more than ``limit``."""
        with self._read() as connection:
            return manual.beginning_with(connection, beginning, limit)

    def pending(self) -> Mapping[str, int]:
        """Count the deliveries that wait for an attempt, held ones included, by channel."""
        with self._read() as connection:
            return manual.count_pending(connection)

    def retry(self, ids: Collection[str], now: datetime) -> tuple[str, ...]:
        """Make deliveries due now, whatever became of them; return the ids that are unknown.

        Their attempts count anew, their channels are resumed; what is being sent right now goes on.
        """
        with self._database.write() as connection:
            return manual.retry(connection, ids, now)

    def retry_failed(self, now: datetime) -> int:
        """Make every failed delivery due now, as ``retry`` does; return how many."""
        with self._database.write() as connection:
            return manual.retry_failed(connection, now)

    def problems(self) -> list[str]:
        """Return what contradicts itself in the database, a sentence each.

        Each is looked for in a transaction of its own, so that others can write in between.
        """
        found = []
        for text, where in upkeep.contradictions().items():
            with self._read() as connection:
                if number := upkeep.count(connection, where):
                    found.append(f"{text}: {number}.")
        return found

    def heartbeat(self, name: str, now: datetime) -> None:
        """Note that the named daemon is alive."""
        with self._database.write() as connection:
            upsert(connection, heartbeats, {"name": name, "at": now})

    def end_heartbeat(self, name: str) -> None:
        """Note that the named daemon has ended in order: nobody need wait to find it dead."""
        with self._database.write() as connection:
            connection.execute(delete(heartbeats).where(heartbeats.c.name == name))

    def last_heartbeat(self, name: str) -> datetime | None:
        """Return when the named daemon was last alive; None where it never was, or has ended."""
        with self._read() as connection:
            query = select(heartbeats.c.at).where(heartbeats.c.name == name)
            return connection.execute(query).scalar()

    def _tasks(self, pattern: str | None) -> frozenset[str] | None:
        with self._read() as connection:
            return reports.tasks_meant(connection, pattern)

    def _read(self) -> AbstractContextManager[Connection]:
        return self._database.read()


def _by_time(point: HistoryPoint) -> tuple[object, ...]:
    return point.at, point.benchmark, point.task or "", point.rank, point.row_id
