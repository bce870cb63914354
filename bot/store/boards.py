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
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, select, update

from bot.core.board import BoardKey, Doubt, Result, Row, Snapshot, Source
from bot.store.claims import SAME
from bot.store.database.tables import FOREVER, boards, row_versions, rows, targets
from bot.store.events import Events
from bot.store.polls import BoardPoll
from bot.store.targets import Targets
from bot.store.versions import Held, write
from bot.store.views import BoardRows, BoardView, RowView

# Made at import: see ``bot.core.alerts.message``.
_source = msgspec.json.Decoder(Source)
_doubt = msgspec.json.Decoder(Doubt)


class _Stored(Struct, frozen=True, kw_only=True):
    """A board's number and what is stored of it."""

    id: int
    current: bool
    snapshot: Snapshot
    held: dict[str, Held]


class Boards:
    """Boards as they were last seen."""

    def __init__(self, connection: Connection, targets: Targets, events: Events) -> None:
        self._connection = connection
        self._targets = targets
        self._events = events

    def load(self, key: BoardKey) -> Snapshot | None:
        """Load a board, rows by rank and id; None where it was never seen."""
        stored = self._load(key)
        return stored.snapshot if stored is not None and stored.current else None

    def save(self, key: BoardKey, found: BoardPoll, at: datetime) -> None:
        """Write what differs between what is stored of a board and its new snapshot."""
        if found.before == found.after:
            return
        header = _header(found.after)
        stored = self._load(key)
        if stored is None:
            number, held = self._add(key, header), {}
        else:
            number, held = stored.id, stored.held
            if not stored.current or header != _header(stored.snapshot):
                self._set(number, header)
        write(self._connection, number, held, found.after, at)

    def name_task(self, benchmark: str, task: str, at: datetime) -> None:
        """Make the boards of a benchmark that have no task those of ``task``, silently.

        With all that is stored of them: what is watched, their rows, events and failures. Where
        that task has a board already, the one without a task ends.
        """
        for derived in (False, True):
            bare = BoardKey(benchmark, None, derived)
            board = BoardKey(benchmark, task, derived)
            if self._exists(board) or self._targets.exists(board):
                self._end(bare, at)
                continue
            renamed = update(boards).where(_of_key(bare)).values(task=task)
            self._connection.execute(renamed)
            self._targets.rename(bare, board)
            self._events.rename(bare, board)

    def list_all(self) -> tuple[BoardView, ...]:
        """List every board, and every benchmark that was never polled, by name."""
        leading = and_(row_versions.c.row_id == boards.c.leader, row_versions.c.valid_to == FOREVER)
        query = (
            select(targets, boards.c.rows_count, rows.c.model, row_versions.c.score)
            .select_from(targets)
            .outerjoin(boards, SAME)
            .outerjoin(rows, rows.c.id == boards.c.leader)
            .outerjoin(row_versions, leading)
        )
        found = [_board_view(row) for row in self._connection.execute(query).mappings()]
        return tuple(sorted(found, key=lambda view: view.key.place))

    def rows(self, key: BoardKey) -> BoardRows | None:
        """Load a board as people see it; None for one that was never seen."""
        stored = self._load(key)
        if stored is None or not stored.current:
            return None
        polled = select(targets.c.polled_at).join(boards, SAME).where(_of_key(key))
        views = [
            RowView(
                id=row.id,
                result=row.as_reported,
                missing=row.missing,
                last_change=stored.held[row.id].since,
            )
            for row in stored.snapshot.rows
        ]
        return BoardRows(
            key=key,
            polled_at=self._connection.execute(polled).scalar(),
            baseline_at=self._baseline(stored.id),
            snapshot=stored.snapshot,
            rows=tuple(views),
        )

    def tasks(self) -> frozenset[str]:
        """Return the tasks of all boards that were ever seen."""
        seen = self._connection.execute(select(boards.c.task).distinct()).scalars()
        return frozenset(filter(None, seen))

    def _load(self, key: BoardKey) -> _Stored | None:
        board = self._connection.execute(select(boards).where(_of_key(key))).mappings().first()
        return None if board is None else _stored(board, self._held(board["id"]))

    def _held(self, board: int) -> list[Held]:
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
            for found in self._connection.execute(query).mappings()
        ]

    def _add(self, key: BoardKey, header: dict[str, Any]) -> int:
        identity = {
            "benchmark": key.benchmark,
            "task": key.task or "",
            "include_derived": key.include_derived,
        }
        insertion = insert(boards).values(**identity, **header)
        added = self._connection.execute(insertion).inserted_primary_key
        assert added is not None
        return int(added[0])

    def _set(self, number: int, header: dict[str, Any]) -> None:
        self._connection.execute(update(boards).where(boards.c.id == number).values(**header))

    def _end(self, key: BoardKey, at: datetime) -> None:
        """Drop a board's rows from its snapshot, silently; their history stays."""
        board = self._load(key)
        if board is not None and board.current:
            write(self._connection, board.id, board.held, Snapshot(), at)
            self._set(board.id, {**_header(Snapshot()), "current": False})

    def _exists(self, key: BoardKey) -> bool:
        query = select(boards.c.id).where(_of_key(key))
        return self._connection.execute(query).first() is not None

    def _baseline(self, board: int) -> datetime | None:
        query = (
            select(func.min(row_versions.c.valid_from))
            .join(rows, rows.c.id == row_versions.c.row_id)
            .where(rows.c.board_id == board)
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found


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


def _of_key(key: BoardKey) -> ColumnElement[bool]:
    """Select one board."""
    return (
        (boards.c.benchmark == key.benchmark)
        & (boards.c.task == (key.task or ""))
        & (boards.c.include_derived == key.include_derived)
    )


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


def _stored(board: RowMapping, held: list[Held]) -> _Stored:
    doubt = board["doubt"]
    snapshot = Snapshot(
        rows=tuple(one.row for one in held if not one.removed),
        removed=tuple(one.row for one in held if one.removed),
        higher_is_better=board["higher_is_better"],
        turning=board["turning"],
        leader=board["leader"],
        doubt=None if doubt is None else _doubt.decode(doubt),
    )
    return _Stored(
        id=board["id"],
        current=board["current"],
        snapshot=snapshot,
        held={one.row.id: one for one in held},
    )


def _board_view(row: RowMapping) -> BoardView:
    return BoardView(
        key=BoardKey(row["benchmark"], row["task"] or None, row["include_derived"]),
        watched=row["watched"],
        rows=row["rows_count"] or 0,
        polled_at=row["polled_at"],
        next_poll_at=row["next_poll_at"],
        failures=row["failures"],
        error=row["error"],
        leader=row["model"],
        score=row["score"],
    )
