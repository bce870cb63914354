"""A unit of work is stored as a whole or not at all, and never inside another."""

from __future__ import annotations

import threading

import pytest

from bot.core.board import ModelFacts
from bot.store import Store
from tests.support.store.stored import KEY, START, claim, delivery, good, watch

FACTS = {"acme/a": ModelFacts(parameters=7)}


def test_what_fails_in_a_unit_undoes_all_of_it(store: Store) -> None:
    """Whichever part of the database it is of."""
    watch(store)
    claimed = claim(store)

    def work() -> None:
        with store.write() as db:
            assert db.targets.end([(claimed, good(START))])
            db.models.remember(FACTS, START)
            db.outbox.add([delivery("one")], START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    with store.read() as db:
        assert db.models.facts(FACTS) == {}
        assert db.deliveries.pending() == {}
        assert [view.polled_at for view in db.boards.list_all()] == [None]


@pytest.mark.parametrize("outer", ["read", "write"])
@pytest.mark.parametrize("inner", ["read", "write"])
def test_a_unit_inside_another_raises_at_once(store: Store, outer: str, inner: str) -> None:
    """A write in a write would wait for itself for ever; the outer one goes on."""
    opened = {"read": store.read, "write": store.write}
    with opened[outer]() as db:
        with pytest.raises(RuntimeError, match="is open in this thread"), opened[inner]():
            pass
        db.boards.list_all()
    with opened[inner]():
        pass


def test_units_of_several_threads_wait_for_each_other(store: Store) -> None:
    """Each thread may have one."""
    watch(store)

    def remember() -> None:
        with store.write() as db:
            db.models.remember(FACTS, START)

    other = threading.Thread(target=remember)
    with store.write() as db:
        other.start()
        assert [one.board for one in db.targets.claim([KEY], "me", START, START)] == [KEY]
    other.join()
    with store.read() as db:
        assert db.models.facts(FACTS) == FACTS


def test_an_outdated_end_is_left_out_of_a_unit(store: Store) -> None:
    """Also the second of two ends of one claim."""
    watch(store)
    claimed = claim(store)
    with store.write() as db:
        assert db.targets.end([(claimed, good(START)), (claimed, good(START))]) == (
            (claimed, good(START)),
        )
    with store.write() as db:
        assert db.targets.end([(claimed, good(START))]) == ()
        assert not db.targets.fail(claimed, START, "gated", START)
