"""``status``: how the program is doing, at a glance."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta

import pytest

from bot.app import now
from bot.core.timing.schedule import Quota
from bot.daemon.heartbeat import Heart
from bot.daemon.owner import new_owner
from bot.store.processes import Work
from tests.support.commands import BENCH, BOTH, LATER, OTHER, QUIET_CHANNEL, START, Commands

KILLED = re.sub(r":[0-9]+:", f":{2**22}:", new_owner(), count=1)
"""A process of this machine, with a number that none has."""


def beats(commands: Commands, owner: str, seen_at: datetime, work: Work = Work.DAEMON) -> None:
    """Store that a process was at work at a time."""
    with commands.store() as store, store.write() as db:
        db.processes.see(owner, work, seen_at, None)


def late(commands: Commands) -> None:
    """Let every board be due since a day."""
    with commands.store() as store, store.write() as db:
        db.targets.watch(
            {view.key: timedelta(hours=1) for view in db.boards.list_all()},
            now() - timedelta(days=1),
        )


def test_a_fresh_installation_shows_in_the_shape_that_is_promised(commands: Commands) -> None:
    """Without a daemon the status is 0; what is not known is null."""
    commands.polled(START)
    found = commands.json("status")
    polled_at = found["boards"].pop("oldest_good_poll_at")
    resets_at = found["quota"].pop("resets_at")
    moment = now()
    assert moment - timedelta(minutes=1) < datetime.fromisoformat(polled_at) <= moment
    assert moment < datetime.fromisoformat(resets_at) <= moment + timedelta(minutes=5)
    assert found == {
        "daemon": {"alive": False, "heartbeat_at": None, "keeps_intervals": None},
        "boards": {"watched": 1, "failing": 0},
        "deliveries": {"pending": 0, "held": 0, "failed": 0, "oldest_pending_at": None},
        "channels": {"paused": 0},
        "mutes": 0,
        "quota": {"limit": 500, "remaining": 499, "interval_seconds": 1},
    }


def test_people_see_what_fails_waits_and_is_left(commands: Commands) -> None:
    """Within 80 columns, each with its reason and how long it lasts."""
    commands.configure(BOTH, channels=QUIET_CHANNEL)
    commands.hub.add_benchmark(OTHER, START)
    commands.polled(START, LATER)
    commands.hub.fail(OTHER, 502)
    commands.run("poll", status=1)
    shown = commands.run("status").stdout
    assert max(map(len, shown.splitlines())) <= 80
    for line in (
        "Daemon      not running, no heartbeat",
        "Boards      2 watched, 1 fails",
        f"            the Hub answered 502, for 0 s: {OTHER}",
        "Channels    none is paused",
        "            enough to poll all boards every 2 s",
    ):
        assert line in shown
    assert "\nDeliveries  1 pending (oldest: " in shown
    assert "499 of 500 requests left, all again in " in shown


def test_what_waits_for_a_channel_that_is_gone_is_said(commands: Commands) -> None:
    """It waits for as long as nobody configures the channel, or prunes."""
    commands.configure(BOTH, channels=QUIET_CHANNEL)
    commands.polled(START, LATER)
    commands.configure(BOTH)
    shown = commands.run("status").stdout
    assert "1 delivery waits for gone, which is not configured any more" in shown


def test_a_paused_channel_shows_with_its_reason(commands: Commands) -> None:
    """What it holds is counted apart from what waits for an attempt."""
    commands.configure(BOTH, channels=QUIET_CHANNEL)
    commands.polled(START, LATER)
    with commands.store() as store, store.write() as db:
        paused = "paused_at = '2026-04-27 10:00:00.000000', paused_error = 'no such hook'"
        db.channels._connection.exec_driver_sql(f"UPDATE channels SET {paused}")
    found = commands.json("status")
    assert found["channels"] == {"paused": 1}
    assert (found["deliveries"]["held"], found["deliveries"]["pending"]) == (1, 0)
    assert "gone is paused, for " in commands.run("status").stdout


def test_a_daemon_of_this_machine_is_known_by_its_heartbeat(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its database says."""
    commands.polled(START)
    monkeypatch.setenv("TMPDIR", str(commands.folder))
    heart = Heart(str(commands.config), os.environ)
    assert heart.beat()
    found = commands.json("status")["daemon"]
    assert (found["alive"], found["keeps_intervals"]) == (True, True)
    late(commands)
    assert commands.json("status")["daemon"]["keeps_intervals"] is False
    assert "; 1 board is polled too late" in commands.run("status").stdout


@pytest.mark.parametrize(
    ("owner", "age", "alive"),
    [
        ("elsewhere:7:x/1:y", 20, True),
        ("elsewhere:7:x/1:y", 120, False),
        (new_owner(), 20, True),
        (KILLED, 20, False),
    ],
    ids=["elsewhere", "silent elsewhere", "here", "killed here"],
)
def test_a_daemon_elsewhere_is_known_by_what_it_stores(
    commands: Commands, owner: str, age: int, alive: bool
) -> None:
    """In another container, or a replica: as long as it was seen, unless it is known to be dead."""
    commands.polled(START)
    beats(commands, owner, now() - timedelta(seconds=age))
    assert commands.json("status")["daemon"]["alive"] is alive


def test_a_round_is_no_daemon(commands: Commands) -> None:
    """``poll`` has no heartbeat."""
    commands.polled(START)
    beats(commands, "elsewhere:7:x/1:y", now(), Work.ROUND)
    assert commands.json("status")["daemon"] == {
        "alive": False,
        "heartbeat_at": None,
        "keeps_intervals": None,
    }


def test_a_window_that_is_over_leaves_the_limit(commands: Commands) -> None:
    """What is left now nobody knows; how many boards the limit allows is known."""
    commands.configure(BOTH)
    commands.polled(START)
    told = Quota(remaining=3, resets_in=timedelta(seconds=9), limit=12, window=timedelta(minutes=5))
    with commands.store() as store, store.write() as db:
        then = now() - timedelta(seconds=60)
        db.processes.see("elsewhere:7:x/1:y", Work.ROUND, then, told)
    assert commands.json("status")["quota"] == {
        "limit": 12,
        "remaining": None,
        "resets_at": None,
        "interval_seconds": 150,
    }


def test_without_a_database_there_is_no_status(commands: Commands) -> None:
    """Where it is looked for is said."""
    told = commands.run("status", status=1).stderr
    assert "There is no database yet" in told
    assert "bot.db" in told


def test_benchmarks_of_the_quota_are_of_the_watched_boards(commands: Commands) -> None:
    """Boards that are not watched any more need none of it."""
    commands.configure(BOTH)
    commands.polled(START)
    commands.configure(f'name = "one"\nbenchmarks = ["{BENCH}"]')
    commands.run("poll")
    assert commands.json("status")["boards"]["watched"] == 1
