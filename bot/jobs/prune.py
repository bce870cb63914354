"""Deletes what is old. One small transaction follows another, so that nobody waits long."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from bot.jobs.commit import commit
from bot.store import Chore, Store, past, remains

A_DAY = timedelta(days=1)

_BEGINNING = datetime(1, 1, 3, tzinfo=UTC)


class Pruned(Struct, frozen=True, kw_only=True):
    """How many rows were deleted."""

    events: int
    deliveries: int
    versions: int


def prune(
    store: Store, keep: timedelta, now: datetime, channels: Collection[str] | None = None
) -> Pruned:
    """Delete what ended longer than ``keep`` ago: events, deliveries, versions of rows.

    What stands and what still waits for an attempt stays; but with ``channels`` what waits for any
    other one goes, if it is as old.
    """
    before = _ago(keep, now)
    done = {chore.what: _delete(store, chore) for chore in past(before, channels)}
    for chore in remains(before):
        _delete(store, chore)
    return Pruned(**done)


def prunable(
    store: Store, keep: timedelta, now: datetime, channels: Collection[str] | None = None
) -> Pruned:
    """Count what ``prune`` would delete."""
    chores = past(_ago(keep, now), channels)
    with store.read() as db:
        return Pruned(**{chore.what: db.upkeep.count(chore) for chore in chores})


def prune_daily(store: Store, keep: timedelta, now: datetime) -> Pruned | None:
    """Prune once something has been too old for a day; None where nothing has been."""
    with store.read() as db:
        if not db.upkeep.is_overdue(_ago(keep, now - A_DAY)):
            return None
    return prune(store, keep, now)


def _delete(store: Store, chore: Chore) -> int:
    done = 0
    while deleted := _delete_some(store, chore):
        done += deleted
    return done


def _delete_some(store: Store, chore: Chore) -> int:
    """Return how many rows were deleted: none where none is to go, or all are wanted again."""
    with store.read() as db:
        keys = db.upkeep.find(chore)
    return commit(store, lambda db: db.upkeep.delete(chore, keys)) if keys else 0


def _ago(span: timedelta, now: datetime) -> datetime:
    """Return the time so long ago; the beginning of all times for what is longer."""
    return now - min(span, now - _BEGINNING)
