"""A database of version 0.1.0 is gone on with, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.config import load
from bot.core.board import BoardKey
from bot.hub.answers import TaskList
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from bot.store.database.engine import migrating_engine
from bot.store.database.migrate import Scripts, shipped, upgrade
from bot.store.maintenance import problems
from tests.support.builders import answer, result
from tests.support.fakes import FakeClock, FakeHub, process
from tests.support.store import reads
from tests.support.store.units import incidents

CONFIG = """
[poll]
every = "1h"

[[watch]]
name = "bench"
benchmarks = ["acme/bench#*"]
"""

THEN, EVER = "2026-04-27 09:00:00.000000", "9999-12-31 00:00:00.000000"

OLD = f"""
INSERT INTO targets (benchmark, include_derived, watched, fresh, every_s, next_poll_at, version,
    etag, digest, polled_at, failures, failed_at, error)
VALUES ('acme/bench', false, true, false, 3600, '{THEN}', 7,
    '"e"', 'd', '{THEN}', 6, '{THEN}', 'HTTP 500');
INSERT INTO boards (benchmark, task, include_derived, current, leader, doubted, rows_count)
VALUES ('acme/bench', '', false, true, 'r1', 1, 1);
INSERT INTO rows (id, board_id, model, missing) VALUES ('r1', 1, 'acme/x', 0);
INSERT INTO row_versions (row_id, valid_from, valid_to, removed, rank, score, verified, extra)
VALUES ('r1', '{THEN}', '{EVER}', false, 1, '80', false, '{{}}');
INSERT INTO events (id, at, benchmark, include_derived, kind, model, row_id, body)
VALUES ('e1', '{THEN}', 'acme/bench', false, 'new_entry', 'acme/x', 'r1',
    '{{"id":"e1","kind":"new_entry","contains":["new_entry"],"model":"acme/x"}}');
INSERT INTO ailments (subject, name, failures, since, at, error, told)
VALUES ('board', 'acme/bench', 6, '{THEN}', '{THEN}', 'HTTP 500', true)
"""


@pytest.fixture
def upgraded(empty_url: str, tmp_path: Path) -> Iterator[Store]:
    """Open a database of the first schema, with a board, after its upgrade."""
    first = tmp_path / "first"
    shutil.copytree(shipped().folder, first)
    for script in (first / "versions").glob("*.py"):
        if not script.name.startswith("0001"):
            script.unlink()
    upgrade(empty_url, Scripts(first, ("0001",)))
    engine = migrating_engine(empty_url)
    with engine.begin() as connection:
        for statement in OLD.split(";\n"):
            connection.execute(text(statement.replace(":", r"\:")))
    engine.dispose()
    upgrade(empty_url)
    with closing(open_existing(empty_url)) as store:
        yield store


def test_a_board_of_the_first_schema_goes_on_as_its_first_task(
    upgraded: Store, tmp_path: Path
) -> None:
    """It takes the task's name with its history, its events and its incident; nothing is told."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    hub = FakeHub()
    hub.task_lists["acme/bench"] = TaskList(tasks=("hard", "easy"))
    hub.answers["acme/bench"] = answer(result("x", 80, filename=None, source=None))
    jobs = Jobs(load(tmp_path / "config.toml", {}), upgraded, hub, {}, process(FakeClock()))
    assert [one.name for one in incidents(upgraded)] == ["acme/bench"]
    summary = jobs.round()
    assert (summary.polled, summary.failed) == (2, 0)
    hard, easy = BoardKey("acme/bench", "hard"), BoardKey("acme/bench", "easy")
    assert {view.key for view in reads.boards(upgraded)} == {hard, easy}
    assert [point.row_id for point in reads.history(upgraded, task="hard")] == ["r1"]
    assert [(one.event.id, one.board.task) for one in reads.events(upgraded)] == [("e1", "hard")]
    assert incidents(upgraded) == ()
    assert problems(upgraded) == []
