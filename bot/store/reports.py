"""Reads of boards for commands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    func,
    select,
)

from bot.core.alerts.scope import EVERY_TASK, matching
from bot.core.board import BoardKey
from bot.store import lists
from bot.store.boards import load, of_key
from bot.store.tables import FOREVER, boards, row_versions, rows, targets
from bot.store.views import BoardRows, BoardView, RowView


def list_boards(connection: Connection) -> tuple[BoardView, ...]:
    """List every board, and every benchmark that was never polled, by name."""
    same = and_(
        boards.c.benchmark == targets.c.benchmark,
        boards.c.task == targets.c.task,
        boards.c.include_derived == targets.c.include_derived,
        boards.c.current,
    )
    leading = and_(row_versions.c.row_id == boards.c.leader, row_versions.c.valid_to == FOREVER)
    query = (
        select(targets, boards.c.rows_count, rows.c.model, row_versions.c.score)
        .select_from(targets)
        .outerjoin(boards, same)
        .outerjoin(rows, rows.c.id == boards.c.leader)
        .outerjoin(row_versions, leading)
    )
    found = [_board_view(row) for row in connection.execute(query).mappings()]
    return tuple(sorted(found, key=lambda view: view.key.place))


def board_rows(connection: Connection, key: BoardKey) -> BoardRows | None:
    """Load a board as stored; None for one that was never seen."""
    stored = load(connection, key)
    if stored is None or not stored.current:
        return None
    this = (
        targets.c.benchmark == key.benchmark,
        targets.c.task == (key.task or ""),
        targets.c.include_derived == key.include_derived,
    )
    polled_at = connection.execute(select(targets.c.polled_at).where(*this)).scalar()
    views = [
        RowView(
            id=row.id,
            result=row.result,
            missing=row.missing,
            last_change=stored.held[row.id].since,
        )
        for row in stored.snapshot.rows
    ]
    return BoardRows(
        key=key,
        polled_at=polled_at,
        baseline_at=_baseline(connection, key),
        snapshot=stored.snapshot,
        rows=tuple(views),
    )


def _baseline(connection: Connection, key: BoardKey) -> datetime | None:
    query = (
        select(func.min(row_versions.c.valid_from))
        .join(rows, rows.c.id == row_versions.c.row_id)
        .join(boards, boards.c.id == rows.c.board_id)
        .where(of_key(key))
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def tasks_meant(connection: Connection, pattern: str | None) -> frozenset[str] | None:
    """Return the tasks that a name or glob stands for; None for every one, and for none."""
    if pattern is None or pattern == EVERY_TASK:
        return None
    seen = connection.execute(select(boards.c.task).distinct()).scalars()
    listed = [one for known in lists.tasks(connection).values() for one in known.ids or ()]
    return frozenset(matching(pattern, [*filter(None, seen), *listed]))


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
