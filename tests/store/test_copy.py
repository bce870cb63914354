"""A copy of a whole database into another one, of the same kind or of the other."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from bot.core.errors import StoreError, UnfinishedCopyError
from bot.daemon.owner import new_owner, refuse_company
from bot.store import Unit, check, copy, open_existing, open_store, state, upgrade
from bot.store.database.copies import whole
from bot.store.database.engine import database_at
from bot.store.database.noise import memory
from bot.store.database.tables import metadata, models
from bot.store.processes import Work
from tests.support.fakes import FakeClock
from tests.support.process.installation import environment
from tests.support.store import old_databases
from tests.support.store.postgres import Postgres

ELSEWHERE = "elsewhere:7:x/1:y"
KILLED_AT_ROWS = """
import os, signal, sys
from bot.store import copy

def told(table, _):
    if table == "rows":
        os.kill(os.getpid(), signal.SIGKILL)

copy(sys.argv[1], sys.argv[2], "here:9:x/1:y", lambda _: None, told)
"""
Progress = Callable[[str, int], object]


def _fill(url: str, folder: Path) -> None:
    """Make a database with a past."""
    old_databases.make(url, "0003", folder)
    upgrade(url)
    with closing(database_at(url)) as database, database.write() as connection:
        row = connection.exec_driver_sql("SELECT min(id) FROM rows").scalar()
        told = {"channel": "x", "row_id": row, "rank": 2**40, "verified": True, "leads": None}
        connection.execute(insert(memory), [told])
        # The number of a row that is gone is never given again.
        connection.execute(insert(models).values(name="gone"))
        connection.execute(delete(models).where(models.c.name == "gone"))


@pytest.fixture(scope="module")
def full_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file with a past, to copy: to migrate one for each test takes most of the test."""
    folder = tmp_path_factory.mktemp("full")
    _fill(f"sqlite:///{folder / 'full.db'}", folder)
    return folder / "full.db"


@pytest.fixture(scope="module")
def full_on_server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Make a database with a past on the server, and give its name."""
    with postgres.database("full") as url:
        _fill(url, tmp_path_factory.mktemp("full"))
        yield "full"


@pytest.fixture(params=["sqlite", "postgresql"])
def full_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database with a past, of each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "leaderboard-bot.db"
        shutil.copy(request.getfixturevalue("full_file"), path)
        yield f"sqlite:///{path}"
        return
    like = request.getfixturevalue("full_on_server")
    with request.getfixturevalue("postgres").database("source", like) as url:
        yield url


@pytest.fixture(params=["other", pytest.param("same", marks=pytest.mark.long)])
def target_url(request: pytest.FixtureRequest, full_url: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database that is not set up, of the other kind or of the same."""
    from_file = full_url.startswith("sqlite")
    if from_file == (request.param == "same"):
        yield f"sqlite:///{tmp_path / 'target.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database("target") as url:
        yield url


def transfer(url: str, target: str, progress: Progress = lambda _table, _rows: None) -> int:
    """Copy a database on which nobody is known to be at work."""
    return copy(url, target, new_owner(), lambda _: None, progress)


def content(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every value of every table, as the program reads them."""
    with closing(database_at(url)) as database, database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def test_everything_arrives_whatever_the_kinds(
    full_url: str, target_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same values under the same numbers, page by page; the source stays as it is."""
    monkeypatch.setattr(whole, "PAGE", 2)
    before, told = content(full_url), []
    copied = transfer(full_url, target_url, lambda table, rows: told.append((table, rows)))
    assert content(target_url) == before == content(full_url)
    assert copied == sum(map(len, before.values()))
    assert dict(told) == {table: len(rows) for table, rows in before.items() if rows}
    assert all(before[table.name] for table in (memory, models))
    assert check(target_url) == check(full_url) == []


def test_numbers_go_on_after_the_highest_that_was_ever_given(
    full_url: str, target_url: str
) -> None:
    """One that was given before, to what is gone by now, would be taken for that."""
    transfer(full_url, target_url)
    given = []
    for url in (full_url, target_url):
        with closing(database_at(url)) as database, database.write() as connection:
            added = connection.execute(insert(models).values(name="new"))
            given.append(added.inserted_primary_key)
    assert given[0] == given[1]


def test_a_target_that_holds_something_is_refused(full_url: str, target_url: str) -> None:
    """Empty is one that was only set up; what is in it stays as it is."""
    upgrade(target_url)
    transfer(full_url, target_url)
    before = content(target_url)
    with pytest.raises(StoreError, match=r"the target: it is not empty\. Name a new one\."):
        transfer(full_url, target_url)
    assert content(target_url) == before


def test_a_copy_that_was_cut_off_is_refused_until_it_is_made_again(
    full_url: str, target_url: str
) -> None:
    """The error names the command that begins anew; nobody takes half of it for a database."""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_ROWS, full_url, target_url],
        env=environment(),
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    for use in (state, upgrade, open_store, open_existing):
        with pytest.raises(UnfinishedCopyError, match="db copy` into it again"):
            use(target_url)
    transfer(full_url, target_url)
    assert content(target_url) == content(full_url)
    assert state(target_url) == "current"


def test_nobody_writes_to_the_source_meanwhile(
    full_url: str, target_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll that begins then waits, and fails if the copy takes longer than it waits."""
    refused: list[str] = []

    def write(_table: str, _rows: int) -> None:
        if refused:
            return
        with closing(database_at(full_url)) as other:
            other.patience_s = 0.1
            try:
                with other.write() as connection:
                    if connection.dialect.name == "postgresql":
                        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
                    connection.execute(insert(models).values(name="late"))
            except StoreError as error:
                refused.append(str(error))

    transfer(full_url, target_url, write)
    assert len(refused) == 1


@pytest.mark.parametrize("work", [Work.DAEMON, Work.ROUND])
def test_it_is_refused_beside_who_is_at_work(full_url: str, tmp_path: Path, work: Work) -> None:
    """Who was seen lately, on whichever machine; the target is not even made."""
    clock, target = FakeClock(), f"sqlite:///{tmp_path / 'target.db'}"
    clock.advance(timedelta(days=1))  # what the old program had claimed is free by then
    with closing(open_existing(full_url)) as store, store.write() as db:
        db.processes.see(ELSEWHERE, work, clock(), None)

    def refuse(db: Unit) -> None:
        refuse_company(db, clock())

    with pytest.raises(StoreError, match=r"at work on this database \(process 7 on elsewhere\)"):
        copy(full_url, target, new_owner(), refuse, lambda _table, _rows: None)
    assert not (tmp_path / "target.db").exists()
    with closing(open_existing(full_url)) as store, store.write() as db:
        db.processes.end(ELSEWHERE)
    copy(full_url, target, new_owner(), refuse, lambda _table, _rows: None)


def test_it_is_refused_beside_a_daemon_on_the_file(sqlite_url: str, tmp_path: Path) -> None:
    """As a second daemon is."""
    with closing(open_existing(sqlite_url)) as store:
        store.acquire_daemon_lock("here:8:x/1:y")
        with pytest.raises(StoreError, match="process 8 on here"):
            transfer(sqlite_url, f"sqlite:///{tmp_path / 'target.db'}")


def test_a_database_is_not_copied_into_itself(sqlite_url: str, tmp_path: Path) -> None:
    """Whatever path leads there."""
    (tmp_path / "link.db").symlink_to(tmp_path / "leaderboard-bot.db")
    with pytest.raises(StoreError, match="the database itself"):
        transfer(sqlite_url, f"sqlite:///{tmp_path / 'link.db'}")


def test_tables_of_another_program_are_left_alone(
    sqlite_url: str, tmp_path: Path, postgres: Postgres
) -> None:
    """A target in which somebody else keeps something is refused."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE mine (x)")
    with pytest.raises(StoreError, match="database of another program"):
        transfer(sqlite_url, f"sqlite:///{tmp_path / 'other.db'}")
    with postgres.database("other") as url:
        with closing(database_at(url)) as database, database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE mine (x INTEGER)")
        with pytest.raises(StoreError, match="it holds tables of something else"):
            transfer(sqlite_url, url)
