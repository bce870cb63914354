"""Watched boards: when each is due, who polls it, and what a poll leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from bot.core.board import BoardKey, Snapshot
from bot.core.delivery import MAX_RETRY_AFTER
from bot.core.errors import ConflictError
from bot.core.events import Found
from bot.core.incidents import BOARD
from bot.core.schedule import Schedule
from bot.ports import PollClaim, PollResult
from bot.store import boards, outbox
from bot.store import incidents as health
from bot.store.claims import LONGEST_WAIT, is_free
from bot.store.tables import events, targets
from bot.store.upsert import upsert


def watch(
    connection: Connection,
    schedules: Sequence[Schedule],
    now: datetime,
    undecided: Collection[str] = (),
) -> None:
    """See ``Store.watch``."""
    wanted: dict[BoardKey, timedelta] = {}
    for schedule in schedules:
        shortest = min(schedule.every, wanted.get(schedule.board, schedule.every))
        wanted[schedule.board] = shortest
    order = (targets.c.benchmark, targets.c.task, targets.c.include_derived)
    found = connection.execute(select(targets).order_by(*order).with_for_update()).mappings()
    known = {_board(row): row for row in found}
    for board, row in known.items():
        if row["watched"] and board not in wanted and board.benchmark not in undecided:
            _unwatch(connection, board, row)
    for board, every in sorted(wanted.items(), key=lambda one: one[0].place):
        stored = known.get(board)
        if stored is None or not stored["watched"]:
            _begin(connection, board, every, now)
        elif stored["every_s"] != every.total_seconds():
            due = min(stored["next_poll_at"], now + every)
            _set(connection, board, every_s=every.total_seconds(), next_poll_at=due)
        elif stored["next_poll_at"] > now + every + _longest_wait(stored, now):
            _set(connection, board, next_poll_at=now)


def due(connection: Connection, now: datetime) -> tuple[BoardKey, ...]:
    """See ``Store.due_boards``."""
    query = (
        select(targets.c.benchmark, targets.c.task, targets.c.include_derived)
        .where(targets.c.watched, targets.c.next_poll_at <= now, is_free(now))
        .order_by(targets.c.next_poll_at, targets.c.benchmark)
        .order_by(targets.c.task, targets.c.include_derived)
    )
    return tuple(_board(row) for row in connection.execute(query).mappings())


def late(connection: Connection, now: datetime) -> int:
    """See ``Store.late``."""
    query = select(targets.c.next_poll_at, targets.c.every_s)
    due = connection.execute(query.where(targets.c.watched, targets.c.next_poll_at <= now))
    return sum(since + timedelta(seconds=every) <= now for since, every in due)


def snapshot(connection: Connection, board: BoardKey) -> Snapshot | None:
    """See ``PollStore.snapshot``."""
    stored = boards.load(connection, board)
    return stored.snapshot if stored is not None and stored.current else None


def commit(connection: Connection, claimed: PollClaim, result: PollResult) -> None:
    """See ``PollStore.commit_poll``."""
    good = {
        "fresh": False,
        "version": claimed.version + 1,
        "etag": result.etag,
        "digest": result.digest,
        "polled_at": result.at,
        "next_poll_at": result.next_at,
        "by_task": claimed.by_task or result.by_task,
        **({"whole_at": result.at} if result.whole else {}),
        **_HEALTHY,
    }
    if not _end(connection, claimed, good):
        raise ConflictError(f"{claimed.board.name} was changed by another process meanwhile.")
    if claimed.failures:
        health.end_failures(connection, BOARD, claimed.board.name, result.at)
    if result.found is not None:
        boards.commit(connection, claimed.board, result.found, result.at)
        add_events(connection, claimed.board, result.found.found, result.at)
    outbox.add(connection, result.deliveries, result.at)


def commit_failure(
    connection: Connection, claimed: PollClaim, now: datetime, error: str, next_at: datetime
) -> None:
    """See ``PollStore.commit_failure``. A claim that is outdated counts nothing."""
    failures = targets.c.failures + 1
    bad = {"failures": failures, "failed_at": now, "error": error, "next_poll_at": next_at}
    if _end(connection, claimed, bad):
        health.count_failure(connection, BOARD, claimed.board.name, now, error)


def add_events(connection: Connection, key: BoardKey, found: Sequence[Found], at: datetime) -> None:
    """Store events of one board, in their order."""
    values = [
        {
            "id": one.event.id,
            "at": at,
            "benchmark": key.benchmark,
            "task": key.task,
            "include_derived": key.include_derived,
            "kind": one.event.kind.value,
            "model": one.event.model,
            "row_id": one.row_id,
            "body": one.event.json.decode(),
        }
        for one in found
    ]
    if values:
        connection.execute(insert(events), values)


def name_task(connection: Connection, benchmark: str, task: str, at: datetime) -> None:
    """Make the boards of a benchmark that have no task those of ``task``, silently.

    Where that task has a board already, the one without a task ends.
    """
    for derived in (False, True):
        bare = BoardKey(benchmark, None, derived)
        board = BoardKey(benchmark, task, derived)
        if boards.exists(connection, board) or _exists(connection, board):
            boards.end(connection, bare, at)
            continue
        boards.rename(connection, bare, board)
        _rename(connection, bare, board)
        health.rename(connection, BOARD, bare.name, board.name)


def _rename(connection: Connection, was: BoardKey, now: BoardKey) -> None:
    """Give what is watched, and its events, the task's name; a poll under way is outdated."""
    moved = {
        "task": now.task,
        "version": targets.c.version + 1,
        "etag": None,
        **_UNCLAIMED,
    }
    connection.execute(update(targets).where(_is(was)).values(**moved))
    connection.execute(
        update(events)
        .where(
            events.c.benchmark == was.benchmark,
            events.c.task.is_(None),
            events.c.include_derived == was.include_derived,
            events.c.row_id.is_not(None),
        )
        .values(task=now.task)
    )


def _exists(connection: Connection, board: BoardKey) -> bool:
    return connection.execute(select(targets.c.version).where(_is(board))).first() is not None


def _begin(connection: Connection, board: BoardKey, every: timedelta, now: datetime) -> None:
    """Watch a board, from a fresh baseline on; a poll of it that is under way is outdated."""
    fresh = {
        "watched": True,
        "fresh": True,
        "every_s": every.total_seconds(),
        "next_poll_at": now,
        "etag": None,
        "digest": None,
        "by_task": False,
        **_UNCLAIMED,
        **_HEALTHY,
    }
    key = {
        "benchmark": board.benchmark,
        "task": board.task or "",
        "include_derived": board.include_derived,
    }
    again = {**fresh, "version": targets.c.version + 1}
    upsert(connection, targets, {**key, **fresh, "version": 0}, again)


def _unwatch(connection: Connection, board: BoardKey, row: RowMapping) -> None:
    version = row["version"] + 1
    _set(connection, board, watched=False, version=version, **_UNCLAIMED, **_HEALTHY)
    if row["failures"]:
        health.forget(connection, BOARD, [board.name])


_UNCLAIMED: dict[str, Any] = {"lease_owner": None, "lease_until": None}
_HEALTHY: dict[str, Any] = {"failures": 0, "failed_at": None, "error": None}


def _end(connection: Connection, claimed: PollClaim, values: dict[str, Any]) -> bool:
    """End a claim with what came of it; False, and nothing written, where it is outdated."""
    still = (
        _is(claimed.board),
        targets.c.version == claimed.version,
        targets.c.lease_owner == claimed.owner,
    )
    ended = update(targets).where(*still).values(**values, **_UNCLAIMED)
    return connection.execute(ended).rowcount == 1


def _longest_wait(stored: RowMapping, now: datetime) -> timedelta:
    """Return how long past its interval a board may have to wait."""
    failed_at = stored["failed_at"]
    asked_to_wait = failed_at is not None and failed_at <= now
    return MAX_RETRY_AFTER if asked_to_wait else LONGEST_WAIT


def _set(connection: Connection, board: BoardKey, **values: Any) -> None:
    connection.execute(update(targets).where(_is(board)).values(**values))


def _is(board: BoardKey) -> ColumnElement[bool]:
    return (
        (targets.c.benchmark == board.benchmark)
        & (targets.c.task == (board.task or ""))
        & (targets.c.include_derived == board.include_derived)
    )


def _board(row: RowMapping) -> BoardKey:
    return BoardKey(row["benchmark"], row["task"] or None, row["include_derived"])
