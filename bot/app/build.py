"""Builds the parts from the settings, with the only real randomness."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TextIO
from uuid import uuid4

from bot.app.clock import now
from bot.channels.base import Channel, Context
from bot.channels.limits import kept_connections
from bot.config import Settings
from bot.core.process import Process
from bot.daemon.owner import new_owner, take_over
from bot.hub.client import HubClient
from bot.jobs.round import App
from bot.net.excerpt import Known
from bot.store import open_store


def means(clock: Callable[[], datetime] = now) -> Process:
    """Return a process's own clock, ids, randomness and name."""
    return Process(
        clock=clock,
        new_id=lambda: uuid4().hex,
        rand=random.random,
        owner=new_owner(),
    )


@contextmanager
def open_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = now,
    console: TextIO | None = None,
    known: Known | None = None,
) -> Iterator[App]:
    """Open the database (migrated where needed) and the Hub's client, and close them after.

    ``known`` are the secrets that the process had before; without it, it had none.

    Raises:
        StoreError: the database cannot be used.
        ConfigError: a setting that only shows to be wrong in use.
    """
    # The name of this process first: it takes a file descriptor to find out, and there may be few.
    own = means(clock)
    with closing(open_store(settings.database.url.reveal())) as store:
        take_over(store)
        with open_hub(settings) as hub:
            channels = build_channels(settings, console or sys.stdout, known or Known(clock()))
            yield App(settings, store, hub, channels, own)


def open_hub(settings: Settings) -> HubClient:
    """Return the client of the configured Hub."""
    return HubClient(
        endpoint=settings.hub.endpoint,
        token=settings.hub.token,
        timeout=settings.hub.timeout,
        concurrency=settings.hub.concurrency,
        clock=time.monotonic,
        now=now,
    )


def build_channels(
    settings: Settings, console: TextIO, known: Known | None = None
) -> dict[str, Channel]:
    """Return the configured channels by name; each loads its library when it first sends."""
    known = known or Known(now())
    known.learn(settings.secrets())
    context = Context(
        endpoint=settings.hub.endpoint,
        console=console,
        clock=now,
        known=known,
        connections=kept_connections(time.monotonic),
    )
    return {name: table.open(name, context) for name, table in settings.channels.items()}
