"""Reads events, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, true

from bot.core.events import Event, StoredEvent
from bot.store import pages
from bot.store.pages import Names, Read
from bot.store.tables import events

# Made at import: see ``bot.core.alerts.message``.
_event = msgspec.json.Decoder(Event)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which events are asked for."""

    since: datetime | None
    benchmarks: Names
    models: Names
    kinds: tuple[str, ...]
    tasks: frozenset[str] | None = None

    def where(self, low: int, high: int) -> ColumnElement[bool]:
        """Select them between two numbers, the first one excluded."""
        # Wrapped, so that no database looks the time up and leaves the order of the numbers.
        recent = (events.c.at >= self.since).is_(true()) if self.since else true()
        return (
            (events.c.seq > low)
            & (events.c.seq <= high)
            & recent
            & (events.c.kind.in_(self.kinds) if self.kinds else true())
            & self.benchmarks.where(events.c.benchmark)
            & self.models.where(events.c.model)
        )

    def hold(self, row: RowMapping) -> bool:
        """Tell whether an event that was selected is one of them."""
        of_task = self.tasks is None or row["task"] in self.tasks
        return of_task and self.benchmarks.hold(row["benchmark"]) and self.models.hold(row["model"])


def wanted(
    read: Read,
    since: datetime | None,
    benchmark: str | None,
    model: str | None,
    kinds: Collection[str],
) -> Wanted:
    """Find out what globs stand for."""
    return Wanted(
        since=since,
        benchmarks=pages.names(read, events.c.benchmark, benchmark),
        models=pages.names(read, events.c.model, model),
        kinds=tuple(kinds),
    )


def read_pages(read: Read, which: Wanted, limit: int | None) -> Iterator[tuple[StoredEvent, ...]]:
    """Return what is there now, the oldest first; of more than ``limit``, the newest."""

    def page(connection: Connection, low: int, high: int) -> tuple[StoredEvent, ...]:
        query = select(events).where(which.where(low, high)).order_by(events.c.seq)
        found = connection.execute(query).mappings().all()
        return tuple(_stored_event(row) for row in found if which.hold(row))

    low = _start(read, which, limit)
    return iter(()) if low is None else pages.ascending(read, events.c.seq, low, page)


def _start(read: Read, which: Wanted, limit: int | None) -> int | None:
    """Return the number after which to read; None where there is nothing."""
    if limit is not None:
        return _newest(read, which, limit)
    if which.since is None:
        return 0
    # Computed, so that no database looks for the least number by walking up all of them.
    first = select(func.min(events.c.seq + 0)).where(events.c.at >= which.since)
    with read() as connection:
        found: int | None = connection.execute(first).scalar()
    return None if found is None else found - 1


def _newest(read: Read, which: Wanted, limit: int) -> int:
    """Return the number after which there are only so many events left that are wanted."""

    def page(connection: Connection, low: int, high: int) -> list[int]:
        columns = (events.c.seq, events.c.benchmark, events.c.task, events.c.model)
        query = select(*columns).where(which.where(low, high)).order_by(events.c.seq.desc())
        found = connection.execute(query).mappings()
        return [row["seq"] for row in found if which.hold(row)]

    return pages.newest(read, events.c.seq, limit, page)


def _stored_event(row: RowMapping | Any) -> StoredEvent:
    return StoredEvent(
        at=row["at"],
        benchmark=row["benchmark"],
        task=row["task"],
        include_derived=row["include_derived"],
        event=_event.decode(row["body"]),
    )
