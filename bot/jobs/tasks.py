"""Keeps the tasks of the watched benchmarks: reads them hourly, tells what joined and what left.

A task is a board. Boards of a benchmark that join or leave together are one message for people.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from functools import partial
from threading import Lock

from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.deliveries import Told
from bot.core.alerts.reason import Reason
from bot.core.alerts.watch import Known, Watch
from bot.core.board import BoardKey
from bot.core.errors import BusyError, FetchError
from bot.core.kinds import Kind
from bot.core.process import Process
from bot.core.render.numbers import some
from bot.core.tasks import About, TaskChange, Tasks, are_stale, believe
from bot.jobs import tell
from bot.jobs.ask import AskedTasks, Hub, ask_tasks
from bot.jobs.commit import commit
from bot.jobs.tell import News, Teller
from bot.store import Store, Unit

log = logging.getLogger(__name__)

FIRST_TOGETHER = 64
"""How many first readings are stored in one transaction."""

Official = Callable[[], Collection[str]]


class TaskReader:
    """Knows the tasks of benchmarks. Safe to call from several threads.

    ``official`` returns the official benchmarks as last known.
    """

    def __init__(
        self,
        store: Store,
        hub: Hub,
        settings: Settings,
        official: Official,
        process: Process,
        teller: Teller,
    ) -> None:
        self._store = store
        self._hub = hub
        self._settings = settings
        self._official = official
        self._process = process
        self._teller = teller
        self._known: Known | None = None
        self._first: dict[str, Tasks] = {}
        self._lock = Lock()

    def known(self) -> Known:
        """Return what is known of the Hub's benchmarks, without asking it.

        It is the same value as long as nothing changed: what follows from it is worked out once.
        """
        official = self._official()
        with self._lock:
            known = self._known
            if known is not None and known.official is not official:
                known = self._known = replace(known, official=official)
        return known or self.reload()

    def reload(self) -> Known:
        """Look what other processes have read, and return what is known now."""
        with self._store.read() as db:
            stored, source = db.lists.tasks(), db.lists.source()
        columns = source.boards if source else frozenset[str]()
        with self._lock:
            known = self._known = Known(
                official=self._official(), tasks=stored | self._first, columns=columns
            )
        return known

    def _learn(self, benchmark: str, tasks: Tasks) -> None:
        """Know a reading from now on."""
        before = self.known()
        with self._lock:
            known = self._known or before
            self._known = replace(known, tasks={**known.tasks, benchmark: tasks})

    def stale(self, benchmarks: Collection[str]) -> tuple[str, ...]:
        """Return the benchmarks of which a new reading is due."""
        known, now = self.known().tasks, self._process.clock()
        return tuple(name for name in benchmarks if are_stale(known.get(name), now))

    def read(self, benchmark: str) -> int:
        """Read the tasks of a benchmark, and return how many events were stored.

        What cannot be read changes nothing. Of one that the Hub redirects to another, the other's
        are read.
        """
        try:
            found = self._ask(benchmark)
            now = self._current(benchmark, found)
            if now == benchmark:
                return self._take(benchmark, found)
            self._follow(benchmark, now)
            return self._take(now, self._ask(now)) if self.stale([now]) else 0
        except BusyError as error:
            log.warning("the tasks of %s are read again later: %s", benchmark, error)
            return 0

    def end(self) -> None:
        """Store the first readings, which wait for each other; raises ``StoreError``.

        Where the database is busy, they go on waiting.
        """
        with self._lock:
            first = self._first.copy()
        if not first:
            return
        try:
            commit(self._store, partial(_save_first, first))
        except BusyError as error:
            log.warning("the tasks of %s are stored later: %s", some([*first]), error)
            return
        with self._lock:
            for name in first:
                self._first.pop(name, None)

    def _wait(self, benchmark: str, tasks: Tasks) -> None:
        """Let a first reading wait for others: of it nothing is told."""
        self._learn(benchmark, tasks)
        with self._lock:
            self._first[benchmark] = tasks
            ripe = len(self._first) % FIRST_TOGETHER == 0
        if ripe:
            self.end()

    def _ask(self, benchmark: str) -> AskedTasks:
        previous = self.known().tasks.get(benchmark)
        return ask_tasks(self._hub, benchmark, previous, self._process.clock())

    def _current(self, benchmark: str, found: AskedTasks) -> str:
        """Return the id that a benchmark has now; the one known, where the Hub does not say.

        It is asked only where there are no tasks, or another repository's.
        """
        if benchmark in self._official() or not found.of_another:
            return benchmark
        try:
            return self._hub.benchmark_id(benchmark)
        except FetchError as error:
            log.info("%s: what it is called now is not known: %s", benchmark, error)
        return (found.previous.moved_to if found.previous else None) or benchmark

    def _follow(self, was: str, now: str) -> None:
        """Let a benchmark go on under the id that the Hub redirects it to; say so once."""
        at, known = self._process.clock(), self.known().tasks.get(was)
        commit(self._store, lambda db: tell.follow(was, now, at, db))
        self.reload()
        if known is None or known.moved_to != now:
            log.warning("%s", tell.moved(was, now))

    def _take(self, benchmark: str, found: AskedTasks) -> int:
        previous, reading = found.previous, found.reading
        if reading is None:
            self._say(benchmark, previous, found.failed)
            return self._commit(benchmark, previous, TaskChange(tasks=found.failed), Told())
        for sentence in found.left_out:
            log.warning("the tasks of %s: %s", benchmark, sentence)
        change = believe(previous, reading, confirm=self._settings.poll.confirm_removals)
        news = self._news(benchmark, previous, change.tasks)
        return self._commit(benchmark, previous, change, self._teller.tell(news))

    def _say(self, benchmark: str, previous: Tasks | None, failed: Tasks) -> None:
        """Say once why tasks cannot be read, unless the next attempt may do or nobody asks for any.

        Many a benchmark has no such file, and one board.
        """
        official = benchmark in self._official()
        entries = [
            entry
            for watch in self._settings.watches
            for entry in self.known().scope(watch).entries(benchmark, official=official)
        ]
        wanted = failed.ids or any(not one.is_glob and one.task is not None for one in entries)
        news = previous is None or previous.failed != failed.failed
        loud = wanted and news and not failed.retry_soon
        level = logging.WARNING if loud else logging.INFO
        log.log(level, "the tasks of %s cannot be read: %s", benchmark, failed.failed)

    def _commit(
        self, benchmark: str, previous: Tasks | None, change: TaskChange, told: Told
    ) -> int:
        now, at = change.tasks, change.tasks.asked_at
        if previous is None:
            self._wait(benchmark, now)
            return 0

        def save(db: Unit) -> bool:
            if not db.lists.save_tasks(benchmark, previous, now):
                return False
            if change.named is not None:
                db.renames.name_task(benchmark, change.named, at)
            tell.save(told, at, db)
            return True

        if not commit(self._store, save):
            log.info("another process read the tasks of %s", benchmark)
            self.reload()
            return 0
        self._teller.counts.found(told.kinds)
        self._learn(benchmark, now)
        return len(told.found)

    def _news(self, benchmark: str, before: Tasks | None, after: Tasks) -> list[News]:
        """Return the tasks that joined or left what watches stand for, as news for those watches.

        At their first reading nothing is news.
        """
        if before is None or before.ids is None:
            return []
        official = benchmark in self._official()
        turns: dict[tuple[Kind, str | None], list[str]] = {}
        for watch in self._settings.watches:
            scope = self.known().scope(watch)
            had = scope.tasks(benchmark, before, official=official)
            has = scope.tasks(benchmark, after, official=official)
            for task in has.keys() - had.keys():
                turns.setdefault((Kind.NEW_BENCHMARK, task), []).append(watch.name)
            for task in had.keys() - has.keys():
                turns.setdefault((Kind.BENCHMARK_GONE, task), []).append(watch.name)
        order = sorted(turns, key=lambda turn: (turn[0], turn[1] or ""))
        return [
            self._teller.turn(
                kind,
                BoardKey(benchmark, task),
                after.asked_at,
                partial(_unmoved, moved=turns[kind, task]),
                About(name=after.name, task_count=after.count),
                self.known().former(benchmark),
            )
            for kind, task in order
        ]


def _save_first(first: Mapping[str, Tasks], db: Unit) -> None:
    """Store first readings, and let a benchmark's only board go on as that of its first task."""
    db.lists.add_tasks(first)
    named = {name: tasks.first for name, tasks in first.items() if tasks.first is not None}
    db.renames.name_tasks(named, max(tasks.asked_at for tasks in first.values()))


def _unmoved(watch: Watch, *, moved: Collection[str]) -> Reason | None:
    """Return why a task is no news for a watch; None where it is."""
    return None if watch.name in moved else Reason.OTHER_BOARD
