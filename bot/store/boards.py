"""Boards as snapshots: how they are read, and which of them count.

A row's result is stored once for as long as it stays the same: a version, valid from the poll
that first saw it until the poll that saw another. The open version is what the snapshot holds.
A row that was told as removed has an open version too, marked as such, so that its return can be
told; one that a silent baseline dropped has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from bot.core.board import BoardKey, Doubt, Result, Row, Snapshot, Source
from bot.ports import BoardPoll
from bot.store.tables import FOREVER, boards, row_versions, rows
from bot.store.versions import Held, write

# Made at import: see ``bot.core.alerts.message``.
_source = msgspec.json.Decoder(Source)
_doubt = msgspec.json.Decoder(Doubt)


class StoredBoard(Struct, frozen=True, kw_only=True):
    """A board's number and what is stored of it."""

    id: int
    key: BoardKey
    current: bool
    snapshot: Snapshot
    held: dict[str, Held]


def load(connection: Connection, key: BoardKey) -> StoredBoard | None:
    """Load a board with its rows by rank; None where it was never seen."""
    board = connection.execute(select(boards).where(of_key(key))).mappings().first()
    return None if board is None else _stored(board, _held(connection, board["id"]))


def of_key(key: BoardKey) -> ColumnElement[bool]:
    """Select one board."""
    return (
        (boards.c.benchmark == key.benchmark)
        & (boards.c.task == (key.task or ""))
        & (boards.c.include_derived == key.include_derived)
    )


def exists(connection: Connection, key: BoardKey) -> bool:
    """Tell whether a board was ever seen."""
    return connection.execute(select(boards.c.id).where(of_key(key))).first() is not None


def commit(connection: Connection, key: BoardKey, found: BoardPoll, at: datetime) -> None:
    """Write what differs between what is stored of a board and its new snapshot."""
    if found.before == found.after:
        return
    header = _header(found.after)
    stored = load(connection, key)
    if stored is None:
        number, held = _add(connection, key, header), {}
    else:
        number, held = stored.id, stored.held
        if not stored.current or header != _header(stored.snapshot):
            connection.execute(update(boards).where(boards.c.id == number).values(**header))
    write(connection, number, held, found.after, at)


def end(connection: Connection, key: BoardKey, at: datetime) -> None:
    """Drop a board's rows from its snapshot, silently; their history stays."""
    board = load(connection, key)
    if board is not None and board.current:
        write(connection, board.id, board.held, Snapshot(), at)
        empty = {**_header(Snapshot()), "current": False}
        connection.execute(update(boards).where(boards.c.id == board.id).values(**empty))


def rename(connection: Connection, was: BoardKey, now: BoardKey) -> None:
    """Give a board another task's name, with its rows and their history."""
    connection.execute(update(boards).where(of_key(was)).values(task=now.task or ""))


def result_of(row: Mapping[str, Any] | RowMapping) -> Result:
    """Make a result of a version's columns and its row's model."""
    source = row["source"]
    return Result(
        rank=row["rank"],
        model=row["model"],
        score=row["score"],
        verified=row["verified"],
        filename=row["filename"],
        source=None if source is None else _source.decode(source),
        pull_request=row["pull_request"],
        notes=row["notes"],
        parameters=row["parameters"],
    )


def _add(connection: Connection, key: BoardKey, header: dict[str, Any]) -> int:
    identity = {
        "benchmark": key.benchmark,
        "task": key.task or "",
        "include_derived": key.include_derived,
    }
    added = connection.execute(insert(boards).values(**identity, **header)).inserted_primary_key
    assert added is not None
    return int(added[0])


def _header(snapshot: Snapshot) -> dict[str, Any]:
    doubt = snapshot.doubt
    return {
        "current": True,
        "higher_is_better": snapshot.higher_is_better,
        "turning": snapshot.turning,
        "leader": snapshot.leader,
        "doubted": doubt.times if doubt else 0,
        "doubt": None if doubt is None else msgspec.json.encode(doubt, order="sorted").decode(),
        "rows_count": len(snapshot.rows),
    }


def _held(connection: Connection, board: int) -> list[Held]:
    query = (
        select(rows.c.id, rows.c.model, rows.c.missing, rows.c.parameters, row_versions)
        .join(row_versions, row_versions.c.row_id == rows.c.id)
        .where(rows.c.board_id == board, row_versions.c.valid_to == FOREVER)
        .order_by(row_versions.c.rank, rows.c.id)
    )
    return [
        Held(
            row=Row(id=found["id"], result=result_of(found), missing=found["missing"]),
            removed=found["removed"],
            since=found["valid_from"],
        )
        for found in connection.execute(query).mappings()
    ]


def _stored(board: RowMapping, held: list[Held]) -> StoredBoard:
    doubt = board["doubt"]
    snapshot = Snapshot(
        rows=tuple(one.row for one in held if not one.removed),
        removed=tuple(one.row for one in held if one.removed),
        higher_is_better=board["higher_is_better"],
        turning=board["turning"],
        leader=board["leader"],
        doubt=None if doubt is None else _doubt.decode(doubt),
    )
    return StoredBoard(
        id=board["id"],
        key=BoardKey(board["benchmark"], board["task"] or None, board["include_derived"]),
        current=board["current"],
        snapshot=snapshot,
        held={one.row.id: one for one in held},
    )
