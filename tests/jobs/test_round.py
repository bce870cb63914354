"""A whole round of polls and deliveries, with a Hub of our own and a real database."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import load
from bot.core.board import BoardKey
from bot.daemon.agenda import Agenda
from bot.hub.answers import Fetched, NotModified
from bot.jobs.poll.polled import Polled
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, process
from tests.support.store import reads
from tests.support.store.units import due_boards

CONFIG = """
[[watch]]
name = "both"
benchmarks = ["acme/a", "acme/b"]

[channels.screen]
type = "console"
"""


class LockingHub(FakeHub):
    """Once both boards are asked for, locks the database while the first one is stored.

    Not in the first round, of which nothing is told: those boards are stored together.
    """

    def __init__(self, other: sqlite3.Connection) -> None:
        super().__init__()
        self.other = other
        self.first = True
        self.both = threading.Barrier(2)
        self.stored = threading.Event()

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        if self.first:
            return super().leaderboard(board, etag=etag, digest=digest)
        self.both.wait(20)
        if board.benchmark == "acme/a":
            self.other.execute("BEGIN IMMEDIATE")
        else:
            assert self.stored.wait(20)
        return super().leaderboard(board, etag=etag, digest=digest)

    def ended(self, polled: Polled, _of: int) -> None:
        """Unlock the database when the first board has failed."""
        if polled.board.benchmark == "acme/a":
            self.other.execute("ROLLBACK")
            self.stored.set()


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Store]:
    """Open a database that is set up and empty, without patience for other programs."""
    with closing(open_existing(sqlite_url)) as store:
        store._database.patience_s = 0.1
        yield store


def test_a_busy_database_fails_a_board_and_not_the_round(opened: Store, tmp_path: Path) -> None:
    """The other board is stored."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    file = tmp_path / "leaderboard-bot.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        hub = LockingHub(other)
        hub.answers = {"acme/a": answer(("x", 80)), "acme/b": answer(("x", 80))}
        jobs = Jobs(load(tmp_path / "config.toml", {}), opened, hub, {}, process(FakeClock()))
        jobs.round()
        hub.first = False
        hub.answers = {"acme/a": answer(("x", 90)), "acme/b": answer(("x", 90))}
        summary = jobs.round(progress=hub.ended)
    assert summary.changed == 1
    assert summary.failed == 1
    ((board, error),) = summary.errors
    assert (board, "locked by another program" in error) == ("acme/a", True)
    scores = {view.key.benchmark: view.score for view in reads.boards(opened)}
    assert scores == {"acme/a": 80, "acme/b": 90}


MANY = tuple(f"acme/b{number}" for number in range(20))


def watching_many(opened: Store, tmp_path: Path) -> tuple[Jobs, FakeClock]:
    """Open a program that polls one board at a time, of twenty every minute."""
    (tmp_path / "config.toml").write_text(
        f"""
        [hub]
        concurrency = 1
        [[watch]]
        name = "many"
        benchmarks = {list(MANY)}
        every = "1m"
        """,
        encoding="utf-8",
    )
    clock, hub = FakeClock(), FakeHub()
    hub.answers = dict.fromkeys(MANY, answer(("x", 80)))
    jobs = Jobs(load(tmp_path / "config.toml", {}), opened, hub, {}, process(clock))
    jobs.look()
    jobs.lookout.read_tasks()
    return jobs, clock


def test_who_finishes_a_poll_starts_the_next(opened: Store, tmp_path: Path) -> None:
    """One look at what is due is enough for all of it, and none is polled twice."""
    jobs, clock = watching_many(opened, tmp_path)
    assert Agenda(jobs).look().polls == len(MANY)
    jobs.backlog.work()
    jobs.poller.end()
    assert [view.rows for view in reads.boards(opened)] == [1] * len(MANY)
    assert Agenda(jobs).look().polls == 0
    clock.advance(timedelta(seconds=63))
    assert Agenda(jobs).look().polls > 0


def test_who_is_told_to_stop_leaves_the_rest_for_later(opened: Store, tmp_path: Path) -> None:
    """What was claimed for it is handed back at the end."""
    jobs, _ = watching_many(opened, tmp_path)
    Agenda(jobs).look()
    turns = iter([True, True, False])
    jobs.backlog.work(lambda: next(turns))
    jobs.release()
    assert sum(view.rows for view in reads.boards(opened)) == 2
    assert len(due_boards(opened, jobs.process.clock())) == len(MANY) - 2


def test_boards_that_are_polled_late_are_said_once(
    opened: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at the first look, which a restart makes late; and it is said when that is over."""
    jobs, clock = watching_many(opened, tmp_path)
    clock.advance(timedelta(minutes=5))
    jobs.look()
    assert "later than asked for" not in caplog.text
    for _ in range(3):
        jobs.look()
    assert caplog.text.count("20 boards are polled later than asked for") == 1
    Agenda(jobs).look()
    jobs.backlog.work()
    jobs.poller.end()
    for _ in range(2):
        jobs.look()
    assert caplog.text.count("all boards are polled in time again") == 1


def test_polls_from_before_the_clock_was_set_back_put_no_board_off(
    opened: Store, tmp_path: Path
) -> None:
    """They are stored first: the next look sees that their boards are due."""
    jobs, clock = watching_many(opened, tmp_path)
    Agenda(jobs).look()
    jobs.backlog.work()
    jobs.poller.end()
    clock.advance(timedelta(minutes=2))
    Agenda(jobs).look()
    jobs.backlog.work()  # without news: they wait for others
    clock.advance(timedelta(hours=-5))
    jobs.look()
    jobs.poller.end()
    assert Agenda(jobs).look().polls == len(MANY)
