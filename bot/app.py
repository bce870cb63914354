"""The composition root: settings to objects, with the only real clock, waiting and randomness.

What it makes is loaded when it is made: most commands need the clock and nothing else of it.
"""

from __future__ import annotations

import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from uuid import uuid4

if TYPE_CHECKING:
    from socket import socket

    from bot.channels.base import Channel
    from bot.channels.rehearsal import Noted
    from bot.config import Settings
    from bot.core.process import Clock, Process
    from bot.counts import Counts, Traffic
    from bot.daemon.heartbeat import Heart
    from bot.daemon.signals import Arrived
    from bot.hub.client import HubClient
    from bot.jobs.round import Jobs
    from bot.net.excerpt import KnownSecrets
    from bot.store import Store
    from bot.web.site import Site

log = logging.getLogger(__name__)


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def process(clock: Clock = now) -> Process:
    """Return a process's own clock, patience, ids, randomness and name."""
    from bot.core.process import Process
    from bot.daemon.owner import new_owner

    return Process(
        clock=clock,
        wait=lambda span: time.sleep(max(span.total_seconds(), 0)),
        new_id=lambda: uuid4().hex,
        rand=random.random,
        owner=new_owner(),
    )


@contextmanager
def open_jobs(
    settings: Settings,
    *,
    clock: Clock = now,
    console: TextIO | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> Iterator[Jobs]:
    """Open the database (migrated where needed) and the Hub's client, and close them after.

    ``channels`` stand for those of the configuration.

    Raises:
        StoreError: the database cannot be used.
        ConfigError: a setting that only shows to be wrong in use.
    """
    from bot.net.excerpt import KnownSecrets
    from bot.store import open_store

    # The name of this process first: it takes a file descriptor to find out, and there may be few.
    own = process(clock)
    with (
        closing(open_store(settings.database.url.reveal())) as store,
        _jobs(settings, store, own, console or sys.stdout, KnownSecrets(clock()), channels) as jobs,
    ):
        yield jobs


@contextmanager
def _jobs(
    settings: Settings,
    store: Store,
    own: Process,
    console: TextIO,
    known: KnownSecrets,
    channels: Mapping[str, Channel] | None = None,
    counts: Counts | None = None,
) -> Iterator[Jobs]:
    """Make the jobs on an open database; ``known`` are the secrets that the process had before."""
    from bot.daemon.owner import take_over
    from bot.jobs.round import Jobs

    take_over(store)
    with open_hub(settings, counts.hub if counts else None) as hub:
        told = channels or build_channels(settings, console, known)
        yield Jobs(settings, store, hub, told, own, counts)


@contextmanager
def open_rehearsal(settings: Settings) -> Iterator[tuple[Jobs, Noted]]:
    """Open the jobs so that nothing lasting is changed, with what channels would have been given.

    They work on a copy of the database.

    Raises:
        StoreError: the database cannot be used.
        ConfigError: a setting that only shows to be wrong in use.
    """
    from bot.channels.rehearsal import NotingChannel
    from bot.jobs.round import Jobs
    from bot.store import open_dry

    noted: Noted = []
    real = build_channels(settings, sys.stdout)
    channels = {name: NotingChannel(channel, noted) for name, channel in real.items()}
    with (
        tempfile.TemporaryDirectory(prefix="leaderboard-bot-") as folder,
        closing(open_dry(settings.database.url.reveal(), Path(folder))) as store,
        open_hub(settings) as hub,
    ):
        yield Jobs(settings, store, hub, channels, process()), noted


def run_daemon(load: Callable[[], Settings], arrived: Arrived, heart: Heart) -> None:
    """Run until SIGTERM or SIGINT; ``load`` reads the configuration, again on each SIGHUP.

    The database stays open, whatever is reloaded. ``heart`` beats meanwhile.

    Raises:
        ConfigError: the configuration cannot be used.
        BotError: the page cannot be where it should.
        StoreError: the database cannot be used, or another daemon runs on it.
    """
    from bot.core.errors import ConfigError
    from bot.counts import Counts
    from bot.daemon.owner import new_owner
    from bot.daemon.serve import serve
    from bot.net.excerpt import KnownSecrets
    from bot.store import open_store, waiting_until

    first, owner, known, counts = load(), new_owner(), KnownSecrets(now()), Counts()

    @contextmanager
    def opened(settings: Settings) -> Iterator[Jobs]:
        if settings.database.url != first.database.url:
            raise ConfigError(["database.url: a new database needs a restart of the daemon"])
        with _jobs(settings, store, process(), sys.stdout, known, counts=counts) as jobs:
            show(settings)
            yield jobs

    with (
        waiting_until(lambda: not arrived.empty()),  # a busy database keeps nobody from ending
        _bound(first) as bound,
        closing(open_store(first.database.url.reveal())) as store,
    ):
        store.acquire_daemon_lock(owner)
        try:
            with _page(bound, store, first, counts, heart) as show:
                serve(first, load, opened, arrived, partial(_beat, heart))
        finally:
            heart.stop()


@contextmanager
def _bound(settings: Settings) -> Iterator[socket | None]:
    """Take the place where the page will listen, if there is to be one, before all else."""
    if settings.web is None:
        yield None
        return
    from bot.web.server import bind

    with closing(bind(settings.web.listen)) as bound:
        yield bound


@contextmanager
def _page(
    bound: socket | None, store: Store, settings: Settings, counts: Counts, heart: Heart
) -> Iterator[Callable[[Settings], object]]:
    """Serve the page, if there is one; give what is to be told of each configuration."""
    if bound is None:
        yield _say_later
        return
    with open_page(bound, store, settings, counts=counts, lives=heart.lives) as site:
        yield site.use


@contextmanager
def open_page(
    bound: socket,
    store: Store,
    settings: Settings,
    clock: Clock = now,
    *,
    counts: Counts | None = None,
    lives: Callable[[], bool] = lambda: True,
) -> Iterator[Site]:
    """Serve the page of a configuration that has one, at a place that was taken for it.

    ``counts`` are those of the daemon, ``lives`` tells whether its heart beats.
    """
    from bot.web.server import Server, place_of
    from bot.web.site import Site

    site = Site(store, settings, clock, counts, lives)
    with Server(bound, site):
        log.info("the page is at http://%s", place_of(bound))
        yield site


def _say_later(settings: Settings) -> None:
    if settings.web is not None:
        log.warning("web: the page begins at the next start")


def _beat(heart: Heart) -> None:
    if not heart.beat():
        log.warning("no folder can hold the heartbeat, so healthcheck fails: set TMPDIR")


def open_hub(settings: Settings, traffic: Traffic | None = None) -> HubClient:
    """Return the client of the configured Hub; ``traffic`` counts what comes over it."""
    from bot.hub.client import HubClient

    return HubClient(
        endpoint=settings.hub.endpoint,
        token=settings.hub.token,
        timeout=settings.hub.timeout,
        concurrency=settings.hub.concurrency,
        clock=time.monotonic,
        now=now,
        traffic=traffic,
    )


def build_channels(
    settings: Settings, console: TextIO, known: KnownSecrets | None = None
) -> dict[str, Channel]:
    """Return the configured channels by name; each loads its library when it first sends."""
    from bot.channels.base import Context
    from bot.channels.sending import kept_connections
    from bot.net.excerpt import KnownSecrets

    known = known or KnownSecrets(now())
    known.learn(settings.secrets())
    context = Context(
        endpoint=settings.hub.endpoint,
        console=console,
        clock=now,
        known=known,
        connections=kept_connections(time.monotonic),
    )
    return {name: table.open(name, context) for name, table in settings.channels.items()}
