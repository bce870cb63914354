"""Events: what was found, in the order in which it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, true, update

from bot.core.board import BoardKey
from bot.core.events import Event, Found, StoredEvent
from bot.store import pages
from bot.store.database.tables import events
from bot.store.pages import Names, Page

# Made at import: see ``bot.core.alerts.message``.
_event = msgspec.json.Decoder(Event)

_EVERY = Names(None)


class EventFilter(Struct, frozen=True, kw_only=True):
    """Which events are asked for: all of them, unless it is said otherwise."""

    since: datetime | None = None
    benchmarks: Names = _EVERY
    models: Names = _EVERY
    kinds: tuple[str, ...] = ()
    tasks: frozenset[str] | None = None

    def where(self) -> ColumnElement[bool]:
        """Select them; ``hold`` has to be asked, too."""
        # Wrapped, so that no database looks the time up and leaves the order of the numbers.
        recent = (events.c.at >= self.since).is_(true()) if self.since else true()
        return (
            recent
            & (events.c.kind.in_(self.kinds) if self.kinds else true())
            & self.benchmarks.where(events.c.benchmark)
            & self.models.where(events.c.model)
        )

    def hold(self, row: RowMapping) -> bool:
        """Tell whether an event that was selected is one of them."""
        of_task = self.tasks is None or row["task"] in self.tasks
        return of_task and self.benchmarks.hold(row["benchmark"]) and self.models.hold(row["model"])


class Events:
    """What was found, numbered in the order in which it was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: BoardKey, found: Sequence[Found], at: datetime) -> None:
        """Store events of one board, in their order."""
        values = [
            {
                "id": one.event.id,
                "at": at,
                "benchmark": key.benchmark,
                "task": key.task,
                "include_derived": key.include_derived,
                "kind": one.event.kind.value,
                "model": one.event.model,
                "row_id": one.row_id,
                "body": one.event.json.decode(),
            }
            for one in found
        ]
        if values:
            self._connection.execute(insert(events), values)

    def rename(self, was: BoardKey, now: BoardKey) -> None:
        """Give the events of a board's rows another task's name."""
        these = (
            events.c.benchmark == was.benchmark,
            events.c.task.is_(None),
            events.c.include_derived == was.include_derived,
            events.c.row_id.is_not(None),
        )
        self._connection.execute(update(events).where(*these).values(task=now.task))

    def last(self) -> int:
        """Return the number of the newest event, 0 where there is none."""
        return pages.highest(self._connection, events.c.seq)

    def first_since(self, since: datetime) -> int | None:
        """Return the lowest number of an event that is not older; None where there is none."""
        # Computed, so that no database looks for the least number by walking up all of them.
        first = select(func.min(events.c.seq + 0)).where(events.c.at >= since)
        found: int | None = self._connection.execute(first).scalar()
        return found

    def page(self, which: EventFilter, after: int, until: int) -> Page[StoredEvent]:
        """Read the next page after a number, the oldest first, no further than ``until``."""
        last = pages.upward(self._connection, events.c.seq, after, until)
        if last is None:
            return Page((), None)
        these = (events.c.seq > after, events.c.seq <= last, which.where())
        query = select(events).where(*these).order_by(events.c.seq)
        found = self._connection.execute(query).mappings()
        return Page(tuple(_stored_event(row) for row in found if which.hold(row)), last)

    def numbers(self, which: EventFilter, until: int) -> Page[int]:
        """Read the numbers of the page that ends with ``until``, the newest first."""
        low = pages.downward(self._connection, events.c.seq, until)
        if low is None:
            return Page((), None)
        columns = (events.c.seq, events.c.benchmark, events.c.task, events.c.model)
        these = (events.c.seq >= low, events.c.seq <= until, which.where())
        query = select(*columns).where(*these).order_by(events.c.seq.desc())
        found = self._connection.execute(query).mappings()
        return Page(tuple(row["seq"] for row in found if which.hold(row)), low)

    def benchmarks(self, after: str | None = None) -> tuple[str, ...]:
        """Return the next benchmarks that events name, a page of them."""
        return pages.distinct(self._connection, events.c.benchmark, after)

    def models(self, after: str | None = None) -> tuple[str, ...]:
        """Return the next models that events name, a page of them."""
        return pages.distinct(self._connection, events.c.model, after)


def _stored_event(row: RowMapping | Any) -> StoredEvent:
    return StoredEvent(
        at=row["at"],
        benchmark=row["benchmark"],
        task=row["task"],
        include_derived=row["include_derived"],
        event=_event.decode(row["body"]),
    )
