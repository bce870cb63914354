"""Signals to the daemon: one configuration's jobs after another's, until it is told to end."""

from __future__ import annotations

import logging
import queue
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta

from bot.config import Settings
from bot.core.errors import BotError
from bot.daemon.scheduler import Daemon
from bot.daemon.signals import Arrived
from bot.jobs.round import Jobs

log = logging.getLogger(__name__)

CLOCK_CHECK = timedelta(seconds=5)
CLOCK_JUMP = 30.0
"""Seconds by which the wall clock may stray between two checks before ticks are set anew."""

Opened = tuple[ExitStack, Jobs]
Open = Callable[[Settings], AbstractContextManager[Jobs]]


def serve(
    first: Settings,
    load: Callable[[], Settings],
    open_jobs: Open,
    arrived: Arrived,
    beat: Callable[[], None],
) -> None:
    """Do the jobs until SIGTERM or SIGINT; on SIGHUP go on with those of what is loaded then.

    A configuration that cannot be opened on SIGHUP is reported, and the old one goes on.

    Raises:
        BotError: the jobs cannot be opened at the start.
    """
    running, jobs = _open(open_jobs, first)
    try:
        while True:
            with Daemon(jobs, beat) as daemon:
                log.info("running: polls and deliveries are under way")
                successor = _until_told(daemon, arrived, lambda: _open(open_jobs, load()))
            if successor is None:
                return
            running.close()
            running, jobs = successor
    finally:
        running.close()


def _open(open_jobs: Open, settings: Settings) -> Opened:
    stack = ExitStack()
    return stack, stack.enter_context(open_jobs(settings))


def _until_told(daemon: Daemon, arrived: Arrived, open_next: Callable[[], Opened]) -> Opened | None:
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
        if (successor := _reload(open_next)) is not None:
            return successor


def _reload(open_next: Callable[[], Opened]) -> Opened | None:
    try:
        successor = open_next()
    except BotError as error:
        log.error("the old configuration stays in use: %s", error)  # noqa: TRY400
        return None
    log.info("the configuration was reloaded")
    return successor
