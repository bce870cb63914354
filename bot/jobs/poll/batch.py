"""Stores what polls found: what tells nobody together, a transaction for many instead of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import NamedTuple

from bot.core.board import BoardKey
from bot.core.errors import BusyError, StoreError
from bot.core.incidents import ROWS, UNREADABLE
from bot.core.render.numbers import some
from bot.jobs import tell
from bot.jobs.commit import commit
from bot.jobs.poll.polled import Polled
from bot.store import BoardPoll, PollClaim, PollResult, Store, Unit

log = logging.getLogger(__name__)

SIZE = 64
MOST_ROWS = 5_000
"""So many polls, or rows of boards, are enough for a transaction."""

PATIENCE = timedelta(seconds=1)
"""How long an ended poll may wait for others; whoever holds a batch looks as often."""

Ended = tuple[PollClaim, PollResult]

Report = Callable[[Polled], object]
"""Is told once what came of a poll, when it has ended, by whoever ends it."""


class Waiting(NamedTuple):
    """A poll that is to be ended, and what came of it if it can be."""

    claim: PollClaim
    result: PollResult
    polled: Polled
    report: Report

    @property
    def rows(self) -> int:
        """How many rows may have to be written."""
        found = self.result.found
        return 0 if found is None else len(found.after.rows)

    def ended(self, stored: Collection[PollClaim]) -> None:
        """Report what came of it; what is not among the stored ones, another process has seen."""
        here = self.claim in stored
        self.report(self.polled if here else Polled(board=self.claim.board, unchanged=1))

    def failed(self, problem: str) -> None:
        """Report that it could not be stored, which is logged for all of them together."""
        self.report(Polled(board=self.claim.board, failed=1, error=problem, logged=True))


def save(polled: Sequence[Ended], db: Unit) -> tuple[Ended, ...]:
    """End good polls, and store what they found with the deliveries that tell of it.

    Returns those that were not outdated; of the others nothing is written.
    """
    ended = db.targets.end(polled)
    found = [(claim.board, one.found, one.at) for claim, one in ended if one.found is not None]
    db.boards.save(found)
    for claim, result in ended:
        if result.found is not None:
            _note_rows(claim.board, result, result.found, db)
        tell.save(result.told, result.at, db)
    return ended


def _note_rows(board: BoardKey, result: PollResult, found: BoardPoll, db: Unit) -> None:
    """Keep that rows of a board cannot be read, or that all can be (again)."""
    if result.flaw:
        db.incidents.count(ROWS, board.name, result.at, f"{UNREADABLE}: {result.flaw}")
    elif found.before is not None and found.before.unread is not None:
        db.incidents.end(ROWS, board.name, result.at)


class Batch:
    """Polls without news that wait to be ended. Safe to use from several threads.

    Nothing is lost with one that is never ended: its claim runs out, and the board is polled
    again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._waiting: list[Waiting] = []
        self._rows = 0

    def __len__(self) -> int:
        """Count the polls that wait."""
        return len(self._waiting)

    def add(self, one: Waiting) -> None:
        """Let a poll wait for others; ends them all where they are many, or wait for long."""
        with self._lock:
            self._waiting.append(one)
            self._rows += one.rows
            large = len(self._waiting) >= SIZE or self._rows >= MOST_ROWS
            ripe = large or self._late(one.result.at)
        if ripe:
            self.end()

    def end(self) -> None:
        """End all that wait.

        A poll that another process has overtaken is left out. Where they cannot be ended together,
        each is tried alone.

        Raises:
            StoreError: the database can be used for none of them.
        """
        with self._lock:
            waiting, self._waiting, self._rows = self._waiting, [], 0
        if not waiting:
            return
        try:
            stored = self._save(waiting)
        except Exception as error:  # noqa: BLE001 - one board's mistake is no other's
            log.debug("%d polls are ended one by one: %s", len(waiting), error)
            self._end_each(waiting)
        else:
            for one in waiting:
                one.ended(stored)

    def _save(self, waiting: Sequence[Waiting]) -> Collection[PollClaim]:
        """End polls in one transaction; return the claims of those that were not outdated."""
        ended = [(one.claim, one.result) for one in waiting]
        return [claim for claim, _ in commit(self._store, partial(save, ended))]

    def _late(self, now: datetime) -> bool:
        first = self._waiting[0].result.at
        return not first <= now < first + PATIENCE

    def _end_each(self, waiting: Sequence[Waiting]) -> None:
        """End polls one by one, and say of those that cannot be ended why, all in one line."""
        failed: dict[str, list[str]] = {}
        last = StoreError()
        for one in waiting:
            try:
                self._end_or_fail(one)
            except StoreError as error:
                last = error
                failed.setdefault(str(error), []).append(one.claim.board.name)
                one.failed(str(error))
        if len(failed.get(str(last), ())) == len(waiting) and not isinstance(last, BusyError):
            raise last
        for reason, boards in failed.items():
            log.warning("%s: %s", some(boards), reason)

    def _end_or_fail(self, one: Waiting) -> None:
        claim, result = one.claim, one.result
        try:
            stored = self._save([one])
        except StoreError:
            raise
        except Exception as error:
            log.exception("%s: unexpected error", claim.board.name)
            text = f"unexpected {type(error).__name__}"
            commit(self._store, lambda db: db.targets.fail(claim, result.at, text, result.next_at))
            one.failed(text)
        else:
            one.ended(stored)
