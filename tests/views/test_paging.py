"""Long reads go by pages: little is held at once, and no writer waits for who reads slowly."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.event import listen, remove

from bot.core.alerts.benchmarks import matches
from bot.core.board import BoardKey, ModelFacts
from bot.core.delivery import RetryLater
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.store import Store, open_existing
from bot.store.boards.wanted import EventFilter
from bot.store.database import tables as t
from bot.store.database.engine import Database
from bot.store.keys import make_number_of, name_models
from bot.store.paging import PAGE, Names, distinct
from bot.views.reads.paging import delivery_pages, event_pages, history_groups
from tests.support.store import reads
from tests.support.store.stored import PACE, START, at, attempt, delivery, event
from tests.support.store.units import enqueue, remember

KINDS = (Kind.NEW_LEADER, Kind.RANK_SHIFT, Kind.SCORE_CHANGE)


def pooled(store: Store) -> Database:
    return store._database


def fill_events(store: Store, number: int, models: int = 7) -> None:
    """Store events e0, e1, … of three kinds and some models, one a minute."""
    with pooled(store).write() as connection:
        boards = [make_number_of(connection, BoardKey(f"acme/b{n}")) for n in range(5)]
        by_name = numbered(connection, models)
        values = [
            {"id": f"e{n}", "at": at(n), "board_id": boards[n % 5], "kind": KINDS[n % 3].value,
             "model_id": by_name[f"org/m{n % models}"],
             "body": event(f"e{n}", KINDS[n % 3], f"org/m{n % models}").json.decode()}
            for n in range(number)
        ]  # fmt: skip
        connection.execute(insert(t.events), values)


def fill_rows(store: Store, number: int) -> None:
    """Store a board of rows, each of a model of its own."""
    board = {"id": 99, "benchmark": "acme/bench", "task": "", "include_derived": False,
             "current": True, "rows_count": number, "leader": "r0"}  # fmt: skip
    with pooled(store).write() as connection:
        by_name = numbered(connection, number)
        rows = [
            {"public_id": f"r{n}", "board_id": 99, "model_id": by_name[f"org/m{n}"], "missing": 0,
             "since": START, "removed": False, "rank": n + 1, "score": number - n,
             "verified": False}
            for n in range(number)
        ]  # fmt: skip
        connection.execute(insert(t.boards), [board])
        connection.execute(insert(t.rows), rows)


def numbered(connection: Connection, models: int) -> dict[str, int]:
    """Store models m0, m1, …, and return the number of each."""
    name_models(connection, [f"org/m{n}" for n in range(models)])
    return dict(map(tuple, connection.execute(select(t.models.c.name, t.models.c.id))))


@contextmanager
def asked(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Keep each statement, and the values that it is given."""
    kept: list[tuple[str, Any]] = []

    def keep(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        kept.append((statement, values))

    listen(pooled(store).engine, "before_cursor_execute", keep)
    try:
        yield kept
    finally:
        remove(pooled(store).engine, "before_cursor_execute", keep)


def test_events_come_in_pages_in_their_order(store: Store) -> None:
    """Each page is small, and together they are all."""
    fill_events(store, 2 * PAGE + 5)
    pages = list(event_pages(store))
    assert max(map(len, pages)) == PAGE
    assert [one.event.id for page in pages for one in page] == [
        f"e{n}" for n in range(2 * PAGE + 5)
    ]


CHOICES: tuple[dict[str, Any], ...] = (
    {"limit": PAGE + 7},
    {"limit": 3, "kinds": ["new_leader", "score_change"]},
    {"limit": 2 * PAGE, "model": "ORG/m[12]"},
    {"since": at(PAGE + 300), "benchmark": "acme/b3"},
    {"since": at(PAGE + 300), "kinds": ["rank_shift"], "limit": 10},
    {"limit": 10 * PAGE},
)


def test_what_is_chosen_of_many_pages_is_what_is_chosen_of_all(store: Store) -> None:
    """Wherever the pages begin and end."""
    fill_events(store, 2 * PAGE + 5)
    every = list(reads.events(store))
    for options in CHOICES:
        wanted = [
            one.event.id
            for one in every
            if one.at >= options.get("since", START)
            and one.event.kind.value in options.get("kinds", KINDS)
            and matches(options.get("model", "*"), one.event.model or "")
            and matches(options.get("benchmark", "*"), one.board.benchmark)
        ]
        limit = options.get("limit", len(wanted))
        found = [one.event.id for one in reads.events(store, **options)]
        assert found == wanted[-limit:], options


def test_deliveries_come_in_pages_in_their_order(store: Store) -> None:
    """Also those in a state, or the newest."""
    number = PAGE + 500
    enqueue(store, [delivery(f"d{n}", f"c{n % 2}") for n in range(number)], START)
    with pooled(store).write() as connection:
        ended = update(t.deliveries).where(t.deliveries.c.seq % 3 == 0)
        connection.execute(ended.values(state="sent", ended_at=START))
    pages = list(delivery_pages(store))
    assert max(map(len, pages)) == PAGE
    names = [one.id for page in pages for one in page]
    assert names == [f"d{n}" for n in range(number)]
    sent = [one.id for one in reads.deliveries(store, ["sent"])]
    assert len(sent) == number // 3
    assert [one.id for one in reads.deliveries(store, ["sent"], limit=400)] == sent[-400:]
    assert [one.id for one in reads.deliveries(store, limit=PAGE + 1)] == names[-PAGE - 1 :]


def test_a_delivery_is_found_by_its_id_and_by_how_that_begins(store: Store) -> None:
    """Without a look at any other."""
    enqueue(
        store, [delivery("msg_1a"), delivery("msg_1b"), delivery("msg_2"), delivery("%")], START
    )
    with store.read() as db:
        found = db.deliveries.one("msg_1a")
        assert found is not None
        assert found.id == "msg_1a"
        assert db.deliveries.one("msg_1") is None
        assert sorted(db.deliveries.ids("msg_1")) == ["msg_1a", "msg_1b"]
        assert db.deliveries.ids("%") == ("%",)
        assert db.deliveries.ids("MSG") == ()
        assert len(db.deliveries.ids(limit=3)) == 3


def test_what_was_tried_and_waits_is_found_by_its_channel(store: Store) -> None:
    """The oldest first; neither what was never tried nor what has ended."""
    enqueue(store, [delivery("a"), delivery("b"), delivery("c"), delivery("x", "other")], START)
    attempt(store, START)
    for minute in range(1, 5):
        attempt(store, at(minute), RetryLater("503"), PACE)
    attempt(store, START, RetryLater("503"), PACE, "other")
    with store.read() as db:
        assert db.deliveries.attempted("hook") == ("b",)


def test_a_writer_finds_the_file_free_between_pages(sqlite_url: str) -> None:
    """Whoever reads may take his time, or stop."""
    with closing(open_existing(sqlite_url)) as store, closing(open_existing(sqlite_url)) as other:
        fill_events(store, 2 * PAGE)
        fill_rows(store, PAGE)
        pooled(other).patience_s = 0
        reading: tuple[Iterator[Any], ...] = (event_pages(store), history_groups(store))
        for pages in reading:
            next(pages)
            remember(other, {"acme/a": ModelFacts()}, START)
            assert next(pages)


def test_what_was_not_there_at_the_start_is_left_for_the_next_time(store: Store) -> None:
    """Else who reads slowly might never come to an end."""
    fill_events(store, PAGE + 1)
    pages = event_pages(store)
    next(pages)
    with store.write() as db:
        db.events.add(BoardKey("a/b"), [Found(row_id=None, event=event("late"))], START)
    assert [one.event.id for page in pages for one in page] == [f"e{PAGE}"]


@pytest.mark.parametrize("models", [20, PAGE + 500])
def test_a_glob_finds_any_number_of_models(store: Store, models: int) -> None:
    """No statement lists them all: databases take only so many values."""
    fill_rows(store, models)
    fill_events(store, models, models)
    with asked(store) as statements:
        history = reads.history(store, model="ORG/m*")
        found = reads.events(store, model="ORG/m*")
        some = reads.history(store, model="org/m1?")
    assert len(history) == len(found) == models
    assert {point.result.model for point in some} == {f"org/m{n}" for n in range(10, 20)}
    assert max(len(values) for _, values in statements) < PAGE


@pytest.mark.parametrize("pages", [1, 30])
@pytest.mark.parametrize("kind", [Kind.RANK_SHIFT, None])
def test_events_of_named_benchmarks_come_part_by_part(
    store: Store, monkeypatch: pytest.MonkeyPatch, pages: int, kind: Kind | None
) -> None:
    """All of them, whether an index leads to the few or some pages are looked at."""
    fill_events(store, 2 * PAGE)
    monkeypatch.setattr("bot.store.paging.PAGES_BACK", pages)
    names = Names(frozenset({"acme/b1", "acme/b2", "acme/b3"}))
    which = EventFilter(benchmarks=names, kinds=(kind.value,) if kind else ())
    found: list[str] = []
    with store.read() as db:
        until: int | None = db.events.last()
        while until is not None:
            part = db.events.newest(which, until, 300)
            assert len(part.found) <= 300
            found += [one.event.id for one in part.found]
            until = None if part.last is None else part.last - 1
    wanted = [n for n in range(2 * PAGE) if n % 5 in (1, 2, 3) and (not kind or n % 3 == 1)]
    assert found == [f"e{n}" for n in reversed(wanted)]


ODD = (
    "org/Mistral", "org/m\u0131stral", "org/MİSTRAL", "org/\u212aimi", "org/kimi", "org/straße",
    "org/STRASSE", "org/ﬁne", "org/a%b", "org/a_b", "org/axb", "org/a\\b", "org/a[b", "ORG/é",
)  # fmt: skip
GLOBS = (
    "org/mistral", "ORG/MI*", "*K?MI", "org/strasse", "org/straße", "*FI*", "org/a%b", "org/a_b",
    "org/a?b", "*\\*", "org/a[[]b", "*[xk]*", "*[", "org/É", "*é*", "*", "?*?", "", "x" * 600,
    "*" * 600,
)  # fmt: skip


def test_a_glob_finds_in_the_database_what_it_stands_for(store: Store) -> None:
    """Whatever letters are in it or in names, and however their case is folded."""
    with pooled(store).write() as connection:
        name_models(connection, ODD)
        wanted = t.models.c.name.in_(ODD)
        found = {
            glob: set(distinct(connection, t.models.c.name, None, glob, wanted)) for glob in GLOBS
        }
    assert all({one for one in ODD if matches(glob, one)} <= found[glob] for glob in GLOBS)
    assert found["org/a_b"] == {"org/a_b", *filter(lambda one: not one.isascii(), ODD)}


def test_a_name_of_nothing_reads_no_events(store: Store) -> None:
    """Neither forward nor back, however many there are."""
    fill_events(store, 3)
    with asked(store) as statements:
        assert list(event_pages(store, model="org/nobody", limit=1)) == []
        assert list(event_pages(store, benchmark="acme/none*")) == []
    assert [words for words, _ in statements if "events.seq" in words.partition("WHERE")[0]] == []


def test_more_events_take_no_more_memory(sqlite_url: str) -> None:
    """Four times as many, read to their end."""
    with closing(open_existing(sqlite_url)) as store:
        fill_events(store, 2 * PAGE)
        small = _peak(store)
        fill_events_again(store, 6 * PAGE)
        assert _peak(store) < small * 1.2


def fill_events_again(store: Store, number: int) -> None:
    body = event("again").json.decode()
    with pooled(store).write() as connection:
        board = make_number_of(connection, BoardKey("acme/b"))
        values = [
            {"id": f"again{n}", "at": START, "board_id": board, "kind": "removed", "body": body}
            for n in range(number)
        ]
        connection.execute(insert(t.events), values)


def _peak(store: Store) -> int:
    """Return how much memory it takes at most to read all events."""
    for _ in event_pages(store, limit=1):
        pass  # what is made once is made
    tracemalloc.start()
    try:
        for _ in event_pages(store):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
