"""Watched boards: when each is due, who polls it, and what came of its last polls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    or_,
    select,
    update,
)

from bot.core.board import BoardKey
from bot.core.delivery import MAX_RETRY_AFTER
from bot.core.incidents import BOARD, ROWS
from bot.store.boards.claims import CLAIMED, END, HEALTHY, UNCLAIMED, claim_of, values_of
from bot.store.boards.polls import PollClaim, PollResult
from bot.store.database.tables import boards
from bot.store.database.types import Moment
from bot.store.database.upsert import upsert_each
from bot.store.incidents import Incidents
from bot.store.keys import BY_KEY, THIS_BOARD, board_columns, key_of, of_board
from bot.store.processes import owners_of

LONGEST_WAIT = timedelta(hours=1)
"""What waits longer than this past its time was put off before the clock was set back."""

_OUTDATED: dict[str, Any] = {"version": boards.c.version + 1}
_FRESH: dict[str, Any] = {
    "watched": True,
    "fresh": True,
    "etag": None,
    "digest": None,
    "by_task": False,
    **UNCLAIMED,
    **HEALTHY,
}

# Built once: with many boards, to build them anew would be most of the work.
_CLAIM = (
    update(boards)
    .where(THIS_BOARD)
    .values(lease_owner=bindparam("by_owner"), lease_until=bindparam("to_time"))
)
_RENEW = _CLAIM.where(boards.c.lease_owner == bindparam("by_owner"))
_HAND_BACK = (
    update(boards)
    .where(THIS_BOARD, boards.c.lease_owner == bindparam("by_owner"))
    .values(**UNCLAIMED)
)
_OLDEST_FIRST = (boards.c.polled_at.is_not(None), boards.c.polled_at)


class Targets:
    """Watched boards: when each is due, who polls it, and what came of its last polls.

    A poll's claim is a lease, and carries the version of its board that it was made of. Whatever
    ends a poll or changes what is watched makes another version, so an outdated claim is known.
    """

    def __init__(self, connection: Connection, incidents: Incidents) -> None:
        self._connection = connection
        self._incidents = incidents

    def watch(
        self, wanted: Mapping[BoardKey, timedelta], now: datetime, undecided: Collection[str] = ()
    ) -> None:
        """Make exactly these the watched boards, each polled so often.

        A newly watched one is due now, and fresh.
        What is watched of ``undecided`` benchmarks stays so: which boards they have is not known
        yet.
        """
        columns = (*BY_KEY, boards.c.watched, boards.c.every_s, boards.c.next_poll_at)
        health = (boards.c.failures, boards.c.failed_at, boards.c.unread)
        query = select(*columns, boards.c.version, *health)
        found = self._connection.execute(_locked(query)).mappings()
        known = {key_of(row): row for row in found}
        for board, row in known.items():
            if row["watched"] and board not in wanted and board.benchmark not in undecided:
                self._unwatch(board, row)
        begun = []
        for board, every in sorted(wanted.items(), key=lambda one: one[0].place):
            stored = known.get(board)
            if stored is None or not stored["watched"]:
                begun.append((board, every))
            elif stored["every_s"] != every.total_seconds():
                due = min(stored["next_poll_at"], now + every)
                self._set(board, every_s=every.total_seconds(), next_poll_at=due)
            elif stored["next_poll_at"] > now + every + _longest_wait(stored, now):
                self._set(board, next_poll_at=now)
        self._begin(begun, now)

    def due(self, now: datetime) -> tuple[BoardKey, ...]:
        """List watched boards that are due and not claimed, the oldest good poll first."""
        found = self._connection.execute(_due(), {"now": now}).mappings()
        return tuple(key_of(row) for row in found)

    def next_due(self, now: datetime) -> datetime | None:
        """Return when the next of the watched boards is due, if any is later than now."""
        later = select(boards.c.next_poll_at).where(boards.c.watched, boards.c.next_poll_at > now)
        first = later.order_by(boards.c.next_poll_at).limit(1)
        return self._connection.execute(first).scalar_one_or_none()

    def oldest_first(self, wanted: Collection[BoardKey]) -> tuple[BoardKey, ...]:
        """Put some boards in the order of their last good polls; those without any come first."""
        query = select(*BY_KEY, boards.c.polled_at).where(boards.c.polled_at.is_not(None))
        found = self._connection.execute(query).mappings()
        polled = {key_of(row): row["polled_at"] for row in found}
        known = sorted((one for one in wanted if one in polled), key=polled.__getitem__)
        return (*(one for one in wanted if one not in polled), *known)

    def last_good_polls(self) -> dict[BoardKey, datetime | None]:
        """Return the watched boards, with the last good poll of each; None without any."""
        query = select(*BY_KEY, boards.c.polled_at).where(boards.c.watched).order_by(*BY_KEY)
        found = self._connection.execute(query).mappings()
        return {key_of(row): row["polled_at"] for row in found}

    def late(self, now: datetime) -> int:
        """Count the watched boards that have been due for a whole interval."""
        query = select(boards.c.next_poll_at, boards.c.every_s)
        due = self._connection.execute(query.where(boards.c.watched, boards.c.next_poll_at <= now))
        return sum(since + timedelta(seconds=every) <= now for since, every in due)

    def claim(
        self, wanted: Sequence[BoardKey], owner: str, now: datetime, until: datetime
    ) -> tuple[PollClaim, ...]:
        """Claim those of some watched boards, due or not, on which no other owner's claim lasts."""
        # A claim that would outlast the new one by so much was made before the clock was set back.
        stale = boards.c.lease_until > until + LONGEST_WAIT
        free = or_(_is_free(now), stale, boards.c.lease_owner == owner)
        query = select(*CLAIMED).where(_of(wanted), boards.c.watched, free).order_by(*BY_KEY)
        # What another process is just claiming is its own.
        locked = query.with_for_update(key_share=True, skip_locked=True)
        these = set(wanted)
        found = [row for row in self._connection.execute(locked).mappings() if key_of(row) in these]
        taken = {"by_owner": owner, "to_time": until}
        if found:
            self._connection.execute(_CLAIM, [of_board(key_of(row)) | taken for row in found])
        claims = {key_of(row): claim_of(row, owner) for row in found}
        return tuple(claims[board] for board in wanted if board in claims)

    def renew(self, claimed: Sequence[BoardKey], owner: str, until: datetime) -> None:
        """Let an owner's claims of some boards last longer."""
        ordered = sorted(claimed, key=lambda board: board.place)
        values = {"by_owner": owner, "to_time": until}
        self._connection.execute(_RENEW, [of_board(board) | values for board in ordered])

    def hand_back(self, claimed: Sequence[BoardKey], owner: str) -> None:
        """Give up an owner's claims of some boards, which stay as due as they were."""
        ordered = sorted(claimed, key=lambda board: board.place)
        values = [of_board(board) | {"by_owner": owner} for board in ordered]
        self._connection.execute(_HAND_BACK, values)

    def release(self, owner: str) -> None:
        """Give up an owner's claims."""
        mine = update(boards).where(boards.c.lease_owner == owner)
        self._connection.execute(mine.values(**UNCLAIMED))

    def owners(self, lasting: datetime | None = None) -> frozenset[str]:
        """Return who has claims; see ``owners_of``."""
        return owners_of(boards, self._connection, lasting)

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
            self._connection.execute(END, [values_of(claim, result) for claim, result in ended])
        for claim, result in ended:
            if claim.failures:
                self._incidents.end(BOARD, claim.board.name, result.at)
        return tuple(ended)

    def fail(self, claim: PollClaim, now: datetime, error: str, next_at: datetime) -> bool:
        """Count a failed poll and end its claim; False, and nothing is written, if outdated."""
        if self._standing([claim.board]).get(claim.board) != (claim.version, claim.owner):
            return False
        failures = boards.c.failures + 1
        bad = {"failures": failures, "failed_at": now, "error": error, "next_poll_at": next_at}
        self._set(claim.board, **bad, **UNCLAIMED)
        self._incidents.count(BOARD, claim.board.name, now, error)
        return True

    def rename(self, was: BoardKey, now: BoardKey) -> None:
        """Give a board, with all that is stored of it, another name; a poll of it is outdated."""
        self._set(was, **board_columns(now), etag=None, **_OUTDATED, **UNCLAIMED)
        for subject in (BOARD, ROWS):
            self._incidents.rename(subject, was.name, now.name)

    def _standing(self, polled: Sequence[BoardKey]) -> dict[BoardKey, tuple[int, str | None]]:
        """Lock some boards, and return the version and the claim's owner of each."""
        query = select(*BY_KEY, boards.c.version, boards.c.lease_owner).where(_of(polled))
        found = self._connection.execute(_locked(query)).mappings()
        return {key_of(row): (row["version"], row["lease_owner"]) for row in found}

    def _begin(self, begun: Sequence[tuple[BoardKey, timedelta]], now: datetime) -> None:
        """Watch boards, from a fresh baseline on; polls of them that are under way are outdated."""
        fresh = {"next_poll_at": now, **_FRESH}
        new = [
            {**board_columns(one), "every_s": every.total_seconds(), **fresh}
            for one, every in begun
        ]
        upsert_each(self._connection, boards, new, _OUTDATED, by=BY_KEY)

    def _unwatch(self, board: BoardKey, row: RowMapping) -> None:
        version = row["version"] + 1
        self._set(board, watched=False, version=version, **UNCLAIMED, **HEALTHY)
        for subject, fails in ((BOARD, row["failures"]), (ROWS, row["unread"])):
            if fails:
                self._incidents.forget(subject, [board.name])

    def _set(self, board: BoardKey, **values: Any) -> None:
        self._connection.execute(update(boards).where(THIS_BOARD).values(**values), of_board(board))


@cache
def _due() -> Select[Any]:
    """Select what is due and free. A daemon asks every second, so it is built once."""
    now = bindparam("now", type_=Moment)
    due = (boards.c.watched, boards.c.next_poll_at <= now, _is_free(now))
    return select(*BY_KEY).where(*due).order_by(*_OLDEST_FIRST, boards.c.next_poll_at, *BY_KEY)


def _is_free(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Select what nobody holds."""
    return or_(boards.c.lease_until.is_(None), boards.c.lease_until <= now)


def _of(keys: Iterable[BoardKey]) -> ColumnElement[bool]:
    """Select the boards of some boards' benchmarks."""
    return boards.c.benchmark.in_(sorted({key.benchmark for key in keys}))


def _locked(query: Select[Any]) -> Select[Any]:
    """Lock what is selected against other writers, but not against those who refer to it."""
    # Always in the same order, so that two processes never wait for each other.
    return query.order_by(*BY_KEY).with_for_update(key_share=True)


def _longest_wait(stored: RowMapping, now: datetime) -> timedelta:
    """Return how long past its interval a board may have to wait."""
    failed_at = stored["failed_at"]
    asked_to_wait = failed_at is not None and failed_at <= now
    return MAX_RETRY_AFTER if asked_to_wait else LONGEST_WAIT
