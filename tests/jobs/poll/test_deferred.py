"""Boards that the Hub's rate limit leaves for later: neither polled nor failed, and first then."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import load
from bot.core.board import BoardKey
from bot.core.errors import QuotaError
from bot.core.timing.schedule import Quota
from bot.daemon.agenda import Agenda
from bot.hub.answers import Fetched, NotModified
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, process
from tests.support.store.units import due_boards, incidents

NAMES = ("acme/a", "acme/b", "acme/c", "acme/d")
WAIT = timedelta(seconds=90)
CONFIG = f"""
hub.concurrency = 1
channels.screen = {{ type = "console" }}
[[watch]]
name = "all"
benchmarks = [{", ".join(f'"{name}"' for name in NAMES)}]
"""


class MeteredHub(FakeHub):
    """A Hub that answers so many times, then refuses for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = dict.fromkeys(NAMES, answer(("x", 80)))
        self.allowed = len(NAMES)
        self.asked: list[str] = []

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        if not self.allowed:
            self.left = Quota(remaining=0, resets_in=WAIT, wait=WAIT)
            raise QuotaError(WAIT)
        self.allowed -= 1
        self.asked.append(board.benchmark)
        return super().leaderboard(board, etag=etag, digest=digest)

    def asked_since(self, allowed: int) -> list[str]:
        """Forget what was asked, and let so much be asked from here on."""
        asked, self.asked = self.asked, []
        self.allowed, self.left = allowed, None
        return asked


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with closing(open_existing(sqlite_url)) as opened:
        yield opened


class Metered:
    """The jobs on a metered Hub, every board of which was polled once, a minute apart."""

    def __init__(self, store: Store, folder: Path) -> None:
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        self.store, self.hub, self.clock = store, MeteredHub(), FakeClock()
        settings = load(folder / "config.toml", {})
        self.jobs = Jobs(settings, store, self.hub, {}, process(self.clock))
        self.jobs.round()
        for name in reversed(NAMES):
            self.hub.asked_since(1)
            self.clock.advance(timedelta(minutes=1))
            self.jobs.round([name])
        self.hub.asked_since(0)


@pytest.fixture
def metered(store: Store, tmp_path: Path) -> Metered:
    return Metered(store, tmp_path)


def test_what_the_quota_does_not_reach_is_deferred(metered: Metered) -> None:
    """The oldest good poll goes first; the rest has not failed, and keeps no claim."""
    metered.hub.asked_since(2)
    summary = metered.jobs.round()
    assert metered.hub.asked == ["acme/d", "acme/c"]
    assert (summary.polled, summary.unchanged, summary.failed) == (2, 2, 0)
    assert summary.deferred == ("acme/a", "acme/b")
    assert summary.wait == WAIT
    assert summary.ok
    assert incidents(metered.store) == ()
    metered.clock.advance(timedelta(hours=1))
    assert len(due_boards(metered.store, metered.clock())) == len(NAMES)


def test_rounds_that_reach_a_part_reach_all_in_turn(metered: Metered) -> None:
    """No board is left out for ever, whatever its name."""
    polled = []
    for _ in range(4):
        metered.hub.asked_since(1)
        metered.clock.advance(timedelta(minutes=15))
        metered.jobs.round()
        polled += metered.hub.asked
    assert sorted(polled) == sorted(NAMES)


def test_the_daemon_waits_for_the_window_and_goes_on(
    metered: Metered, caplog: pytest.LogCaptureFixture
) -> None:
    """Boards stay due, nothing is tried before the window ends, and it is said once."""
    caplog.set_level(logging.WARNING)
    metered.clock.advance(timedelta(hours=1))
    metered.hub.asked_since(1)
    agenda = Agenda(metered.jobs)
    assert agenda.look().polls == len(NAMES)
    metered.jobs.backlog.work()
    metered.jobs.poller.end()
    assert [agenda.look().polls for _ in range(3)] == [0, 0, 0]
    assert caplog.messages == [
        "the Hub's rate limit is used up for 90 s: 3 boards are deferred: acme/c, acme/b, acme/a"
    ]
    assert metered.hub.asked_since(9) == ["acme/d"]
    assert agenda.look().polls == len(NAMES) - 1
    metered.jobs.backlog.work()
    assert metered.hub.asked == ["acme/c", "acme/b", "acme/a"]
