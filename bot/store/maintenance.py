"""Opens databases, copies, prunes and checks them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from bot.core.errors import MissingDatabaseError, StoreError
from bot.store.database import sqlite_file
from bot.store.database.engine import Pooled, Undone, engine_for
from bot.store.database.failures import translated
from bot.store.database.migrate import migrate, shipped, state, upgrade
from bot.store.store import Store
from bot.store.upkeep import contradictions

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"


def open_store(url: str) -> Store:
    """Open a database, made or migrated where needed; see ``upgrade``.

    Raises:
        StoreError: it cannot be used, or a newer program wrote it.
    """
    upgrade(url)
    return _open(url)


def open_existing(url: str) -> Store:
    """Open a database as it is, for commands that only look at it.

    Raises:
        StoreError: it is not set up, of an older or newer program, or cannot be read.
    """
    found = state(url)
    if found == "missing":
        raise MissingDatabaseError("There is no database yet. Run `leaderboard-bot poll` first.")
    if found == "older":
        raise StoreError("The database is of an older version. Run `leaderboard-bot db upgrade`.")
    if found == "newer":
        upgrade(url)  # refuses, and says why
    return _open(url)


def open_dry(url: str, folder: Path) -> Store:
    """Open a database so that nothing lasting is changed, whatever is then done with it.

    An SQLite file is copied into ``folder`` and the copy migrated. On PostgreSQL everything,
    migrations included, happens in one transaction that ``close`` undoes; what it has touched is
    locked for others as long.

    Raises:
        StoreError: it cannot be read, or a newer program wrote it.
    """
    path = sqlite_file.path_of(url)
    if path is None:
        return _open_undone(url)
    dry = folder / "dry-run.db"
    if path.exists():
        with translated():
            sqlite_file.copy(path, dry)
    store = open_store(f"{sqlite_file.PREFIX}{dry}")
    with store.write() as db:
        for owner in db.owners():
            db.release(owner)  # nobody else is at work on the copy
    return store


def backup(url: str, target: Path) -> None:
    """Write a compact copy of an SQLite database to a new file, for this user alone.

    Raises:
        StoreError: it is on PostgreSQL, there is none, or ``target`` exists or cannot be written.
    """
    path = sqlite_file.path_of(url)
    if path is None:
        raise StoreError("PostgreSQL has its own tool for copies: use pg_dump.")
    with translated():
        sqlite_file.backup(path, target)


def check(url: str) -> list[str]:
    """Return everything that is wrong with a database, a sentence each.

    Raises:
        StoreError: it cannot be opened at all.
    """
    store = open_existing(url)
    path = sqlite_file.path_of(url)
    with closing(store):
        try:
            found = list(chain(*damage(path))) if path else []
            return found or problems(store)
        except StoreError as error:
            return [str(error)]


def problems(store: Store) -> list[str]:
    """Return what contradicts itself in the database, a sentence each.

    Each is looked for in a transaction of its own, so that others can write in between.
    """
    found = []
    for contradiction in contradictions():
        with store.read() as db:
            found.append(db.upkeep.look(contradiction))
    return [said for said in found if said]


def damage(path: Path) -> Iterator[list[str]]:
    """Look at one table after the other; others can write in between.

    Raises:
        StoreError: the file cannot be read.
    """
    with translated(), closing(sqlite_file.connect(path)) as connection:
        names = [name for (name,) in connection.execute(_TABLES).fetchall()]
        for name in ("sqlite_schema", *names):
            quoted = '"{}"'.format(name.replace('"', '""'))
            told = connection.execute(f"PRAGMA integrity_check({quoted})").fetchall()
            broken = connection.execute(f"PRAGMA foreign_key_check({quoted})").fetchall()
            yield [
                *(f"SQLite finds damage: {text}" for (text,) in told if text != "ok"),
                *(f"A row of {table} refers to one that is gone." for table, *_ in broken),
            ]


def _open_undone(url: str) -> Store:
    database = Undone(engine_for(url))
    try:
        with database.write() as connection:
            migrate(connection, shipped())
    except BaseException:
        database.close()
        raise
    return Store(database)


def _open(url: str) -> Store:
    return Store(Pooled(engine_for(url)), sqlite_file.path_of(url))
