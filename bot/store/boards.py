"""Boards as snapshots: how they are read, and which of them count.

A row's result is stored once for as long as it stays the same: a version, valid from the poll
that first saw it until the poll that saw another. The open version is what the snapshot holds.
A row that was told as removed has an open version too, marked as such, so that its return can be
told; one that a silent baseline dropped has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from bot.core.model import BoardKey, Result, Row, Snapshot, Source
from bot.ports import BoardPoll, Target
from bot.store.tables import FOREVER, boards, row_versions, rows
from bot.store.versions import Held, write

# Made at import: see ``bot.core.message``.
_source = msgspec.json.Decoder(Source)


class StoredBoard(Struct, frozen=True, kw_only=True):
    """A board's number and what is stored of it."""

    id: int
    key: BoardKey
    current: bool
    snapshot: Snapshot
    held: dict[str, Held]


def load(connection: Connection, where: ColumnElement[bool]) -> list[StoredBoard]:
    """Load the boards that meet ``where``, with their rows by rank."""
    found = connection.execute(select(boards).where(where)).mappings().all()
    held = _held(connection, [board["id"] for board in found])
    return [_stored(board, held[board["id"]]) for board in found]


def of_target(target: Target) -> ColumnElement[bool]:
    """Select the boards that belong to the target's present snapshot."""
    return (
        (boards.c.benchmark == target.benchmark)
        & (boards.c.include_derived == target.include_derived)
        & boards.c.current
    )


def of_key(key: BoardKey) -> ColumnElement[bool]:
    """Select one board."""
    return (
        (boards.c.benchmark == key.benchmark)
        & (boards.c.task == (key.task or ""))
        & (boards.c.include_derived == key.include_derived)
    )


def commit(connection: Connection, board: BoardPoll, at: datetime) -> None:
    """Write what differs between what is stored of a board and its new snapshot."""
    if board.before == board.after:
        return
    header = _header(board.after)
    stored = next(iter(load(connection, of_key(board.key))), None)
    if stored is None:
        number, held = _add(connection, board.key, header), {}
    else:
        number, held = stored.id, stored.held
        if not stored.current or header != _header(stored.snapshot):
            connection.execute(update(boards).where(boards.c.id == number).values(**header))
    write(connection, number, held, board.after, at)


def retire(
    connection: Connection, target: Target, kept: Iterable[str | None], at: datetime
) -> None:
    """Drop the target's other boards from its snapshot, silently; their history stays."""
    tasks = set(kept)
    for board in load(connection, of_target(target)):
        if board.key.task not in tasks:
            write(connection, board.id, board.held, Snapshot(), at)
            empty = {**_header(Snapshot()), "current": False}
            connection.execute(update(boards).where(boards.c.id == board.id).values(**empty))


def count(connection: Connection, target: Target) -> int:
    """Return how many boards the target has now: one a task."""
    query = select(func.count()).select_from(boards).where(of_target(target))
    return int(connection.execute(query).scalar_one())


def is_settled(connection: Connection, target: Target) -> bool:
    """Tell whether no board of the target is doubted, or holds a row that is missing."""
    held = (
        select(rows.c.id)
        .join(row_versions, row_versions.c.row_id == rows.c.id)
        .where(
            rows.c.board_id == boards.c.id,
            rows.c.missing > 0,
            row_versions.c.valid_to == FOREVER,
            ~row_versions.c.removed,
        )
    )
    open_to_change = (boards.c.doubted > 0) | held.exists()
    query = select(boards.c.id).where(of_target(target), open_to_change).limit(1)
    return connection.execute(query).first() is None


def result_of(row: RowMapping) -> Result:
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
        extra=row["extra"],
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
    return {
        "current": True,
        "higher_is_better": snapshot.higher_is_better,
        "leader": snapshot.leader,
        "doubted": snapshot.doubted,
        "rows_count": len(snapshot.rows),
    }


def _held(connection: Connection, numbers: list[int]) -> dict[int, list[Held]]:
    query = (
        select(rows.c.board_id, rows.c.id, rows.c.model, rows.c.missing, row_versions)
        .join(row_versions, row_versions.c.row_id == rows.c.id)
        .where(rows.c.board_id.in_(numbers), row_versions.c.valid_to == FOREVER)
        .order_by(row_versions.c.rank, rows.c.id)
    )
    held: dict[int, list[Held]] = {number: [] for number in numbers}
    for found in connection.execute(query).mappings():
        row = Row(id=found["id"], result=result_of(found), missing=found["missing"])
        held[found["board_id"]].append(
            Held(row=row, removed=found["removed"], since=found["valid_from"])
        )
    return held


def _stored(board: RowMapping, held: list[Held]) -> StoredBoard:
    snapshot = Snapshot(
        rows=tuple(one.row for one in held if not one.removed),
        removed=tuple(one.row for one in held if one.removed),
        higher_is_better=board["higher_is_better"],
        leader=board["leader"],
        doubted=board["doubted"],
    )
    return StoredBoard(
        id=board["id"],
        key=BoardKey(board["benchmark"], board["task"] or None, board["include_derived"]),
        current=board["current"],
        snapshot=snapshot,
        held={one.row.id: one for one in held},
    )
