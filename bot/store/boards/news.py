"""News: the newest events of a board, a model, a watch, without what only others' moves did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from bot.core.board import BoardKey
from bot.core.events import StoredEvent, as_json
from bot.core.kinds import Kind
from bot.store.database.tables import boards, events, models, rows
from bot.store.event_json import MODEL
from bot.store.events import LED, stored_event, with_names
from bot.store.keys import number_of
from bot.store.models import ever_on
from bot.store.paging import Names, backward

LOOKED_THROUGH = 10_000
"""So many events are looked through at once for those of a watch."""

_NEWS = (events.c.kind != Kind.RANK_SHIFT.value) & ~events.c.body.contains('"recomputed":true')
_BODY = func.replace(events.c.body, MODEL, func.coalesce(models.c.name, ""))
"""The body as it was before it was stored."""

_Numbered = tuple[int, StoredEvent]


class News:
    """What is news; a row's part of a board that was scored anew is none, nor is a shift."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_board(self, key: BoardKey, most: int) -> tuple[StoredEvent, ...]:
        """Return the newest events of a board, the newest first."""
        number = number_of(self._connection, key)
        return tuple(event for _, event in self._newest(events.c.board_id == number, most))

    def of_model(
        self, names: Collection[str], visible: Names, most: int
    ) -> tuple[StoredEvent, ...]:
        """Return the newest events of a model, the newest first, by all ids that it has had.

        Those in which it lost the lead are among them; all are of ``visible`` benchmarks. Of a
        model that never had a row there no event is read.
        """
        which = select(models.c.id).where(models.c.name.in_(sorted(names)), ever_on(visible))
        numbers = self._connection.execute(which).scalars().all()
        seen = visible.where(boards.c.benchmark)
        found: list[_Numbered] = []
        for number in numbers:
            found += self._newest((events.c.model_id == number) & seen, most)
        stood = select(rows.c.board_id).join(boards).where(rows.c.model_id.in_(numbers), seen)
        for board in self._connection.execute(stood.distinct()).scalars().all():
            lost = (events.c.board_id == board, LED, _NEWS, seen, _led_before(names))
            found += [
                one
                for one in self._read(with_names(events).where(*lost), most)
                if _lost(one, names)
            ]
        newest = sorted(found, key=lambda one: one[0], reverse=True)
        return tuple(one for _, one in newest[:most] if visible.hold(one.board.benchmark))

    def of_watch(self, name: str, until: int, most: int) -> tuple[StoredEvent, ...]:
        """Return the newest events that a watch wanted, of a part of them that ends with one."""
        named = _BODY.contains(as_json(name).decode(), autoescape=True)
        part = (events.c.seq > until - LOOKED_THROUGH, events.c.seq <= until)
        found = self._read(with_names(events).where(*part, _NEWS, named), most)
        return tuple(event for _, event in found if name in event.event.watches)

    def of_polls(self, polls: Mapping[BoardKey, datetime]) -> dict[BoardKey, StoredEvent]:
        """Return the first news of each board that were found at its time, where any were."""
        moments = {*polls.values()}
        first = select(func.min(events.c.seq)).where(events.c.at.in_(moments), _NEWS)
        of_each = first.group_by(events.c.board_id, events.c.at)
        query = with_names(events).where(events.c.seq.in_(of_each))
        found = map(stored_event, self._connection.execute(query).mappings())
        return {one.board: one for one in found if polls.get(one.board) == one.at}

    def _newest(self, which: ColumnElement[bool], most: int) -> list[_Numbered]:
        """Read the newest news of a board or a model."""
        order = backward(self._connection, events.c.seq)
        query = select(events.c.seq).join(boards, boards.c.id == events.c.board_id)
        numbers = query.where(which, _NEWS).order_by(order).limit(most)
        these = self._connection.execute(numbers).scalars().all()
        return self._read(with_names(events).where(events.c.seq.in_(these)), most)

    def _read(self, query: Select[Any], most: int) -> list[_Numbered]:
        newest = query.order_by(events.c.seq.desc()).limit(most)
        found = self._connection.execute(newest).mappings()
        return [(row["seq"], stored_event(row)) for row in found]


def _led_before(names: Collection[str]) -> ColumnElement[bool]:
    """Select what may have been the end of a model's lead; ``_lost`` has to be asked, too."""
    led = (f'"previous_leader":{{"model":{as_json(name).decode()},' for name in sorted(names))
    return or_(*(_BODY.contains(text, autoescape=True) for text in led))


def _lost(one: _Numbered, names: Collection[str]) -> bool:
    """Tell whether a model lost the lead to another; it may have lost it to a row of its own."""
    event = one[1].event
    before = event.previous_leader
    return before is not None and before.model in names and event.model not in names
