"""Targets, polls and the snapshots they leave, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import insert

from bot.core.alerts.deliveries import Told
from bot.core.board import BoardKey, Doubt, DoubtReason, Snapshot, Source, Unread
from bot.core.discovery import Benchmark
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.store import BoardPoll, Discovery, Store
from bot.store.database.tables import discoveries
from bot.store.maintenance import problems
from tests.support.store import reads
from tests.support.store.stored import (
    HOUR,
    KEY,
    START,
    at,
    claim,
    commit,
    delivery,
    event,
    good,
    row,
    snapshot,
    watch,
)
from tests.support.store.units import (
    claim_poll,
    due_boards,
    end_poll,
    fail_poll,
    known_facts,
    last_list,
    load_board,
    save_list,
    schedule,
)

DERIVED = BoardKey("acme/bench", include_derived=True)
DOUBT = Doubt(reason=DoubtReason.RESCORED, times=1, lacking=frozenset({"b"}))


def known(store: Store) -> Snapshot:
    """Return the board's snapshot, which is there."""
    found = load_board(store, KEY)
    assert found is not None
    return found


# --- what is watched ---------------------------------------------------------------------------


def test_a_newly_watched_target_is_due_and_fresh(store: Store) -> None:
    """Nobody waits for an interval to see the first poll."""
    watch(store)
    assert due_boards(store, START) == (KEY,)
    assert claim(store).fresh


def test_watching_the_same_changes_nothing(store: Store) -> None:
    """A restart neither polls at once nor takes a new baseline."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    watch(store, now=at(1))
    assert due_boards(store, at(1)) == ()
    assert not claim(store, at(60)).fresh


def test_a_target_that_is_watched_again_is_fresh(store: Store) -> None:
    """What happened while nobody watched is not told."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    watch(store, DERIVED, now=at(1))
    assert claim_poll(store, KEY, "me", at(1), at(2)) is None
    watch(store, KEY, DERIVED, now=at(2))
    again = claim(store, at(2))
    assert (again.fresh, again.etag, again.digest) == (True, None, None)


def test_a_shorter_interval_brings_the_next_poll_forward(store: Store) -> None:
    """A changed ``every`` counts from now, a longer one only from the next poll on."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    schedule(store, {KEY: timedelta(minutes=5)}, at(1))
    assert due_boards(store, at(5)) == ()
    assert due_boards(store, at(6)) == (KEY,)
    schedule(store, {KEY: timedelta(days=1)}, at(6))
    assert due_boards(store, at(6)) == (KEY,)


def test_a_much_shorter_interval_is_kept_from_now_on(store: Store) -> None:
    """From a week to five minutes: the board is not taken for one that the clock put off."""
    schedule(store, {KEY: timedelta(days=7)}, START)
    claimed = claim(store)
    end_poll(store, claimed, replace(good(START), next_at=at(7 * 24 * 60)))
    schedule(store, {KEY: timedelta(minutes=5)}, at(1))
    assert due_boards(store, at(5)) == ()
    assert due_boards(store, at(6)) == (KEY,)
    assert claim(store, at(6)).every == timedelta(minutes=5)


def test_a_wait_that_the_hub_asked_for_is_kept(store: Store) -> None:
    """However often the watched boards are looked at meanwhile."""
    watch(store)
    fail_poll(store, claim(store), START, "the Hub answered 503", at(23 * 60))
    watch(store, now=at(1))
    assert due_boards(store, at(22 * 60)) == ()
    assert due_boards(store, at(23 * 60)) == (KEY,)


def test_the_longest_overdue_comes_first(store: Store) -> None:
    """Under load no board is forgotten."""
    watch(store, DERIVED)
    watch(store, DERIVED, KEY, now=at(1))
    assert due_boards(store, at(2)) == (DERIVED, KEY)


# --- claims ------------------------------------------------------------------------------------


def test_a_claimed_target_is_nobody_elses(store: Store) -> None:
    """It is neither listed nor given out while the claim lasts."""
    watch(store)
    claim(store, owner="one")
    assert due_boards(store, START) == ()
    assert claim_poll(store, KEY, "two", START, at(1)) is None


def test_a_claim_that_ran_out_can_be_taken_over(store: Store) -> None:
    """A crash holds a board back no longer than its lease; the late commit is refused."""
    watch(store)
    late = claim(store, owner="one")
    claim(store, at(1), owner="two")
    assert not end_poll(store, late, good(at(1)))


def test_a_target_is_claimed_by_name_before_it_is_due(store: Store) -> None:
    """``poll`` polls now, whatever is due."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    assert claim(store, at(1)).polled_at == START


def test_nobody_polls_what_is_not_watched(store: Store) -> None:
    """A claim needs a watched target."""
    assert claim_poll(store, KEY, "me", START, at(1)) is None


def test_a_poll_under_way_is_outdated_by_a_new_watch(store: Store) -> None:
    """Its answer must not stand for the fresh baseline."""
    watch(store)
    old = claim(store)
    watch(store, DERIVED)
    watch(store)
    assert not end_poll(store, old, good(START))


def test_the_same_version_is_committed_once(store: Store) -> None:
    """Two commits from one claim: the second changes nothing."""
    watch(store)
    claimed = claim(store)
    board = BoardPoll(before=None, after=snapshot(row("a", 80, 1)))
    end_poll(store, claimed, good(START, board))
    other = BoardPoll(before=None, after=snapshot(row("b", 80, 1)))
    assert not end_poll(store, claimed, good(START, other))
    assert [r.id for r in known(store).rows] == ["a"]


# --- snapshots ---------------------------------------------------------------------------------

NAMELESS = Unread(rows=2, nameless_since=at(0))
FULL = snapshot(
    row(
        "a",
        "80.60",
        1,
        verified=True,
        filename=None,
        source=None,
        pull_request=7,
        notes="With tools ✓",
        parameters=7,
    ),
    row("b", "0.1", 2, source=Source(None, "https://example.org"), missing=1),
    row("c", "-3", 2, source=Source()),
    removed=(row("d", "1e3", 4, missing=2, removed_at=START),),
    higher_is_better=False,
    turning=1,
    unread=NAMELESS,
)


def test_a_snapshot_comes_back_as_it_was(store: Store) -> None:
    """Held and removed rows, digits of scores and empty sources included."""
    watch(store)
    commit(store, FULL)
    assert load_board(store, KEY) == FULL
    assert str(known(store).rows[0].result.score) == "80.60"


def test_each_snapshot_replaces_the_one_before(store: Store) -> None:
    """Rows that come, change, are held, removed and return all end as given."""
    gone = row("b", 70, 3, missing=2, removed_at=at(2))
    steps = [
        snapshot(row("a", 80, 1), row("b", 70, 2)),
        snapshot(row("c", 90, 1), row("a", 80, 2), row("b", 70, 3, missing=1)),
        snapshot(row("c", 90, 1), row("a", 81, 2), removed=(gone,)),
        snapshot(row("c", 90, 1), row("a", 81, 2), row("b", 75, 3), higher_is_better=True),
        snapshot(),
        snapshot(row("d", 90, 1)),
    ]
    watch(store)
    for number, step in enumerate(steps):
        commit(store, step, at(number))
        assert load_board(store, KEY) == step


def test_polls_at_the_same_moment_replace_each_other(store: Store) -> None:
    """Nor does a clock that was set back lose anything."""
    watch(store)
    for score, minutes in [(80, 2), (81, 2), (82, 1), (83, 1)]:
        commit(store, snapshot(row("a", score, 1)), at(minutes))
    assert load_board(store, KEY) == snapshot(row("a", 83, 1))
    assert [str(point.result.score) for point in reads.history(store)] == ["83"]
    assert problems(store) == []


def test_a_fresh_baseline_drops_what_it_does_not_have(store: Store) -> None:
    """Rows of an earlier time are no longer there to be told as removed."""
    watch(store)
    commit(store, FULL)
    watch(store, DERIVED, now=at(2))
    watch(store, KEY, now=at(3))
    after = snapshot(row("a", 80, 1))
    end_poll(store, claim(store, at(3)), good(at(3), BoardPoll(before=None, after=after)))
    assert load_board(store, KEY) == after
    assert problems(store) == []
    assert {point.row_id for point in reads.history(store)} == {"a", "b", "c", "d"}


def test_an_unchanged_answer_only_counts_as_a_poll(store: Store) -> None:
    """The snapshot stays, the time and the validators move on."""
    watch(store)
    commit(store, FULL)
    end_poll(store, claim(store, at(1)), good(at(1), etag="e2", digest="d2"))
    now = claim(store, at(2))
    assert (now.polled_at, now.etag, now.digest, now.fresh) == (at(1), "e2", "d2", False)
    assert load_board(store, KEY) == FULL
    assert due_boards(store, at(60)) == ()


def test_a_held_or_doubted_board_is_not_settled(store: Store) -> None:
    """An unchanged answer then still counts for something."""
    watch(store)
    for minutes, (after, settled) in enumerate(
        [
            (snapshot(row("a", 80, 1)), True),
            (snapshot(row("a", 80, 1, missing=1)), False),
            (snapshot(row("b", 70, 1), removed=(row("a", 80, 1, missing=2),)), True),
            (snapshot(row("b", 70, 1), doubt=DOUBT), False),
            (snapshot(row("b", 70, 1), turning=1), False),
            (snapshot(row("b", 70, 1, reported=0), unread=Unread(rows=1)), True),
            (snapshot(row("b", 70, 1, reported=0), unread=NAMELESS), False),
            (snapshot(row("b", 70, 1), unread=NAMELESS), True),
            (snapshot(row("b", 70, 1)), True),
        ]
    ):
        commit(store, after, at(minutes))
        assert claim(store, at(minutes)).settled is settled


def test_another_size_of_the_model_makes_no_version(store: Store) -> None:
    """It is kept, and no change of the result."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1, parameters=7)))
    resized = snapshot(row("a", 80, 1, parameters=8))
    commit(store, resized, at(1))
    assert load_board(store, KEY) == resized
    assert len(reads.history(store)) == 1
    assert known_facts(store, ["acme/a"])["acme/a"].parameters == 8


def test_a_doubt_is_kept_whole(store: Store) -> None:
    """With its reason, its count, and the rows that all of the answers lacked."""
    watch(store)
    doubted = snapshot(row("a", 80, 1), row("b", 70, 2), doubt=DOUBT, turning=1)
    commit(store, doubted)
    assert load_board(store, KEY) == doubted
    assert not claim(store, at(1)).settled


def test_a_poll_stores_snapshot_events_and_deliveries_in_one(store: Store) -> None:
    """Where one of them cannot be stored, none is."""
    watch(store)
    found = [Found(row_id="a", event=event("e1"))]
    commit(store, snapshot(row("a", 80, 1)), found=found, deliveries=[delivery("d1", "hook", "e1")])
    with pytest.raises(Exception, match=r"(?i)unique"):
        commit(store, snapshot(row("a", 81, 1)), at(1), deliveries=[delivery("d1")])
    assert load_board(store, KEY) == snapshot(row("a", 80, 1))
    assert [e.event.id for e in reads.events(store)] == ["e1"]
    assert [d.events for d in reads.deliveries(store)] == [("e1",)]


# --- failures ----------------------------------------------------------------------------------


def test_a_failed_poll_is_counted_and_ends_the_claim(store: Store) -> None:
    """Everything stored stays; the next good poll counts from 0 again."""
    watch(store)
    commit(store, FULL)
    fail_poll(store, claim(store, at(1)), at(1), "503", at(2))
    fail_poll(store, claim(store, at(2)), at(2), "504", at(3))
    assert due_boards(store, at(3)) == (KEY,)
    now = claim(store, at(3))
    assert (now.failures, now.polled_at) == (2, START)
    assert load_board(store, KEY) == FULL
    end_poll(store, now, good(at(3)))
    assert claim(store, at(4)).failures == 0


def test_an_outdated_failure_counts_nothing(store: Store) -> None:
    """Another process has polled the board meanwhile."""
    watch(store)
    late = claim(store, owner="one")
    end_poll(store, claim(store, at(2), owner="two"), good(at(2)))
    fail_poll(store, late, at(3), "too late", at(4))
    assert claim(store, at(3)).failures == 0


# --- the list of benchmarks --------------------------------------------------------------------

LIST = Discovery(at=START, benchmarks=(Benchmark("a/b"), Benchmark("c/d", gated=True)))


def test_the_list_of_benchmarks_is_kept_with_its_events(store: Store) -> None:
    """Benchmark events are listed with their benchmark."""
    assert last_list(store) is None
    save_list(store, None, LIST)
    assert last_list(store) == LIST
    later = replace(LIST, at=at(60), missing={"c/d": 1, "a/b": 2}, doubted=1)
    new = event("e", Kind.NEW_BENCHMARK, None)
    told = Told(
        found=((BoardKey("x/y"), (Found(row_id=None, event=new),)),),
        deliveries=(delivery("d", "hook", "e"),),
    )
    save_list(store, LIST, later, told)
    assert last_list(store) == later
    assert [(e.board.benchmark, e.event, e.at) for e in reads.events(store)] == [
        ("x/y", new, at(60))
    ]
    assert sum(reads.pending(store).values()) == 1


def test_only_the_next_list_is_stored(store: Store) -> None:
    """Two processes that ask the Hub at once tell what is new once."""
    save_list(store, None, LIST)
    for previous in (None, replace(LIST, at=at(1))):
        assert not save_list(store, previous, LIST, Told(deliveries=(delivery("d"),)))
    assert sum(reads.pending(store).values()) == 0


def test_a_list_that_another_version_wrote_is_followed_by_the_next(store: Store) -> None:
    """It may have written it with fewer keys, or in another order."""
    body = '{"benchmarks": [{"id": "a/b"}], "at": "2026-04-27T10:00:00Z"}'
    with store._database.write() as connection:
        connection.execute(insert(discoveries).values(id=1, body=body))
    save_list(store, last_list(store), LIST)
    assert last_list(store) == LIST


def test_the_next_poll_is_when_the_result_says(store: Store) -> None:
    """The schedule is the caller's."""
    watch(store)
    end_poll(store, claim(store), good(START))
    assert due_boards(store, START + HOUR - timedelta(seconds=1)) == ()
    assert due_boards(store, START + HOUR) == (KEY,)


def test_a_named_board_leaves_behind_what_was_told_of_its_benchmark(store: Store) -> None:
    """What became of rows goes with it; that the benchmark joined was told of no task."""
    watch(store)
    news = [
        Found(row_id="a", event=event("row")),
        Found(row_id=None, event=event("anew", Kind.RECOMPUTED, None)),
        Found(row_id=None, event=event("b", Kind.NEW_BENCHMARK, None)),
    ]
    commit(store, snapshot(row("a", 80, 1)), found=news)
    with store.write() as db:
        db.renames.name_task(KEY.benchmark, "first", at(1))
    assert [(one.event.id, one.board.task) for one in reads.events(store)] == [
        ("row", "first"),
        ("anew", "first"),
        ("b", None),
    ]
    assert load_board(store, replace(KEY, task="first")) == snapshot(row("a", 80, 1))
    assert load_board(store, KEY) is None


def test_a_moved_board_takes_the_place_of_one_that_had_no_rows(store: Store) -> None:
    """With its rows and claim's version; what was told of the other's benchmark goes with it."""
    other = BoardKey("new/name", KEY.task)
    watch(store)
    outdated = claim(store)
    joined = [Found(row_id=None, event=event("b", model=None))]
    with store.write() as db:
        db.events.add(other, joined, at(0))
        db.boards.save([(KEY, BoardPoll(before=None, after=snapshot(row("a", 80, 1))), at(0))])
        db.renames.move(KEY.benchmark, other.benchmark, at(1))
    assert load_board(store, other) == snapshot(row("a", 80, 1))
    assert load_board(store, KEY) is None
    assert [one.board for one in reads.events(store)] == [other]
    assert not end_poll(store, outdated, good(START))
    assert due_boards(store, START) == (other,)


def test_a_moved_board_ends_where_its_place_is_taken(store: Store) -> None:
    """By one that had rows: they stay as they are."""
    other = BoardKey("new/name", KEY.task)
    schedule(store, {KEY: HOUR, other: HOUR}, START)
    with store.write() as db:
        for key, model in ((KEY, "a"), (other, "b")):
            after = snapshot(row(model, 80, 1))
            db.boards.save([(key, BoardPoll(before=None, after=after), at(0))])
        db.renames.move(KEY.benchmark, other.benchmark, at(1))
    assert load_board(store, other) == snapshot(row("b", 80, 1))
    assert load_board(store, KEY) is None


def test_the_rank_in_the_last_answer_is_kept_beside_the_one_that_was_told(store: Store) -> None:
    """It makes no version of the row."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    now = snapshot(row("a", 80, 1, missing=1), replace(row("b", 70, 2), reported=1))
    commit(store, now, at(1))
    assert load_board(store, KEY) == now
    assert len(reads.history(store)) == 2
