"""Ends polls that found nothing new together: a transaction for many instead of one for each."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from threading import Lock

from bot.core.errors import ConflictError, StoreError
from bot.ports import PollClaim, PollResult
from bot.store import Store

log = logging.getLogger(__name__)

SIZE = 64
PATIENCE = timedelta(seconds=1)
"""How long an ended poll may wait for others; whoever holds a batch looks as often."""

Ended = tuple[PollClaim, PollResult]


class Batch:
    """Polls without news that wait to be ended. Safe to use from several threads.

    Nothing is lost with one that is never ended: its claim runs out, and the board is polled
    again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._waiting: list[Ended] = []

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
        """
        with self._lock:
            ended, self._waiting = self._waiting, []
        if not ended:
            return
        try:
            self._store.end_polls(ended)
        except StoreError as error:
            log.info("%d polls are ended one by one: %s", len(ended), error)
            for one in ended:
                self._end_alone(one)

    def _late(self, now: datetime) -> bool:
        first = self._waiting[0][1].at
        return not first <= now < first + PATIENCE

    def _end_alone(self, one: Ended) -> None:
        claim, result = one
        try:
            self._store.commit_poll(claim, result)
        except ConflictError:
            log.info("%s was changed by another process meanwhile", claim.board.name)
        except StoreError as error:
            log.warning("%s: %s", claim.board.name, error)
