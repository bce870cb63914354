"""Reads that grow with the database go by pages, each in a short transaction of its own.

One that stayed open while its rows are written to a pipe would keep writers out, and all rows at
once may be more than the memory holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, func, select, true

from bot.core.alerts.scope import matches

PAGE = 1000
"""How many rows are read at once."""

MOST_NAMED = 500
"""How many names a statement may list."""

T = TypeVar("T")

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


def ascending(
    read: Read, key: Column[int], low: int, page: Callable[[Connection, int, int], T]
) -> Iterator[T]:
    """Read the pages of keys above ``low`` that are there now, each when it is asked for.

    ``page`` reads what has a key between two numbers, the first one excluded.
    """
    last = highest(read, key)
    while low < last:
        with read() as connection:
            upper = select(key.label("key")).where(key > low).order_by(key).limit(PAGE).subquery()
            high = connection.execute(select(func.max(upper.c.key))).scalar()
            if high is None:
                return
            found = page(connection, low, min(high, last))
        yield found
        low = high


def newest(
    read: Read, key: Column[int], limit: int, page: Callable[[Connection, int, int], list[int]]
) -> int:
    """Return the key after which there are no more than ``limit`` that are wanted.

    ``page`` returns those between two numbers, the first one excluded, the highest first.
    """
    high, left = highest(read, key), limit
    while True:
        with read() as connection:
            lower = select(key.label("key")).where(key <= high).order_by(key.desc()).limit(PAGE)
            of_page = select(func.min(lower.subquery().c.key))
            low = connection.execute(of_page).scalar()
            if low is None:
                return 0
            found = page(connection, low - 1, high)
        if len(found) >= left:
            return found[left - 1] - 1
        high, left = low - 1, left - len(found)


def highest(read: Read, key: Column[int]) -> int:
    """Return the highest key, 0 where there is none."""
    with read() as connection:
        found: int | None = connection.execute(select(func.max(key))).scalar()
    return found or 0
