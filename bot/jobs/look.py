"""Looks what is watched, again and again, and says what is new of it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.config import Settings
from bot.core.board import BoardKey
from bot.core.process import Process
from bot.core.render.numbers import plural
from bot.core.render.words.notice import stranded
from bot.jobs.watchlist import Watched, Watchlist
from bot.store import Store

log = logging.getLogger(__name__)


class Lookout:
    """Keeps what is watched up to date for a daemon, and remembers what it has said of it."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        watchlist: Watchlist,
        channels: Collection[str],
        process: Process,
    ) -> None:
        self._settings = settings
        self._store = store
        self._watchlist = watchlist
        self._channels = channels
        self._process = process
        self._said: Mapping[BoardKey, timedelta] | None = None
        self._late, self._said_late = 0, False

    def look(self) -> None:
        """Refresh what is watched, and say so where it is not what it was."""
        self._say_watched(self._watchlist.refresh())
        with self._store.read() as db:
            late = db.targets.late(self._process.clock())
        self._say_late(late)

    def read_tasks(self) -> None:
        """Read the tasks of the benchmarks of which that is due; then look what is watched.

        What is known waits for none of it.
        """
        stale = self._watchlist.stale()
        if not stale:
            return
        with ThreadPoolExecutor(min(self._settings.hub.concurrency, len(stale))) as pool:
            list(pool.map(self._watchlist.tasks.read, stale))
        self._watchlist.tasks.end()
        self._say_watched(self._watchlist.look())

    def _say_watched(self, watched: Watched) -> None:
        if watched.undecided:
            return  # which boards there are is not known yet
        if watched.boards == self._said:
            return
        self._said = watched.boards
        with self._store.read() as db:
            pending = db.deliveries.waiting()
        for sentence in stranded(pending, self._channels):
            log.warning("%s", sentence)
        log.info(
            "watching %s of %s; telling %s",
            plural(len(watched.boards), "board"),
            self._settings.hub.endpoint,
            ", ".join(self._channels),
        )

    def _say_late(self, late: int) -> None:
        """Say that polls are late, where they were at the last look, too; and that they are not."""
        if late and self._late and not self._said_late:
            what = plural(late, "board is", "boards are")
            log.warning(
                "%s polled later than asked for: raise poll.every, or hub.concurrency", what
            )
            self._said_late = True
        if not late and self._said_late:
            log.warning("all boards are polled in time again")
            self._said_late = False
        self._late = late
