"""The daemon's ticks, by themselves."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import now
from bot.config import load
from bot.core.errors import StoreError
from bot.core.timing.schedule import Quota
from bot.daemon.scheduler import TICK, Daemon
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process
from tests.support.receiver import Receiver
from tests.support.store import reads
from tests.support.store.stored import START, delivery
from tests.support.store.units import enqueue, one_delivery
from tests.support.waiting import until

YEARS = timedelta(days=3 * 365)


class Refusing:
    """A store that answers each call with an error while there is one."""

    def __init__(self, store: Store) -> None:
        self.opened = store
        self.error: Exception | None = None
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        if self.error:
            self.refused += 1
            raise self.error
        return getattr(self.opened, name)


class Limited(FakeHub):
    """Tells its rate limit with the rows of boards."""

    def leaderboard(self, *args: Any, **named: Any) -> Any:
        """Answer as any, and say what is left."""
        self.left = Quota(remaining=321, resets_in=timedelta(minutes=5), limit=500)
        return super().leaderboard(*args, **named)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Refusing]:
    """Open a database that is set up and empty."""
    with closing(open_existing(sqlite_url)) as opened:
        yield Refusing(opened)


def jobs(
    store: Refusing,
    hub: FakeHub | None = None,
    *channels: RecordingChannel,
    file: Path = Path(os.devnull),
) -> Jobs:
    """Return the jobs of a configuration; the built-in one watches what the Hub lists."""
    wired: Any = store
    by_name = {channel.name: channel for channel in channels}
    settings = load(file, {})
    return Jobs(settings, wired, hub or FakeHub(), by_name, process(FakeClock()))


def attempts(store: Store, name: str) -> int:
    """Count the attempts at a delivery."""
    found = one_delivery(store, name)
    return 0 if found is None else len(found.attempts)


@pytest.mark.parametrize("error", [StoreError("The disk is full."), ValueError("a mistake")])
def test_a_tick_that_raises_stops_no_later_one(
    store: Refusing, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it raises; and what is raised at the end does not spoil the end."""
    monkeypatch.setattr("bot.daemon.scheduler.LOOK", TICK)
    hub, channel = FakeHub(), RecordingChannel("console")
    hub.answers["acme/bench"] = answer(("a", 1))
    with Daemon(jobs(store, hub, channel), lambda: None):
        store.error = error
        assert until(lambda: store.refused > 3)
        store.error = None
        enqueue(store.opened, [delivery("d", "console")], START)
        assert until(lambda: [view.rows for view in reads.boards(store.opened)] == [1])
        assert until(lambda: attempts(store.opened, "d"))
        store.error = error


def test_a_daemon_calls_the_dead_mans_switch(
    store: Refusing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as a board has answered, and not again before its time."""
    monkeypatch.setattr("bot.daemon.scheduler.LOOK", TICK)
    hub, file = FakeHub(), tmp_path / "config.toml"
    hub.answers["acme/bench"] = answer(("a", 1))
    with Receiver() as receiver:
        file.write_text(f'[health]\nping_url = "{receiver.url}"\n', encoding="utf-8")
        with Daemon(jobs(store, hub, file=file), lambda: None):
            assert until(lambda: len(receiver.received) == 1)
            assert [view.rows for view in reads.boards(store.opened)] == [1]


def test_what_the_first_answers_leave_of_the_rate_limit_is_seen_at_once(
    store: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`status` and the metrics need not wait for the next tick."""
    monkeypatch.setattr("bot.daemon.scheduler.LOOK", YEARS)
    hub = Limited()
    hub.answers["acme/bench"] = answer(("a", 1))

    def seen() -> list[int]:
        with store.opened.read() as db:
            return [one.quota.remaining for one in db.processes.all() if one.quota]

    with Daemon(jobs(store, hub), lambda: None):
        assert until(lambda: seen() == [321])


def test_a_clock_that_jumps_makes_each_tick_due_once(store: Refusing) -> None:
    """What was missed is not listed second by second: the daemon goes on at once."""
    with Daemon(jobs(store), lambda: None) as daemon:
        ticks = daemon._ticks.get_jobs()
        assert len(ticks) > 1
        then = now() + YEARS
        assert {len(tick._get_run_times(then)) for tick in ticks} == {1}


def test_the_heart_does_not_beat_where_no_thread_can_be_started(
    store: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is polled then, so ``healthcheck`` is to fail."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    beats: list[str] = []
    with Daemon(jobs(store), lambda: beats.append("beat")) as daemon:
        (beat,) = filter(_beats, daemon._ticks.get_jobs())
        beat.func()
        daemon._chores.join(YEARS)
        assert beats == ["beat", "beat"]
        monkeypatch.setattr(threading.Thread, "start", refuse)
        beat.func()
        monkeypatch.undo()
        daemon._chores.join(YEARS)
        assert beats == ["beat", "beat"]


def _beats(job: Any) -> bool:
    return "beat" in job.name
