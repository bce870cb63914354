"""Processes at work, as the database knows them."""

from __future__ import annotations

from datetime import timedelta

from bot.core.timing.schedule import Quota
from bot.store import Store
from bot.store.processes import Work
from tests.support.fakes import FakeClock

QUOTA = Quota(remaining=7, resets_in=timedelta(seconds=90), limit=500, window=timedelta(minutes=5))


def test_the_last_that_ended_is_remembered_until_another_begins(store: Store) -> None:
    """What it was told of the rate limit outlives it; nothing piles up."""
    clock = FakeClock()
    with store.write() as db:
        db.processes.see("cron", Work.ROUND, clock(), None)
        db.processes.see("cron", Work.ENDED, clock(), QUOTA)
        db.processes.see("daemon", Work.DAEMON, clock(), QUOTA)
        db.processes.end("daemon")
    with store.read() as db:
        (left,) = db.processes.all()
        assert db.owners() == frozenset()
    assert (left.owner, left.work, left.quota) == ("daemon", Work.ENDED, QUOTA)
    assert not left.at_work(clock())


def test_replicas_are_seen_beside_each_other_as_long_as_they_say_so(store: Store) -> None:
    """One that says nothing for so long has ended; what a later sight does not know stays."""
    clock = FakeClock()
    for owner in ("one", "two"):
        with store.write() as db:
            db.processes.see(owner, Work.DAEMON, clock(), QUOTA)
    with store.read() as db:
        assert db.owners() == {"one", "two"}
    clock.advance(timedelta(minutes=2))
    with store.write() as db:
        db.processes.see("two", Work.DAEMON, clock(), None)
    with store.read() as db:
        (left,) = db.processes.all()
    assert (left.owner, left.quota, left.at_work(clock())) == ("two", QUOTA, True)


def test_a_sight_of_the_future_is_forgotten(store: Store) -> None:
    """The clock was set back since."""
    clock = FakeClock()
    with store.write() as db:
        db.processes.see("one", Work.DAEMON, clock() + timedelta(hours=1), None)
    with store.read() as db:
        assert not any(one.at_work(clock()) for one in db.processes.all())
    with store.write() as db:
        db.processes.see("two", Work.DAEMON, clock(), None)
    with store.read() as db:
        assert db.owners() == {"two"}


def test_a_release_is_the_end(store: Store) -> None:
    """As of a process that is known to be dead."""
    with store.write() as db:
        db.processes.see("one", Work.DAEMON, FakeClock()(), None)
        db.release("one")
    with store.read() as db:
        assert db.owners() == frozenset()
