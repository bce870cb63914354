"""Who came to lead a board, and which row leads it now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, select

from bot.core.board import BoardKey
from bot.core.events import StoredEvent
from bot.store.boards.beginnings import begun
from bot.store.boards.standing import STANDS, Stood, stood
from bot.store.database.tables import STATE, boards, events, models, rows
from bot.store.events import LED, stored_event, with_names
from bot.store.keys import number_of

# Built once: to build it anew would be much of the work.
_FIRST = rows.alias("first")
_LEADING = (
    select(
        rows.c.public_id,
        rows.c.since.label("at"),
        models.c.name.label("model"),
        *(rows.c[name] for name in STATE),
    )
    .select_from(boards)
    .join(_FIRST, and_(_FIRST.c.board_id == boards.c.id, _FIRST.c.public_id == boards.c.leader))
    .join(rows, and_(rows.c.board_id == boards.c.id, rows.c.model_id == _FIRST.c.model_id))
    .join(models, models.c.id == rows.c.model_id)
    .where(boards.c.id == bindparam("of_board"), STANDS)
    .order_by(rows.c.public_id != _FIRST.c.public_id, rows.c.rank, rows.c.public_id)
)


class Leads:
    """Who came to lead boards, by what was found, and who leads them now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(
        self, key: BoardKey, most: int, until: datetime | None = None
    ) -> tuple[StoredEvent, ...]:
        """Return the last times that somebody came to lead a board, the newest first.

        With ``until``, up to then.
        """
        query = self._came(key) if until is None else self._came(key).where(events.c.at <= until)
        found = self._connection.execute(query.order_by(events.c.seq.desc()).limit(most))
        return tuple(stored_event(row) for row in found.mappings())

    def first(self, key: BoardKey) -> StoredEvent | None:
        """Return the first time that somebody came to lead a board."""
        query = self._came(key).order_by(events.c.seq).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else stored_event(row)

    def now(self, key: BoardKey) -> tuple[Stood, ...]:
        """Return the row that leads a board, as it stands now, and then its model's other rows."""
        number = number_of(self._connection, key)
        return tuple(map(stood, self._connection.execute(_LEADING, {"of_board": number})))

    def begun(self, key: BoardKey) -> datetime | None:
        """Return the time of the oldest result of a board that is kept."""
        number = number_of(self._connection, key)
        return None if number is None else begun(self._connection, number)

    def _came(self, key: BoardKey) -> Select[Any]:
        number = number_of(self._connection, key)
        return with_names(events).where(events.c.board_id == number, LED)
