"""What a daemon looks up each second: everything at once, and nothing while nobody has written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from bot.config import load
from bot.core.board import BoardKey
from bot.core.timing.schedule import Quota
from bot.daemon.agenda import Agenda, Due
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from bot.store.database.sqlite.changes import Changes
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process
from tests.support.store.stored import delivery
from tests.support.store.units import enqueue, schedule

SECOND = timedelta(seconds=1)
BOARD = BoardKey("acme/bench")
CONFIG = """
channels.screen = { type = "console" }
[[watch]]
name = "all"
benchmarks = ["acme/bench"]
every = "1m"
"""

DUE_NOW = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("UPDATE boards SET next_poll_at = polled_at")
"""


class Daily:
    """The jobs of one board and one channel, all of it done, and the statements asked since."""

    def __init__(self, store: Store, folder: Path) -> None:
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        self.store, self.clock, self.hub = store, FakeClock(), FakeHub()
        self.hub.answers[BOARD.benchmark] = answer(("x", 80))
        channels = {"screen": RecordingChannel("screen")}
        settings = load(folder / "config.toml", {})
        self.jobs = Jobs(settings, store, self.hub, channels, process(self.clock))
        self.jobs.round()
        self.agenda = Agenda(self.jobs)
        self.asked: list[str] = []
        engine = store._database.engine
        listen(engine, "before_cursor_execute", lambda *what: self.asked.append(what[2]))

    def later(self, by: timedelta = SECOND) -> Due:
        """Look again so much later."""
        self.clock.advance(by)
        return self.agenda.look()

    def quota(self, wait: timedelta) -> None:
        """Let the Hub's rate limit be used up for so long."""
        self.hub.left = Quota(remaining=0, resets_in=wait, wait=wait)

    def enqueue(self, channel: str) -> None:
        """Store a delivery that is due at once."""
        enqueue(self.store, [delivery("waiting", channel)], self.clock())

    def rest(self) -> None:
        """Look until nothing is looked up any more."""
        for _ in range(3):
            assert self.later() == Due()
        self.asked.clear()


@pytest.fixture
def daily(sqlite_url: str, tmp_path: Path) -> Iterator[Daily]:
    with closing(open_existing(sqlite_url)) as opened:
        yield Daily(opened, tmp_path)


def test_while_nothing_is_due_and_nobody_writes_nothing_is_looked_up(daily: Daily) -> None:
    """But every few seconds, in case that the file says too little."""
    daily.rest()
    for _ in range(20):
        daily.later(SECOND / 2)
    assert len([one for one in daily.asked if "next_poll_at <=" in one]) == 2


def test_a_board_is_found_in_the_second_in_which_it_is_due(daily: Daily) -> None:
    """The rest ends then, however long it has lasted."""
    with daily.store.read() as db:
        due = db.targets.next_due(daily.clock())
    assert due is not None
    daily.clock.advance(due - 4 * SECOND - daily.clock())
    daily.rest()
    daily.clock.advance(due - SECOND / 100 - daily.clock())
    assert daily.agenda.look() == Due()
    assert daily.later(SECOND / 100) == Due(polls=1)


def test_what_this_process_writes_ends_the_rest(daily: Daily) -> None:
    """As a delivery that a poll has made, or a channel that was woken."""
    daily.rest()
    daily.enqueue("screen")
    assert daily.later() == Due(channels=("screen",))


def test_what_another_process_writes_ends_the_rest(daily: Daily) -> None:
    """As `poll` beside the daemon, or a delivery that is to be sent again."""
    daily.rest()
    subprocess.run([sys.executable, "-c", DUE_NOW, str(daily.store._database.file)], check=True)
    assert daily.later() == Due(polls=1)


def test_there_is_no_rest_while_something_waits(daily: Daily) -> None:
    """A retry's time, a pause, a claim that runs out: each second everything is looked up."""
    daily.enqueue("elsewhere")
    for _ in range(3):
        daily.later()
    daily.asked.clear()
    daily.later()
    assert daily.asked


@pytest.mark.parametrize("by", [timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_is_set_ends_the_rest(daily: Daily, by: timedelta) -> None:
    """Back or on: what is due is due by the clock as it is."""
    daily.rest()
    daily.later(by)
    assert daily.asked


def test_a_file_in_the_place_of_the_old_one_ends_the_rest(daily: Daily) -> None:
    """As a copy that was put back, whose content may be the same."""
    daily.rest()
    file = daily.store._database.file
    assert file is not None
    (file.parent / "copy").write_bytes(file.read_bytes())
    (file.parent / "copy").rename(file)
    daily.later()
    assert daily.asked


def test_while_the_rate_limit_is_used_up_boards_wait_and_that_is_said_once(
    daily: Daily, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a window, where any board waits; they are polled as soon as it has ended."""
    daily.quota(5 * SECOND)
    assert daily.later() == Due()
    assert caplog.messages == []
    assert daily.later(timedelta(minutes=1)) == Due()
    assert caplog.messages == [
        "the Hub's rate limit is used up for 5 s: 1 board is deferred: acme/bench"
    ]
    for _ in range(3):
        assert daily.later() == Due()
    assert len(caplog.messages) == 1
    daily.quota(timedelta())
    assert daily.later() == Due(polls=1)
    daily.quota(SECOND)
    daily.later()
    assert len(caplog.messages) == 2


def test_boards_that_wait_for_the_rate_limit_keep_nothing_else_waiting(daily: Daily) -> None:
    """What is to be sent goes on; the boards are looked for each second."""
    daily.clock.advance(timedelta(minutes=1))
    daily.quota(timedelta(hours=1))
    for _ in range(3):
        daily.later()
    daily.asked.clear()
    daily.later()
    assert daily.asked
    daily.enqueue("screen")
    assert daily.later() == Due(channels=("screen",))


def test_without_any_board_there_is_a_rest_too(daily: Daily) -> None:
    """As with watches that stand for nothing yet."""
    schedule(daily.store, {}, daily.clock())
    daily.rest()
    daily.later()
    assert daily.asked == []


def test_where_nobody_knows_whether_a_file_was_written_it_may_have_been(tmp_path: Path) -> None:
    """As long as there is none, and again at first when there is."""
    file = tmp_path / "leaderboard-bot.db"
    changes = Changes(file)
    assert [changes.seen(), changes.seen()] == [True, True]
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE one (x)")
    assert [changes.seen(), changes.seen()] == [True, False]
    changes.close()
    assert [changes.seen(), changes.seen()] == [True, False]
    changes.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
def test_a_file_that_was_replaced_is_held_open_no_longer(tmp_path: Path) -> None:
    """Else its disk space would be lost until the daemon ends."""
    file = tmp_path / "leaderboard-bot.db"
    changes = Changes(file)
    for _ in range(3):
        with closing(sqlite3.connect(tmp_path / "other")) as database:
            database.execute("CREATE TABLE one (x)")
        (tmp_path / "other").rename(file)
        assert changes.seen()
        held = [str(one.resolve()) for one in Path("/proc/self/fd").iterdir()]
        assert [one for one in held if one.startswith(str(tmp_path))] == [str(file)]
    changes.close()
