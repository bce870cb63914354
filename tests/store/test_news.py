"""News, as feeds tell it: what is found last of a board, a model, a watch; on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.events import Found, Leader, StoredEvent
from bot.core.kinds import Kind
from bot.store import Store
from bot.store.paging import Names
from tests.support.store.stored import KEY, commit, event, row, snapshot, watch

EVERY = Names(None)


def store_events(store: Store, *told: tuple[str, Kind, str, dict[str, Any]]) -> None:
    watch(store)
    found = [
        Found(row_id="a", event=replace(event(key, kind, model), **fields))
        for key, kind, model, fields in told
    ]
    rows = (row("a", 80, 1), row("ab", 70, 2), row('"\\', 60, 3))
    commit(store, snapshot(*rows), found=found)


def ids(found: tuple[StoredEvent, ...]) -> list[str]:
    return [one.event.id for one in found]


def test_news_is_neither_a_shift_nor_part_of_a_board_that_was_scored_anew(store: Store) -> None:
    """The newest is first, of no more than are wanted."""
    store_events(
        store,
        ("old", Kind.NEW_ENTRY, "acme/a", {}),
        ("shift", Kind.RANK_SHIFT, "acme/a", {}),
        ("anew", Kind.SCORE_CHANGE, "acme/a", {"recomputed": True}),
        ("says", Kind.SCORE_CHANGE, "acme/a", {"notes": '"recomputed":true', "recomputed": UNSET}),
        ("new", Kind.REMOVED, "acme/ab", {}),
    )
    with store.read() as db:
        assert ids(db.news.of_board(KEY, 100)) == ["new", "says", "old"]
        assert ids(db.news.of_board(KEY, 1)) == ["new"]
        assert ids(db.news.of_model(["acme/a"], EVERY, 100)) == ["says", "old"]
        assert ids(db.news.of_model(["acme/a"], Names(frozenset({"acme/other"})), 9)) == []


def test_what_took_the_lead_from_a_model_is_news_of_it(store: Store) -> None:
    """Also where the names of both begin alike, or hold what JSON escapes; not from its own row."""

    def led(model: str) -> dict[str, Any]:
        return {"previous_leader": Leader(model, None, Decimal(1))}

    store_events(
        store,
        ("lost", Kind.NEW_LEADER, "acme/a", led("acme/ab")),
        ("own", Kind.NEW_LEADER, "acme/ab", led("acme/ab")),
        ("others", Kind.NEW_LEADER, "acme/a", led("acme/abc")),
        ("quoted", Kind.NEW_LEADER, "acme/a", led('acme/"\\')),
    )
    with store.read() as db:
        assert ids(db.news.of_model(["acme/ab"], EVERY, 100)) == ["own", "lost"]
        assert ids(db.news.of_model(['acme/"\\'], EVERY, 100)) == ["quoted"]


def test_news_of_a_watch_is_what_it_wanted(store: Store) -> None:
    """Whatever its name is, and whatever others are called."""
    store_events(
        store,
        ("one", Kind.NEW_ENTRY, "acme/a", {"watches": ("acme/a", "x")}),
        ("two", Kind.NEW_ENTRY, "acme/a", {"watches": ("x_y%",)}),
        ("three", Kind.NEW_ENTRY, "x", {"watches": ("y",)}),
    )
    with store.read() as db:
        last = db.events.last()
        found = {name: ids(db.news.of_watch(name, last, 9)) for name in ("acme/a", "x", "x_y%")}
        assert ids(db.news.of_watch("x_y%", last - 2, 9)) == []
    assert found == {"acme/a": ["one"], "x": ["one"], "x_y%": ["two"]}


def test_what_a_poll_of_a_board_found_first_is_told_of_it(store: Store) -> None:
    """Of that poll alone, and neither a shift nor a part of a board that was scored anew."""
    store_events(
        store,
        ("shift", Kind.RANK_SHIFT, "acme/a", {}),
        ("anew", Kind.SCORE_CHANGE, "acme/a", {"recomputed": True}),
        ("first", Kind.NEW_ENTRY, "acme/a", {}),
        ("second", Kind.REMOVED, "acme/ab", {}),
    )
    with store.read() as db:
        (found,) = db.news.of_board(KEY, 1)
        assert ids((db.news.of_polls({KEY: found.at})[KEY],)) == ["first"]
        assert db.news.of_polls({KEY: found.at + timedelta(seconds=1)}) == {}
        assert db.news.of_polls({}) == {}


def test_a_board_s_first_scores_are_known_with_their_ranks(store: Store) -> None:
    """Of the benchmarks that are asked for, and as many ranks."""
    store_events(store)
    with store.read() as db:
        scales = db.standings.scales([KEY.benchmark], 2)
        assert sorted(scales[KEY].scores) == [(1, Decimal(80)), (2, Decimal(70))]
        assert db.standings.scales(["nobody/nothing"], 2) == {}
