"""What a poll and a delivery cost does not follow from how much is stored, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.event import listen, remove

from bot.config import load
from bot.core.delivery import IN_ORDER_ATTEMPTS, InDoubt, Rejected, Scope, State
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.jobs.prune import prune
from bot.store import Settlement, Store, open_existing
from bot.store.database import tables as t
from bot.store.database.engine import Database
from bot.store.paging import Names
from bot.views.operation.measures import measures
from tests.support.store.stored import (
    KEY,
    START,
    at,
    attempt,
    claim,
    commit,
    delivery,
    event,
    good,
    row,
    snapshot,
    take,
    watch,
)
from tests.support.store.units import (
    due_channels,
    end_poll,
    enqueue,
    fail_poll,
    incidents,
    owners,
    paced_until,
    release,
    settle,
)

GROWING = {
    "attempts",
    "boards",
    "deliveries",
    "delivery_events",
    "events",
    "memory",
    "models",
    "row_versions",
    "rows",
}
"""The tables that grow with time or with what is watched."""

STEP = 10
"""Every so many of SQLite's instructions are counted."""


def fill(store: Store, boards: int, waiting: int) -> None:
    """Store boards of 20 rows, and deliveries of one channel: sent ones, and others passed."""
    numbers = range(boards)
    rows = [(f"b{n}r{place}", n + 1000, place) for n in numbers for place in range(1, 21)]
    models = [{"id": 20 * n + 1000, "name": f"acme/{key}"} for n, (key, *_) in enumerate(rows)]
    with _pooled(store).write() as connection:
        connection.execute(insert(t.boards), [_board(n) for n in numbers])
        connection.execute(insert(t.models), models)
        connection.execute(
            insert(t.rows),
            [_row(key, of, rank) | {"model_id": 20 * n + 1000}
             for n, (key, of, rank) in enumerate(rows)],
        )  # fmt: skip
        numbered = connection.execute(select(t.rows.c.id)).scalars()
        connection.execute(insert(t.row_versions), [_version(number) for number in numbered])
        kept = [_delivery(n, State.SENT) for n in range(waiting)]
        kept += [_delivery(n, State.PENDING) for n in range(waiting, 2 * waiting)]
        connection.execute(insert(t.deliveries), kept)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


def _board(number: int) -> dict[str, object]:
    return {"id": number + 1000, "benchmark": f"acme/b{number}", "task": "",
            "include_derived": False, "watched": True, "every_s": 3600, "next_poll_at": START,
            "current": True, "rows_count": 20, "leader": f"b{number}r1"}  # fmt: skip


STATE = {"removed": False, "score": 1, "verified": False}


def _row(key: str, board: int, rank: int) -> dict[str, object]:
    return {"public_id": key, "board_id": board, "missing": 0, "since": at(1), "rank": rank,
            **STATE}  # fmt: skip


def _version(number: int) -> dict[str, object]:
    return {"row_id": number, "valid_from": START, "valid_to": at(1), "rank": 1, **STATE}


def _delivery(number: int, state: State) -> dict[str, object]:
    pending = state is State.PENDING
    return {"id": f"old{number}", "channel": "hook", "type": "leaderboard.changed",
            "state": state.value, "created_at": START, "attempts": IN_ORDER_ATTEMPTS,
            "next_attempt_at": START if pending else None,
            "ended_at": None if pending else START, "in_doubt": False,
            "body": b"{}" + b" " * 5000}  # fmt: skip


def _event(number: int) -> dict[str, object]:
    return {"id": f"old{number}", "at": START, "board_id": number % 60 + 1000,
            "kind": Kind.SCORE_CHANGE.value, "model_id": 20 * number + 1000,
            "body": "{}" + " " * 500}  # fmt: skip


def _pooled(store: Store) -> Database:
    return store._database


def everything(store: Store) -> None:
    """Poll a board, with a change, without one and in vain; claim and settle deliveries."""
    news = [Found(row_id="a", event=event("new"))]
    commit(store, snapshot(row("a", 80, 1)))
    with store.read() as db:
        assert db.models.former() == {}
    commit(store, snapshot(row("a", 81, 1)), at(1), news, [delivery("one", "hook", "new")])
    end_poll(store, claim(store, at(2)), good(at(2)))
    fail_poll(store, claim(store, at(3)), at(3), "gated", at(9))
    assert "hook" in due_channels(store, at(4))
    for minute in range(4, 8):
        attempt(store, at(minute), InDoubt("timeout"), timedelta(hours=1))
    assert paced_until(store, "hook", due_by=at(7), now=at(7)) is not None
    assert take(store, at(9))
    owners(store)
    release(store, "me")
    incidents(store)


def drained(store: Store) -> None:
    """Make ten attempts at what was passed, in a pass that remembers them."""
    tried: set[str] = set()
    for second in range(10):
        now = at(20) + timedelta(seconds=5 * second)
        claimed = take(store, now, due_by=at(20), excluding=tried)
        assert claimed is not None
        tried.add(claimed.id)
        later = Settlement(outcome=InDoubt("timeout"), at=now, next_at=now + timedelta(hours=1))
        assert settle(store, claimed, "me", later)
    assert len(tried) == 10


def test_a_poll_and_a_delivery_cost_the_same_at_any_size(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    """SQLite takes as many steps with ten times as many boards and deliveries."""
    small, large = (_steps(migrated_sqlite, tmp_path, size, everything) for size in (100, 1000))
    assert large < small * 1.2


def test_a_claim_costs_the_same_at_any_depth_of_a_backlog(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    """Also where all of it was tried four times, and what was tried in this pass is left out."""
    small, large = (_steps(migrated_sqlite, tmp_path, size, drained) for size in (100, 1000))
    assert large < small * 1.2


@pytest.mark.parametrize("work", [everything, drained])
def test_no_statement_of_a_poll_or_a_delivery_reads_a_whole_table(
    store: Store, work: Callable[[Store], None]
) -> None:
    """Nor a whole index: each finds its rows by a key."""
    watch(store)
    fill(store, 60, 400)
    with _planned(_pooled(store).engine) as plans:
        work(store)
    assert len(plans) > 10
    assert "\n\n".join(map(str, filter(_whole, plans))) == ""


def test_what_was_told_and_done_of_late_is_found_by_its_time(store: Store) -> None:
    """However much was found before; rows that have rested are in an index of their own."""
    watch(store)
    fill(store, 60, 400)
    with _planned(_pooled(store).engine) as plans, store.read() as db:
        db.memory.rested(at(1))
        db.memory.told_anew(KEY, at(0))
        db.events.steps(KEY, ["a", "b"], at(0))
    assert "\n\n".join(map(str, filter(_whole, plans))) == ""
    assert any("ix_memory_rests_at" in str(how) for _, how in plans)


def test_news_is_found_by_its_board_and_its_model(store: Store) -> None:
    """However many events there are of others."""
    watch(store)
    fill(store, 60, 10)
    with _pooled(store).write() as connection:
        connection.execute(insert(t.events), [_event(number) for number in range(600)])
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    found = (Found(row_id=None, event=event("e")),)
    commit(store, snapshot(row("a", 80, 1)), found=found)
    with _planned(_pooled(store).engine) as plans, store.read() as db:
        assert [one.event.id for one in db.news.of_board(KEY, 9)] == ["e"]
        assert [one.event.id for one in db.news.of_model(["acme/a"], Names(None), 9)] == ["e"]
    assert "\n\n".join(map(str, filter(_whole, plans))) == ""


def test_how_a_board_stood_is_found_by_its_rows(store: Store) -> None:
    """At some moments at once, in one statement; however many versions there are of others."""
    watch(store)
    fill(store, 60, 10)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    commit(store, snapshot(row("b", 90, 1), row("a", 80, 2)), now=at(60))
    with _planned(_pooled(store).engine) as plans, store.read() as db:
        found = db.standings.ranks(KEY, [at(90), at(30), at(-30)])
    assert found == ({"b": 1, "a": 2}, {"a": 1, "b": 2}, {})
    assert "\n\n".join(map(str, filter(_whole, plans))) == ""
    assert len([words for words, _ in plans if "row_versions" in words]) == 1


def test_a_scrape_reads_boards_and_what_is_unsent_and_nothing_else(
    store: Store, tmp_path: Path
) -> None:
    """Neither events nor what was ever sent: nothing that a year makes more of."""
    watch(store)
    fill(store, 60, 400)
    file = tmp_path / "config.toml"
    file.write_text(
        '[channels.hook]\ntype = "slack"\ntoken = "x"\nchannel = "C0123456789"\n', "utf-8"
    )
    settings = load(file, {})
    with _planned(_pooled(store).engine) as plans:
        found = measures(store, settings, at(9))
    assert found.deliveries[State.PENDING] == 400
    scanned = {line.split()[1] for _, how in plans for line in how if line.startswith("SCAN")}
    assert not scanned & (GROWING - {"boards"}), plans


def test_the_newest_deliveries_are_found_without_a_look_at_all(store: Store) -> None:
    """By their numbers, or by a state that few are in; no more of them than are asked for."""
    fill(store, 1, 500)
    with store.read() as db:
        until = db.deliveries.last()  # numbers go on where an earlier test left off
    with _planned(_pooled(store).engine) as plans, store.read() as db:
        all_, waiting, failed = (
            db.deliveries.newest(states, None, until, 5)
            for states in ((), (State.PENDING,), (State.FAILED,))
        )
    assert len(all_.found) == len(waiting.found) == 5
    assert {one.state for one in waiting.found} == {State.PENDING.value}
    assert (failed.found, failed.last) == ((), None)
    # What is bounded by a page of numbers walks down their index; no attempts are stored here.
    mine = [plan for plan in plans if "FROM deliveries" in plan[0]]
    unbounded = [plan for plan in mine if "(SELECT" not in plan[0]]
    assert "\n\n".join(map(str, filter(_whole, unbounded))) == ""


def test_what_is_pruned_of_histories_is_found_by_its_end(store: Store) -> None:
    """What stands ends never, and is in no index that is looked into."""
    fill(store, 60, 10)
    with _planned(_pooled(store).engine) as plans:
        prune(store, timedelta(days=1), at(9))
    looked = [
        str(lines) for words, lines in plans if words.startswith("SELECT row_versions.row_id")
    ]
    assert looked
    assert all("ix_row_versions_valid_to" in how for how in looked)


def test_what_waits_is_found_past_all_that_was_ever_sent(store: Store) -> None:
    """Also where much waits, and PostgreSQL counts on it to be met soon by its number."""
    many = [_delivery(number, State.SENT) | {"body": b""} for number in range(3000)]
    many += [_delivery(number, State.PENDING) | {"body": b""} for number in range(3000, 6000)]
    with _pooled(store).write() as connection:
        connection.execute(insert(t.deliveries), many)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE deliveries"))
    with _planned(_pooled(store).engine) as plans:
        assert attempt(store, START, Rejected("gone", Scope.ENDPOINT))
        assert attempt(store, at(600))
        with store.read() as db:
            assert db.channels.any_waits()
    assert len(plans) > 5
    assert "\n\n".join(map(str, filter(_whole, plans))) == ""


def test_a_claim_reads_no_body_but_the_one_that_it_hands_over(store: Store) -> None:
    """Bodies are large, and most of what is looked at has to wait."""
    enqueue(store, [delivery("one"), delivery("two")], START)
    statements: list[str] = []
    with _told(_pooled(store).engine, lambda _, statement, __: statements.append(statement)):
        assert attempt(store, START) == "one"
        assert attempt(store, at(1)) == "two"
        assert attempt(store, at(2)) is None
    assert sum("deliveries.body" in statement for statement in statements) == 2


def _steps(migrated: Path, folder: Path, size: int, work: Callable[[Store], None]) -> int:
    """Count the instructions that SQLite needs for some work on a database of a size."""
    path = shutil.copy(migrated, folder / f"{size}.db")
    done = [0]

    def step() -> int:
        done[0] += 1
        return 0

    with closing(open_existing(f"sqlite:///{path}")) as store:
        watch(store)
        fill(store, size, size)
        engine = _pooled(store).engine
        engine.dispose()
        listen(engine, "connect", lambda raw, _: raw.set_progress_handler(step, STEP))
        work(store)
    return done[0]


Told = Callable[[Connection, str, Any], object]


@contextmanager
def _told(engine: Engine, tell: Told) -> Iterator[None]:
    """Tell of each statement with its parameters, before it is executed."""

    def before(connection: Connection, _: object, statement: str, values: Any, *__: object) -> None:
        tell(connection, statement, values)

    listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        remove(engine, "before_cursor_execute", before)


@contextmanager
def _planned(engine: Engine) -> Iterator[list[tuple[str, list[str]]]]:
    """Keep how the database means to find the rows of each statement."""
    plans: list[tuple[str, list[str]]] = []

    def explain(connection: Connection, statement: str, values: Any) -> None:
        if statement.split(maxsplit=1)[0] not in ("SELECT", "UPDATE", "DELETE", "WITH"):
            return
        first = values[0] if isinstance(values, list) else values
        raw = connection.connection.cursor()
        if connection.dialect.name == "sqlite":
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", first)
            plans.append((statement, [line[3] for line in raw.fetchall()]))
        else:
            raw.execute("SET LOCAL enable_seqscan = off")  # where there is any other way
            raw.execute(f"EXPLAIN (FORMAT JSON) {statement}", first)
            plans.append((statement, list(_nodes(raw.fetchall()[0][0][0]["Plan"]))))

    with _told(engine, explain):
        yield plans


def _nodes(node: dict[str, Any]) -> Iterator[str]:
    """Say of each node of a plan of PostgreSQL what SQLite would."""
    table = node.get("Relation Name", node.get("Index Name"))
    if table and node["Node Type"] not in (
        "Bitmap Heap Scan",
        "ModifyTable",
        "LockRows",
    ):
        how = "SEARCH" if "Index Cond" in node or "TID Cond" in node else "SCAN"
        yield f"{how} {table} {node['Node Type']} {node.get('Index Name')}"
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _whole(plan: tuple[str, list[str]]) -> bool:
    """Tell whether a plan reads all of a table that grows, or all versions that stand."""
    # Few rows are claimed at a time, few models renamed, and these indexes are of them alone.
    few = ("_claimed", "_renamed")
    words = [line.split() for line in plan[1] if not any(name in line for name in few)]
    scanned = {line[1] for line in words if line[0] == "SCAN"}
    return bool(scanned & GROWING) or any("(valid_to=?)" in line for line in plan[1])
