"""One round of polls, with the reading of tasks that it needs: no known board waits for that."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from bot.core.board import BoardKey
from bot.core.errors import BusyError
from bot.core.names.naming import Named
from bot.core.process import Process
from bot.jobs.poll.backlog import Backlog
from bot.jobs.poll.board import Poller
from bot.jobs.poll.polled import Polled
from bot.jobs.watchlist import Watched, Watchlist

BUSY_WAIT = timedelta(milliseconds=200)

Progress = Callable[[Polled, int], None]
"""Is told of each poll as it ends, and of how many are known to come."""


class Sweep:
    """Polls what is watched once, ``concurrency`` boards at a time, the oldest good poll first.

    ``polled`` is what came of each board, ``events`` counts those stored by reading tasks.
    """

    def __init__(
        self,
        watchlist: Watchlist,
        poller: Poller,
        process: Process,
        concurrency: int,
        progress: Progress,
    ) -> None:
        self._watchlist = watchlist
        self._poller = poller
        self._process = process
        self._concurrency = concurrency
        self._progress = progress
        self._begun: set[BoardKey] = set()
        self.polled: list[Polled] = []
        self.events = 0

    def run(self, watched: Watched, names: Sequence[Named]) -> None:
        """Poll the named boards; all of them without names.

        Raises:
            ConfigError: a name that is not watched.
            StoreError: the database cannot be used.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            if names:
                polls = self._start_named(pool, watched, names)
            else:
                polls = self._start_all(pool, watched)
            for poll in polls:
                poll.result()
        self._poller.end()

    def _start_all(self, pool: ThreadPoolExecutor, watched: Watched) -> list[Future[None]]:
        # Which board a benchmark's is, whose tasks were never read, is known after a reading.
        waiting = {name for name in watched.stale if not watched.knows_tasks(name)}
        ready = [board for board in watched.boards if board.benchmark not in waiting]
        polls = self._start(pool, ready)
        readings = [pool.submit(self._watchlist.tasks.read, one) for one in watched.stale]
        self.events = sum(reading.result() for reading in readings)
        self._watchlist.tasks.end()
        # What tasks there are is known now: boards may have joined, or got their names.
        rest = self._watchlist.look() if readings else watched
        return polls + self._start(pool, rest.boards)

    def _start_named(
        self, pool: ThreadPoolExecutor, watched: Watched, names: Sequence[Named]
    ) -> list[Future[None]]:
        wanted = {name.benchmark.casefold() for name in names}
        stale = [name for name in watched.stale if name.casefold() in wanted]
        self.events = sum(pool.map(self._watchlist.tasks.read, stale))
        self._watchlist.tasks.end()
        if stale:
            watched = self._watchlist.look()
        return self._start(pool, watched.choose(names))

    def _start(self, pool: ThreadPoolExecutor, boards: Iterable[BoardKey]) -> list[Future[None]]:
        new = self._poller.claims.oldest_first([one for one in boards if one not in self._begun])
        self._begun.update(new)
        backlog = Backlog(self._poller, self._poll_when_free)
        backlog.offer(new)
        threads = min(self._concurrency, len(new))
        return [pool.submit(backlog.work, ended=self._ended) for _ in range(threads)]

    def _ended(self, polled: Polled) -> None:
        self.polled.append(polled)
        self._progress(polled, len(self._begun))

    def _poll_when_free(self, board: BoardKey) -> Polled | None:
        """Poll a board, after another process that is at it; None where it has another name now.

        A database that is busy for too long costs this board's poll and not the round.
        """
        deadline = time.monotonic() + self._poller.limit.total_seconds()
        try:
            while (polled := self._poller.poll(board)) is None:
                if time.monotonic() > deadline:
                    return Polled(board=board, failed=1, error="another process holds the board")
                if board not in self._watchlist.boards():
                    return None
                self._process.wait(BUSY_WAIT)
        except BusyError as error:
            return Polled(board=board, failed=1, error=str(error))
        return polled
