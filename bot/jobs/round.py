"""The parts of a running program, and the rounds that commands and the daemon ask for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from msgspec import Struct

from bot.channels.base import Channel
from bot.config import Settings
from bot.core.board import BoardKey
from bot.core.errors import BusyError
from bot.core.process import Process
from bot.core.render.figures import plural, some
from bot.core.render.notice import stranded
from bot.core.schedule import Schedule
from bot.hub.answers import TokenReport
from bot.jobs.ask import Hub
from bot.jobs.backlog import Work
from bot.jobs.deliver import Deliverer, Passed
from bot.jobs.discover import Discoverer, DiscoverPlan
from bot.jobs.enrich import Enricher
from bot.jobs.notice import HealthPlan, HealthTeller
from bot.jobs.poll import Plan, Polled, Poller
from bot.jobs.sweep import Round
from bot.jobs.tasks import TaskPlan, TaskReader
from bot.jobs.watchlist import Watched, Watchlist
from bot.store import Store

log = logging.getLogger(__name__)

LEASE_MARGIN = timedelta(seconds=30)
"""A poll may take its request's time limit twice over, and this much for the database."""

BUSY_WAIT = timedelta(milliseconds=200)


class Summary(Struct, frozen=True, kw_only=True):
    """What one round of polling and delivering came to.

    ``errors`` and ``notes`` are (board's name, text). ``listed`` as in ``Watched``.
    """

    polled: int
    unchanged: int
    changed: int
    failed: int
    events: int
    sent: int
    pending: int
    given_up: int
    unsuccessful: int
    listed: bool = True
    errors: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every board was polled and every attempt succeeded."""
        return self.listed and not self.failed and not self.unsuccessful


class App:
    """The parts of a running program, and the rounds that commands and the daemon ask for."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        hub: Hub,
        channels: Mapping[str, Channel],
        means: Process,
    ) -> None:
        self.settings = settings
        self.store = store
        self.hub = hub
        self.channels = channels
        self.means = means
        self._looked_at: tuple[Schedule, ...] | None = None
        self._late, self._told_late = 0, False
        self._token: TokenReport | None = None
        self.discoverer = Discoverer(store, hub, self._discover_plan(), means)
        self.reader = TaskReader(store, hub, self._task_plan(), means)
        self.watchlist = Watchlist(settings, store, self.discoverer, self.reader, means)
        self.poller = Poller(store, hub, self._poll_plan(), means)
        self._work = Work(self.poller)
        self.deliverer = Deliverer(store, channels, Enricher(store, hub, means.clock).facts, means)
        self.health = HealthTeller(store, self._health_plan(), means)

    def _discover_plan(self) -> DiscoverPlan:
        return DiscoverPlan(
            watches=self.settings.watches,
            split=self._split,
            endpoint=self.settings.hub.endpoint,
            confirm_removals=self.settings.poll.confirm_removals,
        )

    def _task_plan(self) -> TaskPlan:
        return TaskPlan(
            watches=self.settings.watches,
            official=self.discoverer.official,
            split=self._split,
            endpoint=self.settings.hub.endpoint,
            confirm_removals=self.settings.poll.confirm_removals,
        )

    def _poll_plan(self) -> Plan:
        return Plan(
            watches=self.settings.watches,
            known=self.watchlist.known,
            split=self._split,
            endpoint=self.settings.hub.endpoint,
            confirm_removals=self.settings.poll.confirm_removals,
            directions=self.settings.directions,
        )

    def _health_plan(self) -> HealthPlan:
        health, every = self.settings.health, self.settings.poll.every
        return HealthPlan(
            notify=health.notify or (),
            after_failures=health.after_failures,
            endpoint=self.settings.hub.endpoint,
            watched=lambda: len(self.watchlist.schedules()),
            known=self.watchlist.known,
            patience=max([every, *(w.every for w in self.settings.watches if w.every)]),
        )

    @property
    def _split(self) -> frozenset[str]:
        """The channels whose bodies have the size limit of webhooks."""
        channels = self.settings.channels.items()
        return frozenset(name for name, channel in channels if channel.in_parts)

    def round(
        self,
        names: Sequence[str] = (),
        *,
        progress: Callable[[Polled, int], None] = lambda _done, _of: None,
    ) -> Summary:
        """Poll every watched board (or the named) once; then attempt each due delivery once.

        ``progress`` is told of each poll as it ends, and of how many there are.

        Raises:
            ConfigError: a name that is not watched.
            StoreError: the database cannot be used.
        """
        named = self.watchlist.named(names)
        watched = self.watchlist.refresh(named)
        if watched.listed and not watched.benchmarks:
            log.warning("no benchmark that the Hub lists is watched: nothing to poll")
        undecided = not watched.listed and not watched.cover(named)
        round_ = Round(
            self.watchlist, self.poller, self._poll_when_free, self.concurrency, progress
        )
        polled, events = round_.run(watched, named) if not undecided else ([], 0)
        if watched.benchmarks and not polled and not undecided:
            log.warning("no task of %s is watched: nothing to poll", some(watched.benchmarks))
        self._note_token()
        passed = self._deliver_all()
        return Summary(
            polled=sum(p.unchanged + p.changed + p.failed for p in polled),
            unchanged=sum(p.unchanged for p in polled),
            changed=sum(p.changed for p in polled),
            failed=sum(p.failed for p in polled),
            listed=watched.listed,
            events=watched.events + events + sum(p.events for p in polled),
            sent=passed.sent,
            pending=sum(self.store.pending().values()),
            given_up=passed.failed,
            unsuccessful=passed.unsuccessful,
            errors=tuple((p.board.name, p.error) for p in polled if p.error),
            notes=tuple((p.board.name, p.note) for p in polled if p.note),
        )

    # --- what the daemon asks for (``scheduler.Program``) ---

    @property
    def concurrency(self) -> int:
        """How many polls may run at once."""
        return self.settings.hub.concurrency

    @property
    def poll_limit(self) -> timedelta:
        """The longest a poll may take before another may start over."""
        return self.settings.hub.timeout * 2 + LEASE_MARGIN

    def look(self) -> None:
        """Refresh what is watched, and say so where it is not what it was."""
        # Stored later, polls from before the clock was set back would put their boards off again.
        self.poller.end()
        self._say_watched(self.watchlist.refresh())
        self._say_late(self.store.late(self.means.clock()))

    def read_tasks(self) -> None:
        """Read the tasks of the benchmarks of which that is due; then look what is watched."""
        stale = self.watchlist.stale()
        if not stale:
            return
        with ThreadPoolExecutor(min(self.concurrency, len(stale))) as pool:
            list(pool.map(self.watchlist.read, stale))
        self._say_watched(self.watchlist.look())

    def _say_late(self, late: int) -> None:
        """Say that polls are late, where they were at the last look, too; and that they are not."""
        if late and self._late and not self._told_late:
            what = plural(late, "board is", "boards are")
            log.warning(
                "%s polled later than asked for: raise poll.every, or hub.concurrency", what
            )
            self._told_late = True
        if not late and self._told_late:
            log.warning("all boards are polled in time again")
            self._told_late = False
        self._late = late

    def _say_watched(self, watched: Watched) -> None:
        schedules = watched.schedules
        if watched.undecided:
            return  # which boards there are is not known yet
        if schedules != self._looked_at:
            self._looked_at = schedules
            for sentence in stranded(self.store.pending(), self.channels):
                log.warning("%s", sentence)
            log.info(
                "watching %s of %s; telling %s",
                plural(len(schedules), "board"),
                self.settings.hub.endpoint,
                ", ".join(self.channels),
            )

    def find_due(self) -> int:
        """Look which boards are due, and return how many polls wait."""
        self._work.offer(self.store.due_boards(self.means.clock()))
        return len(self._work)

    def poll_due(self, going: Callable[[], bool]) -> None:
        """Poll boards that are due, one by one, until none is left or it is not to go on."""
        while going() and (poll := self._work.next()) is not None:
            poll()

    def end_polls(self) -> None:
        """End the polls that found nothing new."""
        self.poller.end()

    def renew(self) -> None:
        """Claim for longer what is claimed."""
        self.poller.renew()

    def due_channels(self) -> list[str]:
        """Return the channels that something is due on; those that rest cost nothing."""
        return [
            name for name in self.store.due_channels(self.means.clock()) if name in self.channels
        ]

    def drain(self, channel: str) -> None:
        """Deliver what is due on a channel."""
        self.deliverer.drain(channel)

    def tell_health(self) -> None:
        """Store the health notices that are due."""
        self._note_token()
        self.health.tell()

    def prune(self) -> None:
        """Delete history that the configuration does not keep; once a day there is some."""
        keep = self.settings.database.keep
        pruned = keep and self.store.prune_daily(keep, self.means.clock())
        if pruned:
            log.info(
                "pruned: %s, %s, %s",
                plural(pruned.events, "event"),
                plural(pruned.deliveries, "delivery", "deliveries"),
                plural(pruned.versions, "past result"),
            )

    def wake(self) -> None:
        """Try channels again that rest: the configuration may be another one now."""
        self.store.wake(self.channels, self.means.clock(), gone=True)

    def release(self) -> None:
        """End what was polled, and hand back whatever this process holds."""
        self.poller.end()
        self.store.release(self.means.owner)

    def _note_token(self) -> None:
        """Keep what the Hub thinks of the token, where that has changed for this process."""
        report = self.hub.token()
        if report is None or report == self._token:
            return
        if report.refused or not report.problem:
            self.store.note_token(self.means.clock(), report.problem)
        self._token = report

    # --- one round ---

    def _poll_when_free(self, board: BoardKey) -> Polled:
        """Poll a board, after another process that is at it.

        A database that is busy for too long costs this board's poll and not the round.
        """
        deadline = time.monotonic() + self.poll_limit.total_seconds()
        try:
            while (polled := self.poller.poll(board)) is None:
                if time.monotonic() > deadline:
                    return Polled(board=board, failed=1, error="another process holds the board")
                time.sleep(BUSY_WAIT.total_seconds())
        except BusyError as error:
            return Polled(board=board, failed=1, error=str(error))
        return polled

    def _deliver_all(self) -> Passed:
        """Deliver, and deliver at once what polling and delivering said of their health."""
        self.store.wake(self.channels, self.means.clock(), gone=False)
        self.health.tell(final=True)
        tried: set[str] = set()
        passed = self.deliverer.deliver(wait=_wait, tried=tried)
        if self.health.tell(final=True):
            passed += self.deliverer.deliver(wait=_wait, tried=tried)
        return passed


def _wait(span: timedelta) -> None:
    time.sleep(max(span.total_seconds(), 0))
