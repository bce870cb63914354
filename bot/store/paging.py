"""Reads of what grows go by pages, each in a short transaction of its own.

One that stayed open while its rows are written to a pipe would keep writers out, and all rows at
once may be more than the memory holds.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, func, select, true

PAGE = 1000
"""How many rows are read at once."""

PAGES_BACK = 30
"""So many pages are looked at where no index leads to what is wanted."""

MOST_NAMED = 500
"""How many names a statement may list."""

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """What is wanted of at most ``PAGE`` rows, and the key of the last of them to go on from.

    ``last`` is null where no rows are left.
    """

    found: tuple[T, ...]
    last: int | None


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


def upward(connection: Connection, key: Column[int], after: int, until: int) -> int | None:
    """Return the highest key of the next page after one; None where nothing up to ``until`` is."""
    if after >= until:
        return None
    page = select(key.label("key")).where(key > after).order_by(key).limit(PAGE).subquery()
    high: int | None = connection.execute(select(func.max(page.c.key))).scalar()
    return None if high is None else min(high, until)


def downward(connection: Connection, key: Column[int], until: int) -> int | None:
    """Return the lowest key of the page that ends with ``until``; None where nothing is."""
    page = select(key.label("key")).where(key <= until).order_by(key.desc()).limit(PAGE).subquery()
    low: int | None = connection.execute(select(func.min(page.c.key))).scalar()
    return low


def far_down(connection: Connection, key: Column[int], until: int) -> int:
    """Return the key at which a look back over ``PAGES_BACK`` pages ends; 1 for the first."""
    for _ in range(PAGES_BACK):
        low = downward(connection, key, until)
        if low is None:
            return 1
        until = low - 1
    return until + 1


def highest(connection: Connection, key: Column[int]) -> int:
    """Return the highest key, 0 where there is none."""
    found: int | None = connection.execute(select(func.max(key))).scalar()
    return found or 0


def distinct(
    connection: Connection, column: Column[Any], after: str | None, where: ColumnElement[bool]
) -> tuple[str, ...]:
    """Return the next names that a column with an index holds, at most ``PAGE``, each once.

    They come in the database's order; fewer than ``PAGE`` are the last.
    """
    following = true() if after is None else column > after
    query = select(column).where(following, where).distinct().order_by(column).limit(PAGE)
    return tuple(connection.execute(query).scalars())
