"""``run``: the daemon."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from bot.cli.terminal.usage import Context, Section

if TYPE_CHECKING:
    from bot.cli.session import Session
    from bot.config import Settings

SECTION, PLACE = Section.WATCH, 1

log = logging.getLogger(__name__)


def run(context: Context) -> None:
    """Poll and deliver until told to end.

    Each board is polled as often as poll.every, or its watch's own every, says in the
    configuration. SIGTERM or SIGINT ends it within 10 seconds; SIGHUP loads the configuration
    again.
    """
    from bot.daemon.signals import collected

    with collected() as arrived:  # before all that takes long to load
        from bot.app import run_daemon
        from bot.daemon.heartbeat import Heart

        heart = Heart(str(context.obj.config) if context.obj.config else None, os.environ)
        run_daemon(lambda: _loaded(context.obj), arrived, heart)
        _leave_hung_threads()


def _loaded(session: Session) -> Settings:
    settings = session.settings("info")
    log.info("%s", settings.origin())
    return settings


def _leave_hung_threads() -> None:
    """End the process where work still hangs, as in a write to a pipe that nobody reads.

    It may hold what the interpreter's own end would wait for.
    """
    import threading

    if any(thread.daemon for thread in threading.enumerate()):
        os._exit(0)
