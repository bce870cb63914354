"""One round of polls, with the reading of tasks that it needs: no known board waits for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bot.app.watchlist import Watched, Watchlist
from bot.core.model import BoardKey
from bot.core.naming import Named
from bot.poll import Polled

Progress = Callable[[Polled, int], None]


class Round:
    """Polls what is watched once, ``concurrency`` boards at a time.

    ``progress`` is told of each poll as it ends, and of how many are known to come.
    """

    def __init__(
        self,
        watchlist: Watchlist,
        poll: Callable[[BoardKey], Polled],
        concurrency: int,
        progress: Progress,
    ) -> None:
        self._watchlist = watchlist
        self._poll = poll
        self._concurrency = concurrency
        self._progress = progress
        self._begun: set[BoardKey] = set()

    def run(self, watched: Watched, names: Sequence[Named]) -> tuple[list[Polled], int]:
        """Poll the named boards, all of them without names; return that, and events stored.

        Raises:
            ConfigError: a name that is not watched.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            if names:
                return self._run_named(pool, watched, names)
            # Which board a benchmark's is, whose tasks were never read, is known after a reading.
            waiting = {name for name in watched.stale if not watched.knows_tasks(name)}
            ready = [board for board in watched.boards if board.benchmark not in waiting]
            polls = self._start(pool, ready)
            readings = [pool.submit(self._watchlist.read, one) for one in watched.stale]
            events = sum(reading.result() for reading in readings)
            # What tasks there are is known now: boards may have joined, or got their names.
            rest = self._watchlist.look() if readings else watched
            polls += self._start(pool, rest.boards)
            return [poll.result() for poll in polls], events

    def _run_named(
        self, pool: ThreadPoolExecutor, watched: Watched, names: Sequence[Named]
    ) -> tuple[list[Polled], int]:
        wanted = {name.benchmark.casefold() for name in names}
        stale = [name for name in watched.stale if name.casefold() in wanted]
        events = sum(pool.map(self._watchlist.read, stale))
        if stale:
            watched = self._watchlist.look()
        polls = self._start(pool, watched.choose(names))
        return [poll.result() for poll in polls], events

    def _start(self, pool: ThreadPoolExecutor, boards: Sequence[BoardKey]) -> list[Future[Polled]]:
        new = [board for board in boards if board not in self._begun]
        self._begun.update(new)
        return [pool.submit(self._one, board) for board in new]

    def _one(self, board: BoardKey) -> Polled:
        polled = self._poll(board)
        self._progress(polled, len(self._begun))
        return polled
