"""The SQLite file, copies, dry runs, and what is said where a database cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event

from bot.core.board import ModelFacts
from bot.core.errors import (
    DatabaseAddressError,
    MissingDatabaseError,
    StoreError,
    UnwritableError,
)
from bot.store import backup, check, open_dry, open_existing, open_store, state, upgrade
from bot.store.database.copies.file import damage
from bot.store.database.engine import flaw
from bot.store.database.failures import explain
from bot.store.database.sqlite.file import copy, path_of, wal_is_safe
from tests.support.store import reads
from tests.support.store.postgres import Postgres
from tests.support.store.reads import pending
from tests.support.store.stored import KEY, START, at, commit, delivery, row, snapshot, watch
from tests.support.store.units import claim_poll, enqueue, load_board, remember, schedule

SECRET = "hunter2"
BOARD = snapshot(row("a", 80, 1))


def fill(url: str) -> None:
    with closing(open_store(url)) as store:
        watch(store)
        commit(store, snapshot(row("a", 79, 1)))
        commit(store, BOARD, at(1))


def folder_of(path: Path) -> dict[str, tuple[int, int]]:
    return {p.name: (p.stat().st_mtime_ns, p.stat().st_size) for p in path.parent.iterdir()}


@pytest.fixture
def path(sqlite_url: str) -> Path:
    found = path_of(sqlite_url)
    assert found is not None
    return found


# --- opening -----------------------------------------------------------------------------------


def test_opening_makes_what_is_missing(empty_url: str) -> None:
    """``poll`` and ``run`` need no step before them."""
    with closing(open_store(empty_url)) as store:
        assert reads.boards(store) == ()


def test_a_look_makes_nothing(empty_url: str) -> None:
    """Commands that only read say what to do instead."""
    with pytest.raises(StoreError, match="There is no database yet"):
        open_existing(empty_url)
    assert state(empty_url) == "missing"


def test_a_look_at_another_version_is_refused(store_url: str) -> None:
    """An older one is to be migrated, a newer one is not understood."""
    with closing(open_existing(store_url)) as store:
        for version, error in [("", "db upgrade"), ("9999", "newer leaderboard-bot")]:
            with store._database.write() as connection:
                connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
            with pytest.raises(StoreError, match=error):
                open_existing(store_url)


def test_the_settings_that_keep_data_safe_are_on(path: Path, sqlite_url: str) -> None:
    """On every connection, and the journal is one that this SQLite does not damage."""
    with closing(open_existing(sqlite_url)) as store, store._database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "journal_mode")
        }
    safe = wal_is_safe(sqlite3.sqlite_version_info)
    assert found == {
        "synchronous": 2,
        "foreign_keys": 1,
        "journal_mode": "wal" if safe else "delete",
    }


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 46, 1), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_wal_is_used_where_it_is_safe(version: tuple[int, int, int], safe: bool) -> None:
    """Other versions may damage a file in WAL mode that several connections use."""
    assert wal_is_safe(version) is safe


def test_a_file_in_another_mode_is_brought_to_the_safe_one(path: Path, sqlite_url: str) -> None:
    """A file may come from a machine with another SQLite."""
    wanted = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "delete"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA journal_mode={'delete' if wanted == 'wal' else 'wal'}")
    fill(sqlite_url)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == (wanted,)


# --- the daemon's lock -------------------------------------------------------------------------


def test_a_second_daemon_on_one_file_is_refused(sqlite_url: str) -> None:
    """The refusal names the first; once that has ended, its place is free."""
    first, second = open_existing(sqlite_url), open_existing(sqlite_url)
    with closing(second):
        with closing(first):
            first.acquire_daemon_lock("host:1")
            with pytest.raises(StoreError, match=r"run` \(process 1 on host\) uses this database"):
                second.acquire_daemon_lock("host:2")
        second.acquire_daemon_lock("host:2")


def test_a_crash_frees_the_daemons_place(sqlite_url: str) -> None:
    """The system lets go of what a dead process held."""
    code = (
        "import sys, os; from bot.store import open_existing;"
        "store = open_existing(sys.argv[1]); store.acquire_daemon_lock('dead'); os._exit(1)"
    )
    command = [sys.executable, "-c", code, sqlite_url]
    root = Path(__file__).parents[2]
    crashed = subprocess.run(command, cwd=root, check=False, capture_output=True)
    assert crashed.returncode == 1, crashed.stderr
    with closing(open_existing(sqlite_url)) as store:
        store.acquire_daemon_lock("alive")


def test_replicas_share_a_postgresql(migrated_postgres: str) -> None:
    """There is nothing to take: claims keep them apart."""
    first, second = open_existing(migrated_postgres), open_existing(migrated_postgres)
    with closing(first), closing(second):
        first.acquire_daemon_lock("one")
        second.acquire_daemon_lock("two")


# --- copies ------------------------------------------------------------------------------------


def test_folders_need_not_be_utf_8(tmp_path: Path) -> None:
    """A database is made, used and copied in a folder whose name is other bytes."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9"))
    folder.mkdir()
    url = f"sqlite:///{folder}/bot.db"
    fill(url)
    backup(url, folder / "copy.db")
    with closing(open_existing(f"sqlite:///{folder}/copy.db")) as store:
        assert load_board(store, KEY) == BOARD


def test_a_backup_is_a_whole_database(path: Path, sqlite_url: str) -> None:
    """Only its owner can read it."""
    fill(sqlite_url)
    copy = path.with_name("copy.db")
    backup(sqlite_url, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(open_existing(f"sqlite:///{copy}")) as store:
        assert load_board(store, KEY) == BOARD


def test_a_backup_overwrites_nothing(path: Path, sqlite_url: str) -> None:
    """Whatever is there stays."""
    taken = path.with_name("notes.txt")
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="exists already"):
        backup(sqlite_url, taken)
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_backup_that_fails_leaves_nothing(path: Path, tmp_path: Path) -> None:
    """No half of a copy is taken for one."""
    broken = tmp_path / "broken.db"
    broken.write_bytes(path.read_bytes()[:5000] + b"\xff" * 40000)
    with pytest.raises(StoreError, match="damaged"):
        backup(f"sqlite:///{broken}", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="no database"):
        backup(f"sqlite:///{tmp_path / 'missing.db'}", tmp_path / "copy.db")
    with pytest.raises(UnwritableError, match="its folder is not there"):
        backup(f"sqlite:///{path}", tmp_path / "nowhere" / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_postgresql_is_copied_with_its_own_tool() -> None:
    """The error names it."""
    with pytest.raises(StoreError, match="pg_dump"):
        backup("postgresql://nobody@localhost/none", Path("copy.db"))


# --- dry runs ----------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing(store_url: str, tmp_path: Path) -> None:
    """Whatever is done, others see the database as it was."""
    fill(store_url)
    (tmp_path / "dry").mkdir()
    with closing(open_dry(store_url, tmp_path / "dry")) as dry:
        assert load_board(dry, KEY) == BOARD
        commit(dry, snapshot(row("a", 81, 1)), at(1), deliveries=[delivery("d")])
        assert load_board(dry, KEY) == snapshot(row("a", 81, 1))
        assert sum(pending(dry).values()) == 1
    with closing(open_existing(store_url)) as store:
        assert load_board(store, KEY) == BOARD
        assert sum(reads.pending(store).values()) == 0


def test_a_dry_run_needs_no_database(empty_url: str, tmp_path: Path) -> None:
    """It works on one that is not there, and leaves none."""
    (tmp_path / "dry").mkdir()
    with closing(open_dry(empty_url, tmp_path / "dry")) as dry:
        watch(dry)
        commit(dry, BOARD)
    assert state(empty_url) == "missing"


def test_a_dry_run_of_a_newer_database_is_refused(store_url: str, tmp_path: Path) -> None:
    """As a real run is."""
    with closing(open_existing(store_url)) as store, store._database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    (tmp_path / "dry").mkdir()
    with pytest.raises(StoreError, match="newer leaderboard-bot"):
        open_dry(store_url, tmp_path / "dry")


def test_a_step_of_a_dry_run_that_fails_undoes_itself_only(store_url: str, tmp_path: Path) -> None:
    """As each transaction of a real run does."""
    (tmp_path / "dry").mkdir()
    with closing(open_dry(store_url, tmp_path / "dry")) as dry:
        enqueue(dry, [delivery("one")], START)
        with pytest.raises(Exception, match=r"(?i)unique"):
            enqueue(dry, [delivery("two"), delivery("one")], START)
        assert [d.id for d in reads.deliveries(dry)] == ["one"]


def test_a_dry_run_touches_no_file(path: Path, sqlite_url: str, tmp_path: Path) -> None:
    """Not even for a moment that lasts: the folder is as it was."""
    fill(sqlite_url)
    before = folder_of(path)
    scratch = tmp_path.with_name(tmp_path.name + "-dry")
    scratch.mkdir()
    open_dry(sqlite_url, scratch).close()
    assert folder_of(path) == before


def test_a_dry_run_waits_for_nobodys_claim(sqlite_url: str, tmp_path: Path) -> None:
    """A daemon at work on a board does not work on the copy."""
    with closing(open_store(sqlite_url)) as store:
        schedule(store, {KEY: timedelta(minutes=5)}, START)
        until = START + timedelta(minutes=1)
        assert claim_poll(store, KEY, "daemon", START, until)
        assert claim_poll(store, KEY, "other", START, until) is None
        with closing(open_dry(sqlite_url, tmp_path)) as dry:
            assert claim_poll(dry, KEY, "other", START, until)


def test_a_dry_run_undoes_an_interrupted_transaction_in_its_copy(
    path: Path, sqlite_url: str, tmp_path: Path
) -> None:
    """A crash has left a file that only a writer can put right."""
    fill(sqlite_url)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=delete")
    crash_while_writing(path)
    before = folder_of(path)
    scratch = tmp_path.with_name(tmp_path.name + "-dry")
    scratch.mkdir()
    with closing(open_dry(sqlite_url, scratch)) as dry:
        assert load_board(dry, KEY) == BOARD
    assert folder_of(path) == before
    with closing(open_store(sqlite_url)) as store:
        assert load_board(store, KEY) == BOARD


@pytest.mark.parametrize("look", [state, lambda url: open_existing(url).close()])
def test_a_look_undoes_what_a_crash_left_half_done(
    look: Callable[[str], object], path: Path, sqlite_url: str
) -> None:
    """A command that only looks may be the first one after it."""
    fill(sqlite_url)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=delete")
    crash_while_writing(path)
    look(sqlite_url)
    with closing(open_existing(sqlite_url)) as store:
        assert load_board(store, KEY) == BOARD


def crash_while_writing(path: Path) -> None:
    code = (
        "import sqlite3, sys, os; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA cache_size=2'); c.execute('BEGIN');"
        "c.execute('DELETE FROM rows');"
        "c.execute('CREATE TABLE big (x)');"
        "[c.execute('INSERT INTO big VALUES (?)', ('x' * 3000,)) for _ in range(200)];"
        "os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert path.with_name(path.name + "-journal").stat().st_size


# --- errors ------------------------------------------------------------------------------------


def test_a_full_disk_is_said_to_be_full(sqlite_url: str) -> None:
    """The transaction is undone; there is room to make."""
    with closing(open_existing(sqlite_url)) as store:
        watch(store)
        store._database.engine.dispose()
        event.listen(
            store._database.engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA max_page_count=1"),
        )
        with pytest.raises(StoreError, match="disk that holds the database is full"):
            commit(store, snapshot(*(row(f"r{n}", n, n) for n in range(5000))))
    with closing(open_existing(sqlite_url)) as store:
        assert load_board(store, KEY) is None


def test_a_file_that_cannot_be_written_can_be_read(path: Path, sqlite_url: str) -> None:
    """And a write says what is missing."""
    fill(sqlite_url)
    with closing(open_existing(sqlite_url)) as store:
        store._database.engine.dispose()
        # As root no file is read-only, so the connection is.
        event.listen(
            store._database.engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA query_only=ON"),
        )
        assert load_board(store, KEY) == BOARD
        with pytest.raises(StoreError, match="Give this user write access"):
            remember(store, {"acme/a": ModelFacts()}, START)


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://u:hunter2@h/d", "postgresql:hunter2", "hunter2"],
)
def test_an_address_that_is_not_understood_is_refused(url: str) -> None:
    """Without repeating it: it may hold a password."""
    with pytest.raises(StoreError, match=r"database\.url") as caught:
        upgrade(url)
    assert SECRET not in str(caught.value)


def test_a_server_that_cannot_be_reached_is_said_to_be() -> None:
    """Neither the address nor the password is repeated, not even in the traceback's chain."""
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        upgrade(f"postgresql://someone:{SECRET}@127.0.0.1:1/nowhere")
    assert caught.value.__cause__ is None
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong", ["foo=1", "connect_timeout=zz", "connect_timeout=1&connect_timeout=2", "port=zz",
              "sslmode=zz", "keepalives_idle=zz"],
)  # fmt: skip
def test_an_option_that_postgresql_does_not_take_is_said_to_be(wrong: str) -> None:
    """It is a mistake in the address, which is not repeated."""
    with pytest.raises(StoreError, match=r"database\.url: it has an option") as caught:
        state(f"postgresql://someone:{SECRET}@127.0.0.1:1/nowhere?{wrong}")
    assert caught.value.__cause__ is None
    assert SECRET not in str(caught.value)


def test_a_host_that_can_be_none_is_said_to_be_wrong() -> None:
    """No name has a part of 64 letters, or an empty one."""
    for host in ("a" * 64, "a..b", f"h,{'a' * 64}"):
        with pytest.raises(StoreError, match="check its host"):
            state(f"postgresql://{host}/nowhere")


def test_options_that_postgresql_takes_are_passed_on() -> None:
    """The address is understood as far as the server, which is not there."""
    options = "sslmode=disable&connect_timeout=2&application_name=me"
    with pytest.raises(StoreError, match="cannot be reached"):
        state(f"postgresql://127.0.0.1:1/nowhere?{options}")


def test_a_missing_postgresql_database_is_said_to_be(postgres: Postgres) -> None:
    """It is the user's to create."""
    with pytest.raises(StoreError, match="no such database"):
        upgrade(postgres.url("nowhere"))


def test_a_wrong_password_is_said_to_be(postgres: Postgres) -> None:
    """And is not repeated."""
    hba = postgres.data / "pg_hba.conf"
    plain = hba.read_text(encoding="utf-8")
    hba.write_text(f"local all locked scram-sha-256\n{plain}", encoding="utf-8")
    role, reload = (
        sql.SQL("CREATE ROLE locked LOGIN PASSWORD 'x'"),
        sql.SQL("SELECT pg_reload_conf()"),
    )
    postgres.execute(role, reload)
    try:
        with pytest.raises(StoreError, match="refused the user or password") as caught:
            upgrade(postgres.url("postgres", "locked", SECRET))
        assert SECRET not in str(caught.value)
    finally:
        hba.write_text(plain, encoding="utf-8")
        postgres.execute(sql.SQL("DROP ROLE locked"), reload)


def test_a_short_form_of_the_address_is_understood(migrated_postgres: str) -> None:
    """Some hosts hand out ``postgres://``."""
    assert state(migrated_postgres.replace("postgresql://", "postgres://")) == "current"


def test_a_connection_that_ends_within_an_answer_is_no_mistake_of_the_program() -> None:
    """The driver's words are those of a protocol that was not kept to."""
    said = explain(psycopg.InternalError("received 2 results from command 'COMMIT'"))
    assert said is not None
    assert "cannot be reached" in said


def test_a_mistake_of_the_program_is_not_explained_away() -> None:
    """It comes with its traceback, to be reported."""
    assert explain(ValueError("x")) is None
    assert explain(sqlite3.IntegrityError("UNIQUE constraint failed")) is None


# --- files that come and go --------------------------------------------------------------------


def test_what_was_moved_away_is_not_written_to(path: Path, sqlite_url: str) -> None:
    """A connection that was kept has the old file; put back, it goes on."""
    fill(sqlite_url)
    with closing(open_existing(sqlite_url)) as store:
        assert load_board(store, KEY) == BOARD
        path.rename(path.with_name("away.db"))
        for use in (partial(load_board, store, KEY), partial(watch, store)):
            with pytest.raises(MissingDatabaseError, match="moved, deleted or replaced"):
                use()
        assert not path.exists()
        path.with_name("away.db").rename(path)
        assert load_board(store, KEY) == BOARD


def test_another_file_in_its_place_is_used(path: Path, sqlite_url: str, tmp_path: Path) -> None:
    """As a backup that was put back; not the old one, which has no name any more."""
    backup(sqlite_url, tmp_path / "copy.db")
    fill(sqlite_url)
    with closing(open_existing(sqlite_url)) as store:
        assert load_board(store, KEY) == BOARD
        (tmp_path / "copy.db").replace(path)
        assert load_board(store, KEY) is None
        watch(store)
    assert check(sqlite_url) == []


# --- checks ------------------------------------------------------------------------------------


def test_a_sound_database_has_no_problems(store_url: str) -> None:
    """Empty or filled."""
    assert check(store_url) == []
    fill(store_url)
    assert check(store_url) == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE boards SET leader = 'nobody'", "name a leader that is not among their rows"),
        ("UPDATE boards SET leader = NULL", "have rows but no leader"),
        ("UPDATE boards SET rows_count = 7", "count other rows than they have"),
        ("UPDATE boards SET current = false", "no longer looked at"),
        (
            "UPDATE row_versions SET valid_to = '2000-01-01 00:00:00.000000'",
            "end before they begin",
        ),
        ("UPDATE deliveries SET next_attempt_at = NULL", "wait without a time"),
        ("UPDATE deliveries SET state = 'sent'", "ended at no time"),
    ],
)
def test_what_contradicts_itself_is_found(store_url: str, damage: str, problem: str) -> None:
    """Each with how many there are."""
    fill(store_url)
    with closing(open_existing(store_url)) as store:
        enqueue(store, [delivery("d")], START)
        with store._database.write() as connection:
            connection.exec_driver_sql(damage)
    assert any(problem in found and found.endswith(": 1.") for found in check(store_url))


def test_broken_references_are_found(path: Path, sqlite_url: str) -> None:
    """Whoever wrote them had foreign keys off."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO memory (channel, row_id) VALUES ('hook', 99)")
        raw.commit()
    assert check(sqlite_url) == ["A row of memory refers to one that is gone."]


def test_a_damaged_file_is_found(path: Path, sqlite_url: str) -> None:
    """Either SQLite lists what is wrong, or cannot read it at all."""
    fill(sqlite_url)
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 12] = os.urandom(4096 * 10)
    path.write_bytes(content)
    try:
        found = check(sqlite_url)
    except StoreError as error:
        found = [str(error)]
    assert found
    assert "damage" in found[0]


def test_a_missing_folder_is_told_whoever_asks(tmp_path: Path) -> None:
    """It is no database that is merely not made yet."""
    url = f"sqlite:///{tmp_path}/no/bot.db"
    uses = (state, check, open_existing, open_store, upgrade)
    copies = (lambda url: open_dry(url, tmp_path), lambda url: backup(url, tmp_path / "copy.db"))
    for use in (*uses, *copies):
        with pytest.raises(DatabaseAddressError, match=f"the folder {tmp_path}/no is not there"):
            use(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["a folder: remove it, and mount the folder that", "no ordinary"])
def test_what_can_be_no_database_is_named_with_the_remedy(tmp_path: Path, kind: str) -> None:
    """Such as the folder that a container makes for a file that is missing; whoever asks."""
    path = tmp_path / "bot.db"
    path.mkdir() if "folder" in kind else os.mkfifo(path)
    url = f"sqlite:///{path}"
    for use in (state, check, open_existing, open_store, upgrade):
        with pytest.raises(StoreError, match=f"database.url: {path} is {kind}"):
            use(url)
    assert kind in str(flaw(url))


def test_a_dry_run_of_a_folder_is_refused(tmp_path: Path) -> None:
    """Before anything is copied."""
    with pytest.raises(StoreError, match=f"is a folder: name a file in it, such as {tmp_path}/"):
        open_dry(f"sqlite:///{tmp_path}", tmp_path)


# --- beside others -----------------------------------------------------------------------------


def write_at_once(path: Path, value: int) -> None:
    """Write as another program does, without waiting for the file to be free."""
    with closing(sqlite3.connect(path, timeout=0)) as other, other:
        other.execute("INSERT INTO numbers VALUES (?)", (value,))


def numbers(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in connection.execute("SELECT value FROM numbers")]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Give a file of some thousand pages."""
    path = tmp_path / "large.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE numbers (value INTEGER)")
        made.execute("CREATE TABLE ballast (content BLOB)")
        made.executemany("INSERT INTO ballast VALUES (zeroblob(100000))", [()] * 150)
    return path


@pytest.mark.parametrize("writes", [0, 2, 1000])
def test_a_copy_keeps_no_writer_out(large: Path, tmp_path: Path, writes: int) -> None:
    """It holds one moment of what is copied, and ends however often others write."""
    moments: list[int] = []

    def write() -> None:
        if len(moments) < writes:
            moments.append(len(moments))
            write_at_once(large, moments[-1])

    copy(large, tmp_path / "copy.db", write)
    assert len(moments) <= min(writes, 10)
    if writes == 2:
        assert numbers(tmp_path / "copy.db") == moments == [0, 1]
    assert numbers(tmp_path / "copy.db") == moments[: len(numbers(tmp_path / "copy.db"))]
    assert list(damage(f"sqlite:///{tmp_path / 'copy.db'}")) == [[], [], []]


def test_a_check_keeps_no_writer_out(large: Path) -> None:
    """It looks at one table after the other."""
    for number, found in enumerate(damage(f"sqlite:///{large}")):
        write_at_once(large, number)
        assert found == []
    assert numbers(large) == [0, 1, 2]
