"""Targets: what is watched, when it is due, who polls it, and what a poll leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, insert, or_, select, update

from bot.core.delivery import MAX_RETRY_AFTER
from bot.core.errors import ConflictError
from bot.core.events import Event, Found
from bot.core.health import BOARD, HUB
from bot.core.message import encode
from bot.core.model import BoardKey, Snapshot
from bot.ports import Discovery, NewDelivery, PollClaim, PollResult, Schedule, Target
from bot.store import boards, health, outbox
from bot.store.tables import discoveries, events, targets
from bot.store.upsert import upsert

LIST = "list of benchmarks"
"""What of the Hub fails where it cannot say which benchmarks there are."""

LONGEST_WAIT = timedelta(hours=1)
"""What waits longer than this past its time was put off before the clock was set back."""


def watch(connection: Connection, schedules: Sequence[Schedule], now: datetime) -> None:
    """See ``Store.watch``."""
    wanted: dict[Target, timedelta] = {}
    for schedule in schedules:
        shortest = min(schedule.every, wanted.get(schedule.target, schedule.every))
        wanted[schedule.target] = shortest
    order = (targets.c.benchmark, targets.c.include_derived)
    found = connection.execute(select(targets).order_by(*order).with_for_update()).mappings()
    known = {_target(row): row for row in found}
    for target, row in known.items():
        if row["watched"] and target not in wanted:
            _unwatch(connection, target, row)
    for target, every in sorted(wanted.items()):
        stored = known.get(target)
        if stored is None or not stored["watched"]:
            _begin(connection, target, every, now)
        elif stored["every_s"] != every.total_seconds():
            due = min(stored["next_poll_at"], now + every)
            _set(connection, target, every_s=every.total_seconds(), next_poll_at=due)
        elif stored["next_poll_at"] > now + every + _longest_wait(stored, now):
            _set(connection, target, next_poll_at=now)


def due(connection: Connection, now: datetime) -> tuple[Target, ...]:
    """See ``Store.due_targets``."""
    query = (
        select(targets)
        .where(targets.c.watched, targets.c.next_poll_at <= now, _free(now))
        .order_by(targets.c.next_poll_at, targets.c.benchmark, targets.c.include_derived)
    )
    return tuple(_target(row) for row in connection.execute(query).mappings())


def claim(
    connection: Connection, target: Target, owner: str, now: datetime, until: datetime
) -> PollClaim | None:
    """See ``PollStore.claim_poll``."""
    # A claim that would outlast the new one by so much was made before the clock was set back.
    stale = targets.c.lease_until > until + LONGEST_WAIT
    free = or_(_free(now), stale, targets.c.lease_owner == owner)
    taken = (
        update(targets)
        .where(_is(target), targets.c.watched, free)
        .values(lease_owner=owner, lease_until=until)
        .returning(targets)
    )
    row = connection.execute(taken).mappings().first()
    if row is None:
        return None
    return PollClaim(
        target=target,
        owner=owner,
        version=row["version"],
        every=timedelta(seconds=row["every_s"]),
        etag=row["etag"],
        digest=row["digest"],
        fresh=row["fresh"],
        settled=boards.is_settled(connection, target),
        polled_at=row["polled_at"],
        failures=row["failures"],
        boards=max(1, boards.count(connection, target)),
    )


def snapshots(connection: Connection, target: Target) -> dict[str | None, Snapshot]:
    """See ``PollStore.snapshots``."""
    loaded = boards.load(connection, boards.of_target(target))
    return {board.key.task: board.snapshot for board in loaded}


def commit(connection: Connection, claimed: PollClaim, result: PollResult) -> None:
    """See ``PollStore.commit_poll``."""
    good = {
        "fresh": False,
        "version": claimed.version + 1,
        "etag": result.etag,
        "digest": result.digest,
        "polled_at": result.at,
        "next_poll_at": result.next_at,
        **_HEALTHY,
    }
    if not _end(connection, claimed, good):
        raise ConflictError(f"{_label(claimed.target)} was changed by another process meanwhile.")
    if claimed.failures:
        health.end_failures(connection, BOARD, _label(claimed.target), result.at)
    if claimed.fresh:
        boards.retire(connection, claimed.target, (b.key.task for b in result.boards), result.at)
    for board in result.boards:
        boards.commit(connection, board, result.at)
        add_events(connection, board.key, board.found, result.at)
    outbox.add(connection, result.deliveries, result.at)


def commit_failure(
    connection: Connection, claimed: PollClaim, now: datetime, error: str, next_at: datetime
) -> None:
    """See ``PollStore.commit_failure``. A claim that is outdated counts nothing."""
    failures = targets.c.failures + 1
    bad = {"failures": failures, "failed_at": now, "error": error, "next_poll_at": next_at}
    if _end(connection, claimed, bad):
        health.count_failure(connection, BOARD, _label(claimed.target), now, error)


def discovery(connection: Connection) -> Discovery | None:
    """See ``PollStore.discovery``."""
    return _listed(connection, select(discoveries.c.body))


def commit_discovery(
    connection: Connection,
    previous: Discovery | None,
    now: Discovery,
    found: Sequence[tuple[BoardKey, Event]],
    deliveries: Sequence[NewDelivery],
) -> None:
    """See ``PollStore.commit_discovery``."""
    if _listed(connection, select(discoveries.c.body).with_for_update()) != previous:
        raise ConflictError("The list of benchmarks was changed by another process meanwhile.")
    body = msgspec.json.encode(now).decode()
    upsert(connection, discoveries, {"id": 1, "body": body})
    for key, event in found:
        add_events(connection, key, [Found(row_id=None, event=event)], now.at)
    outbox.add(connection, deliveries, now.at)
    health.end_failures(connection, HUB, LIST, now.at)


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
            "body": encode(one.event).decode(),
        }
        for one in found
    ]
    if values:
        connection.execute(insert(events), values)


def _listed(connection: Connection, query: Select[str]) -> Discovery | None:
    body = connection.execute(query).scalar()
    return None if body is None else _discovery.decode(body)


def _begin(connection: Connection, target: Target, every: timedelta, now: datetime) -> None:
    """Watch a target, from a fresh baseline on; a poll of it that is under way is outdated."""
    fresh = {
        "watched": True,
        "fresh": True,
        "every_s": every.total_seconds(),
        "next_poll_at": now,
        "etag": None,
        "digest": None,
        **_UNCLAIMED,
        **_HEALTHY,
    }
    key = {"benchmark": target.benchmark, "include_derived": target.include_derived}
    again = {**fresh, "version": targets.c.version + 1}
    upsert(connection, targets, {**key, **fresh, "version": 0}, again)


def _unwatch(connection: Connection, target: Target, row: RowMapping) -> None:
    version = row["version"] + 1
    _set(connection, target, watched=False, version=version, **_UNCLAIMED, **_HEALTHY)
    if row["failures"]:
        health.forget(connection, BOARD, [_label(target)])


# Made at import: see ``bot.core.message``.
_discovery = msgspec.json.Decoder(Discovery)

_UNCLAIMED: dict[str, Any] = {"lease_owner": None, "lease_until": None}
_HEALTHY: dict[str, Any] = {"failures": 0, "failed_at": None, "error": None}


def _end(connection: Connection, claimed: PollClaim, values: dict[str, Any]) -> bool:
    """End a claim with what came of it; False, and nothing written, where it is outdated."""
    still = (
        _is(claimed.target),
        targets.c.version == claimed.version,
        targets.c.lease_owner == claimed.owner,
    )
    ended = update(targets).where(*still).values(**values, **_UNCLAIMED)
    return connection.execute(ended).rowcount == 1


def _longest_wait(stored: RowMapping, now: datetime) -> timedelta:
    """Return how long past its interval a target may have to wait."""
    failed_at = stored["failed_at"]
    asked_to_wait = failed_at is not None and failed_at <= now
    return MAX_RETRY_AFTER if asked_to_wait else LONGEST_WAIT


def _set(connection: Connection, target: Target, **values: Any) -> None:
    connection.execute(update(targets).where(_is(target)).values(**values))


def _is(target: Target) -> ColumnElement[bool]:
    return (targets.c.benchmark == target.benchmark) & (
        targets.c.include_derived == target.include_derived
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(targets.c.lease_until.is_(None), targets.c.lease_until <= now)


def _target(row: RowMapping) -> Target:
    return Target(row["benchmark"], row["include_derived"])


def _label(target: Target) -> str:
    return BoardKey(target.benchmark, None, target.include_derived).label
