"""How the program is doing, on either database."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from bot.config import load
from bot.core.delivery import Rejected, Scope
from bot.core.incidents import BOARD, ROWS
from bot.core.timing.schedule import Quota
from bot.daemon.heartbeat import FRESH
from bot.store import Store
from bot.store.processes import Work
from bot.views.operation.status import Details, Failing, Status, status
from tests.support.store.stored import (
    HOUR,
    KEY,
    START,
    at,
    attempt,
    commit,
    delivery,
    snapshot,
    watch,
)
from tests.support.store.stored import row as row_of
from tests.support.store.units import claim_poll, enqueue

SETTINGS = load(Path(os.devnull), {})
CHANNELS = dict.fromkeys(("hook", "broken"), SETTINGS.channels["console"])
OTHER, NEVER = replace(KEY, benchmark="acme/other"), replace(KEY, benchmark="acme/never")


def told(store: Store, minutes: float = 30, beat: float | None = None) -> tuple[Status, Details]:
    """Return the status so many minutes after the start; ``beat`` is a heartbeat's minute."""
    settings = replace(SETTINGS, channels=CHANNELS)
    last = None if beat is None else at(beat)
    return status(store, settings, at(minutes), last, is_dead=lambda _: False)


def test_nothing_is_known_of_an_empty_database(store: Store) -> None:
    """Numbers are 0, all else is null."""
    found, details = told(store)
    assert (found.boards.watched, found.boards.failing, found.mutes) == (0, 0, 0)
    assert found.boards.oldest_good_poll_at is None
    assert (found.daemon.alive, found.daemon.keeps_intervals) == (False, None)
    assert found.deliveries.oldest_pending_at is None
    assert (found.quota.limit, found.quota.interval_seconds) == (None, None)
    assert details.failing == ()


def test_boards_are_told_by_their_last_good_polls_and_by_what_fails(store: Store) -> None:
    """Of those that fail alike the first failure counts; one that was never polled is no age."""
    watch(store, KEY, OTHER, NEVER)
    commit(store, snapshot(row_of("a", 1, 1)), at(5))
    commit(store, snapshot(row_of("a", 1, 1)), at(9), key=OTHER)
    for minutes, board in ((10, KEY), (12, OTHER)):
        claimed = claim_poll(store, board, "me", at(minutes), at(minutes + 1))
        assert claimed is not None
        with store.write() as db:
            assert db.targets.fail(claimed, at(minutes), "the Hub answered 502", at(70))
    found, details = told(store)
    assert (found.boards.watched, found.boards.failing) == (3, 2)
    assert (found.boards.oldest_good_poll_at, details.oldest) == (at(5), KEY.name)
    assert details.never == 1
    same = Failing(error="the Hub answered 502", since=at(10), boards=(KEY.name, OTHER.name))
    assert details.failing == (same,)


def test_rows_that_stay_unreadable_are_told_and_fail_no_board(store: Store) -> None:
    """The other rows of the board are polled well."""
    watch(store, KEY)
    with store.write() as db:
        db.incidents.count(ROWS, KEY.name, START, "rows cannot be read: no score")
    found, details = told(store)
    same = Failing(error="rows cannot be read: no score", since=START, boards=(KEY.name,))
    assert details.failing == (same,)
    assert found.boards.failing == 0


def test_what_works_again_fails_no_more(store: Store) -> None:
    """Also where people have not been told of it yet."""
    watch(store, KEY)
    with store.write() as db:
        db.incidents.count(BOARD, KEY.name, START, "the Hub answered 502")
        assert db.incidents.tell(db.incidents.all(), [])
        db.incidents.end(BOARD, KEY.name, at(1))
        assert db.incidents.all()
    assert told(store)[1].failing == ()


def test_deliveries_are_counted_by_what_becomes_of_them(store: Store) -> None:
    """What was sent is not counted, what a paused channel holds does not wait for an attempt."""
    enqueue(store, [delivery("sent"), delivery("lost", "other"), delivery("held", "broken")], START)
    enqueue(store, [delivery("first")], at(2))
    enqueue(store, [delivery("second")], at(3))
    attempt(store, START)
    attempt(store, START, Rejected("no"), channel="other")
    gone = Rejected("no such hook", scope=Scope.CHANNEL)
    attempt(store, at(1), gone, HOUR, channel="broken")
    enqueue(store, [delivery("former", "former")], at(1))
    attempt(store, at(1), gone, HOUR, channel="former")  # is not configured any more
    found, details = told(store)
    counted = found.deliveries
    assert (counted.pending, counted.held, counted.failed) == (2, 2, 1)
    assert counted.oldest_pending_at == at(2)
    assert found.channels.paused == 1
    assert [(one.channel, one.since, one.error) for one in details.paused] == [
        ("broken", at(1), "no such hook")
    ]


def test_a_daemon_keeps_its_intervals_until_a_board_is_due_for_one(store: Store) -> None:
    """A minute late is nothing; a whole interval is."""
    watch(store, KEY)
    commit(store, snapshot(row_of("a", 1, 1)), START)
    for minutes, keeps in ((61, True), (119, True), (121, False)):
        found, details = told(store, minutes, beat=minutes)
        assert found.daemon.keeps_intervals is keeps
        assert details.late == (not keeps)


def test_a_heart_that_beats_no_more_is_told_with_its_last_beat(store: Store) -> None:
    """Wherever the last sign came from, here or elsewhere."""
    with store.write() as db:
        db.processes.see("elsewhere", Work.DAEMON, at(4), None)
    for beat, last in ((None, at(4)), (3, at(4)), (5, at(5))):
        found, _ = told(store, 30, beat)
        assert (found.daemon.alive, found.daemon.heartbeat_at) == (False, last)
    fresh, _ = told(store, 5 + (FRESH - 1) / 60, 5)
    assert fresh.daemon.alive


def test_the_last_that_knew_of_the_rate_limit_counts(store: Store) -> None:
    """One that was seen later and was told nothing does not hide it."""
    watch(store, *(replace(KEY, benchmark=f"acme/{n}") for n in range(100)))
    quota = Quota(
        remaining=40, resets_in=timedelta(minutes=4), limit=108, window=timedelta(minutes=5)
    )
    with store.write() as db:
        db.processes.see("one", Work.DAEMON, START, quota)
        db.processes.see("two", Work.DAEMON, at(1), None)
    found, _ = told(store, 2)
    assert (found.quota.limit, found.quota.remaining, found.quota.resets_at) == (108, 40, at(4))
    assert found.quota.interval_seconds == 300
    over, _ = told(store, 5)
    assert (over.quota.limit, over.quota.remaining, over.quota.resets_at) == (108, None, None)
