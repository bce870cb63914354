"""The daemon: ticks that hand jobs to threads, and an orderly end. It knows no leaderboards.

What is due lives in the database; a tick only asks for it. All work runs in pools, in threads
that nobody waits for at the end of the process: neither a Hub nor a database that hangs delays
the next tick, or the end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.core.process import RENEW_EVERY
from bot.daemon.agenda import Agenda
from bot.daemon.outage import Outage
from bot.daemon.owner import take_over
from bot.daemon.pool import Pool
from bot.jobs.round import Jobs
from bot.store.processes import Work

TICK = timedelta(seconds=1)
LOOK = timedelta(seconds=30)
"""How often the watched boards are worked out anew; the Hub is asked hourly at most.

As often it is stored that the daemon is at work.
"""
HEALTH_CHECK = timedelta(seconds=5)

LONGEST_TURN = timedelta(seconds=10)
"""After this, whoever polls gives way to the next tick: a turn is not to be taken for a hang."""
PRUNE = timedelta(hours=1)
"""How often it is asked whether history is to be deleted; there is some once a day."""

PATIENCE_AT_END = timedelta(seconds=6)
"""How long work under way may take to finish once the daemon is told to end."""
PATIENCE_TO_RELEASE = timedelta(seconds=2)
"""How long handing back may take; what is not handed back is free when its claim runs out."""

LONGEST_WORK = timedelta(minutes=10)
"""After this, a delivery pass or a tick's own work is given up, and the next one starts."""


class _Pace(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Is due a span after it was looked at last.

    The library's own interval counts from the time before: where a clock jumps by years, it lists
    every second that was missed.
    """

    def __init__(self, span: timedelta) -> None:
        self.span = span

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return when it is due next."""
        return now + self.span


class Daemon:
    """Does the jobs until it is told to end. Use as a context manager."""

    def __init__(self, jobs: Jobs, beat: Callable[[], None]) -> None:
        """``beat`` says that the daemon is alive, again and again, whatever the jobs do."""
        self._jobs = jobs
        self._beat = beat
        self._agenda = Agenda(jobs)
        self._outage = Outage()
        concurrency, told = jobs.settings.hub.concurrency, self._outage.report
        self._polls = Pool("poll", concurrency, jobs.poller.limit, told)
        self._deliveries = Pool("deliver", len(jobs.settings.channels), LONGEST_WORK, told)
        self._chores = Pool("daemon", 8, LONGEST_WORK, told)
        self._looked = threading.Event()
        self._knows_quota = False
        self._ending = False
        self._ticks = BackgroundScheduler(
            timezone=UTC,
            # A tick only hands work to a pool: it needs no thread of its own.
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def __enter__(self) -> Self:
        """Wake what rests, so that a broken database shows at once, and start ticking."""
        self._jobs.deliverer.wake(gone=True)
        self._jobs.digester.begin()
        self._beat()
        self._ticks.add_job(self._start_what_may_be_due, _Pace(TICK), name="poll, deliver")
        self._tick(HEALTH_CHECK, health=self._jobs.notifier.tell, rest=self._jobs.rester.tell)
        if self._jobs.digester.holds:
            self._tick(HEALTH_CHECK, digest=self._jobs.digester.close)
        if self._jobs.reporter.wanted:
            self._tick(HEALTH_CHECK, report=self._jobs.reporter.tell)
        self._tick(RENEW_EVERY, beat=self._beat, renew=self._jobs.renew, dead=self._take_over)
        self._tick(LOOK, look=self._look, see=self._see)
        self._tick(PRUNE, prune=self._jobs.prune)
        if pace := self._jobs.pinger.pace:
            # Often enough that a call is never put off by nearly as long again.
            self._tick(max(TICK, min(LOOK, pace / 4)), ping=self._jobs.pinger.ping_if_well)
        self._ticks.start()
        self._chores.start("see", self._see)
        self._chores.start("look", self._look)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop ticking, let work under way finish for a while, hand back the rest."""
        self._ending = True
        self._ticks.shutdown(wait=False)
        deadline = time.monotonic() + PATIENCE_AT_END.total_seconds()
        for pool in (self._polls, self._deliveries, self._chores):
            pool.join(timedelta(seconds=max(0.0, deadline - time.monotonic())))
        self._release()

    def renew_ticks(self) -> None:
        """Set every tick anew from now: their times were of a clock that was changed.

        What is watched is looked at right away, since boards may have been put off for hours.
        """
        for job in self._ticks.get_jobs():
            job.reschedule(job.trigger)
        self._chores.start("look", self._look)

    def _tick(self, every: timedelta, **chores: Callable[[], object]) -> None:
        """Start chores again and again, each in a thread of its own; what still runs is left."""

        def start() -> None:
            for name, run in chores.items():
                self._chores.start(name, run)

        self._ticks.add_job(start, _Pace(every), name=", ".join(chores))

    def _start_what_may_be_due(self) -> None:
        """Start what is looked at every second; a thread is only for what there may be to do."""
        self._chores.start("due", self._start_due)
        if self._jobs.poller.has_ended:
            self._chores.start("end", self._jobs.poller.end)
        if self._outage.lasts:  # something that is written shows whether it does
            self._chores.start("outage", self._see)

    def _see(self) -> None:
        began = time.monotonic()
        self._jobs.see(Work.DAEMON)
        self._outage.end(began)

    def _look(self) -> None:
        try:
            self._jobs.look()
        finally:
            self._looked.set()
        self._chores.start("tasks", self._jobs.lookout.read_tasks)

    def _release(self) -> None:
        """Hand back what is claimed, unless that hangs as well."""
        last = Pool("end", 1, PATIENCE_TO_RELEASE, self._outage.report)
        last.start("release", self._jobs.release)
        last.join(PATIENCE_TO_RELEASE)

    def _take_over(self) -> None:
        """Let go of what other processes of this machine have left behind that are dead by now."""
        take_over(self._jobs.store)

    def _start_due(self) -> None:
        due = self._agenda.look()
        for name in due.channels:
            self._deliveries.start(name, partial(self._jobs.deliverer.drain, name))
        if self._looked.is_set():  # before, what was watched may not be what is wanted now
            for number in range(min(due.polls, self._jobs.settings.hub.concurrency)):
                self._polls.start(number, self._poll)

    def _poll(self) -> None:
        """Poll what is due; who finishes a poll starts the next one."""
        until = time.monotonic() + LONGEST_TURN.total_seconds()
        self._jobs.backlog.work(lambda: not self._ending and time.monotonic() < until)
        if not self._knows_quota and self._jobs.hub.quota():
            self._knows_quota = True  # people need not wait for the next tick to see it
            self._chores.start("quota", self._see)
        self._jobs.source.note()
