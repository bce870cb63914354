"""Keeps the tasks of the watched benchmarks: reads them hourly, tells what joined and what left.

A task is a board. Boards of a benchmark that join or leave together are one message for people.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.deliveries import NewDelivery, board_deliveries
from bot.core.alerts.message import BoardChange, board_info
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import Alert, Routed, route
from bot.core.alerts.watch import Watch
from bot.core.board import BoardKey
from bot.core.discovery import benchmark_event
from bot.core.errors import BusyError, FetchError, ParseError
from bot.core.events import Event, Found
from bot.core.kinds import Kind
from bot.core.process import Process
from bot.core.tasks import Reading, TaskChange, Tasks, believe
from bot.hub.answers import NotModified, TaskList
from bot.jobs.ask import Hub
from bot.jobs.commit import commit
from bot.store import Store, Unit

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(hours=1)
"""How long a reading is believed without another."""

RETRIED_AFTER = timedelta(minutes=5)
"""How long until tasks are read again that the Hub did not give, for no reason of its own."""

Official = Callable[[], Collection[str]]


class TaskNews(Struct, frozen=True, kw_only=True):
    """What follows from a reading of a benchmark's tasks, as one transaction stores it.

    ``named`` is the task whose board the one without a task becomes; null where none does.
    """

    found: tuple[tuple[BoardKey, Event], ...] = ()
    deliveries: tuple[NewDelivery, ...] = ()
    named: str | None = None


class TaskReader:
    """Knows the tasks of benchmarks. Safe to call from several threads.

    ``official`` returns the official benchmarks as last known.
    """

    def __init__(
        self, store: Store, hub: Hub, settings: Settings, official: Official, process: Process
    ) -> None:
        self._store = store
        self._hub = hub
        self._settings = settings
        self._official = official
        self._process = process
        self._known: dict[str, Tasks] | None = None

    def known(self) -> dict[str, Tasks]:
        """Return what is known of the tasks, by benchmark, without asking the Hub."""
        return self.reload() if self._known is None else self._known

    def reload(self) -> dict[str, Tasks]:
        """Look what other processes have read, and return what is known now."""
        with self._store.read() as db:
            self._known = db.lists.tasks()
        return self._known

    def stale(self, benchmarks: Collection[str]) -> tuple[str, ...]:
        """Return the benchmarks of which a new reading is due."""
        known, now = self.known(), self._process.clock()
        return tuple(name for name in benchmarks if _is_stale(known.get(name), now))

    def read(self, benchmark: str) -> int:
        """Read the tasks of a benchmark, and return how many events were stored.

        What cannot be read changes nothing.
        """
        try:
            return self._read(benchmark, self.known().get(benchmark))
        except BusyError as error:
            log.warning("the tasks of %s are read again later: %s", benchmark, error)
            return 0

    def _read(self, benchmark: str, previous: Tasks | None) -> int:
        asked_at = self._process.clock()
        try:
            got = self._hub.tasks(benchmark, etag=previous.etag if previous else None)
        except FetchError as error:
            failed = _failed(previous, error, asked_at)
            self._say(benchmark, previous, failed)
            return self._commit(benchmark, previous, failed, TaskNews())
        for sentence in got.left_out if isinstance(got, TaskList) else ():
            log.warning("the tasks of %s: %s", benchmark, sentence)
        reading = _reading(previous, got, asked_at)
        change = believe(previous, reading, confirm=self._settings.poll.confirm_removals)
        news = self._news(benchmark, previous, change)
        return self._commit(benchmark, previous, change.tasks, news)

    def _say(self, benchmark: str, previous: Tasks | None, failed: Tasks) -> None:
        """Say once why tasks cannot be read, unless the next attempt may do or nobody asks for any.

        Many a benchmark has no such file, and one board.
        """
        official = benchmark in self._official()
        entries = [
            e for w in self._settings.watches for e in w.scope.entries(benchmark, official=official)
        ]
        wanted = failed.ids or any(not one.is_glob and one.task is not None for one in entries)
        news = previous is None or previous.failed != failed.failed
        loud = wanted and news and not failed.retry_soon
        level = logging.WARNING if loud else logging.INFO
        log.log(level, "the tasks of %s cannot be read: %s", benchmark, failed.failed)

    def _commit(self, benchmark: str, previous: Tasks | None, now: Tasks, news: TaskNews) -> int:
        at = now.asked_at

        def save(db: Unit) -> bool:
            if not db.lists.save_tasks(benchmark, previous, now):
                return False
            if news.named is not None:
                db.boards.name_task(benchmark, news.named, at)
            for key, event in news.found:
                db.events.add(key, [Found(row_id=None, event=event)], at)
            db.outbox.add(news.deliveries, at)
            return True

        if not commit(self._store, save):
            log.info("another process read the tasks of %s", benchmark)
            self.reload()
            return 0
        self.known()[benchmark] = now
        return len(news.found)

    def _news(self, benchmark: str, previous: Tasks | None, change: TaskChange) -> TaskNews:
        if previous is None or previous.ids is None:
            return TaskNews(named=change.named)
        turns = self._turns(benchmark, previous, change.tasks)
        news = [self._routed(benchmark, turn, change.tasks.count) for turn in turns]
        return TaskNews(
            found=tuple((key, event) for key, routed in news for event in routed.events),
            deliveries=tuple(self._deliveries(benchmark, news, change.tasks)),
        )

    def _turns(self, benchmark: str, before: Tasks, after: Tasks) -> list[_Turn]:
        """Return the tasks that joined or left what watches stand for, and for which watches."""
        official = benchmark in self._official()
        turns: dict[tuple[Kind, str | None], list[str]] = {}
        for watch in self._settings.watches:
            had = watch.scope.tasks(benchmark, before, official=official)
            has = watch.scope.tasks(benchmark, after, official=official)
            for task in has.keys() - had.keys():
                turns.setdefault((Kind.NEW_BENCHMARK, task), []).append(watch.name)
            for task in had.keys() - has.keys():
                turns.setdefault((Kind.BENCHMARK_GONE, task), []).append(watch.name)
        order = sorted(turns, key=lambda turn: (turn[0], turn[1] or ""))
        return [_Turn(kind, task, tuple(turns[kind, task])) for kind, task in order]

    def _routed(self, benchmark: str, turn: _Turn, count: int | None) -> tuple[BoardKey, Routed]:
        key = BoardKey(benchmark, turn.task)
        url = board_info(key, self._settings.hub.endpoint, count).url
        event = benchmark_event(turn.kind, url, self._process.new_id)
        return key, route([event], self._settings.watches, turn.unmoved)

    def _deliveries(
        self, benchmark: str, news: Sequence[tuple[BoardKey, Routed]], tasks: Tasks
    ) -> list[NewDelivery]:
        """Return a delivery a board for programs, one for all that people are told at once."""
        made: list[NewDelivery] = []
        split, new_id = self._settings.split, self._process.new_id
        by_channel: dict[str, list[tuple[BoardKey, Alert]]] = {}
        for key, routed in news:
            for alert in routed.told:
                by_channel.setdefault(alert.channel, []).append((key, alert))
        for channel, alerts in sorted(by_channel.items()):
            apart = channel in split or len(alerts) == 1
            for key, alert in alerts if apart else [_together(benchmark, alerts)]:
                board = board_info(key, self._settings.hub.endpoint, tasks.count)
                change = BoardChange(board=board, snapshot_at=tasks.asked_at)
                made += board_deliveries([alert], change, split, new_id)
        return made


class _Turn(Struct, frozen=True):
    """A task that joined or left what some watches stand for."""

    kind: Kind
    task: str | None
    watches: tuple[str, ...]

    def unmoved(self, watch: Watch) -> Reason | None:
        """Return why the task is no news for a watch; None where it is."""
        return None if watch.name in self.watches else Reason.OTHER_BOARD


def _together(benchmark: str, alerts: Sequence[tuple[BoardKey, Alert]]) -> tuple[BoardKey, Alert]:
    """Make one alert of several boards' of one benchmark; each event names its task."""
    first = alerts[0][1]
    watches = dict.fromkeys(name for _, alert in alerts for name in alert.watches)
    events = tuple(replace(e, task=key.task) for key, alert in alerts for e in alert.events)
    reasons = {id_: verdict for _, alert in alerts for id_, verdict in alert.reasons.items()}
    whole = replace(first, watches=tuple(watches), events=events, reasons=reasons)
    return BoardKey(benchmark), whole


def _is_stale(tasks: Tasks | None, now: datetime) -> bool:
    if tasks is None or tasks.asked_at > now:  # a clock that was set back
        return True
    return now >= tasks.asked_at + (RETRIED_AFTER if tasks.retry_soon else FRESH_FOR)


def _failed(previous: Tasks | None, error: FetchError, at: datetime) -> Tasks:
    known = previous or Tasks(asked_at=at)
    soon = error.status is None and not isinstance(error, ParseError)
    return replace(known, asked_at=at, failed=str(error), retry_soon=soon)


def _reading(previous: Tasks | None, got: TaskList | NotModified, at: datetime) -> Reading:
    """Return what was read; what was not modified says the same again."""
    if isinstance(got, TaskList):
        return Reading(ids=got.tasks, name=got.name, etag=got.etag, at=at)
    assert previous is not None, "nothing was shown that could be unchanged"
    return Reading(ids=previous.listed, name=previous.name, etag=previous.etag, at=at)
