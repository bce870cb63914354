"""Watched boards: when each is due, who polls it, and what came of its last polls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, or_, select, update

from bot.core.board import BoardKey
from bot.core.delivery import MAX_RETRY_AFTER
from bot.core.incidents import BOARD
from bot.core.schedule import Schedule
from bot.store.claims import claim_of, standing
from bot.store.database.tables import targets
from bot.store.database.upsert import upsert
from bot.store.incidents import Incidents
from bot.store.polls import PollClaim, PollResult

LONGEST_WAIT = timedelta(hours=1)
"""What waits longer than this past its time was put off before the clock was set back."""

_UNCLAIMED: dict[str, Any] = {"lease_owner": None, "lease_until": None}
_HEALTHY: dict[str, Any] = {"failures": 0, "failed_at": None, "error": None}

_ORDER = (targets.c.benchmark, targets.c.task, targets.c.include_derived)


def _is(benchmark: Any, task: Any, derived: Any) -> ColumnElement[bool]:
    return and_(
        targets.c.benchmark == benchmark,
        targets.c.task == task,
        targets.c.include_derived == derived,
    )


# Built once: with many boards, to build them anew would be most of the work.
_THIS = _is(bindparam("of_benchmark"), bindparam("of_task"), bindparam("of_derived"))
_CLAIM = (
    update(targets)
    .where(_THIS)
    .values(lease_owner=bindparam("by_owner"), lease_until=bindparam("to_time"))
)
_RENEW = _CLAIM.where(targets.c.lease_owner == bindparam("by_owner"))
_END = (
    update(targets)
    .where(_THIS)
    .values(
        fresh=False,
        version=targets.c.version + 1,
        etag=bindparam("new_etag"),
        digest=bindparam("new_digest"),
        polled_at=bindparam("at_time"),
        next_poll_at=bindparam("next_time"),
        whole_at=bindparam("whole_time"),
        by_task=bindparam("was_by_task"),
        **_UNCLAIMED,
        **_HEALTHY,
    )
)


class Targets:
    """Watched boards: when each is due, who polls it, and what came of its last polls.

    A poll's claim is a lease, and carries the version of its board that it was made of. Whatever
    ends a poll or changes what is watched makes another version, so an outdated claim is known.
    """

    def __init__(self, connection: Connection, incidents: Incidents) -> None:
        self._connection = connection
        self._incidents = incidents

    def watch(
        self, schedules: Sequence[Schedule], now: datetime, undecided: Collection[str] = ()
    ) -> None:
        """Make exactly these the watched boards; a newly watched one is due now, and fresh.

        What is watched of ``undecided`` benchmarks stays so: which boards they have is not known
        yet.
        """
        wanted: dict[BoardKey, timedelta] = {}
        for schedule in schedules:
            shortest = min(schedule.every, wanted.get(schedule.board, schedule.every))
            wanted[schedule.board] = shortest
        found = self._connection.execute(select(targets).order_by(*_ORDER).with_for_update())
        known = {_board(row): row for row in found.mappings()}
        for board, row in known.items():
            if row["watched"] and board not in wanted and board.benchmark not in undecided:
                self._unwatch(board, row)
        for board, every in sorted(wanted.items(), key=lambda one: one[0].place):
            stored = known.get(board)
            if stored is None or not stored["watched"]:
                self._begin(board, every, now)
            elif stored["every_s"] != every.total_seconds():
                due = min(stored["next_poll_at"], now + every)
                self._set(board, every_s=every.total_seconds(), next_poll_at=due)
            elif stored["next_poll_at"] > now + every + _longest_wait(stored, now):
                self._set(board, next_poll_at=now)

    def due(self, now: datetime) -> tuple[BoardKey, ...]:
        """List watched boards that are due and not claimed, the longest overdue first."""
        query = (
            select(*_ORDER)
            .where(targets.c.watched, targets.c.next_poll_at <= now, _is_free(now))
            .order_by(targets.c.next_poll_at, *_ORDER)
        )
        return tuple(_board(row) for row in self._connection.execute(query).mappings())

    def late(self, now: datetime) -> int:
        """Count the watched boards that have been due for a whole interval."""
        query = select(targets.c.next_poll_at, targets.c.every_s)
        due = self._connection.execute(
            query.where(targets.c.watched, targets.c.next_poll_at <= now)
        )
        return sum(since + timedelta(seconds=every) <= now for since, every in due)

    def claim(
        self, boards: Sequence[BoardKey], owner: str, now: datetime, until: datetime
    ) -> tuple[PollClaim, ...]:
        """Claim those of some watched boards, due or not, on which no other owner's claim lasts."""
        # A claim that would outlast the new one by so much was made before the clock was set back.
        stale = targets.c.lease_until > until + LONGEST_WAIT
        free = or_(_is_free(now), stale, targets.c.lease_owner == owner)
        query = standing().where(_of(boards), targets.c.watched, free).order_by(*_ORDER)
        # What another process is just claiming is its own.
        locked = query.with_for_update(of=targets, skip_locked=True)
        these = set(boards)
        found = [row for row in self._connection.execute(locked).mappings() if _board(row) in these]
        taken = {"by_owner": owner, "to_time": until}
        if found:
            self._connection.execute(_CLAIM, [_key(_board(row)) | taken for row in found])
        claims = {_board(row): claim_of(_board(row), row, owner) for row in found}
        return tuple(claims[board] for board in boards if board in claims)

    def renew(self, boards: Sequence[BoardKey], owner: str, until: datetime) -> None:
        """Let an owner's claims of some boards last longer."""
        ordered = sorted(boards, key=lambda board: board.place)
        values = {"by_owner": owner, "to_time": until}
        self._connection.execute(_RENEW, [_key(board) | values for board in ordered])

    def release(self, owner: str) -> None:
        """Give up an owner's claims."""
        mine = update(targets).where(targets.c.lease_owner == owner)
        self._connection.execute(mine.values(**_UNCLAIMED))

    def owners(self) -> frozenset[str]:
        """Return who holds claims, or held ones that nobody has taken over since."""
        query = select(targets.c.lease_owner).where(targets.c.lease_owner.is_not(None)).distinct()
        return frozenset(self._connection.execute(query).scalars())

    def end(
        self, polled: Sequence[tuple[PollClaim, PollResult]]
    ) -> tuple[tuple[PollClaim, PollResult], ...]:
        """End claims with what came of good polls, and return those that were not outdated.

        Nothing is written for the others, and nothing of them is to be.
        """
        stands = self._standing([claim.board for claim, _ in polled])
        ended = []
        for claim, result in sorted(polled, key=lambda one: one[0].board.place):
            if stands.get(claim.board) == (claim.version, claim.owner):
                del stands[claim.board]
                ended.append((claim, result))
        if ended:
            self._connection.execute(_END, [_good(claim, result) for claim, result in ended])
        for claim, result in ended:
            if claim.failures:
                self._incidents.end(BOARD, claim.board.name, result.at)
        return tuple(ended)

    def fail(self, claim: PollClaim, now: datetime, error: str, next_at: datetime) -> bool:
        """Count a failed poll and end its claim; False, and nothing is written, if outdated."""
        if self._standing([claim.board]).get(claim.board) != (claim.version, claim.owner):
            return False
        failures = targets.c.failures + 1
        bad = {"failures": failures, "failed_at": now, "error": error, "next_poll_at": next_at}
        self._set(claim.board, **bad, **_UNCLAIMED)
        self._incidents.count(BOARD, claim.board.name, now, error)
        return True

    def exists(self, board: BoardKey) -> bool:
        """Tell whether a board was ever watched."""
        query = select(targets.c.version).where(_THIS)
        return self._connection.execute(query, _key(board)).first() is not None

    def rename(self, was: BoardKey, now: BoardKey) -> None:
        """Give a watched board another task's name; a poll under way is outdated."""
        moved = {"task": now.task, "version": targets.c.version + 1, "etag": None, **_UNCLAIMED}
        self._set(was, **moved)
        self._incidents.rename(BOARD, was.name, now.name)

    def _standing(self, boards: Sequence[BoardKey]) -> dict[BoardKey, tuple[int, str | None]]:
        """Lock some boards, and return the version and the claim's owner of each."""
        query = select(*_ORDER, targets.c.version, targets.c.lease_owner).where(_of(boards))
        # Always in the same order, so that two processes never wait for each other.
        found = self._connection.execute(query.order_by(*_ORDER).with_for_update()).mappings()
        return {_board(row): (row["version"], row["lease_owner"]) for row in found}

    def _begin(self, board: BoardKey, every: timedelta, now: datetime) -> None:
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
        upsert(self._connection, targets, {**key, **fresh, "version": 0}, again)

    def _unwatch(self, board: BoardKey, row: RowMapping) -> None:
        version = row["version"] + 1
        self._set(board, watched=False, version=version, **_UNCLAIMED, **_HEALTHY)
        if row["failures"]:
            self._incidents.forget(BOARD, [board.name])

    def _set(self, board: BoardKey, **values: Any) -> None:
        self._connection.execute(update(targets).where(_THIS).values(**values), _key(board))


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Select what nobody holds."""
    return or_(targets.c.lease_until.is_(None), targets.c.lease_until <= now)


def _of(boards: Iterable[BoardKey]) -> ColumnElement[bool]:
    """Select the boards of some boards' benchmarks."""
    return targets.c.benchmark.in_(sorted({board.benchmark for board in boards}))


def _longest_wait(stored: RowMapping, now: datetime) -> timedelta:
    """Return how long past its interval a board may have to wait."""
    failed_at = stored["failed_at"]
    asked_to_wait = failed_at is not None and failed_at <= now
    return MAX_RETRY_AFTER if asked_to_wait else LONGEST_WAIT


def _good(claim: PollClaim, result: PollResult) -> dict[str, Any]:
    return _key(claim.board) | {
        "new_etag": result.etag,
        "new_digest": result.digest,
        "at_time": result.at,
        "next_time": result.next_at,
        "whole_time": result.at if result.whole else claim.whole_at,
        "was_by_task": claim.by_task or result.by_task,
    }


def _key(board: BoardKey) -> dict[str, Any]:
    return {
        "of_benchmark": board.benchmark,
        "of_task": board.task or "",
        "of_derived": board.include_derived,
    }


def _board(row: RowMapping) -> BoardKey:
    return BoardKey(row["benchmark"], row["task"] or None, row["include_derived"])
