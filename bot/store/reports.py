"""Reads for commands: boards, the history of their rows, events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    func,
    select,
    true,
)

from bot.core.events import Event, StoredEvent
from bot.core.model import BoardKey
from bot.core.scope import EVERY_TASK, matches, matching
from bot.store.boards import load, of_key, result_of
from bot.store.tables import FOREVER, boards, events, row_versions, rows, targets
from bot.store.views import BoardRows, BoardView, HistoryPoint, RowView

# Made at import: see ``bot.core.message``.
_event = msgspec.json.Decoder(Event)


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


def history(
    connection: Connection,
    model: str | None,
    benchmark: str | None,
    since: datetime | None,
    task: str | None = None,
) -> tuple[HistoryPoint, ...]:
    """See ``Queries.history``."""
    query = (
        select(boards.c.benchmark, boards.c.task, boards.c.include_derived)
        .add_columns(rows.c.model, rows.c.parameters, row_versions)
        .select_from(row_versions)
        .join(rows, rows.c.id == row_versions.c.row_id)
        .join(boards, boards.c.id == rows.c.board_id)
        .where(
            _matching(connection, rows.c.model, model),
            _matching(connection, boards.c.benchmark, benchmark),
            _of_task(connection, boards.c.task, task),
            _valid_since(since),
        )
        .order_by(row_versions.c.valid_from, boards.c.benchmark, boards.c.task)
        .order_by(row_versions.c.rank, row_versions.c.row_id)
    )
    return tuple(_point(row) for row in connection.execute(query).mappings())


def list_events(
    connection: Connection,
    *,
    since: datetime | None,
    benchmark: str | None,
    model: str | None,
    kind: str | None,
    limit: int | None,
    task: str | None = None,
) -> tuple[StoredEvent, ...]:
    """See ``Queries.events``."""
    query: Select[Any] = select(events).where(
        events.c.at >= since if since else true(),
        events.c.kind == kind if kind else true(),
        _matching(connection, events.c.benchmark, benchmark),
        _of_task(connection, events.c.task, task),
        _matching(connection, events.c.model, model),
    )
    newest = connection.execute(query.order_by(events.c.seq.desc()).limit(limit)).mappings().all()
    return tuple(_stored_event(row) for row in reversed(newest))


def _matching(
    connection: Connection, column: Column[Any], pattern: str | None
) -> ColumnElement[bool]:
    """Select the names that a glob stands for, as watches understand globs."""
    if pattern is None:
        return true()
    names: Iterable[str | None] = connection.execute(select(column).distinct()).scalars()
    return column.in_([name for name in names if name is not None and matches(pattern, name)])


def _of_task(
    connection: Connection, column: Column[Any], pattern: str | None
) -> ColumnElement[bool]:
    """Select the tasks that a name or glob stands for; those of no task with every one."""
    if pattern in (None, EVERY_TASK):
        return true()
    found: Iterable[str | None] = connection.execute(select(column).distinct()).scalars()
    return column.in_(matching(str(pattern), [task for task in found if task]))


def _valid_since(since: datetime | None) -> ColumnElement[bool]:
    if since is None:
        return true()
    removed_before = row_versions.c.removed & (row_versions.c.valid_from < since)
    return (row_versions.c.valid_to > since) & ~removed_before


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


def _point(row: RowMapping) -> HistoryPoint:
    result = result_of(row)
    return HistoryPoint(
        at=row["valid_from"],
        until=None if row["valid_to"] == FOREVER else row["valid_to"],
        benchmark=row["benchmark"],
        task=row["task"] or None,
        include_derived=row["include_derived"],
        row_id=row["row_id"],
        model=result.model,
        rank=result.rank,
        score=result.score,
        notes=result.notes,
        filename=result.filename,
        removed=row["removed"],
        verified=result.verified,
        source=result.source,
        pull_request=result.pull_request,
    )


def _stored_event(row: RowMapping) -> StoredEvent:
    return StoredEvent(
        at=row["at"],
        benchmark=row["benchmark"],
        task=row["task"],
        include_derived=row["include_derived"],
        event=_event.decode(row["body"]),
    )
