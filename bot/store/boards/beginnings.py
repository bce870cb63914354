"""When a board was first seen, by the oldest result that is kept of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, union_all

from bot.store.database.tables import row_versions, rows

# A look a row: to join them with their versions would read every one of these.
_OLDEST = select(func.min(row_versions.c.valid_from)).where(row_versions.c.row_id == rows.c.id)
_BEGINNINGS = union_all(
    select(rows.c.since.label("at")).where(rows.c.board_id == bindparam("of_board")),
    select(_OLDEST.scalar_subquery()).where(rows.c.board_id == bindparam("of_board")),
).subquery()
_BEGUN = select(func.min(_BEGINNINGS.c.at))


def begun(connection: Connection, board: int) -> datetime | None:
    """Return the time of the oldest result of a board that is kept."""
    found: datetime | None = connection.execute(_BEGUN, {"of_board": board}).scalar()
    return found
