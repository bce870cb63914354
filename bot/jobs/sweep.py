"""One round of polls, with the reading of tasks that it needs: no known board waits for that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from bot.core.board import BoardKey
from bot.core.errors import StoreError
from bot.core.names.naming import Named
from bot.jobs.backlog import Work
from bot.jobs.poll import RENEW_EVERY, Polled, Poller
from bot.jobs.watchlist import Watched, Watchlist

Progress = Callable[[Polled, int], None]


class Round:
    """Polls what is watched once, ``concurrency`` boards at a time.

    ``alone`` polls one board that another process is at, once that is free. ``progress`` is told
    of each poll as it ends, and of how many are known to come.
    """

    def __init__(
        self,
        watchlist: Watchlist,
        poller: Poller,
        alone: Callable[[BoardKey], Polled],
        concurrency: int,
        progress: Progress,
    ) -> None:
        self._watchlist = watchlist
        self._poller = poller
        self._alone = alone
        self._concurrency = concurrency
        self._progress = progress
        self._begun: set[BoardKey] = set()

    def run(self, watched: Watched, names: Sequence[Named]) -> tuple[list[Polled], int]:
        """Poll the named boards, all of them without names; return that, and events stored.

        Raises:
            ConfigError: a name that is not watched.
        """
        with self._renewing(), ThreadPoolExecutor(self._concurrency) as pool:
            if names:
                polls, events = self._start_named(pool, watched, names)
            else:
                polls, events = self._start_all(pool, watched)
            polled = [one for poll in polls for one in poll.result()]
        self._poller.end()
        return polled, events

    def _start_all(
        self, pool: ThreadPoolExecutor, watched: Watched
    ) -> tuple[list[Future[list[Polled]]], int]:
        # Which board a benchmark's is, whose tasks were never read, is known after a reading.
        waiting = {name for name in watched.stale if not watched.knows_tasks(name)}
        ready = [board for board in watched.boards if board.benchmark not in waiting]
        polls = self._start(pool, ready)
        readings = [pool.submit(self._watchlist.read, one) for one in watched.stale]
        events = sum(reading.result() for reading in readings)
        # What tasks there are is known now: boards may have joined, or got their names.
        rest = self._watchlist.look() if readings else watched
        return polls + self._start(pool, rest.boards), events

    def _start_named(
        self, pool: ThreadPoolExecutor, watched: Watched, names: Sequence[Named]
    ) -> tuple[list[Future[list[Polled]]], int]:
        wanted = {name.benchmark.casefold() for name in names}
        stale = [name for name in watched.stale if name.casefold() in wanted]
        events = sum(pool.map(self._watchlist.read, stale))
        if stale:
            watched = self._watchlist.look()
        return self._start(pool, watched.choose(names)), events

    def _start(
        self, pool: ThreadPoolExecutor, boards: Sequence[BoardKey]
    ) -> list[Future[list[Polled]]]:
        new = [board for board in boards if board not in self._begun]
        self._begun.update(new)
        work = Work(self._poller, self._alone)
        work.offer(new)
        return [pool.submit(self._work, work) for _ in range(min(self._concurrency, len(new)))]

    def _work(self, work: Work) -> list[Polled]:
        """Poll what waits, in one of the threads, and return what came of it."""
        done: list[Polled] = []
        while (poll := work.next()) is not None:
            polled = poll()
            assert polled is not None, "a board that another process is at is waited for"
            done.append(polled)
            self._progress(polled, len(self._begun))
        return done

    @contextmanager
    def _renewing(self) -> Iterator[None]:
        """Let claims last as long as the polls do, however slow the Hub is."""
        ended = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(ended,), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(RENEW_EVERY.total_seconds()):
            try:
                self._poller.renew()
            except StoreError:
                continue  # a claim that ends is found out by whoever holds it
