"""A copy of an SQLite file, to keep; and whether one is sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.core.errors import StoreError
from bot.store.database.failures import translated
from bot.store.database.sqlite import file as sqlite_file
from bot.store.database.sqlite.place import refuse_flaw

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"


def backup(url: str, target: Path) -> None:
    """Write a compact copy of an SQLite database to a new file, for this user alone.

    Raises:
        StoreError: it is on PostgreSQL, there is none, or ``target`` exists.
        UnwritableError: ``target`` cannot be written.
    """
    path = sqlite_file.path_of(url)
    if path is None:
        raise StoreError("PostgreSQL has its own tool for copies: use pg_dump.")
    refuse_flaw(path)
    with translated():
        sqlite_file.backup(path, target)


def damage(url: str) -> Iterator[list[str]]:
    """Look at one table of a file after the other; others can write in between.

    A server looks after its own files: nothing is looked at there.

    Raises:
        StoreError: the file cannot be read.
    """
    path = sqlite_file.path_of(url)
    if path is None:
        return
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
