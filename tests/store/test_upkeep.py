"""What pruning deletes and what it must never delete, on both databases."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import sqlalchemy
from msgspec.structs import replace

from bot.core.board import ModelFacts
from bot.core.delivery import Rejected, RetryLater
from bot.core.events import Found
from bot.core.tasks import Tasks
from bot.jobs.prune import Pruned, prunable, prune, prune_daily
from bot.store import Store, open_existing
from bot.store.maintenance import problems
from bot.views.boards import stored_rows
from bot.views.events import baseline
from tests.support.store import reads
from tests.support.store.stored import (
    KEY,
    PACE,
    START,
    at,
    attempt,
    commit,
    delivery,
    event,
    row,
    snapshot,
    watch,
)
from tests.support.store.units import (
    enqueue,
    incidents,
    known_facts,
    load_board,
    remember,
    save_tasks,
)

KEEP = timedelta(days=30)
LATE = START + timedelta(days=40)


def test_old_history_is_pruned_and_the_present_is_not(store: Store) -> None:
    """Held and removed rows are the present, too."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2), row("c", 60, 3)))
    now = snapshot(
        row("a", 81, 1),
        row("b", 70, 2, missing=1),
        removed=(row("c", 60, 3, missing=2, removed_at=at(1)),),
    )
    commit(store, now, at(1))
    assert prune(store, KEEP, LATE) == Pruned(events=0, deliveries=0, versions=2)
    assert load_board(store, KEY) == now
    assert problems(store) == []
    assert prune(store, KEEP, LATE) == Pruned(events=0, deliveries=0, versions=0)


def test_what_is_younger_is_kept(store: Store) -> None:
    """``keep`` counts from when a thing ended."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)), found=[Found(row_id="a", event=event("e"))])
    commit(store, snapshot(row("a", 81, 1)), at(1), deliveries=[delivery("d")])
    attempt(store, at(1))
    assert prune(store, KEEP, START + KEEP) == Pruned(events=0, deliveries=0, versions=0)
    assert len(reads.history(store)) == 2


def test_old_events_are_pruned_unless_a_delivery_waits_with_them(store: Store) -> None:
    """What is still to be told can still be looked up."""
    watch(store)
    found = [Found(row_id="a", event=event(name)) for name in ("sent", "waiting", "untold")]
    commit(
        store,
        snapshot(row("a", 80, 1)),
        found=found,
        deliveries=[delivery("d1", "x", "sent"), delivery("d2", "y", "sent", "waiting")],
    )
    attempt(store, START, channel="x")
    attempt(store, START, RetryLater("503"), PACE, channel="y")
    assert prune(store, KEEP, LATE) == Pruned(events=1, deliveries=1, versions=0)
    assert [e.event.id for e in reads.events(store)] == ["sent", "waiting"]
    assert [(d.id, d.events) for d in reads.deliveries(store)] == [("d2", ("sent", "waiting"))]


def test_what_was_sent_or_given_up_long_ago_is_pruned(store: Store) -> None:
    """With its attempts, and what was to be said of it."""
    enqueue(store, [delivery("sent"), delivery("failed"), delivery("waiting")], START)
    attempt(store, START)
    attempt(store, at(1), Rejected("no"))
    assert prune(store, KEEP, LATE).deliveries == 2
    assert [d.id for d in reads.deliveries(store)] == ["waiting"]
    assert [a.subject for a in incidents(store)] == ["channel"]


def test_what_waits_for_a_channel_that_is_gone_is_pruned(store: Store) -> None:
    """Once it is as old as the rest; what waits for another one stays."""
    enqueue(store, [delivery("d1", "gone"), delivery("d2", "hook")], START)
    assert reads.pending(store) == {"gone": 1, "hook": 1}
    assert prune(store, KEEP, START + KEEP, ["hook"]).deliveries == 0
    assert prune(store, KEEP, LATE, ["hook"]).deliveries == 1
    assert reads.pending(store) == {"hook": 1}


def test_boards_of_an_earlier_time_go_with_their_history(store: Store) -> None:
    """Nothing is left to say of them."""
    key = replace(KEY, task="now")
    watch(store, KEY, key)
    commit(store, snapshot(row("a", 80, 1)))
    commit(store, snapshot(row("b", 80, 1)), at(1), key=key)
    tasks = Tasks(ids=("now",), first="now", asked_at=at(2))
    save_tasks(store, KEY.benchmark, None, tasks, named="now")
    watch(store, key, now=at(2))
    assert prune(store, KEEP, LATE).versions == 1
    assert [view.key for view in reads.boards(store) if view.watched] == [key]
    assert [point.row_id for point in reads.history(store)] == ["b"]
    assert problems(store) == []


def test_what_nothing_refers_to_is_forgotten(store: Store) -> None:
    """Rows that only the past knew, with what was remembered of them, and models."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    commit(store, snapshot(row("a", 80, 1)), at(1))
    with store._database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO memory (channel, row_id) SELECT 'hook', id FROM rows"
        )
    prune(store, KEEP, LATE)
    with store._database.read() as connection:
        models = connection.exec_driver_sql("SELECT name FROM models").scalars().all()
        remembered = connection.exec_driver_sql("SELECT count(*) FROM memory").scalar()
    assert (models, remembered) == (["acme/a"], 1)


def test_a_board_that_events_name_stays_as_long_as_they(store: Store) -> None:
    """Though it was never watched nor seen; what is watched stays for ever."""
    key = replace(KEY, task="told")
    watch(store)
    with store.write() as db:
        db.events.add(key, [Found(row_id=None, event=event("e", model=None))], START)

    def boards() -> list[str]:
        with store._database.read() as connection:
            return sorted(connection.exec_driver_sql("SELECT task FROM boards").scalars())

    prune(store, KEEP, START + KEEP)
    assert boards() == ["", "told"]
    prune(store, KEEP, LATE)
    assert boards() == [""]


def test_facts_are_asked_for_again_after_a_while(store: Store) -> None:
    """Models change."""
    remember(store, {"a/old": ModelFacts()}, START)
    remember(store, {"a/new": ModelFacts()}, LATE)
    prune(store, KEEP, LATE)
    assert known_facts(store, ["a/old", "a/new"]) == {"a/new": ModelFacts()}


def test_a_time_beyond_all_times_prunes_nothing(store: Store) -> None:
    """``--keep`` may be any span."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    assert prune(store, timedelta.max, LATE) == Pruned(events=0, deliveries=0, versions=0)


def test_what_would_go_is_counted_before_it_goes(store: Store) -> None:
    """Whatever of it hangs together."""
    watch(store)
    found = [Found(row_id="a", event=event("e"))]
    commit(store, snapshot(row("a", 80, 1)), found=found, deliveries=[delivery("d", "hook", "e")])
    commit(store, snapshot(row("a", 81, 1)), at(1))
    commit(store, snapshot(row("a", 82, 1)), at(2))
    attempt(store, START)
    told = Pruned(events=1, deliveries=1, versions=1)
    assert prunable(store, KEEP, LATE) == told
    assert prunable(store, KEEP, LATE) == prune(store, KEEP, LATE)
    assert prunable(store, KEEP, LATE) == Pruned(events=0, deliveries=0, versions=0)


def test_a_board_is_known_since_its_first_result_for_ever(store: Store) -> None:
    """Where all its rows have changed since, the oldest result stays for that."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    for minutes in (1, 2, 3):
        commit(store, snapshot(row("a", 80 + minutes, 1), row("b", 70 + minutes, 2)), at(minutes))
    for _ in range(2):
        prune(store, KEEP, LATE)
        stored = stored_rows(store, KEY)
        assert stored is not None
        assert stored.baseline_at == START
        assert [point.at for point in reads.history(store)] == [START, at(3), at(3)]
    assert baseline(store) is None


def test_a_delivery_that_stays_is_shown_as_before(store: Store) -> None:
    """Also where its events were found too long ago."""
    watch(store)
    found = [Found(row_id="a", event=event("e"))]
    commit(store, snapshot(row("a", 80, 1)), found=found, deliveries=[delivery("d", "hook", "e")])
    attempt(store, LATE)
    before = reads.deliveries(store)
    assert prune(store, KEEP, LATE) == Pruned(events=1, deliveries=0, versions=0)
    assert reads.deliveries(store) == before


def test_pruning_holds_nobody_up_for_long(sqlite_url: str) -> None:
    """One transaction deletes some hundred rows at most."""
    with closing(open_existing(sqlite_url)) as store:
        remember(store, {f"a/{number}": ModelFacts() for number in range(1200)}, START)
        deleted: list[int] = []

        @sqlalchemy.event.listens_for(sqlalchemy.Engine, "after_cursor_execute")
        def note(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("DELETE FROM model_facts"):
                deleted.append(cursor.rowcount)

        try:
            prune(store, KEEP, LATE)
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "after_cursor_execute", note)
    assert deleted == [500, 500, 200]


def test_the_past_is_pruned_once_a_day(store: Store) -> None:
    """When the oldest of it has been too old for a day; until then nothing is deleted."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    commit(store, snapshot(row("a", 81, 1), row("b", 70, 2)), START)
    enqueue(store, [delivery("waiting", "gone")], START)
    commit(store, snapshot(row("a", 82, 1), row("b", 70, 2)), at(60))
    over = at(60) + KEEP
    assert prune_daily(store, KEEP, over + timedelta(hours=23)) is None
    pruned = prune_daily(store, KEEP, over + timedelta(hours=25))
    assert pruned == Pruned(events=0, deliveries=0, versions=1)
    assert prune_daily(store, KEEP, over + timedelta(hours=25)) is None
    assert reads.pending(store) == {"gone": 1}
