"""First readings of tasks are stored together: a database that many boards join is not slow."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.config import load
from bot.core.tasks import Tasks
from bot.hub.answers import TaskList
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.jobs.poll.test_batch import transactions
from tests.support.fakes import FakeClock, FakeHub, process
from tests.support.store.stored import START, at
from tests.support.store.units import known_tasks

MANY = [f"acme/b{number}" for number in range(20)]


def reader(store: Store, folder: Path) -> Jobs:
    """Open a program that watches twenty benchmarks of two tasks."""
    config = folder / "config.toml"
    config.write_text(f'[[watch]]\nname = "many"\nbenchmarks = {MANY}\n', encoding="utf-8")
    hub = FakeHub()
    hub.task_lists = dict.fromkeys(MANY, TaskList(tasks=("one", "two"), etag=None))
    return Jobs(load(config, {}), store, hub, {}, process(FakeClock()))


def test_first_readings_are_stored_together(store: Store, tmp_path: Path) -> None:
    """All are known, and there are fewer transactions than benchmarks."""
    jobs = reader(store, tmp_path)
    with transactions() as counted:
        jobs.lookout.read_tasks()
    assert {name: tasks.ids for name, tasks in known_tasks(store).items()} == dict.fromkeys(
        MANY, ("one", "two")
    )
    assert counted[0] < len(MANY)


def test_a_first_reading_waits_for_a_busy_database(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is known meanwhile, and stored when this process hands back what it holds."""
    caplog.set_level(logging.WARNING)
    file = sqlite_url.removeprefix("sqlite:///")
    with (
        closing(open_existing(sqlite_url)) as store,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        store._database.patience_s = 0.1
        jobs = reader(store, tmp_path)
        other.execute("BEGIN IMMEDIATE")
        jobs.watchlist.tasks.read(MANY[0])
        jobs.watchlist.tasks.end()
        other.execute("ROLLBACK")
        assert f"the tasks of {MANY[0]} are stored later" in caplog.text
        assert known_tasks(store) == {}
        assert [*jobs.watchlist.tasks.reload().tasks] == [MANY[0]]
        jobs.release()
        assert [*known_tasks(store)] == [MANY[0]]


def test_a_reading_that_another_process_has_stored_stays(store: Store) -> None:
    """Ours comes later, and what is known of the others is added."""
    theirs, ours = Tasks(asked_at=START, failed="theirs"), Tasks(asked_at=at(1), failed="ours")
    for readings in ({"acme/b": theirs}, {"acme/a": ours, "acme/b": ours}):
        with store.write() as db:
            db.lists.add_tasks(readings)
    assert known_tasks(store) == {"acme/a": ours, "acme/b": theirs}
