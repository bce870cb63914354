"""A row goes on under another model id, on both databases."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from bot.core.board import Row, Source
from bot.store import Store
from bot.store.upkeep import remains
from tests.support.store import reads
from tests.support.store.stored import KEY, at, commit, row, snapshot, watch
from tests.support.store.units import load_board


def former(store: Store) -> dict[str, tuple[str, ...]]:
    with store.read() as db:
        return db.models.former()


def stored(store: Store, *rows: Row, now: datetime) -> None:
    """Poll a board that is stored, and see it come out as it went in."""
    after = snapshot(*rows)
    commit(store, after, now)
    assert load_board(store, KEY) == after


def named(one: Row, model: str, url: str | None = None) -> Row:
    source = Source("Card", url or f"https://hub/{model}")
    return replace(one, result=replace(one.result, model=model, source=source))


def test_a_renamed_row_has_its_history_under_its_new_id(store: Store) -> None:
    """A name makes no version of a row; an address that holds it does not either."""
    watch(store)
    a, b = named(row("1", 80, 1), "acme/a"), named(row("2", 70, 2), "acme/b")
    stored(store, a, b, now=at(0))
    stored(store, named(a, "acme/n"), b, now=at(1))
    assert former(store) == {"acme/n": ("acme/a",)}
    assert [one.result.model for one in reads.history(store)] == ["acme/n", "acme/b"]


def test_a_former_id_leads_to_the_last_until_another_model_has_it(store: Store) -> None:
    """Whoever comes under an id, or goes back to it, has it."""
    watch(store)
    a = named(row("1", 80, 1), "acme/a")
    for minute, name in enumerate(("acme/a", "acme/b", "acme/c")):
        stored(store, named(a, name), now=at(minute))
    assert former(store) == {"acme/c": ("acme/a", "acme/b")}
    stored(store, named(a, "acme/c"), named(row("2", 70, 2), "acme/b"), now=at(4))
    assert former(store) == {"acme/c": ("acme/a",)}
    stored(store, named(a, "acme/a"), named(row("2", 70, 2), "acme/b"), now=at(5))
    assert former(store) == {"acme/a": ("acme/c",)}


def test_a_renamed_row_that_also_changed_has_a_version(store: Store) -> None:
    """As any row; and a pair that waits is stored as such."""
    watch(store)
    a = named(row("1", 80, 1), "acme/a")
    stored(store, a, now=at(0))
    stored(store, replace(a, missing=1, heir="acme/n"), now=at(1))
    stored(store, named(row("1", 80, 2), "acme/n"), now=at(2))
    assert [one.result.rank for one in reads.history(store)] == [1, 2]


def test_a_former_id_is_remembered_when_nothing_else_refers_to_it(store: Store) -> None:
    """A watch may name it for ever."""
    watch(store)
    a = named(row("1", 80, 1), "acme/a")
    stored(store, a, now=at(0))
    stored(store, named(a, "acme/n"), now=at(1))
    with store.write() as db:
        for chore in remains(at(9)):
            db.upkeep.delete(chore, db.upkeep.find(chore))
    assert former(store) == {"acme/n": ("acme/a",)}
