"""Boards that wait to be polled: claimed together, polled one by one by whoever has time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from threading import Lock

from bot.core.board import BoardKey
from bot.core.errors import BusyError
from bot.jobs.poll.board import Poller
from bot.jobs.poll.polled import Polled
from bot.store import PollClaim

AT_ONCE = 64
"""How many boards are claimed in one transaction."""

Missed = Callable[[BoardKey], Polled | None]
"""What is done with a board that another process is at; None leaves it to that one."""

_Report = Callable[[Polled], None]


class Backlog:
    """A queue of boards for several threads, each of which works until there is none."""

    def __init__(self, poller: Poller, missed: Missed = lambda _: None) -> None:
        self._poller = poller
        self._missed = missed
        self._lock = Lock()
        self._boards: deque[BoardKey] = deque()
        self._claims: deque[PollClaim] = deque()
        self._others: deque[BoardKey] = deque()

    def offer(self, boards: Iterable[BoardKey]) -> None:
        """Put boards into the queue, instead of those that nobody has claimed yet."""
        with self._lock:
            self._boards = deque(boards)

    def __len__(self) -> int:
        """Count the boards that wait."""
        with self._lock:
            return len(self._boards) + len(self._claims) + len(self._others)

    def work(
        self,
        going: Callable[[], bool] = lambda: True,
        ended: Callable[[Polled], object] = lambda _: None,
    ) -> None:
        """Poll what waits, one by one, until nothing is left or it is not to go on.

        ``ended`` is told of each poll, of some not before the poller's ``end``, in any thread.
        Where one is deferred, so is all that waits: the Hub lets nothing be asked.

        Raises:
            StoreError: the database cannot be used.
        """

        def report(polled: Polled) -> None:
            for one in (polled, *self._deferred(polled)):
                self._poller.counts.polled(one.outcome)
                ended(one)

        while going() and (poll := self._next()) is not None:
            poll(report)

    def _deferred(self, polled: Polled) -> list[Polled]:
        """Give up what waits, if a poll was deferred, and return what comes of it."""
        if polled.deferred is None:
            return []
        with self._lock:
            claims = [*self._claims]
            boards = [*(claim.board for claim in claims), *self._others, *self._boards]
            for waiting in (self._claims, self._others, self._boards):
                waiting.clear()
        self._poller.claims.hand_back(claims)
        return [Polled(board=board, deferred=polled.deferred) for board in boards]

    def _next(self) -> Callable[[_Report], None] | None:
        """Return the next poll; None where nothing waits."""
        with self._lock:
            if not self._claims and self._boards:
                self._claim()
            if self._claims:
                return partial(self._poll, self._claims.popleft())
            if self._others:
                return partial(self._poll_missed, self._others.popleft())
        return None

    def _claim(self) -> None:
        """Claim the next boards; those that others hold are for later."""
        some = [self._boards.popleft() for _ in range(min(AT_ONCE, len(self._boards)))]
        try:
            self._claims.extend(self._poller.claims.claim(some))
        except BusyError:
            self._others.extend(some)
            return
        claimed = {claim.board for claim in self._claims}
        self._others.extend(board for board in some if board not in claimed)

    def _poll(self, claim: PollClaim, report: _Report) -> None:
        def ended(polled: Polled | None) -> None:
            if polled is None:
                self._poll_missed(claim.board, report)
            else:
                report(polled)

        try:
            self._poller.run(claim, ended)
        except BusyError as error:
            report(Polled(board=claim.board, failed=1, error=str(error)))

    def _poll_missed(self, board: BoardKey, report: _Report) -> None:
        if (polled := self._missed(board)) is not None:
            report(polled)
