"""One statement for many rows, which costs little more than what the database does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct
from sqlalchemy import Boolean, Connection, Dialect, Insert, Update
from sqlalchemy.types import TypeEngine

from bot.store.database.types import Moment

Statement = Insert | Update


class _Prepared(Struct, frozen=True):
    """A statement in SQL, and its parameters in their order with what writes their values."""

    words: str
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]


def execute_each(
    connection: Connection, statement: Statement, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute a statement, all of whose values are parameters, for each of some rows.

    SQLAlchemy works out anew for each row what it asks of a statement: with the rows of a board,
    that would be most of the work.
    """
    if not rows:
        return
    if not connection.dialect.positional:
        connection.execute(statement, rows)
        return
    prepared = _prepared(statement, connection.dialect)
    written = [
        tuple([write(row[name]) if write else row[name] for name, write in prepared.parameters])
        for row in rows
    ]
    connection.exec_driver_sql(prepared.words, written)


@lru_cache(maxsize=64)
def _prepared(statement: Statement, dialect: Dialect) -> _Prepared:
    compiled: Any = statement.compile(dialect=dialect)
    writers = {name: _writer(bound.type, dialect) for name, bound in compiled.binds.items()}
    names = compiled.positiontup
    return _Prepared(str(compiled), tuple((name, writers[name]) for name in names))


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what makes the driver's values of a type; None where it takes them as they are."""
    if isinstance(kind, Boolean):
        return None
    writer = kind.dialect_impl(dialect).bind_processor(dialect)
    # All rows of a statement have one time.
    return lru_cache(maxsize=4)(writer) if writer and isinstance(kind, Moment) else writer
