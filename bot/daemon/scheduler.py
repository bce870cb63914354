"""The daemon: APScheduler ticks, signals, an orderly end. It knows nothing of leaderboards.

What is due lives in the database; a tick only asks for it. All work runs in pools, in threads
that nobody waits for at the end of the process: neither a Hub nor a database that hangs delays
the next tick, or the end.
"""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, Self

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.core.errors import BotError
from bot.daemon.pool import Pool
from bot.daemon.signals import Arrived

log = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
LOOK = timedelta(seconds=30)
"""How often the watched boards are worked out anew; the Hub is asked hourly at most."""
HEALTH_CHECK = timedelta(seconds=5)
BEAT = timedelta(seconds=10)
RENEW = timedelta(seconds=10)
"""Well within the time that a claim lasts."""

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

CLOCK_CHECK = timedelta(seconds=5)
CLOCK_JUMP = 30.0
"""Seconds by which the wall clock may stray between two checks before ticks are set anew."""


class Program(Protocol):
    """What the daemon runs; every call may come from another thread."""

    @property
    def concurrency(self) -> int:
        """How many polls may run at once."""
        ...

    @property
    def poll_limit(self) -> timedelta:
        """The longest a poll may take before it is given up."""
        ...

    @property
    def channels(self) -> Collection[str]:
        """The channels that may have deliveries."""
        ...

    def look(self) -> None:
        """Work out what is watched."""
        ...

    def read_tasks(self) -> None:
        """Read which boards there are, where that is due; what is known waits for none of it."""
        ...

    def find_due(self) -> int:
        """Look what is due to be polled, and return how much that is."""
        ...

    def poll_due(self, going: Callable[[], bool]) -> None:
        """Poll what is due, one by one, until nothing is left or it is not to go on."""
        ...

    def end_polls(self) -> None:
        """Store what polls under way have left for later."""
        ...

    def renew(self) -> None:
        """Claim for longer what is claimed."""
        ...

    def due_channels(self) -> Sequence[str]:
        """Return the channels that something is due on."""
        ...

    def drain(self, channel: str) -> None:
        """Deliver what is due on a channel."""
        ...

    def tell_health(self) -> None:
        """Store the health notices that are due."""
        ...

    def prune(self) -> None:
        """Delete history that is not kept any longer, if it is time."""
        ...

    def wake(self) -> None:
        """Try again at once what rests since it was refused."""
        ...

    def release(self) -> None:
        """Hand back whatever is claimed."""
        ...


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
    """Runs a program until it is told to end. Use as a context manager."""

    def __init__(self, program: Program, beat: Callable[[], None]) -> None:
        """``beat`` says that the daemon is alive, again and again, whatever the program does."""
        self._program = program
        self._beat = beat
        limit = program.poll_limit
        self._polls = Pool("poll", program.concurrency, limit)
        self._deliveries = Pool("deliver", max(1, len(program.channels)), LONGEST_WORK)
        self._chores = Pool("daemon", 8, LONGEST_WORK)
        self._looked = threading.Event()
        self._ending = False
        self._ticks = BackgroundScheduler(
            timezone=UTC,
            # A tick only hands work to a pool: it needs no thread of its own.
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def __enter__(self) -> Self:
        """Wake what rests, so that a broken database shows at once, and start ticking."""
        self._program.wake()
        self._beat()
        self._tick("look", self._look, LOOK)
        self._tick("poll", self._start_polls, TICK)
        self._tick("end polls", self._program.end_polls, TICK)
        self._tick("renew", self._program.renew, RENEW)
        self._tick("deliver", self._start_deliveries, TICK)
        self._tick("health", self._program.tell_health, HEALTH_CHECK)
        self._tick("prune", self._program.prune, PRUNE)
        self._tick("beat", self._beat, BEAT)
        self._ticks.start()
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

    def _tick(self, name: str, run: Callable[[], None], every: timedelta) -> None:
        start = partial(self._chores.start, name, run)
        self._ticks.add_job(start, _Pace(every))

    def _look(self) -> None:
        try:
            self._program.look()
        finally:
            self._looked.set()
        self._chores.start("tasks", self._program.read_tasks)

    def _release(self) -> None:
        """Hand back what is claimed, unless that hangs as well."""
        last = Pool("end", 1, PATIENCE_TO_RELEASE)
        last.start("release", self._program.release)
        last.join(PATIENCE_TO_RELEASE)

    def _start_polls(self) -> None:
        if not self._looked.is_set():
            return  # what was watched before may not be what is wanted now
        for number in range(min(self._program.find_due(), self._program.concurrency)):
            self._polls.start(number, self._poll)

    def _poll(self) -> None:
        """Poll what is due; who finishes a poll starts the next one."""
        until = time.monotonic() + LONGEST_TURN.total_seconds()
        self._program.poll_due(lambda: not self._ending and time.monotonic() < until)

    def _start_deliveries(self) -> None:
        for name in self._program.due_channels():
            self._deliveries.start(name, partial(self._program.drain, name))


Open = Callable[[], AbstractContextManager[Program]]


def serve(open_program: Open, arrived: Arrived, beat: Callable[[], None]) -> None:
    """Run the program until SIGTERM or SIGINT; on SIGHUP run the one that opens next.

    A configuration that cannot be opened on SIGHUP is reported, and the old one goes on.

    Raises:
        BotError: the program cannot be opened at the start.
    """
    running, program = _open(open_program)
    try:
        while True:
            with Daemon(program, beat) as daemon:
                log.info("running: polls and deliveries are under way")
                successor = _until_told(daemon, arrived, open_program)
            if successor is None:
                return
            running.close()
            running, program = successor
    finally:
        running.close()


def _open(open_program: Open) -> tuple[ExitStack, Program]:
    stack = ExitStack()
    return stack, stack.enter_context(open_program())


def _until_told(
    daemon: Daemon, arrived: Arrived, open_program: Open
) -> tuple[ExitStack, Program] | None:
    """Wait for a signal to end (None) or a reload that succeeds (what it opened)."""
    drift = time.time() - time.monotonic()
    while True:
        try:
            told = arrived.get(timeout=CLOCK_CHECK.total_seconds())
        except queue.Empty:
            now = time.time() - time.monotonic()
            if abs(now - drift) > CLOCK_JUMP:
                log.warning("the clock was set by %+.0f s", now - drift)
                daemon.renew_ticks()
            drift = now
            continue
        if told is not signal.SIGHUP:
            log.info("told to end by %s", told.name)
            return None
        if (successor := _reload(open_program)) is not None:
            return successor


def _reload(open_program: Open) -> tuple[ExitStack, Program] | None:
    try:
        successor = _open(open_program)
    except BotError as error:
        log.error("the old configuration stays in use: %s", error)  # noqa: TRY400
        return None
    log.info("the configuration was reloaded")
    return successor
