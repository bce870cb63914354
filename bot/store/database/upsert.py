"""The statements that SQLAlchemy spells per database: insert, or leave or change what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Insert, Table, bindparam


def upsert(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    changes: Mapping[str, Any] | None = None,
    *,
    by: Sequence[Column[Any]] = (),
) -> None:
    """Insert a row; where its primary key, or what ``by`` names, exists, set ``changes`` instead.

    ``changes`` are the other values unless given; with none at all the row stays as it is.
    """
    keys = [column.name for column in by or table.primary_key]
    if changes is None:
        changes = {name: value for name, value in values.items() if name not in keys}
    insert = _insert(connection.dialect.name, table).values(**values)
    if changes:
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=dict(changes)))
    else:
        connection.execute(insert.on_conflict_do_nothing(index_elements=keys))


def upsert_each(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    changes: Mapping[str, Any],
    *,
    by: Sequence[Column[Any]],
) -> None:
    """Insert rows; one that exists, by what ``by`` names, takes their values and ``changes``."""
    if not rows:
        return
    insert = _insert(connection.dialect.name, table)
    keys = [column.name for column in by]
    taken = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    again = insert.on_conflict_do_update(index_elements=keys, set_={**taken, **changes})
    connection.execute(again, list(rows))


def add_missing(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row; one that is there already stays as it is."""
    connection.execute(_insert(connection.dialect.name, table).on_conflict_do_nothing(), values)


@lru_cache
def missing(dialect: str, table: Table, *columns: str) -> Insert:
    """Return what inserts rows, ``new_x`` for each column x, and leaves those that are there."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    statement: Insert = _insert(dialect, table).values(values).on_conflict_do_nothing()
    return statement


def _insert(dialect: str, table: Table) -> Any:
    # Each is imported with its dialect anyway; the other one need not be.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
