"""Brings a database to the schema that this program knows.

Alembic is imported only where a migration is really needed: the revisions are named here, and a
test checks that they are the scripts'.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

import bot
from bot.core.errors import NewerDatabaseError, StoreError, UnfinishedCopyError
from bot.store.database.failures import explain, translated
from bot.store.database.sqlite import file as sqlite_file
from bot.store.database.sqlite.place import refuse_flaw

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

State = Literal["missing", "current", "older", "newer"]

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision, the oldest first."""

HEAD = REVISIONS[-1]

UNFINISHED = "copying"
"""Stands for a revision while a database is filled with what another one holds."""

# Any number will do, as long as every process takes the same.
_MIGRATION_LOCK = 7_362_114

# Alembic keeps the running migration in a global.
_one_at_a_time = threading.Lock()


class Scripts(Struct, frozen=True):
    """Where the migrations are, and what they are named, the oldest first."""

    folder: Path
    revisions: tuple[str, ...] = REVISIONS


def shipped() -> Scripts:
    """Return the program's own migrations: inside the package, or beside it in a checkout."""
    package = Path(bot.__file__).parent
    inside = package / "migrations"
    return Scripts(inside if inside.exists() else package.parent / "migrations")


def state(url: str, scripts: Scripts | None = None, *, to_write: bool = False) -> State:
    """Say what has to be done before the database can be used; creates and migrates nothing.

    What a crash left half-done in an SQLite file is undone: until then nobody can read it.

    Raises:
        StoreError: it cannot be read, is another program's, or on PostgreSQL this user may not
            read it, or, where that is asked, not write it.
    """
    path = sqlite_file.path_of(url)
    revisions = (scripts or shipped()).revisions
    with translated():
        if path:
            refuse_flaw(path)
            found = _sqlite_version(path)
        else:
            found = _postgresql_version(url, revisions[-1], to_write=to_write)
    return _judge(found, revisions)


def upgrade(url: str, scripts: Scripts | None = None) -> None:
    """Create the database or bring it up to date; does nothing when it is.

    All migrations are one transaction. An SQLite file that already holds a schema is first
    copied to ``<file>.before-<revision>``.

    Raises:
        NewerDatabaseError: a newer program wrote it.
        StoreError: it cannot be written, or a migration failed; the database is as it was.
    """
    scripts = scripts or shipped()
    path = sqlite_file.path_of(url)
    if path:
        sqlite_file.create(path)
        _recover(path)
    if refuse_newer(state(url, scripts, to_write=True)) == "current":
        return
    from bot.store.database.engine import migrating_engine

    engine = migrating_engine(url)
    try:
        with translated(), engine.connect() as connection:
            options = connection.execution_options(leaderboard_bot_writes=True)
            with options.begin():
                migrate(connection, scripts, path)
        if path:
            _give_back_room(path)
    finally:
        engine.dispose()


def migrate(connection: Connection, scripts: Scripts, path: Path | None = None) -> None:
    """Run what is missing in the connection's open transaction; see ``upgrade``."""
    from sqlalchemy import text

    if connection.dialect.name == "postgresql":
        # Another replica's migration may take longer than any other lock.
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(lock, {"number": _MIGRATION_LOCK})
    found = _version(connection)
    if refuse_newer(_judge(found, scripts.revisions)) == "current":
        return
    if found is not None:
        _say_what_room_it_needs(connection, path)
    if path and found is not None:
        _keep_copy(path, scripts.revisions[-1])
    _run(connection, scripts)
    if path and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreError("The migration would break references between rows; nothing was changed.")


def _run(connection: Connection, scripts: Scripts) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts.folder).replace("%", "%%"))
    with _one_at_a_time:
        try:
            command.upgrade(config, "head")
        except StoreError:
            raise
        except Exception as error:
            reason = explain(error) or f"{type(error).__name__} in a migration. Report this."
            said = f"The database could not be migrated and is as it was: {reason}"
            raise StoreError(said) from error


def _judge(found: str | None, revisions: tuple[str, ...]) -> State:
    if found is None:
        return "missing"
    if found == UNFINISHED:
        raise UnfinishedCopyError
    if found == revisions[-1]:
        return "current"
    return "older" if found in revisions or not found else "newer"


def refuse_newer(found: State) -> State:
    """Return what was found; raises ``NewerDatabaseError`` where a newer program wrote it."""
    if found == "newer":
        raise NewerDatabaseError(
            "The database was written by a newer leaderboard-bot. Update this program, or "
            "restore the copy that the update made of the database."
        )
    return found


def _recover(path: Path) -> None:
    """Undo what a crash left half-done; a reader that changes nothing could not."""
    with translated():
        sqlite_file.connect(path).close()


def _sqlite_version(path: Path) -> str | None:
    """Return the revision; None for no database yet, empty for tables without one of ours."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return None
    try:
        return _revision_in(path)
    except sqlite3.OperationalError as error:
        if not sqlite_file.is_interrupted(error):
            raise
    _recover(path)
    return _revision_in(path)


def _revision_in(path: Path) -> str | None:
    with closing(sqlite_file.connect_read_only(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StoreError(
                f"{path.name} is a database of another program. Name another file in database.url."
            )
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def _postgresql_version(url: str, head: str, *, to_write: bool) -> str | None:
    from bot.store.database.engine import Database, engine_for
    from bot.store.database.postgresql.rights import refuse_unreadable, refuse_unwritable

    database = Database(engine_for(url))
    try:
        with database.read() as connection:
            refuse_unreadable(connection)
            found = _version(connection)
            if to_write:
                refuse_unwritable(connection, is_current=found == head)
            return found
    finally:
        database.close()


def _version(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else ""


def _say_what_room_it_needs(connection: Connection, path: Path | None) -> None:
    """Say it; raises ``StoreError`` where it is known not to be there."""
    if path is None:
        size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()
        _say(_megabytes(size or 0), "on the server of the database")
        return
    # For the copy, for the new tables beside the old ones, and for the journal of both.
    needed, folder = 3 * path.stat().st_size, path.resolve().parent
    free = free_bytes(folder)
    if needed > free:
        raise StoreError(
            f"To bring the database up to date needs about {_megabytes(needed)} MB free at "
            f"{folder}, where {_megabytes(free)} MB are. Make room, then try again; nothing was "
            "changed."
        )
    _say(_megabytes(needed), f"at {folder}")


def free_bytes(folder: Path) -> int:
    """Return how much room there is where a folder is."""
    return shutil.disk_usage(folder).free


def _say(megabytes: int, where: str) -> None:
    log.warning("the database is brought up to date, which needs about %d MB %s", megabytes, where)


def _megabytes(size: int) -> int:
    return -(-size // 10**6)


def _give_back_room(path: Path) -> None:
    """Make a file as small as what is in it, now that the old tables are gone from it."""
    with suppress(sqlite3.Error), closing(sqlite_file.connect(path)) as connection:
        connection.execute("VACUUM")  # not possible beside others: then it stays larger


def _keep_copy(path: Path, revision: str) -> None:
    """Copy the file as it was before this transaction; one from a failed try is replaced."""
    kept = path.with_name(f"{path.name}.before-{revision}")
    partial = kept.with_name(kept.name + ".partial")
    partial.unlink(missing_ok=True)
    sqlite_file.copy(path, partial)
    partial.replace(kept)
