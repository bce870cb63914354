"""The real program, driven through the sample weeks; its clock shows the sample's time."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from msgspec.structs import replace

if TYPE_CHECKING:
    from socket import socket

    from bot.channels.base import Channel
    from bot.config import Settings
    from bot.demo.replay import Stage
    from bot.jobs.round import Jobs

CONFIG = """\
[hub]
endpoint = "{endpoint}"
token = "sample"
[database]
url = "sqlite:///demo.db"
[[watch]]
name = "everything"
benchmarks = ["official#*"]
events = "all"
[channels.screen]
type = "console"
"""
"""Names a token, so that nobody's own is looked for."""


NOTE = "Sample data: made-up results around real model names."
"""What every page of the demo says first."""


class Spoken(io.TextIOBase):
    """A text stream for the console channel: says each message, an empty line between two."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self.first = True

    def isatty(self) -> bool:
        """Tell whether what is said is read on a terminal."""
        return sys.stdout.isatty()

    def write(self, text: str) -> int:
        """Say the text."""
        if said := text.strip("\n"):
            self._say(said if self.first else f"\n{said}")
            self.first = False
        return len(text)


class Driven:
    """The program as the replay drives it; its clock shows the sample's time."""

    def __init__(
        self,
        stage: Stage,
        with_: Path | None = None,
        ended: threading.Event | None = None,
        bound: socket | None = None,
    ) -> None:
        """``ended`` is set once the process is told to end: the program does after its poll.

        ``bound`` is where its page listens, if it has one.
        """
        self.stage = stage
        self.with_ = with_
        self.bound = bound
        self.ended = ended or threading.Event()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.jobs: Jobs | None = None
        self.spoken = Spoken(stage.say)

    @contextmanager
    def opened(self) -> Iterator[Driven]:
        """Keep the program open, on a database in the stage's directory."""
        from bot.app import open_jobs

        console = cast("TextIO", self.spoken)  # as much of it as the channel uses
        settings = self.settings()
        with open_jobs(
            settings,
            clock=lambda: self.now,
            console=console,
            channels=self._stand_ins(settings) if self.with_ else None,
        ) as jobs:
            self.jobs = jobs
            with self._page(jobs, settings):
                yield self

    @contextmanager
    def _page(self, jobs: Jobs, settings: Settings) -> Iterator[None]:
        """Show what the program knows, where there is a page."""
        if self.bound is None:
            yield
            return
        from bot.app import open_page
        from bot.config import Web

        shown = replace(settings, web=Web())
        with open_page(self.bound, jobs.store, shown, lambda: self.now) as site:
            site.note, site.polls = NOTE, False
            yield

    def settings(self) -> Settings:
        """Return what the program runs with: every task of every benchmark of the sample Hub.

        Of a configuration of one's own, its watches and its channels count.
        """
        from bot.config import load

        config = self.stage.config
        config.write_text(CONFIG.format(endpoint=self.stage.endpoint), encoding="utf-8")
        sample = load(config, {})
        if self.with_ is None:
            return sample
        own = load(self.with_, os.environ)
        health = own.health.model_copy(update={"ping_url": None})
        return replace(own, hub=sample.hub, database=sample.database, health=health)

    def _stand_ins(self, settings: Settings) -> dict[str, Channel]:
        """Return channels that say what those of the configuration would be sent."""
        from bot.channels.rehearsal import SpokenChannel

        say, endpoint = self.stage.say, self.stage.endpoint
        tables = settings.channels.items()
        return {name: SpokenChannel(name, say, endpoint, table.zone) for name, table in tables}

    def poll(self, now: datetime) -> None:
        """Poll everything and deliver, as if it were ``now``."""
        assert self.jobs is not None, "it is open"
        if self._tell_until(now):
            self.stage.head(now)
        self.now = now
        self.spoken.first = True
        self.jobs.discoverer.refresh(force=True)
        self.jobs.round()
        if self.ended.is_set():
            sys.exit(0)

    def end(self) -> None:
        """Tell what is still collected, each at its time."""
        self._tell_until(datetime.max.replace(tzinfo=UTC))

    def _tell_until(self, now: datetime) -> bool:
        """Tell what has been collected, each at its time, as a daemon does; whether any was."""
        assert self.jobs is not None, "it is open"
        before = self.now
        while (closes_at := self.jobs.digester.next_close()) is not None and closes_at < now:
            self.now = closes_at
            self.stage.head(closes_at)
            self.jobs.digester.close()
            self.jobs.deliverer.deliver()
        return self.now != before
