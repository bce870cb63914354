"""Which boards the watches stand for, with the Hub's own lists of benchmarks and their tasks."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from bot.config import Settings
from bot.core.aggregate import is_aggregate
from bot.core.alerts.watch import (
    Known,
    boards,
    undecided,
    watched_benchmarks,
    with_tasks,
)
from bot.core.board import BoardKey
from bot.core.errors import ConfigError, FetchError
from bot.core.incidents import HUB, LIST
from bot.core.names.naming import Named, task_meant
from bot.core.names.suggest import unknown
from bot.core.process import Process
from bot.core.tasks import Tasks
from bot.jobs.commit import commit
from bot.jobs.discover import Discoverer
from bot.jobs.poll.source import SourceReader
from bot.jobs.tasks import TaskReader
from bot.store import Store

log = logging.getLogger(__name__)

NOT_WATCHED = "no watch looks at this benchmark"


class Watched(Struct, frozen=True, kw_only=True):
    """What is watched now.

    ``boards`` are polled, each so often. ``benchmarks`` are all that watches look at,
    ``undecided`` those of which it is not known yet which boards they have, ``stale`` those whose
    tasks are to be read. ``events`` were stored on the way to it. ``listed`` is false where the
    Hub never gave its list, and one is needed.
    """

    boards: Mapping[BoardKey, timedelta]
    benchmarks: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    tasks: Mapping[str, Tasks] = {}
    events: int = 0
    listed: bool = True

    def knows_tasks(self, benchmark: str) -> bool:
        """Tell whether a benchmark's tasks were ever read."""
        tasks = self.tasks.get(benchmark)
        return tasks is not None and tasks.ids is not None

    def cover(self, names: Sequence[Named]) -> bool:
        """Tell whether all of these benchmarks are watched."""
        watched = {name.casefold() for name in self.benchmarks}
        return watched >= {self._current(name) for name in names}

    def _current(self, name: Named) -> str:
        return Known(tasks=self.tasks).current(name.benchmark).casefold()

    def choose(self, names: Sequence[Named]) -> tuple[BoardKey, ...]:
        """Return the watched boards that are named, with and without derived models.

        Raises:
            ConfigError: names that no watch stands for, each with the nearest one that is.
        """
        known = sorted(set(self.benchmarks))
        by_lower = {one.casefold(): one for one in known}
        problems: list[str] = []
        chosen: dict[BoardKey, None] = {}
        for name in names:
            benchmark = by_lower.get(self._current(name))
            if benchmark is None:
                problems += unknown(name.benchmark, NOT_WATCHED, known).problems
                continue
            try:
                task = task_meant(
                    Named(benchmark, name.task), self.boards, self.tasks.get(benchmark)
                )
            except ConfigError as error:
                problems += error.problems
                continue
            same = [b for b in self.boards if (b.benchmark, b.task) == (benchmark, task)]
            chosen.update(dict.fromkeys(same))
        if problems:
            raise ConfigError(problems)
        return tuple(chosen)


class Watchlist:
    """The watches of a configuration as boards."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        discoverer: Discoverer,
        tasks: TaskReader,
        source: SourceReader,
        process: Process,
    ) -> None:
        self._settings = settings
        self._store = store
        self._discoverer = discoverer
        self.tasks = tasks
        self._source = source
        self._process = process

    def boards(self) -> dict[BoardKey, timedelta]:
        """Return what is watched now, by what is known, and how often, by name."""
        return self._boards(self.tasks.known())

    def _boards(self, known: Known) -> dict[BoardKey, timedelta]:
        found = boards(self._settings.watches, known, self._settings.poll.every)
        return dict(sorted(found.items(), key=lambda one: one[0].place))

    def refresh(self, names: Sequence[Named] = ()) -> Watched:
        """Look what is watched, and tell the store.

        A name that nothing stands for may be a benchmark that joined within the hour: then the
        Hub is asked for its list whatever the age of the last one. Tasks are not read: that is
        ``tasks.read``, for each of those that are ``stale``.
        """
        self.tasks.reload()
        unknown = bool(names) and not self._watched().cover(names)
        events, listed = self._refresh_list(force=unknown and self._discoverer.needed)
        self._source.refresh(force=any(is_aggregate(one.benchmark) for one in names) and unknown)
        self.tasks.reload()  # a benchmark may be called otherwise now, a column have come
        return self.look(events=events, listed=listed)

    def look(self, *, events: int = 0, listed: bool = True) -> Watched:
        """Look what is watched by what is known now, and tell the store."""
        watched = self._watched(events=events, listed=listed)
        now = self._process.clock()
        commit(self._store, lambda db: db.targets.watch(watched.boards, now, watched.undecided))
        return watched

    def stale(self) -> tuple[str, ...]:
        """Return the watched benchmarks whose tasks are to be read."""
        return self._watched().stale

    def _watched(self, *, events: int = 0, listed: bool = True) -> Watched:
        known, watches = self.tasks.known(), self._settings.watches
        benchmarks = watched_benchmarks(watches, known)
        return Watched(
            boards=self._boards(known),
            benchmarks=benchmarks,
            undecided=undecided(watches, known),
            stale=self.tasks.stale((*with_tasks(watches, known), *self._moved(known))),
            tasks=known.tasks,
            events=events,
            listed=listed,
        )

    def _moved(self, known: Known) -> list[str]:
        """Return the ids that watches name and the Hub redirects: one day it may not any more."""
        named = {name.casefold() for watch in self._settings.watches for name in watch.scope.named}
        return [
            name
            for name, tasks in known.tasks.items()
            if tasks.moved_to and name.casefold() in named
        ]

    def _refresh_list(self, *, force: bool) -> tuple[int, bool]:
        """Return how many events were stored, and whether there is a list of benchmarks."""
        try:
            return self._discoverer.refresh(force=force), True
        except FetchError as error:
            log.warning("cannot list the official benchmarks: %s", error)
            if not (listed := bool(self._discoverer.official())):
                now, text = self._process.clock(), str(error)
                commit(self._store, lambda db: db.incidents.count(HUB, LIST, now, text))
            return 0, listed
