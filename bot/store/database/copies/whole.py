"""A copy of everything that a database holds into another one, which is empty, of either kind.

It is one transaction: until its end there is nothing in the target, which is marked as unfinished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    RowMapping,
    Table,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
)

from bot.core.errors import StoreError, UnfinishedCopyError
from bot.store.database.engine import Database, database_at
from bot.store.database.migrate import HEAD, UNFINISHED, state, upgrade
from bot.store.database.sqlite.file import daemon_lock
from bot.store.database.tables import metadata

PAGE = 500
"""How many rows are held in memory at once."""

Progress = Callable[[str, int], object]
"""Is told of a table, and how many of its rows are copied."""

_TABLES: Sequence[Table] = metadata.sorted_tables
"""Each after those that it refers to."""
_MARK = text("UPDATE alembic_version SET version_num = :revision")
_OTHERS = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
_IDLE = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""Each side waits while the other one works."""
_HOLD = "LOCK TABLE {} IN SHARE MODE"


@contextmanager
def held(source: Database, owner: str) -> Iterator[Connection]:
    """Open a transaction on a source in which nobody else writes to it, until its end.

    Raises:
        StoreError: a daemon runs on it, or somebody holds it for too long.
    """
    if source.file is not None:
        # SQLite has one writer; nothing is written here.
        with daemon_lock(source.file, owner), source.write() as connection:
            yield connection
        return
    with source.read() as connection:
        connection.exec_driver_sql(_IDLE)
        names = ", ".join(table.name for table in _TABLES)
        connection.exec_driver_sql(_HOLD.format(names))  # before its first look at the data
        yield connection


def fill(source: Connection, url: str, progress: Progress) -> int:
    """Copy all rows of a source into the database at a URL; return how many there are.

    Raises:
        StoreError: the target is not empty, cannot be used, or holds something else afterwards.
    """
    try:
        _prepare(url)
    except StoreError as error:
        reason = str(error).replace("database.url", "the URL")
        raise StoreError(f"Nothing can be copied into the target: {reason}") from error
    with closing(database_at(url)) as target, target.write() as connection:
        if target.file is None:
            connection.exec_driver_sql(_IDLE)
        _refuse_rows(connection)
        copied = sum(_copy(source, connection, table, progress) for table in _TABLES)
        connection.execute(_MARK, {"revision": HEAD})
    return copied


def _prepare(url: str) -> None:
    """Make the target's tables where there are none, and mark it as unfinished."""
    try:
        found = state(url)
    except UnfinishedCopyError:
        return
    if found not in ("missing", "current"):
        raise StoreError("it is not empty. Name a new one.")
    with closing(database_at(url)) as target:
        if found == "missing" and target.file is None:
            with target.read() as connection:
                if connection.execute(_OTHERS).scalar():
                    raise StoreError("it holds tables of something else. Name an empty one.")
        upgrade(url)
        with target.write() as connection:
            _refuse_rows(connection)
            connection.execute(_MARK, {"revision": UNFINISHED})


def _refuse_rows(target: Connection) -> None:
    for table in _TABLES:
        if target.execute(select(literal(1)).select_from(table).limit(1)).first():
            raise StoreError("it is not empty. Name a new one.")


def _copy(source: Connection, target: Connection, table: Table, progress: Progress) -> int:
    copied = 0
    for page in _pages(source, table):
        target.execute(insert(table), [dict(row) for row in page])
        copied += len(page)
        progress(table.name, copied)
    _go_on_numbering(source, target, table)
    counted = [side.execute(_count(table)).scalar_one() for side in (source, target)]
    if counted != [copied, copied]:
        raise StoreError(f"{copied} of {counted[0]} rows of {table.name} arrived. Report this.")
    return copied


def _count(table: Table) -> Any:
    return select(func.count()).select_from(table)


def _pages(source: Connection, table: Table) -> Iterator[Sequence[RowMapping]]:
    """Read a table by its primary key, a page at a time."""
    keys: list[Column[Any]] = list(table.primary_key)
    query = select(table).order_by(*keys).limit(PAGE)
    page = source.execute(query).mappings().all()
    while page:
        yield page
        last: list[BindParameter[Any]] = [literal(page[-1][key.name], key.type) for key in keys]
        page = source.execute(query.where(tuple_(*keys) > tuple_(*last))).mappings().all()


def _go_on_numbering(source: Connection, target: Connection, table: Table) -> None:
    """Let the target number new rows from where the source stands: no number is used twice."""
    key = table.autoincrement_column
    if key is None:
        return
    highest = _numbered(source, table, key)
    if not highest:
        return
    names = {"table": table.name, "column": key.name, "highest": highest}
    if target.dialect.name == "postgresql":
        sequence = "setval(pg_get_serial_sequence(:table, :column), :highest)"
        target.execute(text(f"SELECT {sequence}"), names)
        return
    target.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), names)
    target.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :highest)"), names)


def _numbered(source: Connection, table: Table, key: Column[Any]) -> int:
    """Return the highest number that a table has ever given; 0 for none."""
    names = {"table": table.name, "column": key.name}
    if source.dialect.name != "postgresql":
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        return int(source.execute(query, names).scalar() or 0)
    sequence = "pg_get_serial_sequence(:table, :column)"
    last = source.execute(text(f"SELECT pg_sequence_last_value({sequence}::regclass)"), names)
    return int(last.scalar() or 0)
