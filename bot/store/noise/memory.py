"""What channels remember of rows: what they were last told, and what stood before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import asdict
from sqlalchemy import Connection, RowMapping, bindparam, select, update

from bot.core.alerts.memory import Memories, Memory, Spell, Standing, Turn
from bot.core.board import BoardKey
from bot.core.kinds import Kind
from bot.store.database.noise import memory
from bot.store.database.tables import boards, deliveries, delivery_events, events, rows
from bot.store.database.upsert import upsert_each
from bot.store.keys import BY_KEY, key_of, number_of

_TURNS = ("present", "score", "verified", "leads")
"""What is told of a row, each with a time of its own."""

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


_RESTED = (
    select(memory, rows.c.public_id, *BY_KEY)
    .join(rows, rows.c.id == memory.c.row_id)
    .join(boards, boards.c.id == rows.c.board_id)
    .where(memory.c.rests_at <= bindparam("before_now"))
    .order_by(memory.c.rests_at, memory.c.channel, memory.c.row_id)
)


class Rested(NamedTuple):
    """What a channel remembers of a row that was unstable and has rested."""

    board: BoardKey
    channel: str
    row: str
    memory: Memory


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

    def told_anew(self, board: BoardKey, since: datetime) -> frozenset[str]:
        """Return the channels that were told after a time that a board was scored anew."""
        anew = select(events.c.id).where(
            events.c.at > since,
            events.c.kind == Kind.RECOMPUTED.value,
            events.c.board_id == number_of(self._connection, board),
        )
        told = (
            select(deliveries.c.channel)
            .join(delivery_events, delivery_events.c.delivery_seq == deliveries.c.seq)
            .where(delivery_events.c.event_id.in_(self._connection.execute(anew).scalars().all()))
        )
        return frozenset(self._connection.execute(told).scalars())

    def rested(self, now: datetime) -> tuple[Rested, ...]:
        """Return what channels remember of rows that were unstable and have rested."""
        found = self._connection.execute(_RESTED, {"before_now": now}).mappings()
        return tuple(
            Rested(key_of(row), row["channel"], row["public_id"], _memory(row)) for row in found
        )

    def rest(self, rested: Rested) -> bool:
        """Let a row be stable again for a channel; False where it moved on, or is already."""
        spell = rested.memory.unstable
        row = select(rows.c.id).where(
            rows.c.board_id == number_of(self._connection, rested.board),
            rows.c.public_id == rested.row,
        )
        these = (
            memory.c.channel == rested.channel,
            memory.c.row_id == row.scalar_subquery(),
            memory.c.rests_at == (spell.rests_at if spell else None),
        )
        ended = update(memory).where(*these).values(unstable_at=None, rests_at=None)
        return self._connection.execute(ended).rowcount == 1

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
    spell = Spell(row["unstable_at"], row["rests_at"]) if row["unstable_at"] else None
    return Memory(
        last=Standing(**{name: row[name] for name in Standing.__struct_fields__}),
        at=row["at"],
        present=_turn(row, "present"),
        score=_turn(row, "score"),
        verified=_turn(row, "verified"),
        leads=_turn(row, "leads"),
        unstable=spell,
    )


def _turn(row: RowMapping, name: str) -> Turn[Any] | None:
    at = row[f"{name}_at"]
    return None if at is None else Turn(row[f"{name}_before"], at)


def _columns(known: Memory) -> dict[str, Any]:
    columns = {"at": known.at, **asdict(known.last)}
    for name in _TURNS:
        turn = getattr(known, name)
        columns[f"{name}_at"] = turn.at if turn else None
        columns[f"{name}_before"] = turn.before if turn else None
    spell = known.unstable
    columns["unstable_at"] = spell.since if spell else None
    columns["rests_at"] = spell.rests_at if spell else None
    return columns
