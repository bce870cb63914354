"""Reads that grow with the database go by pages, each in a short transaction of its own.

One that stayed open while its rows are written to a pipe would keep writers out, and all rows at
once may be more than the memory holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, func, select, true

from bot.core.scope import matches

PAGE = 1000
"""How many rows are read at once."""

MOST_NAMED = 500
"""How many names a statement may list."""

Read = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction."""


class Names(Struct, frozen=True):
    """The names of a column that a glob stands for; null stands for all of them."""

    found: frozenset[str] | None

    def where(self, column: Column[Any]) -> ColumnElement[bool]:
        """Select them, unless they are too many for a statement: ``hold`` has to be asked, too."""
        if self.found is None or len(self.found) > MOST_NAMED:
            return true()
        return column.in_(sorted(self.found))

    def hold(self, name: str | None) -> bool:
        """Tell whether a name is one of them."""
        return self.found is None or name in self.found


def names(read: Read, column: Column[Any], pattern: str | None) -> Names:
    """Find the names that a glob stands for, as watches understand globs."""
    if pattern is None:
        return Names(None)
    return Names(frozenset(name for name in distinct(read, column) if matches(pattern, name)))


def distinct(read: Read, column: Column[Any]) -> Iterator[str]:
    """Return what a column with an index holds, each once, without nulls."""
    following = column.is_not(None)
    while True:
        query = select(column).where(following).distinct().order_by(column).limit(PAGE)
        with read() as connection:
            found = connection.execute(query).scalars().all()
        yield from found
        if len(found) < PAGE:
            return
        following = column > found[-1]


def up(connection: Connection, key: Column[int], after: int) -> int | None:
    """Return the last key of the page that follows a key; None where nothing does."""
    page = select(key.label("key")).where(key > after).order_by(key).limit(PAGE).subquery()
    return connection.execute(select(func.max(page.c.key))).scalar()


def down(connection: Connection, key: Column[int], before: int) -> int | None:
    """Return the first key of the page that ends before a key; None where nothing does."""
    page = select(key.label("key")).where(key < before).order_by(key.desc()).limit(PAGE).subquery()
    return connection.execute(select(func.min(page.c.key))).scalar()
