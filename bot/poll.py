"""One poll of one target: claim, fetch, diff, plan, and one transaction for all that follows.

A failure is that target's alone: it is counted, and everything stored stays as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bot import failpoint
from bot.core import links
from bot.core.diff import Diff, baseline, diff
from bot.core.errors import ConflictError, FetchError, StoreError
from bot.core.events import Event, Found, Kind
from bot.core.message import CHANGED, BoardChange, BoardInfo
from bot.core.model import Answer, BoardKey, Snapshot
from bot.core.outbox import board_deliveries
from bot.core.rules import Watch, covers, tell, wanted_by
from bot.core.schedule import next_poll
from bot.ports import (
    BoardPoll,
    Fetched,
    Hub,
    Means,
    NewDelivery,
    NotModified,
    PollClaim,
    PollResult,
    PollStore,
    Target,
)

log = logging.getLogger(__name__)

ATTEMPTS_PER_POLL = 3
"""How often a poll starts over when another process changed the board meanwhile."""


class Polled(Struct, frozen=True, kw_only=True):
    """What came of polling one target: its boards counted by outcome, events without shifts."""

    target: Target
    unchanged: int = 0
    changed: int = 0
    failed: int = 0
    events: int = 0
    error: str | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """What polls follow.

    ``official`` returns the official benchmarks as last known, ``split`` names the channels
    whose bodies have the size limit of webhooks, ``lease`` is the longest a poll may take.
    """

    watches: tuple[Watch, ...]
    official: Callable[[], Collection[str]]
    split: frozenset[str]
    endpoint: str
    confirm_removals: int
    lease: timedelta


class Poller:
    """Polls targets for a set of watches. Safe to call from several threads."""

    def __init__(self, store: PollStore, hub: Hub, plan: Plan, means: Means) -> None:
        self._store = store
        self._hub = hub
        self._plan = plan
        self._means = means

    def poll(self, target: Target) -> Polled | None:
        """Poll a target now; None where another process is at it.

        Raises:
            StoreError: the database cannot be used; nothing was written.
        """
        for _ in range(ATTEMPTS_PER_POLL):
            now = self._means.clock()
            claim = self._store.claim_poll(target, self._means.owner, now, now + self._plan.lease)
            if claim is None:
                return None
            try:
                return self._poll(claim)
            except ConflictError:
                log.info("%s was changed by another process; polling again", target.benchmark)
        return None

    def _poll(self, claim: PollClaim) -> Polled:
        try:
            fetched = self._fetch(claim)
            if isinstance(fetched, NotModified):
                return self._unchanged(claim)
            return self._compare(claim, fetched)
        except StoreError:
            raise
        except FetchError as error:
            return self._failed(claim, error)
        except Exception as error:
            log.exception("%s: unexpected error", claim.target.benchmark)
            return self._failed(claim, FetchError(f"unexpected {type(error).__name__}"))

    def _fetch(self, claim: PollClaim) -> Fetched | NotModified:
        failpoint.hit("poll: before a fetch")
        reuse = claim.settled and not claim.fresh
        fetched = self._hub.leaderboard(
            claim.target.benchmark,
            include_derived=claim.target.include_derived,
            etag=claim.etag if reuse else None,
            digest=claim.digest if reuse else None,
        )
        failpoint.hit("poll: after a fetch")
        return fetched

    def _unchanged(self, claim: PollClaim) -> Polled:
        now = self._means.clock()
        next_at = self._next(claim, now)
        result = PollResult(at=now, etag=claim.etag, digest=claim.digest, next_at=next_at)
        self._store.commit_poll(claim, result)
        return Polled(target=claim.target, unchanged=claim.boards)

    def _failed(self, claim: PollClaim, error: FetchError) -> Polled:
        now = self._means.clock()
        text = str(error)
        log.warning("%s: %s", claim.target.benchmark, text)
        next_at = self._next(claim, now, error.retry_after)
        self._store.commit_failure(claim, now, text, next_at)
        return Polled(target=claim.target, failed=claim.boards, error=text)

    def _compare(self, claim: PollClaim, fetched: Fetched) -> Polled:
        now = self._means.clock()
        boards: list[BoardPoll] = []
        deliveries: list[NewDelivery] = []
        diffs: list[Diff] = []
        stored = self._store.snapshots(claim.target)
        for task, answer in _by_task(fetched, stored).items():
            found = self._diff(stored.get(task), answer, fresh=claim.fresh)
            board = self._board(claim, task, stored.get(task), found)
            diffs.append(found)
            boards.append(board)
            deliveries += self._deliveries(claim, board, now)
        result = PollResult(
            at=now,
            etag=fetched.etag,
            digest=fetched.digest,
            next_at=self._next(claim, now),
            boards=tuple(boards),
            deliveries=tuple(deliveries),
        )
        self._store.commit_poll(claim, result)
        return _polled(claim.target, diffs)

    def _diff(self, before: Snapshot | None, answer: Answer, *, fresh: bool) -> Diff:
        confirm = self._plan.confirm_removals
        if fresh:
            return baseline(answer, before, confirm_removals=confirm, new_id=self._means.new_id)
        return diff(before, answer, confirm_removals=confirm, new_id=self._means.new_id)

    def _board(
        self, claim: PollClaim, task: str | None, before: Snapshot | None, new: Diff
    ) -> BoardPoll:
        key = BoardKey(claim.target.benchmark, task, claim.target.include_derived)
        return BoardPoll(
            key=key,
            before=before,
            after=new.after,
            found=self._labelled(key, new.found),
        )

    def _labelled(self, key: BoardKey, found: Sequence[Found]) -> tuple[Found, ...]:
        """Give events their links and the names of the watches that want them."""
        events = wanted_by(self._covering(key), [self._linked(key, f.event) for f in found])
        return tuple(replace(f, event=event) for f, event in zip(found, events, strict=True))

    def _linked(self, key: BoardKey, event: Event) -> Event:
        return replace(event, url=links.row_url(self._plan.endpoint, key, event.model or ""))

    def _covering(self, key: BoardKey) -> list[Watch]:
        official = self._plan.official()
        return [
            watch
            for watch in self._plan.watches
            if watch.include_derived == key.include_derived
            and covers(watch, key.benchmark, official)
        ]

    def _deliveries(self, claim: PollClaim, board: BoardPoll, now: datetime) -> list[NewDelivery]:
        events = [found.event for found in board.found]
        info = BoardInfo(
            benchmark=board.key.benchmark,
            task=board.key.task,
            include_derived=board.key.include_derived,
            rows=len(board.after.rows),
            url=links.board_url(self._plan.endpoint, board.key),
        )
        made: list[NewDelivery] = []
        for telling in tell(self._covering(board.key), events):
            change = BoardChange(
                watches=telling.watches,
                board=info,
                previous_snapshot_at=claim.polled_at,
                snapshot_at=now,
                events=telling.events,
                shifted=telling.shifted,
            )
            made += board_deliveries(
                telling.channel, CHANGED, now, change, self._plan.split, self._means.new_id
            )
        return made

    def _next(self, claim: PollClaim, now: datetime, wait: timedelta | None = None) -> datetime:
        name = f"{claim.target.benchmark}?{claim.target.include_derived}"
        return next_poll(name, now, claim.every, self._means.rand(), wait)


def _by_task(fetched: Fetched, stored: dict[str | None, Snapshot]) -> dict[str | None, Answer]:
    """Return an answer for every board, known or new; a known one without rows gets an empty one.

    Where the Hub begins (or ceases) to give its rows a task, the boards of the other kind were
    not emptied but moved, and are left alone.
    """
    answers = {task: answer for task, answer in fetched.answers.items() if answer.results}
    malformed = max((answer.malformed for answer in fetched.answers.values()), default=0)
    empty = Answer(results=(), malformed=malformed)
    with_tasks = {task is not None for task in answers}
    absent = {
        task: empty
        for task in stored
        if task not in answers and (not with_tasks or (task is not None) in with_tasks)
    }
    return {**answers, **absent} or {None: empty}


def _polled(target: Target, diffs: Sequence[Diff]) -> Polled:
    changed = sum(found.changed for found in diffs)
    events = [f.event for found in diffs for f in found.found]
    return Polled(
        target=target,
        changed=changed,
        unchanged=len(diffs) - changed,
        events=sum(event.kind is not Kind.RANK_SHIFT for event in events),
    )
