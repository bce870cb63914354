"""The schema comes about on both databases, and an older one is brought up to date."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.core.errors import NewerDatabaseError, StoreError
from bot.store.database.engine import migrating_engine
from bot.store.database.migrate import HEAD, REVISIONS, Scripts, shipped, state, upgrade
from tests.support.store import old_databases

NEXT = '''
"""A revision that the program does not have yet."""
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"

def upgrade():
    with op.batch_alter_table("models") as batch:
        batch.add_column(sa.Column("nickname", sa.Text()))
    {then}
'''


def script_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped().folder))
    return config


@pytest.fixture
def later(tmp_path: Path) -> Scripts:
    """Give the migrations of a later program."""
    return _later(tmp_path, "pass")


def _later(tmp_path: Path, then: str) -> Scripts:
    folder = tmp_path / f"scripts-{abs(hash(then))}"
    shutil.copytree(shipped().folder, folder)
    script = NEXT.format(head=HEAD, then=then)
    (folder / "versions" / "next.py").write_text(script, encoding="utf-8")
    return Scripts(folder, (*REVISIONS, "next"))


def execute(url: str, *statements: str) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    with connected(url) as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            found = [tuple(row) for row in result] if result.returns_rows else []
        connection.commit()
    return found


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = migrating_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


MODEL = "INSERT INTO models (name) VALUES ('a/b')"


def test_there_is_one_head() -> None:
    """Two heads would leave the order of migrations open."""
    assert ScriptDirectory.from_config(script_config()).get_heads() == [HEAD]


def test_the_named_revisions_are_the_scripts() -> None:
    """The program knows without Alembic which revisions there are."""
    walked = ScriptDirectory.from_config(script_config()).walk_revisions()
    assert tuple(reversed([script.revision for script in walked])) == REVISIONS


def test_revisions_import_nothing_of_ours() -> None:
    """A script must mean the same whatever becomes of the program."""
    for script in (shipped().folder / "versions").glob("*.py"):
        assert "import bot" not in script.read_text(encoding="utf-8")
        assert "from bot" not in script.read_text(encoding="utf-8")


def test_a_database_is_made_from_nothing(empty_url: str) -> None:
    """What was missing is current after an upgrade."""
    assert state(empty_url) == "missing"
    upgrade(empty_url)
    assert state(empty_url) == "current"


def test_the_migrated_schema_is_the_one_in_the_code(empty_url: str) -> None:
    """``alembic check`` finds nothing to do."""
    upgrade(empty_url)
    with connected(empty_url) as connection:
        config = script_config()
        config.attributes["connection"] = connection
        command.check(config)


def test_an_upgrade_of_a_current_database_changes_nothing(empty_url: str) -> None:
    """Migrations also run at every start."""
    upgrade(empty_url)
    execute(empty_url, MODEL)
    upgrade(empty_url)
    assert execute(empty_url, "SELECT name FROM models") == [("a/b",)]


def test_rows_survive_an_upgrade(empty_url: str, later: Scripts) -> None:
    """A database with rows is migrated in place."""
    upgrade(empty_url)
    execute(empty_url, MODEL)
    assert state(empty_url, later) == "older"
    upgrade(empty_url, later)
    assert state(empty_url, later) == "current"
    assert execute(empty_url, "SELECT name, nickname FROM models") == [("a/b", None)]


def test_a_newer_database_is_refused(empty_url: str, later: Scripts) -> None:
    """An old program must not write into what it does not understand."""
    upgrade(empty_url, later)
    assert state(empty_url) == "newer"
    with pytest.raises(NewerDatabaseError, match="Update this program"):
        upgrade(empty_url)


def test_a_failed_migration_leaves_the_database_as_it_was(empty_url: str, tmp_path: Path) -> None:
    """All migrations are one transaction, the changes of tables included."""
    upgrade(empty_url)
    execute(empty_url, MODEL)
    broken = _later(tmp_path, "raise RuntimeError('broken')")
    with pytest.raises(StoreError, match="as it was"):
        upgrade(empty_url, broken)
    assert state(empty_url) == "current"
    assert execute(empty_url, "SELECT name FROM models") == [("a/b",)]
    with pytest.raises(Exception, match="nickname"):
        execute(empty_url, "SELECT nickname FROM models")


def test_what_was_remembered_with_one_time_is_told_apart(empty_url: str, tmp_path: Path) -> None:
    """What changed with the last telling was told then; what was only withheld was not told."""
    old_databases.make(empty_url, "0003", tmp_path)
    upgrade(empty_url, old_databases.scripts_until("0006", tmp_path))
    then, told, gone = "'2026-04-27 10:00:00.000000'", "2, '60'", "NULL, NULL"
    old = [
        f"{then}, {told}, 3, '50'",
        f"{then}, {told}, {gone}",
        f"{then}, {gone}, 3, '50'",
        f"NULL, {gone}, 3, '50'",
    ]
    ids = execute(empty_url, "SELECT id FROM rows ORDER BY id LIMIT 4")
    names = "channel, row_id, at, rank, score, rank_before, score_before"
    for (row,), values in zip(ids, old, strict=True):
        execute(empty_url, f"INSERT INTO memory ({names}) VALUES ('c', {row}, {values})")
    upgrade(empty_url)
    columns = "rank, score, score_at IS NULL, score_before, present_at IS NULL, present_before"
    assert execute(empty_url, f"SELECT {columns} FROM memory ORDER BY row_id") == [
        (2, "60", False, "50", True, None),
        (2, "60", True, None, False, False),
        (None, None, True, None, False, True),
        (3, "50", True, None, True, None),
    ]


def test_a_migration_that_breaks_references_is_undone(tmp_path: Path) -> None:
    """Foreign keys are off while tables are rebuilt, and checked before the end."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    upgrade(url)
    breaks = """op.execute("INSERT INTO memory (channel, row_id) VALUES ('c', 99)")"""
    with pytest.raises(StoreError, match="references"):
        upgrade(url, _later(tmp_path, breaks))
    assert state(url) == "current"


def test_a_copy_is_kept_of_a_file_that_is_migrated(tmp_path: Path, later: Scripts) -> None:
    """What the older program wrote can be brought back, and only its owner reads it."""
    path = tmp_path / "a.db"
    upgrade(f"sqlite:///{path}")
    execute(f"sqlite:///{path}", MODEL)
    upgrade(f"sqlite:///{path}", later)
    kept = tmp_path / "a.db.before-next"
    assert state(f"sqlite:///{kept}") == "current"
    assert execute(f"sqlite:///{kept}", "SELECT name FROM models") == [("a/b",)]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_new_file_needs_no_copy(tmp_path: Path) -> None:
    """The first upgrade leaves one file, which only its owner can read."""
    path = tmp_path / "a.db"
    upgrade(f"sqlite:///{path}")
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@contextmanager
def in_wal_mode(path: Path, mode: str) -> Iterator[None]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
    yield


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_asking_for_the_state_touches_no_file(tmp_path: Path, mode: str) -> None:
    """A look at a database leaves its folder as it is."""
    path = tmp_path / "a.db"
    upgrade(f"sqlite:///{path}")
    with in_wal_mode(path, mode):
        before = {p.name: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.iterdir()}
        assert state(f"sqlite:///{path}") == "current"
        assert state(f"sqlite:///{tmp_path / 'other.db'}") == "missing"
        after = {p.name: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.iterdir()}
    assert after == before


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    """Tables of a stranger are not migrated."""
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE bookmarks (id INTEGER)")
    with pytest.raises(StoreError, match="another program"):
        upgrade(f"sqlite:///{path}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The error says so in one sentence, with the setting to check."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"not an SQLite database. Check database\.url"):
        upgrade(f"sqlite:///{path}")


def test_a_missing_folder_is_named_as_the_remedy(tmp_path: Path) -> None:
    """The folder of the database is the user's to make."""
    with pytest.raises(StoreError, match="nowhere is not there; make it, or name another"):
        upgrade(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}")
