"""Reads of what grows go by pages, each in a short transaction of its own.

One that stayed open while its rows are written to a pipe would keep writers out, and all rows at
once may be more than the memory holds.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, cast, func, select, true

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
        if self.found is None or not self.are_few:
            return true()
        return column.in_(sorted(self.found))

    @property
    def are_few(self) -> bool:
        """Whether they are few enough for a statement."""
        return self.found is not None and len(self.found) <= MOST_NAMED

    def hold(self, name: str | None) -> bool:
        """Tell whether a name is one of them."""
        return self.found is None or name in self.found

    def among(self, others: Names) -> Names:
        """Return those that are among others as well."""
        if self.found is None or others.found is None:
            return others if self.found is None else self
        return Names(self.found & others.found)


EVERY = Names(None)


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


def backward(connection: Connection, key: Column[int]) -> ColumnElement[int]:
    """Return the order from the highest key down, for rows that another index leads to."""
    in_order = connection.dialect.name == "sqlite"  # its indexes end with the key
    # Else computed: PostgreSQL would walk down all keys until it has met enough of these rows.
    return (key if in_order else key + 0).desc()


def highest(connection: Connection, key: Column[int]) -> int:
    """Return the highest key, 0 where there is none."""
    found: int | None = connection.execute(select(func.max(key))).scalar()
    return found or 0


def distinct(
    connection: Connection,
    column: Column[Any],
    after: str | None,
    glob: str | None,
    where: ColumnElement[bool],
) -> tuple[str, ...]:
    """Return the next names that a column with an index holds, at most ``PAGE``, each once.

    They come in the database's order; fewer than ``PAGE`` are the last. With a ``glob``, those
    that it cannot stand for are left out.
    """
    these = (true() if after is None else column > after, like(connection, column, glob), where)
    query = select(column).where(*these).distinct().order_by(column).limit(PAGE)
    return tuple(connection.execute(query).scalars())


_ESCAPE = "\\"
_LIKE = {"*": "%", "?": "_", "i": "_", **{one: _ESCAPE + one for one in ("%", "_", _ESCAPE)}}
"""What LIKE has for what a glob has. An "i" may be any letter: Turkish has another small "I"."""

_LONGEST_LIKE = 500
"""Letters of a glob that are looked at: no name is as long."""


def like(connection: Connection, column: Column[Any], glob: str | None) -> ColumnElement[bool]:
    """Select what a glob may stand for, and little else: each of them has to be matched yet.

    Case is ignored. What is not ASCII is selected whatever it is, for each database folds its case
    in a way of its own.
    """
    if glob is None:
        return true()
    whole = glob.casefold()
    head = whole[:_LONGEST_LIKE].partition("[")[0]
    parts = [_LIKE.get(letter, letter if letter.isascii() else "%") for letter in head]
    pattern = "".join(parts if head == whole else [*parts, "%"])
    if pattern == "%":
        return true()
    in_sqlite = connection.dialect.name == "sqlite"  # which has no octet_length before 3.43
    octets = func.length(cast(column, LargeBinary)) if in_sqlite else func.octet_length(column)
    other = octets != func.length(column)
    return func.lower(column).like(pattern, escape=_ESCAPE) | other
