"""Stores what polls found: what tells nobody together, a transaction for many instead of each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from bot.core.board import BoardKey
from bot.core.errors import BusyError, StoreError
from bot.core.incidents import ROWS, UNREADABLE
from bot.core.render.numbers import some
from bot.jobs import tell
from bot.jobs.commit import commit
from bot.store import BoardPoll, PollClaim, PollResult, Store, Unit

log = logging.getLogger(__name__)

SIZE = 64
PATIENCE = timedelta(seconds=1)
"""How long an ended poll may wait for others; whoever holds a batch looks as often."""

Ended = tuple[PollClaim, PollResult]


def save(polled: Sequence[Ended], db: Unit) -> tuple[Ended, ...]:
    """End good polls, and store what they found with the deliveries that tell of it.

    Returns those that were not outdated; of the others nothing is written.
    """
    ended = db.targets.end(polled)
    for claim, result in ended:
        if result.found is not None:
            db.boards.save(claim.board, result.found, result.at)
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
        self._waiting: list[Ended] = []

    def __len__(self) -> int:
        """Count the polls that wait."""
        return len(self._waiting)

    def add(self, claim: PollClaim, result: PollResult) -> None:
        """Let a poll wait for others; ends them all where they are many, or wait for long."""
        with self._lock:
            self._waiting.append((claim, result))
            ripe = len(self._waiting) >= SIZE or self._late(result.at)
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
            ended, self._waiting = self._waiting, []
        if not ended:
            return
        try:
            commit(self._store, partial(save, ended))
        except Exception as error:  # noqa: BLE001 - one board's mistake is no other's
            log.debug("%d polls are ended one by one: %s", len(ended), error)
            self._end_each(ended)

    def _late(self, now: datetime) -> bool:
        first = self._waiting[0][1].at
        return not first <= now < first + PATIENCE

    def _end_each(self, ended: Sequence[Ended]) -> None:
        """End polls one by one, and say of those that cannot be ended why, all in one line."""
        failed: dict[str, list[str]] = {}
        last = StoreError()
        for claim, result in ended:
            try:
                self._end_or_fail(claim, result)
            except StoreError as error:
                failed.setdefault(str(error), []).append(claim.board.name)
                last = error
        if len(failed.get(str(last), ())) == len(ended) and not isinstance(last, BusyError):
            raise last
        for reason, boards in failed.items():
            log.warning("%s: %s", some(boards), reason)

    def _end_or_fail(self, claim: PollClaim, result: PollResult) -> None:
        try:
            commit(self._store, partial(save, [(claim, result)]))
        except StoreError:
            raise
        except Exception as error:
            log.exception("%s: unexpected error", claim.board.name)
            text = f"unexpected {type(error).__name__}"
            commit(self._store, lambda db: db.targets.fail(claim, result.at, text, result.next_at))
