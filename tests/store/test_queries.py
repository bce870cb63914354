"""What commands read, and the little they change by hand, on both databases."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from bot.core.board import BoardKey
from bot.core.delivery import InDoubt, Rejected, RetryLater, Scope
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.store import Store, open_existing
from bot.store.events import AT_ONCE
from bot.views.boards import stored_rows
from tests.support.store import reads
from tests.support.store.stored import (
    KEY,
    PACE,
    START,
    at,
    attempt,
    claim,
    commit,
    delivery,
    event,
    row,
    snapshot,
    take,
    watch,
)
from tests.support.store.units import enqueue, fail_poll, retry, retry_failed

OTHER = BoardKey("Zeta/bench", "task", include_derived=True)
BROKEN = Rejected("channel_not_found", Scope.CHANNEL)


# --- boards ------------------------------------------------------------------------------------


def test_boards_are_listed_with_their_leader(store: Store) -> None:
    """By name; one that was never polled is there, too."""
    watch(store, OTHER)
    watch(store, OTHER, BoardKey("acme/bench"), BoardKey("acme/new"))
    commit(store, snapshot(row("a", "80.5", 1), row("b", 70, 2, missing=1)), at(1))
    now = at(2)
    fail_poll(store, claim(store, now, board=OTHER), now, "gated", at(9))
    first, second, third = reads.boards(store)
    assert (first.key, first.rows, first.polled_at) == (KEY, 2, at(1))
    assert (first.leader, first.score) == ("acme/a", Decimal("80.5"))
    assert (second.key, second.rows, second.polled_at) == (BoardKey("acme/new"), 0, None)
    assert (third.failures, third.error, third.next_poll_at) == (1, "gated", at(9))


def test_who_leads_a_board_comes_before_its_models_other_rows(store: Store) -> None:
    """With the time of each; and the board began with its oldest result."""
    watch(store)
    same = row("c", 60, 3)
    others = (row("b", 70, 2), replace(same, result=replace(same.result, model="acme/a")))
    commit(store, snapshot(row("a", 80, 1), *others, leader="a"), at(1))
    commit(store, snapshot(row("a", 81, 1), *others, leader="a"), at(2))
    with store.read() as db:
        found, begun = db.leads.now(KEY), db.leads.begun(KEY)
        assert (db.leads.now(OTHER), db.leads.begun(OTHER)) == ((), None)
        assert (db.leads.last(KEY, 1), db.leads.first(KEY)) == ((), None)
    assert [(one.row.id, one.at) for one in found] == [("a", at(2)), ("c", at(1))]
    assert begun == at(1)


def test_a_board_that_is_no_longer_watched_is_still_listed(store: Store) -> None:
    """Its history is worth showing."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    watch(store, OTHER)
    assert [(view.key, view.watched) for view in reads.boards(store)] == [
        (KEY, False),
        (OTHER, True),
    ]


def test_a_board_is_shown_with_each_rows_last_change(store: Store) -> None:
    """Held rows are there, removed ones are not."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2), row("c", 60, 3)))
    after = snapshot(
        row("a", 80, 1),
        row("b", 75, 2, missing=1),
        removed=(row("c", 60, 3, missing=2, removed_at=at(1)),),
    )
    commit(store, after, at(1))
    shown = stored_rows(store, KEY)
    assert shown is not None
    assert (shown.key, shown.polled_at, shown.snapshot) == (KEY, at(1), after)
    assert [(r.id, r.last_change, r.missing) for r in shown.rows] == [
        ("a", START, 0),
        ("b", at(1), 1),
    ]


def test_a_board_that_was_never_seen_is_not_shown(store: Store) -> None:
    """Neither is one that is only watched."""
    watch(store)
    assert stored_rows(store, KEY) is None
    assert stored_rows(store, OTHER) is None


# --- history -----------------------------------------------------------------------------------


@pytest.fixture
def past(store: Store) -> Store:
    """Give a store with three polls of one board and one of another."""
    watch(store, BoardKey("acme/bench"), OTHER)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    commit(store, snapshot(row("b", 90, 1), row("a", 80, 2, notes="x", filename="f")), at(10))
    commit(store, snapshot(row("b", 90, 1), removed=(row("a", 80, 2, notes="x"),)), at(20))
    commit(store, snapshot(row("z", "0.5", 1)), at(5), key=OTHER)
    return store


def test_history_tells_rank_and_score_over_time(past: Store) -> None:
    """The oldest first; a removal is a point of its own."""
    points = [
        (p.at, p.result.model, p.result.rank, str(p.result.score), p.removed)
        for p in reads.history(past, model="acme/a")
    ]
    assert points == [
        (START, "acme/a", 1, "80", False),
        (at(10), "acme/a", 2, "80", False),
        (at(20), "acme/a", 2, "80", True),
    ]
    assert [p.until for p in reads.history(past, model="acme/a")] == [at(10), at(20), None]


def test_history_begins_with_what_stood_then(past: Store) -> None:
    """A line that starts at ``since`` has a value there."""
    assert [p.at for p in reads.history(past, model="acme/b", since=at(15))] == [at(10)]
    assert [p.at for p in reads.history(past, model="acme/a", since=at(15))] == [at(10), at(20)]
    assert reads.history(past, model="acme/a", since=at(21)) == ()


def test_history_is_found_by_globs_that_ignore_case(past: Store) -> None:
    """As watches understand them."""
    models = {point.result.model for point in reads.history(past, model="ACME/*")}
    assert models == {"acme/a", "acme/b", "acme/z"}
    (only,) = reads.history(past, benchmark="zeta/BENCH")
    assert only.board == BoardKey("Zeta/bench", "task", include_derived=True)
    assert reads.history(past, model="acme/a", benchmark="zeta/*") == ()
    assert reads.history(past, model="nobody/*") == ()


def test_rank_and_score_at_any_time_are_an_indexed_look_up(sqlite_url: str) -> None:
    """A row's versions are found by its id, whatever else is stored."""
    sql = "EXPLAIN QUERY PLAN SELECT rank FROM row_versions WHERE row_id=1 AND valid_from<='2'"
    with closing(open_existing(sqlite_url)) as store, store._database.read() as connection:
        plan = str(connection.exec_driver_sql(sql).all())
    assert "SEARCH" in plan


# --- events ------------------------------------------------------------------------------------


@pytest.fixture
def told(store: Store) -> Store:
    """Give a store with events on two boards."""
    watch(store, BoardKey("acme/bench"), OTHER)
    one = [Found(row_id="a", event=event("e1", Kind.NEW_LEADER, "acme/a"))]
    two = [
        Found(row_id="b", event=event("e2", Kind.REMOVED, "Other/b")),
        Found(row_id="c", event=event("e3", Kind.NEW_LEADER, "Other/c")),
    ]
    commit(store, snapshot(row("a", 80, 1)), at(1), found=one)
    commit(store, snapshot(row("c", 80, 1)), at(2), found=two, key=OTHER)
    return store


def test_events_come_back_as_they_were_stored(told: Store) -> None:
    """With their board and the time of the poll, the oldest first."""
    first, second, third = reads.events(told)
    assert first.event == event("e1", Kind.NEW_LEADER, "acme/a")
    assert (first.at, first.board) == (at(1), BoardKey("acme/bench"))
    assert (second.event.id, third.event.id) == ("e2", "e3")
    assert third.board == BoardKey("Zeta/bench", "task", include_derived=True)


def test_any_number_of_events_keep_their_order(store: Store) -> None:
    """They are written some at a time."""
    many = 2 * AT_ONCE + 1
    watch(store, BoardKey("acme/bench"))
    names = [f"e{number}" for number in range(many)]
    found = [Found(row_id="a", event=event(name, Kind.NEW_LEADER, "acme/a")) for name in names]
    commit(store, snapshot(row("a", 80, 1)), at(1), found=found)
    assert [one.event.id for one in reads.events(store)] == names


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"since": at(2)}, ["e2", "e3"]),
        ({"benchmark": "zeta/*"}, ["e2", "e3"]),
        ({"model": "OTHER/?"}, ["e2", "e3"]),
        ({"kinds": ["new_leader"]}, ["e1", "e3"]),
        ({"kinds": ["new_leader"], "model": "other/*"}, ["e3"]),
        ({"limit": 2}, ["e2", "e3"]),
        ({"limit": 1, "benchmark": "acme/*"}, ["e1"]),
        ({"model": "nobody"}, []),
    ],
)
def test_events_are_chosen_by_what_they_are(
    told: Store, query: dict[str, Any], ids: list[str]
) -> None:
    """Conditions add up; of too many the newest are shown."""
    assert [e.event.id for e in reads.events(told, **query)] == ids


# --- deliveries --------------------------------------------------------------------------------


def test_deliveries_are_listed_with_events_and_attempts(store: Store) -> None:
    """In the order in which they were made."""
    enqueue(store, [delivery("one", "hook", "e2", "e1"), delivery("two")], START)
    attempt(store, at(1), InDoubt("timeout"), PACE)
    attempt(store, at(2))
    one, two = reads.deliveries(store)
    assert (one.id, one.channel, one.type, one.state) == (
        "one",
        "hook",
        "leaderboard.changed",
        "sent",
    )
    assert (one.created_at, one.events) == (START, ("e2", "e1"))
    assert [(a.at, a.outcome, a.error) for a in one.attempts] == [
        (at(1), "in_doubt", "timeout"),
        (at(2), "delivered", None),
    ]
    assert (two.state, two.next_attempt_at, two.attempts) == ("pending", START, ())


def test_deliveries_are_chosen_by_state(store: Store) -> None:
    """Of too many the newest are shown; a state that is none is refused."""
    enqueue(store, [delivery("a"), delivery("b", "x"), delivery("c", "y"), delivery("d")], START)
    attempt(store, START)
    attempt(store, START, Rejected("no"), channel="x")
    attempt(store, START, BROKEN, PACE, channel="y")
    by_state = {
        state: [d.id for d in reads.deliveries(store, [state])]
        for state in ("pending", "sent", "failed", "held")
    }
    assert by_state == {"pending": ["d"], "sent": ["a"], "failed": ["b"], "held": ["c"]}
    assert [d.id for d in reads.deliveries(store, ["sent", "held"])] == ["a", "c"]
    assert [d.id for d in reads.deliveries(store, limit=2)] == ["c", "d"]
    with pytest.raises(ValueError, match="lost"):
        reads.deliveries(store, ["lost"])


def test_a_failed_delivery_is_made_due_by_hand(store: Store) -> None:
    """With all its attempts before it, and those it had still listed."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    attempt(store, START, Rejected("no"))
    assert retry(store, ["nobody", "one", "nothing"], at(1)) == ("nobody", "nothing")
    claimed = take(store, at(1))
    assert claimed is not None
    assert (claimed.id, claimed.attempt) == ("one", 1)
    assert len(reads.deliveries(store)[0].attempts) == 1


def test_every_failed_delivery_is_made_due_by_hand(store: Store) -> None:
    """Sent ones are left alone; what is sent again resumes its channel."""
    names = [delivery("a"), delivery("b", "x"), delivery("c"), delivery("d", "x")]
    enqueue(store, names, START)
    attempt(store, START)
    attempt(store, START, RetryLater("503"), channel="x")
    attempt(store, at(1), Rejected("no"))
    attempt(store, at(1), BROKEN, PACE, channel="x")
    assert retry_failed(store, at(2)) == 2
    assert [d.state for d in reads.deliveries(store)] == ["sent", "pending", "pending", "pending"]
    assert retry_failed(store, at(2)) == 0


def test_what_is_being_sent_is_not_made_due(store: Store) -> None:
    """A retry by hand must not send a second copy beside the first."""
    enqueue(store, [delivery("one")], START)
    take(store, START)
    assert retry(store, ["one"], START) == ()
    assert take(store, START + PACE) is None


def test_models_that_were_ever_among_the_first_are_found(store: Store) -> None:
    """Those that stand there, and those that did, from a time on where one is given."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2), row("c", 60, 3)), at(1))
    commit(store, snapshot(row("b", 90, 1), row("a", 80, 2), row("c", 60, 3)), at(2))
    with store.read() as db:
        first = db.standings.ever_first
        assert first(KEY, 1, None) == {"acme/a", "acme/b"}
        assert first(KEY, 1, at(3)) == {"acme/b"}
        assert first(KEY, 3, None) == {"acme/a", "acme/b", "acme/c"}
        assert first(OTHER, 3, None) == set()
