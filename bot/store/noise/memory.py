"""What channels remember of rows: what they were last told, and what stood before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from bot.core.alerts.memory import Memories, Memory, Standing
from bot.core.board import BoardKey
from bot.store.database.tables import memory, rows
from bot.store.database.upsert import upsert_each
from bot.store.keys import number_of

_AT_ONCE = 500
"""Databases limit the values in one statement."""

_ROWS = select(rows.c.id, rows.c.public_id).where(
    rows.c.board_id == bindparam("of_board"),
    rows.c.public_id.in_(bindparam("of_rows", expanding=True)),
)
_KNOWN = (
    select(memory, rows.c.public_id)
    .join(rows, rows.c.id == memory.c.row_id)
    .where(
        rows.c.board_id == bindparam("of_board"),
        rows.c.public_id.in_(bindparam("of_rows", expanding=True)),
        memory.c.channel.in_(bindparam("of_channels", expanding=True)),
    )
)


class MemoryOfRows:
    """What channels remember of rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, board: BoardKey, row_ids: Sequence[str], channels: Collection[str]) -> Memories:
        """Return what channels remember of some rows of a board, where they know anything."""
        number = number_of(self._connection, board)
        found: dict[tuple[str, str], Memory] = {}
        if number is None or not channels:
            return found
        for some in _batches(row_ids):
            values = {"of_board": number, "of_rows": some, "of_channels": sorted(channels)}
            for row in self._connection.execute(_KNOWN, values).mappings():
                found[row["channel"], row["public_id"]] = _memory(row)
        return found

    def save(self, board: BoardKey, channel: str, known: Mapping[str, Memory]) -> None:
        """Remember rows of a board for a channel; those that are not stored are left out."""
        number = number_of(self._connection, board)
        for some in _batches(sorted(known)):
            values = {"of_board": number, "of_rows": some}
            stored = self._connection.execute(_ROWS, values).all()
            kept = [
                {"channel": channel, "row_id": row.id, **_columns(known[row.public_id])}
                for row in sorted(stored, key=lambda row: row.id)
            ]
            upsert_each(self._connection, memory, kept, {}, by=memory.primary_key.columns.values())


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE)]


def _memory(row: RowMapping) -> Memory:
    before = Standing(
        rank=row["rank_before"],
        score=row["score_before"],
        verified=row["verified_before"],
        leads=row["leads_before"],
    )
    if row["at"] is None:
        return Memory(before=before)
    told = Standing(
        rank=row["rank"], score=row["score"], verified=row["verified"], leads=row["leads"]
    )
    return Memory(before=before, told=told, at=row["at"])


def _columns(known: Memory) -> dict[str, Any]:
    told, before = known.told or Standing(), known.before
    return {
        "at": known.at,
        "rank": told.rank,
        "score": told.score,
        "verified": told.verified,
        "leads": told.leads,
        "rank_before": before.rank,
        "score_before": before.score,
        "verified_before": before.verified,
        "leads_before": before.leads,
    }
