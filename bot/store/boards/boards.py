"""Boards as they were last seen: snapshots, how they are read, and which of them count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import starmap
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, and_, bindparam, select, update
from sqlalchemy import Row as Found

from bot.core.board import BoardKey, Doubt, Result, Row, Snapshot, Source, Unread
from bot.store.boards.beginnings import begun
from bot.store.boards.polls import BoardPoll
from bot.store.boards.versions import Rewritten, write
from bot.store.database.tables import boards, models, rows
from bot.store.event_json import with_model
from bot.store.keys import THIS_BOARD, key_of, make_number_of, of_board

# Made at import: see ``bot.core.alerts.message``.
_source = msgspec.json.Decoder(Source)
_doubt = msgspec.json.Decoder(Doubt)
_unread = msgspec.json.Decoder(Unread)

# Built once: to build them anew would be much of the work.
_BOARD = select(boards).where(THIS_BOARD)
_ROWS = (
    select(rows, models.c.name.label("model"))
    .join(models, models.c.id == rows.c.model_id)
    .where(rows.c.board_id == bindparam("of_board"), rows.c.since.is_not(None))
    .order_by(rows.c.rank, rows.c.public_id)
)
_HEADER = (
    "current",
    "settled",
    "rows_count",
    "leader",
    "higher_is_better",
    "turning",
    "doubt",
    "unread",
)
_SET = (
    update(boards)
    .where(boards.c.id == bindparam("of_board"))
    .values({name: bindparam(f"new_{name}") for name in _HEADER})
)


class BoardView(Struct, frozen=True, kw_only=True):
    """A board in a list. One that was never polled has no rows and no task.

    ``rows`` counts present and held ones. ``failures`` in a row and ``error`` are those of the
    benchmark's polls. ``leader`` is the leading model, ``score`` what it leads with.
    """

    key: BoardKey
    watched: bool
    rows: int
    polled_at: datetime | None
    next_poll_at: datetime
    failures: int = 0
    error: str | None = None
    leader: str | None = None
    score: Decimal | None = None
    higher_is_better: bool | None = None


class RowView(Struct, frozen=True, kw_only=True):
    """A row of a board, with the rank that was last reported.

    ``missing`` counts its absences in a row, 0 is present.
    ``last_change`` is the time of the poll that first saw the result as it is.
    """

    id: str
    result: Result
    missing: int
    last_change: datetime


class BoardRows(Struct, frozen=True, kw_only=True):
    """A board as stored; ``rows`` are its snapshot's, present and held, by rank.

    ``baseline_at`` is the time of the oldest results that are kept: what is of then never changed.
    """

    key: BoardKey
    polled_at: datetime | None
    baseline_at: datetime | None
    snapshot: Snapshot
    rows: tuple[RowView, ...]


class Boards:
    """Boards as they were last seen."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self, key: BoardKey) -> Snapshot | None:
        """Load a board, rows by rank and id; None where it was never seen."""
        board = self._board(key)
        return None if board is None else _snapshot(board, self._rows(board.id))

    def load_some(self, keys: Iterable[BoardKey]) -> dict[BoardKey, Snapshot]:
        """Load some boards; what was never seen is left out."""
        return {key: board for key in dict.fromkeys(keys) if (board := self.load(key))}

    def save(self, polled: Iterable[tuple[BoardKey, BoardPoll, datetime]]) -> None:
        """Write what differs between boards' last snapshots and their new ones, each as of a time.

        Of many boards at once it costs least.
        """
        write(self._connection, [*filter(None, starmap(self._rewritten, polled))])

    def _rewritten(self, key: BoardKey, found: BoardPoll, at: datetime) -> Rewritten | None:
        """Write what is of the whole board; return what its rows are to be, if they differ."""
        board = self._connection.execute(_BOARD, of_board(key)).first()
        before, after = found.before, found.after
        if before is None and board is not None and board.current:
            before = _snapshot(board, self._rows(board.id))
        if before == after:
            return None
        number = board.id if board is not None else make_number_of(self._connection, key)
        if before is None or _header(before) != _header(after):
            self._set(number, _header(after))
        return Rewritten(number, before, after, at)

    def end(self, key: BoardKey, at: datetime) -> None:
        """Drop a board's rows from its snapshot, silently; their history stays."""
        board = self._board(key)
        if board is not None:
            before = _snapshot(board, self._rows(board.id))
            write(self._connection, [Rewritten(board.id, before, Snapshot(), at)])
            self._set(board.id, {**_header(Snapshot()), "current": False})

    def list_all(self) -> tuple[BoardView, ...]:
        """List every board that was ever watched, by name."""
        leads = and_(rows.c.board_id == boards.c.id, rows.c.public_id == boards.c.leader)
        query = (
            select(boards, models.c.name, rows.c.score)
            .select_from(boards)
            .outerjoin(rows, leads)
            .outerjoin(models, models.c.id == rows.c.model_id)
            .where(boards.c.next_poll_at.is_not(None))
        )
        found = [_board_view(board) for board in self._connection.execute(query).mappings()]
        return tuple(sorted(found, key=lambda view: view.key.place))

    def rows(self, key: BoardKey) -> BoardRows | None:
        """Load a board as people see it; None for one that was never seen."""
        board = self._board(key)
        if board is None:
            return None
        found = self._rows(board.id)
        snapshot = _snapshot(board, found)
        changed = (one.since for one in found if not one.removed)
        views = [
            RowView(id=row.id, result=row.as_reported, missing=row.missing, last_change=at)
            for row, at in zip(snapshot.rows, changed, strict=True)
        ]
        return BoardRows(
            key=key,
            polled_at=board.polled_at,
            baseline_at=begun(self._connection, board.id),
            snapshot=snapshot,
            rows=tuple(views),
        )

    def tasks(self) -> frozenset[str]:
        """Return the tasks of all boards that were ever seen."""
        seen = self._connection.execute(select(boards.c.task).distinct()).scalars()
        return frozenset(filter(None, seen))

    def _board(self, key: BoardKey) -> Found[Any] | None:
        board = self._connection.execute(_BOARD, of_board(key)).first()
        return board if board is not None and board.current else None

    def _rows(self, board: int) -> list[Found[Any]]:
        return list(self._connection.execute(_ROWS, {"of_board": board}).all())

    def _set(self, number: int, header: dict[str, Any]) -> None:
        values = {f"new_{name}": value for name, value in header.items()}
        self._connection.execute(_SET, {"of_board": number, **values})


def result_of(found: Any, model: str, parameters: int | None = None) -> Result:
    """Make a result of a row's or a version's columns."""
    return Result(
        rank=found.rank,
        model=model,
        score=found.score,
        verified=found.verified,
        filename=found.filename,
        source=found.source and _source.decode(with_model(found.source, model)),
        pull_request=found.pull_request,
        notes=found.notes,
        parameters=parameters,
    )


def row_of(found: Any) -> Row:
    """Make a row of its columns, with the name of its ``model``."""
    return Row(
        id=found.public_id,
        result=result_of(found, found.model, found.parameters),
        missing=found.missing,
        reported=found.reported_rank,
        removed_at=found.since if found.removed else None,
        heir=found.heir,
    )


def _header(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "current": True,
        "settled": snapshot.settled,
        "rows_count": len(snapshot.rows),
        "leader": snapshot.leader,
        "higher_is_better": snapshot.higher_is_better,
        "turning": snapshot.turning,
        "doubt": _json(snapshot.doubt),
        "unread": _json(snapshot.unread),
    }


def _json(value: Struct | None) -> str | None:
    return None if value is None else msgspec.json.encode(value, order="sorted").decode()


def _snapshot(board: Any, found: Sequence[Any]) -> Snapshot:
    return Snapshot(
        rows=tuple(row_of(one) for one in found if not one.removed),
        removed=tuple(row_of(one) for one in found if one.removed),
        higher_is_better=board.higher_is_better,
        turning=board.turning,
        leader=board.leader,
        doubt=None if board.doubt is None else _doubt.decode(board.doubt),
        unread=None if board.unread is None else _unread.decode(board.unread),
    )


def _board_view(row: RowMapping) -> BoardView:
    return BoardView(
        key=key_of(row),
        watched=row["watched"],
        rows=row["rows_count"],
        polled_at=row["polled_at"],
        next_poll_at=row["next_poll_at"],
        failures=row["failures"],
        error=row["error"],
        leader=row["name"],
        score=row["score"],
        higher_is_better=row["higher_is_better"],
    )
