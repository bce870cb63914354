"""What stands first on every board, read in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, and_, func, select

from bot.core.board import BoardKey, Row
from bot.store.boards.boards import row_of
from bot.store.database.tables import boards, models, rows
from bot.store.keys import BY_KEY, key_of

_STANDS = and_(rows.c.since.is_not(None), rows.c.removed.is_(False))


class Standing(Struct, frozen=True, kw_only=True):
    """The rows of the first models of a board, by rank; ``changed_at`` is its last change."""

    rows: tuple[Row, ...]
    changed_at: datetime


class Standings:
    """What stands first on boards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first(self, most: int) -> Mapping[BoardKey, Standing]:
        """Return of every board that has rows the first ``most``, with their models' other rows."""
        found: defaultdict[int, list[Row]] = defaultdict(list)
        for one in self._connection.execute(_first(most)):
            found[one.board_id].append(row_of(one))
        changed = select(boards.c.id, *BY_KEY, func.max(rows.c.since).label("changed_at"))
        query = changed.join(rows, rows.c.board_id == boards.c.id).where(_STANDS)
        return {
            key_of(one): Standing(rows=tuple(found[one["id"]]), changed_at=one["changed_at"])
            for one in self._connection.execute(query.group_by(boards.c.id)).mappings()
        }


def _first(most: int) -> Select[Any]:
    place = func.row_number().over(
        partition_by=rows.c.board_id, order_by=(rows.c.rank, rows.c.public_id)
    )
    ranked = select(rows.c.board_id, rows.c.model_id, place.label("place")).where(_STANDS)
    numbered = ranked.subquery()
    leading = (
        select(numbered.c.board_id, numbered.c.model_id).where(numbered.c.place <= most).distinct()
    ).subquery()
    same = and_(leading.c.board_id == rows.c.board_id, leading.c.model_id == rows.c.model_id)
    return (
        select(rows, models.c.name.label("model"))
        .join(models, models.c.id == rows.c.model_id)
        .join(leading, same)
        .where(_STANDS)
        .order_by(rows.c.board_id, rows.c.rank, rows.c.public_id)
    )
