"""``run``: one daemon a SQLite file, reloaded in place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial

from bot.app.build import means, open_app
from bot.app.clock import now
from bot.config import Settings
from bot.core.errors import ConfigError
from bot.daemon.heartbeat import Heart
from bot.daemon.signals import Arrived
from bot.jobs.round import App
from bot.net.excerpt import Known
from bot.store import open_store
from bot.store.busy import waiting_until

log = logging.getLogger(__name__)


def run_daemon(load: Callable[[], Settings], arrived: Arrived, heart: Heart) -> None:
    """Run until SIGTERM or SIGINT; ``load`` reads the configuration, again on each SIGHUP.

    ``heart`` beats meanwhile.

    Raises:
        ConfigError: the configuration cannot be used.
        StoreError: the database cannot be used, or another daemon runs on it.
    """
    from bot.daemon.scheduler import serve

    settings = load()
    # A busy database keeps nobody from ending.
    with waiting_until(lambda: not arrived.empty()), _alone(settings):
        try:
            serve(_opener(load, settings), arrived, partial(_beat, heart))
        finally:
            heart.stop()


def _beat(heart: Heart) -> None:
    if not heart.beat():
        log.warning("no folder can hold the heartbeat, so healthcheck fails: set TMPDIR")


def _opener(
    load: Callable[[], Settings], first: Settings
) -> Callable[[], AbstractContextManager[App]]:
    """Return what opens the program: with the first settings, then with what is loaded anew."""
    ready = [first]
    known = Known(now())

    def open_program() -> AbstractContextManager[App]:
        wanted = ready.pop() if ready else load()
        if wanted.database.url != first.database.url:
            raise ConfigError(["database.url: a new database needs a restart of the daemon"])
        return open_app(wanted, known=known)

    return open_program


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the lock that keeps a second daemon off the same SQLite file."""
    with closing(open_store(settings.database.url.reveal())) as store:
        store.acquire_daemon_lock(means().owner)
        yield
