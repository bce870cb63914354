"""Events: what was found, in the order in which it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    true,
    update,
)

from bot.core.alerts.unrest.unstable import Step, Steps
from bot.core.board import BoardKey
from bot.core.events import Found, StoredEvent
from bot.core.kinds import Kind
from bot.store import event_json, paging
from bot.store.boards.wanted import EventFilter
from bot.store.database.bulk import execute_each
from bot.store.database.tables import boards, events, models, rows
from bot.store.keys import BY_KEY, THIS_MODEL, key_of, make_number_of, name_models, number_of
from bot.store.models import ever_on
from bot.store.paging import EVERY, Names, Page

_AT_ONCE = 500
"""Databases limit the values in one statement."""

# Built once: to build it anew would be much of the work.
_ROW = select(rows.c.id).where(
    rows.c.board_id == bindparam("of_board"), rows.c.public_id == bindparam("of_row")
)
_ADD = insert(events).values(
    id=bindparam("new_id"),
    at=bindparam("at_time"),
    board_id=bindparam("of_board"),
    kind=bindparam("new_kind"),
    model_id=THIS_MODEL,
    row_id=_ROW.scalar_subquery(),
    body=bindparam("new_body"),
)

_OF_LISTS = (Kind.NEW_BENCHMARK, Kind.BENCHMARK_GONE)
LED = events.c.kind == literal_column(f"'{Kind.NEW_LEADER.value}'")
"""Written out: the index of them is used for no parameter."""


AT_ONCE = 200
"""Events that are written at once: where a board is turned round, each is of tens of kilobytes."""


class Events:
    """What was found, numbered in the order in which it was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: BoardKey, found: Sequence[Found], at: datetime) -> None:
        """Store events of one board, in their order."""
        if not found:
            return
        number = make_number_of(self._connection, key)
        name_models(self._connection, [one.event.model for one in found if one.event.model])
        for start in range(0, len(found), AT_ONCE):
            values = [
                {
                    "new_id": one.event.id,
                    "at_time": at,
                    "of_board": number,
                    "new_kind": one.event.kind.value,
                    "of_model": one.event.model,
                    "of_row": one.row_id,
                    "new_body": event_json.of_event(one.event),
                }
                for one in found[start : start + AT_ONCE]
            ]
            execute_each(self._connection, _ADD, values)

    def give_back(self, renamed: BoardKey, bare: BoardKey) -> None:
        """Let what was told of the Hub's lists, before the board had a task, stay without one."""
        number = number_of(self._connection, renamed)
        these = (events.c.board_id == number, events.c.kind.in_(_OF_LISTS))
        if number and self._connection.execute(select(events.c.seq).where(*these)).first():
            other = make_number_of(self._connection, bare)
            self._connection.execute(update(events).where(*these).values(board_id=other))

    def last(self) -> int:
        """Return the number of the newest event, 0 where there is none."""
        return paging.highest(self._connection, events.c.seq)

    def first_since(self, since: datetime) -> int | None:
        """Return the lowest number of an event that is not older; None where there is none."""
        # Computed, so that no database looks for the least number by walking up all of them.
        first = select(func.min(events.c.seq + 0)).where(events.c.at >= since)
        found: int | None = self._connection.execute(first).scalar()
        return found

    def one(self, name: str) -> StoredEvent | None:
        """Return the event of an id."""
        query = with_names(events).where(events.c.id == name)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else stored_event(row)

    def named(self, names: Collection[str]) -> dict[str, StoredEvent]:
        """Return the events of some ids, at most a page of them, by their ids."""
        query = with_names(events).where(events.c.id.in_(names))
        found = map(stored_event, self._connection.execute(query).mappings())
        return {one.event.id: one for one in found}

    def rows(self, names: Sequence[str]) -> dict[str, tuple[BoardKey, str]]:
        """Return the board and the row of some events, by their ids; of no row are none."""
        found: dict[str, tuple[BoardKey, str]] = {}
        for first in range(0, len(names), _AT_ONCE):
            these = events.c.id.in_(names[first : first + _AT_ONCE])
            query = (
                select(events.c.id, events.c.seq, rows.c.public_id, *BY_KEY)
                .join(rows, rows.c.id == events.c.row_id)
                .join(boards, boards.c.id == rows.c.board_id)
                .where(these)
                .order_by(events.c.seq)
            )
            for row in self._connection.execute(query).mappings():
                found[row["id"]] = (key_of(row), row["public_id"])
        return found

    def steps(self, key: BoardKey, row_ids: Sequence[str], since: datetime) -> Steps:
        """Return what happened to some rows of a board after a time, apart from others' moves."""
        number = number_of(self._connection, key)
        found: dict[str, list[Step]] = {}
        for first in range(0, len(row_ids), _AT_ONCE):
            query = (
                with_names(events, rows.c.public_id)
                .join(rows, rows.c.id == events.c.row_id)
                .where(
                    rows.c.board_id == number,
                    rows.c.public_id.in_(row_ids[first : first + _AT_ONCE]),
                    events.c.at > since,
                    events.c.kind != Kind.RANK_SHIFT.value,
                )
                # By time first, so that a database reads no more than what is new enough.
                .order_by(events.c.at, events.c.seq)
            )
            for row in self._connection.execute(query).mappings():
                step = Step(row["at"], stored_event(row).event)
                found.setdefault(row["public_id"], []).append(step)
        return found

    def page(self, which: EventFilter, after: int, until: int) -> Page[StoredEvent]:
        """Read the next page after a number, the oldest first, no further than ``until``."""
        last = paging.upward(self._connection, events.c.seq, after, until)
        if last is None:
            return Page((), None)
        these = (events.c.seq > after, events.c.seq <= last, which.where())
        query = with_names(events).where(*these).order_by(events.c.seq)
        found = self._connection.execute(query).mappings()
        return Page(tuple(stored_event(row) for row in found if which.hold(row)), last)

    def numbers(self, which: EventFilter, until: int) -> Page[int]:
        """Read the numbers of the page that ends with ``until``, the newest first."""
        low = paging.downward(self._connection, events.c.seq, until)
        if low is None:
            return Page((), None)
        these = (events.c.seq >= low, events.c.seq <= until, which.where())
        query = with_names(events.c.seq).where(*these).order_by(events.c.seq.desc())
        found = self._connection.execute(query).mappings()
        return Page(tuple(row["seq"] for row in found if which.hold(row)), low)

    def newest(self, which: EventFilter, until: int, most: int) -> Page[StoredEvent]:
        """Read the last events up to a number, the newest first; what follows is below ``last``.

        An index leads to the few of named benchmarks or models; of more, a few pages are looked at,
        so that there may be less than ``most`` though more follow.
        """
        query, low = with_names(events).where(events.c.seq <= until), None
        if which.are_few(self._connection):
            query = query.where(which.where())
            query = query.order_by(paging.backward(self._connection, events.c.seq))
        else:
            low = paging.far_down(self._connection, events.c.seq, until)
            # Wrapped, so that no database goes by an index of names, and sorts what it finds.
            query = query.where(events.c.seq >= low, which.where().is_(true()))
            query = query.order_by(events.c.seq.desc())
        if which.tasks is not None:
            query = query.where(boards.c.task.in_(sorted(which.tasks)))
        read = self._connection.execute(query.limit(most)).mappings().all()
        rows_ = [row for row in read if which.hold(row)]
        last = read[-1]["seq"] if len(read) == most else low
        return Page(tuple(map(stored_event, rows_)), None if last in (None, 1) else last)

    def benchmarks(self, after: str | None = None, glob: str | None = None) -> tuple[str, ...]:
        """Return the next benchmarks that events name, a page of them; see ``distinct``."""
        told = select(events.c.seq).where(events.c.board_id == boards.c.id).exists()
        return paging.distinct(self._connection, boards.c.benchmark, after, glob, told)

    def models(
        self, after: str | None = None, glob: str | None = None, visible: Names = EVERY
    ) -> tuple[str, ...]:
        """Return the next models that events name, a page of them; see ``distinct``."""
        told = select(events.c.seq).where(events.c.model_id == models.c.id).exists()
        these = ever_on(visible) & told
        return paging.distinct(self._connection, models.c.name, after, glob, these)


def with_names(*columns: Any) -> Select[Any]:
    """Select columns of events beside what their boards and models are called."""
    return (
        select(*columns, *BY_KEY, models.c.name)
        .select_from(events)
        .join(boards, boards.c.id == events.c.board_id)
        .outerjoin(models, models.c.id == events.c.model_id)
    )


def stored_event(row: RowMapping) -> StoredEvent:
    """Return the event of a row that ``with_names`` selected with all columns of events."""
    return StoredEvent(
        at=row["at"],
        board=key_of(row),
        event=event_json.to_event(row["body"], row["id"], row["kind"], row["name"]),
        row=None if row["row_id"] is None else str(row["row_id"]),
    )
