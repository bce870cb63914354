"""What a database undid for another's sake is run again, and nothing else is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.core.board import ModelFacts
from bot.core.errors import ConflictError, StoreError
from bot.jobs.commit import MOST, commit
from bot.store import Store, Unit
from tests.support.store.stored import START

NAMES = ("acme/a", "acme/b")


def facts(store: Store) -> dict[str, ModelFacts]:
    with store.read() as db:
        return db.models.facts(NAMES)


@pytest.mark.parametrize(("times", "error"), [(MOST - 1, None), (MOST, ConflictError)])
def test_a_unit_is_run_three_times_at_most(
    store: Store, times: int, error: type[StoreError] | None
) -> None:
    """What an earlier run wrote is undone."""
    runs: list[int] = []

    def work(db: Unit) -> str:
        runs.append(len(runs))
        db.models.remember({NAMES[0]: ModelFacts(parameters=len(runs))}, START)
        if len(runs) <= times:
            raise ConflictError("undone")
        return "done"

    if error is None:
        assert commit(store, work) == "done"
        assert facts(store) == {NAMES[0]: ModelFacts(parameters=MOST)}
    else:
        with pytest.raises(error):
            commit(store, work)
        assert facts(store) == {}
    assert len(runs) == MOST


def test_no_other_error_runs_a_unit_again(store: Store) -> None:
    """A full disk stays full."""
    runs: list[int] = []

    def work(_: Unit) -> None:
        runs.append(1)
        raise StoreError("The disk is full.")

    with pytest.raises(StoreError):
        commit(store, work)
    assert runs == [1]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_two_that_wait_for_each_other_both_come_to_their_end(store: Store) -> None:
    """PostgreSQL undoes one of them, which is then run again."""
    met = threading.Barrier(2)

    def remember(order: tuple[str, ...]) -> int:
        runs = 0

        def work(db: Unit) -> None:
            nonlocal runs
            runs += 1
            for number, name in enumerate(order):
                db.models.remember({name: ModelFacts()}, START + timedelta(number))
                if runs == 1 and number == 0:
                    met.wait(30)

        commit(store, work)
        return runs

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(remember, (NAMES, NAMES[::-1])))
    assert 2 < sum(runs) <= 2 * MOST
    assert facts(store).keys() == set(NAMES)
