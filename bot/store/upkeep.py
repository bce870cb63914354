"""Deletes what is old, and looks for what contradicts itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, false, func, or_, select

from bot.core.delivery import State
from bot.core.health import DELIVERY
from bot.store.tables import (
    ENDED,
    FOREVER,
    ailments,
    boards,
    deliveries,
    delivery_events,
    events,
    model_facts,
    row_versions,
    rows,
)
from bot.store.views import Pruned


def prune(
    connection: Connection, before: datetime, channels: Collection[str] | None = None
) -> Pruned:
    """See ``Store.prune``."""
    ended = and_(~_is(State.PENDING), deliveries.c.ended_at < before)
    dropped = _delete(connection, deliveries, or_(ended, _stranded(before, channels)))
    pending = (
        select(delivery_events.c.event_id)
        .join(deliveries, deliveries.c.seq == delivery_events.c.delivery_seq)
        .where(delivery_events.c.event_id == events.c.id, _is(State.PENDING))
    )
    pruned = Pruned(
        events=_delete(connection, events, events.c.at < before, ~pending.exists()),
        deliveries=dropped,
        versions=_delete(connection, row_versions, ENDED, row_versions.c.valid_to < before),
    )
    _delete_orphans(connection)
    _delete(connection, model_facts, model_facts.c.asked_at < before)
    return pruned


def contradictions() -> dict[str, ColumnElement[bool]]:
    """Return what contradicts itself, by what is said of it."""
    return {
        "Boards that name a leader that is not among their rows": _leader_is_gone(),
        "Boards that have rows but no leader": boards.c.leader.is_(None)
        & (boards.c.rows_count > 0),
        "Boards that count other rows than they have": boards.c.rows_count
        != _rows_of_board(~row_versions.c.removed),
        "Boards that have rows although they are no longer looked at": ~boards.c.current
        & (_rows_of_board() > 0),
        "Versions that end before they begin": row_versions.c.valid_to < row_versions.c.valid_from,
        "Deliveries that wait without a time for it": _is(State.PENDING)
        & deliveries.c.next_attempt_at.is_(None),
        "Deliveries that ended at no time": ~_is(State.PENDING) & deliveries.c.ended_at.is_(None),
    }


def count(connection: Connection, where: ColumnElement[bool]) -> int:
    """Count what meets a condition."""
    return connection.execute(select(func.count()).where(where)).scalar_one()


def _is(state: State) -> ColumnElement[bool]:
    return deliveries.c.state == state.value


def _stranded(before: datetime, channels: Collection[str] | None) -> ColumnElement[bool]:
    """Select what waits for a channel that is none of these; nothing where none were named."""
    if channels is None:
        return false()
    return and_(
        _is(State.PENDING),
        deliveries.c.created_at < before,
        deliveries.c.channel.not_in(sorted(channels)),
    )


def _delete(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(*where)).rowcount


def _delete_orphans(connection: Connection) -> None:
    """Delete rows and boards that no version is left of, and ailments of deleted deliveries."""
    versions = select(row_versions.c.row_id).where(row_versions.c.row_id == rows.c.id)
    _delete(connection, rows, ~versions.exists())
    left = select(rows.c.id).where(rows.c.board_id == boards.c.id)
    _delete(connection, boards, ~boards.c.current, ~left.exists())
    named = select(deliveries.c.id).where(deliveries.c.id == ailments.c.name)
    _delete(connection, ailments, ailments.c.subject == DELIVERY, ~named.exists())


def _rows_of_board(*where: ColumnElement[bool]) -> Any:
    """Count the rows that a board has now, those that were told as removed included."""
    return (
        select(func.count())
        .select_from(rows)
        .join(row_versions, row_versions.c.row_id == rows.c.id)
        .where(rows.c.board_id == boards.c.id, row_versions.c.valid_to == FOREVER, *where)
        .correlate(boards)
        .scalar_subquery()
    )


def _leader_is_gone() -> ColumnElement[bool]:
    leads = _rows_of_board(~row_versions.c.removed, rows.c.id == boards.c.leader)
    return and_(boards.c.leader.is_not(None), leads == 0)
