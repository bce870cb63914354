"""PostgreSQL as it is found: behind a pooler, with settings of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from select import POLLHUP
from select import poll as hang_ups

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select

from bot.core.alerts.mute import Mute
from bot.core.board import BoardKey, ModelFacts
from bot.core.delivery import Delivered, RetryLater
from bot.core.errors import ConflictError, StoreError
from bot.core.events import Found
from bot.core.tasks import Tasks
from bot.core.timing.window import Hold, Timing
from bot.store import Discovery, Settlement, Store, open_dry, open_existing, open_store, upgrade
from bot.store.database.copies.rehearsal import BOARDS_AT_ONCE
from bot.store.database.tables import metadata
from bot.store.noise.reports import Planned
from bot.store.processes import Work
from tests.support.process.installation import ROOT
from tests.support.store import reads
from tests.support.store.pooler import PROGRAM, pooler
from tests.support.store.postgres import Postgres
from tests.support.store.stored import (
    HOUR,
    KEY,
    START,
    at,
    attempt,
    commit,
    delivery,
    event,
    row,
    snapshot,
    take,
    watch,
)
from tests.support.store.units import enqueue, load_board, remember, settle
from tests.support.waiting import until

BOARD = snapshot(row("a", 80, 1), row("b", 70, 2))


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """Make an empty database of a test's own, and give its address."""
    with postgres.database("of_its_own") as url:
        yield url


# --- behind a pooler ---------------------------------------------------------------------------

needs_pooler = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")


@needs_pooler
def test_a_pooler_may_give_each_transaction_another_session(postgres: Postgres) -> None:
    """Migrated, polled and delivered through PgBouncer in transaction mode, by several threads."""
    with (
        postgres.database("pooled"),
        pooler(postgres) as address,
        closing(open_store(f"{address}pooled")) as store,
    ):
        watch(store)
        commit(store, BOARD)
        names = [f"m{number}" for number in range(40)]
        enqueue(store, [delivery(name, name) for name in names], START)

        def send(name: str) -> bool:
            claimed = take(store, START, name, name)
            assert claimed is not None
            assert load_board(store, KEY) == BOARD
            return settle(store, claimed, name, Settlement(outcome=Delivered(), at=START))

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(send, names))
        assert {one.state for one in reads.deliveries(store)} == {"sent"}


@needs_pooler
def test_nothing_is_left_in_the_sessions_that_others_get(postgres: Postgres) -> None:
    """Their limits and times are as they were."""
    asked = "SELECT current_setting('lock_timeout'), current_setting('TimeZone')"
    with postgres.database("pooled") as direct, pooler(postgres) as address:
        with closing(open_store(f"{address}pooled")) as store:
            watch(store)
        with psycopg.connect(direct) as connection:
            untouched = connection.execute(asked).fetchone()
        with psycopg.connect(f"{address}pooled", autocommit=True) as other:
            assert {other.execute(asked).fetchone() for _ in range(8)} == {untouched}


# --- settings of a database --------------------------------------------------------------------

SETTINGS = {
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "datestyle": "SQL, DMY",
    "timezone": "Asia/Kolkata",
    "client_encoding": "LATIN1",
    "bytea_output": "escape",
    "extra_float_digits": "-5",
    "lock_timeout": "1ms",
}


def test_settings_of_a_database_change_nothing(postgres: Postgres, database: str) -> None:
    """Times, texts, bytes and numbers come back as they went in, and nothing is refused."""
    board = snapshot(row("a", 80, 1, notes="名前 👩‍💻"))
    for name, value in SETTINGS.items():
        this, to = sql.Identifier(name), sql.Literal(value)
        postgres.execute(sql.SQL("ALTER DATABASE of_its_own SET {} = {}").format(this, to))
    with closing(open_store(database)) as store:
        watch(store)
        commit(store, board, at(3), deliveries=[delivery("d")])
    with closing(open_existing(database)) as store:
        assert load_board(store, KEY) == board
        assert [one.created_at for one in reads.deliveries(store)] == [at(3)]


def test_no_transaction_is_serializable_for_another_s_setting(
    postgres: Postgres, database: str
) -> None:
    """Else a lone poll would be undone for the sake of its own threads."""
    setting = "ALTER DATABASE of_its_own SET default_transaction_isolation = 'serializable'"
    postgres.execute(sql.SQL(setting))
    with closing(open_store(database)) as store:
        pooled = store._database
        found = []
        for begin in (pooled.read, pooled.write):
            with begin() as connection:
                found.append(connection.exec_driver_sql("SHOW transaction_isolation").scalar())
    assert found == ["repeatable read", "read committed"]


def test_a_statement_that_may_not_take_long_is_said_to_be_the_reason(
    postgres: Postgres, database: str
) -> None:
    """The server is up, and ends nothing but that."""
    upgrade(database)
    postgres.execute(sql.SQL("ALTER DATABASE of_its_own SET statement_timeout = '100ms'"))
    with (
        closing(open_existing(database)) as store,
        pytest.raises(StoreError, match="SET statement_timeout = 0;"),
        store._database.read() as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(10)")


def test_what_the_machine_slept_through_may_be_run_again(database: str) -> None:
    """The server ended the transaction, so nothing of it is stored."""

    def sleep(store: Store) -> None:
        with store._database.write() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '500ms'")
            closed = hang_ups()
            closed.register(driver.fileno(), POLLHUP)
            assert closed.poll(10_000), "the server has not hung up"
            connection.exec_driver_sql("SELECT 1")

    with (
        closing(open_store(database)) as store,
        pytest.raises(ConflictError, match="nothing happened for too long"),
    ):
        sleep(store)


# --- dry runs ----------------------------------------------------------------------------------

LEFT_OUT = {"events", "processes", "row_versions"}
"""What no poll asks for: it would be most of what is copied."""


def counts(store: Store) -> dict[str, int]:
    """Count the rows of each table."""
    count = {
        table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables
    }
    with store._database.read() as connection:
        return {name: connection.execute(query).scalar_one() for name, query in count.items()}


def test_a_dry_run_works_on_all_that_a_poll_asks_for(database: str, tmp_path: Path) -> None:
    """Boards by pages, what waits with its attempts, what fails; of the past nothing."""
    keys = [BoardKey(f"acme/b{number}") for number in range(BOARDS_AT_ONCE + 1)]
    with closing(open_store(database)) as store:
        watch(store, *keys)
        for key in keys:
            told = [Found(row_id="a", event=event(f"e {key.name}"))]
            commit(store, BOARD, found=told, key=key)
        commit(store, snapshot(row("a", 81, 1)), at(1), key=keys[0])
        remember(store, {"acme/a": ModelFacts(parameters=7)}, START)
        with store.write() as db:
            db.processes.see("me", Work.ROUND, START, None)
            db.lists.save_tasks("acme/b0", None, Tasks(asked_at=START))
            db.lists.save_benchmarks(None, Discovery(at=START, benchmarks=()))
            mute = db.mutes.add(Mute(id="", channel="hook", created_at=START, expires_at=at(9)))
            db.mutes.count("hook", ((mute.id,),), told=False)
            hourly = Timing(digest=HOUR).window("hook", Hold.DIGEST, START)
            assert hourly is not None
            db.windows.open(hourly)
            plan = Planned(line="0 * * * *", since=START, next_at=at(60), polls=1, late_polls=0)
            db.reports.plan(plan, None)
        with store._database.write() as connection:
            memory = "INSERT INTO memory (channel, row_id) SELECT 'hook', id FROM rows"
            connection.exec_driver_sql(memory)
            former = "INSERT INTO models (name, renamed) VALUES ('acme/was', 'acme/a')"
            connection.exec_driver_sql(former)
        enqueue(store, [delivery("waits", "hook", "e"), delivery("sent", "other")], START)
        attempt(store, START, RetryLater("down"), HOUR)
        attempt(store, START, channel="other")
        stored = counts(store)
        assert 0 not in stored.values()
        with closing(open_dry(database, tmp_path)) as dry:
            assert [load_board(dry, key) for key in keys] == [
                load_board(store, key) for key in keys
            ]
            assert [one.id for one in reads.deliveries(dry)] == ["waits"]
            assert counts(dry) == {
                **stored, **dict.fromkeys(LEFT_OUT, 0), "deliveries": 1, "attempts": 1
            }  # fmt: skip


def test_a_dry_run_holds_nothing_while_it_works(
    postgres: Postgres, database: str, tmp_path: Path
) -> None:
    """Other processes poll the same boards meanwhile: it has left the server."""
    with closing(open_store(database)) as store:
        watch(store)
        commit(store, BOARD)
    mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'of_its_own'"
    with closing(open_dry(database, tmp_path)) as dry:
        commit(dry, snapshot(row("a", 81, 1)), at(1))
        with psycopg.connect(postgres.url("postgres")) as connection:
            assert until(lambda: connection.execute(mine).fetchone() == (0,))


def test_a_dry_run_of_an_older_schema_says_what_to_do(database: str, tmp_path: Path) -> None:
    """It could not bring it up to date without holding everybody up."""
    upgrade(database)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreError, match=r"older version, and a dry run .* `leaderboard-bot db up"):
        open_dry(database, tmp_path)


# --- the tests' own server ---------------------------------------------------------------------

STARTS = """
import sys
from tests.support.store.postgres import server
with server() as running:
    print(running.data, flush=True)
    sys.stdin.read()
"""


def test_a_server_of_the_tests_does_not_outlive_a_run_that_is_cut_off() -> None:
    """Neither its process nor its folder is left, whatever signal it was."""
    command = [sys.executable, "-c", STARTS]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        data = Path(run.stdout.readline().strip())
        pid = int((data / "postmaster.pid").read_text("utf-8").splitlines()[0])
        run.kill()
    assert until(lambda: not data.exists())
    assert until(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
