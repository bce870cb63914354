"""What channels remember of rows, on both databases."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from bot.core.alerts.memory import Memory, Spell, Standing, Turn
from bot.core.board import BoardKey
from bot.store import Store
from tests.support.store.stored import KEY, at, commit, row, snapshot, watch

TOLD = Memory(
    last=Standing(rank=2, score=Decimal("80.25"), verified=True, leads=False),
    at=at(3),
    present=Turn(before=False, at=at(1)),
    score=Turn(Decimal("70.5"), at(2)),
    verified=Turn(before=None, at=at(3)),
    leads=Turn(before=True, at=at(1)),
    unstable=Spell(at(2), at(9)),
)
GONE = Memory(last=Standing(leads=False), at=at(4), present=Turn(before=True, at=at(4)))
WITHHELD = Memory(last=Standing(rank=1, score=Decimal(9)))


def remembered(store: Store, *rows: str, channels: tuple[str, ...] = ("c", "d")) -> object:
    with store.read() as db:
        return db.memory.of(KEY, rows, channels)


def test_what_is_remembered_comes_back_as_it_was(store: Store) -> None:
    """Told, told as gone, or only withheld; each channel has its own."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    with store.write() as db:
        db.memory.save(KEY, "c", {"a": TOLD, "b": WITHHELD})
        db.memory.save(KEY, "d", {"a": GONE})
    assert remembered(store, "a", "b") == {
        ("c", "a"): TOLD,
        ("c", "b"): WITHHELD,
        ("d", "a"): GONE,
    }
    assert remembered(store, "b", channels=("d",)) == {}


def test_what_is_remembered_later_takes_the_place_of_what_was(store: Store) -> None:
    """There is one record of what a channel knows of a row."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    for known in (WITHHELD, TOLD, GONE):
        with store.write() as db:
            db.memory.save(KEY, "c", {"a": known})
    assert remembered(store, "a") == {("c", "a"): GONE}


def test_rows_that_are_not_stored_are_not_remembered(store: Store) -> None:
    """Of a board that was never seen nothing is, either."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    with store.write() as db:
        db.memory.save(KEY, "c", {"nobody": TOLD})
        assert db.memory.of(BoardKey("never/seen"), ["a"], ["c"]) == {}
    assert remembered(store, "a", "nobody") == {}


def test_a_row_that_has_rested_is_found_once(store: Store) -> None:
    """Whoever ends its unrest first tells of it; where it moved on, nobody does."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1), row("b", 70, 2)))
    with store.write() as db:
        db.memory.save(KEY, "c", {"a": TOLD, "b": WITHHELD})
        assert db.memory.rested(at(8)) == ()
        (rested,) = db.memory.rested(at(9))
        assert (rested.board, rested.channel, rested.row, rested.memory) == (KEY, "c", "a", TOLD)
        later = replace(TOLD, unstable=Spell(at(2), at(10)))
        db.memory.save(KEY, "c", {"a": later})
        assert not db.memory.rest(rested)
        db.memory.save(KEY, "c", {"a": TOLD})
        assert [db.memory.rest(rested) for _ in range(2)] == [True, False]
    assert remembered(store, "a") == {("c", "a"): replace(TOLD, unstable=None)}
