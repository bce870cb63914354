"""PostgreSQL as it is found: behind a pooler, with settings of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from psycopg import sql

from bot.core.delivery import Delivered
from bot.store import Settlement, open_existing, open_store
from bot.store.database.engine import Pooled
from tests.support.store import reads
from tests.support.store.pooler import PROGRAM, pooler
from tests.support.store.postgres import Postgres
from tests.support.store.stored import (
    KEY,
    START,
    at,
    commit,
    delivery,
    row,
    snapshot,
    take,
    watch,
)
from tests.support.store.units import enqueue, load_board, settle

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
        assert isinstance(pooled, Pooled)
        found = []
        for begin in (pooled.read, pooled.write):
            with begin() as connection:
                found.append(connection.exec_driver_sql("SHOW transaction_isolation").scalar())
    assert found == ["repeatable read", "read committed"]
