"""A program whose channels collect: rounds at times of our own, and what channels were sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.config import load
from bot.core.alerts.message import BoardChange, Digest, Message
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process

WATCH = '[[watch]]\nname = "all"\nbenchmarks = ["acme/a", "acme/b"]\n'
TEAM = '[channels.team]\ntype = "console"\n'


class Life:
    """One database, and the programs that one after another use it."""

    def __init__(self, folder: Path, store: Store, channels: str, watch: str) -> None:
        self.folder = folder
        self.store = store
        self.clock = FakeClock()
        self.hub = FakeHub()
        self.team = RecordingChannel("team")
        self._seen = 0
        self.at("2026-04-27T10:00")
        self.start(channels, watch)

    def start(self, channels: str, watch: str = WATCH) -> None:
        """Start another program on the database, with another configuration."""
        config = self.folder / "config.toml"
        config.write_text(watch + channels, encoding="utf-8")
        own = process(self.clock)
        self.jobs = Jobs(load(config, {}), self.store, self.hub, {"team": self.team}, own)

    def at(self, moment: str) -> None:
        """Let it be a time, in UTC."""
        self.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    def poll(self, *rows: tuple[str, str | float], board: str = "acme/a") -> list[Message]:
        """Poll both boards, one with these rows; return what it was sent since."""
        if rows:
            self.hub.answers[board] = answer(*sorted(rows, key=lambda row: -float(row[1])))
        self.jobs.round()
        seen, self._seen = self._seen, len(self.team.accepted)
        return [delivery.message for delivery in self.team.accepted[seen:]]

    def tick(self) -> None:
        """Do what a daemon does between two polls."""
        self.jobs.rester.tell()
        self.jobs.digester.close()
        self.jobs.deliverer.deliver()

    def states(self) -> list[str]:
        """Return the states of all deliveries, the oldest first."""
        with self.store.read() as db:
            found = db.deliveries.page((), 0, db.deliveries.last()).found
        return [view.state for view in found]


def said(messages: list[Message]) -> list[str]:
    """Return what messages tell: their kind, and each event's kind, model and scores."""
    found = []
    for message in messages:
        data = message.data
        assert isinstance(data, BoardChange | Digest)
        changes = data.boards if isinstance(data, Digest) else (data,)
        events = [
            f"{event.kind} {_short(event.model)} {event.score.before}>{event.score.after}"
            for change in changes
            for event in change.events
        ]
        found.append(f"{message.type.partition('.')[2]}: {', '.join(events)}")
    return found


def _short(model: str | None) -> str:
    return (model or "").partition("/")[2]


@contextmanager
def life(url: str, folder: Path, channels: str = TEAM, watch: str = WATCH) -> Iterator[Life]:
    """Open a program on a database that is set up, two boards of which are polled already."""
    with closing(open_existing(url)) as store:
        one = Life(folder, store, channels, watch)
        one.hub.answers["acme/b"] = answer(("other", 10))
        one.poll(("lead", 90), ("x", 60), ("y", 50))
        yield one
