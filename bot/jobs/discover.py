"""Keeps the list of official benchmarks: asks the Hub hourly, tells what joined and what left."""

from __future__ import annotations

import logging
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.watch import Known, unlisted
from bot.core.board import BoardKey
from bot.core.discovery import Benchmark, ListChange, compare_lists
from bot.core.errors import FetchError
from bot.core.incidents import HUB, LIST
from bot.core.kinds import Kind
from bot.core.process import Process
from bot.jobs import tell
from bot.jobs.ask import Hub
from bot.jobs.commit import commit
from bot.jobs.tell import News, Teller
from bot.store import Discovery, Store, Unit

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(hours=1)
"""How long a list of official benchmarks is believed without asking again."""

MOST_ASKED = 20
"""Of how many benchmarks that a list lacks the Hub is asked whether they are called otherwise."""

HELD_FOR = timedelta(hours=6)
"""How long a list waits for what the Hub cannot say of a benchmark that it lacks."""

_PASSING = (408, 429)
_BROKEN = 500
"""From there on, as with those that pass, a status says nothing of what was asked for."""

DOUBTED_FOR = timedelta(minutes=5)
"""How long until the Hub is asked again after a list that is not believed."""


class Discoverer:
    """Knows the official benchmarks that globs and ``official`` stand for."""

    def __init__(
        self, store: Store, hub: Hub, settings: Settings, process: Process, teller: Teller
    ) -> None:
        self._store = store
        self._hub = hub
        self._settings = settings
        self._process = process
        self._teller = teller
        self._official: frozenset[str] | None = None

    @property
    def needed(self) -> bool:
        """Whether any watch stands for more than exact ids, or strangers see what is official."""
        web = self._settings.web
        is_public = web is not None and web.public
        return is_public or any(watch.scope.globs for watch in self._settings.watches)

    def official(self) -> frozenset[str]:
        """Return the ids last known, without asking the Hub; empty before the first list.

        It is the same value until another list is believed.
        """
        if self._official is None:
            self._believe(self._last())
        assert self._official is not None, "it was just set"
        return self._official

    def _last(self) -> Discovery | None:
        with self._store.read() as db:
            return db.lists.benchmarks()

    def _believe(self, known: Discovery | None) -> None:
        listed = frozenset(b.id for b in known.benchmarks) if known else frozenset()
        if listed != self._official:
            self._official = listed

    def refresh(self, *, force: bool = False) -> int:
        """Ask the Hub for the list where it is needed and the last one is older than an hour.

        Returns how many events it stored.

        Raises:
            FetchError: the Hub gave no list; the last one stays in use.
        """
        previous = self._last()
        self._believe(previous)
        now = self._process.clock()
        if not force and (not self.needed or (previous and now < _fresh_until(previous))):
            return 0
        listed = {benchmark.id: benchmark for benchmark in self._hub.benchmarks()}
        moved = self._moved(previous, listed) if previous else {}
        change = compare_lists(
            _believed(previous, moved),
            list(listed),
            missing=previous.missing if previous else {},
            doubted=previous.doubted if previous else 0,
            lacking=previous.lacking if previous else (),
            confirm_removals=self._settings.poll.confirm_removals,
        )
        if change.doubted:
            log.warning("the Hub's list of benchmarks is empty or lacks most: not believed yet")
        return self._commit(previous, listed, change, moved)

    def _moved(self, previous: Discovery, listed: Container[str]) -> dict[str, str]:
        """Return what those are called now that the list lacks for the first time.

        Raises:
            FetchError: the Hub does not say yet.
        """
        gone = [one.id for one in previous.benchmarks if one.id not in listed]
        moved = {}
        for name in [name for name in gone if name not in previous.missing][:MOST_ASKED]:
            moved[name] = self._current(name, previous.at)
        return {was: now for was, now in moved.items() if now != was}

    def _current(self, benchmark: str, listed_at: datetime) -> str:
        """Return what a benchmark is called now; after some hours in vain, as it was."""
        try:
            return self._hub.benchmark_id(benchmark)
        except FetchError as error:
            may_pass = error.status is None or error.status in _PASSING or error.status >= _BROKEN
            if may_pass and self._process.clock() < listed_at + HELD_FOR:
                raise
        return benchmark

    def _commit(
        self,
        previous: Discovery | None,
        listed: dict[str, Benchmark],
        change: ListChange,
        moved: Mapping[str, str],
    ) -> int:
        known = {moved.get(b.id, b.id): b for b in previous.benchmarks} if previous else {}
        discovery = Discovery(
            at=self._process.clock(),
            benchmarks=tuple(
                listed.get(name) or replace(known[name], id=name) for name in change.kept
            ),
            missing=dict(change.missing),
            doubted=change.doubted,
            lacking=change.lacking,
        )
        told = [self._teller.tell([one]) for one in self._news(change, discovery.at)]

        def save(db: Unit) -> bool:
            if not db.lists.save_benchmarks(previous, discovery):
                return False
            for was, now in moved.items():
                tell.follow(was, now, discovery.at, db)
            for one in told:
                tell.save(one, discovery.at, db)
            db.incidents.end(HUB, LIST, discovery.at)
            return True

        first = commit(self._store, save)
        if not first:
            log.info("another process refreshed the list of benchmarks")
            told, moved = [], {}
        for one in told:
            self._teller.counts.found(one.kinds)
        for was, now in moved.items():
            log.warning("%s", tell.moved(was, now))
        self._believe(self._last())
        return len(told)

    def _news(self, change: ListChange, at: datetime) -> list[News]:
        turns = [(Kind.NEW_BENCHMARK, name) for name in change.joined]
        turns += [(Kind.BENCHMARK_GONE, name) for name in change.left]
        known = self._known() if turns else Known()
        return [
            self._teller.turn(
                kind,
                BoardKey(name),
                at,
                partial(unlisted, benchmark=name),
                known.about(BoardKey(name)),
            )
            for kind, name in turns
        ]

    def _known(self) -> Known:
        """Return what is known of the tasks: a benchmark that leaves was called something."""
        with self._store.read() as db:
            return Known(tasks=db.lists.tasks())


def _believed(previous: Discovery | None, moved: Mapping[str, str]) -> list[str] | None:
    """Return the ids of the last list, as they are now; None where none was believed yet."""
    if previous is None or (previous.doubted and not previous.benchmarks):
        return None
    return [moved.get(benchmark.id, benchmark.id) for benchmark in previous.benchmarks]


def _fresh_until(previous: Discovery) -> datetime:
    return previous.at + (DOUBTED_FOR if previous.doubted else FRESH_FOR)
