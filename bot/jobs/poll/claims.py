"""The boards that this process has claimed, to be polled by nobody else meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.core.board import BoardKey
from bot.core.process import LEASE, Process
from bot.jobs.commit import commit
from bot.store import PollClaim, Store

LONGEST_POLL = timedelta(minutes=10)
"""How long a claim is renewed: boards that are claimed together are polled after each other."""


class Claims:
    """Claims boards, and keeps the claims until they are polled. Safe to use from several threads.

    Every method but ``done`` raises ``StoreError`` where the database cannot be used.
    """

    def __init__(self, store: Store, process: Process) -> None:
        self._store = store
        self._process = process
        self._waiting: dict[BoardKey, datetime] = {}

    def oldest_first(self, boards: Collection[BoardKey]) -> tuple[BoardKey, ...]:
        """Put boards in the order in which they are polled."""
        with self._store.read() as db:
            return db.targets.oldest_first(boards)

    def claim(self, boards: Sequence[BoardKey]) -> tuple[PollClaim, ...]:
        """Claim those of some boards that no other process is at."""
        now, owner = self._process.clock(), self._process.owner
        claims = commit(self._store, lambda db: db.targets.claim(boards, owner, now, now + LEASE))
        self._waiting.update({claim.board: now for claim in claims})
        return claims

    def renew(self) -> None:
        """Claim for longer what is claimed and not polled yet.

        A poll that hangs is no reason to keep others from the board for ever.
        """
        now, owner = self._process.clock(), self._process.owner
        waiting = [board for board, since in [*self._waiting.items()] if now < since + LONGEST_POLL]
        if waiting:
            commit(self._store, lambda db: db.targets.renew(waiting, owner, now + LEASE))

    def hand_back(self, claims: Sequence[PollClaim]) -> None:
        """Give up claims without a poll: the boards stay due."""
        claimed, owner = [claim.board for claim in claims], self._process.owner
        if claimed:
            commit(self._store, lambda db: db.targets.hand_back(claimed, owner))
        for board in claimed:
            self.done(board)

    def done(self, board: BoardKey) -> None:
        """Renew the claim of a board no more: its poll is over."""
        self._waiting.pop(board, None)
