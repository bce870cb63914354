"""History: the versions of rows, by board and model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from bot.core.board import BoardKey, Result
from bot.store import paging
from bot.store.boards.boards import result_of
from bot.store.database.tables import STATE, boards, models, row_versions, rows
from bot.store.database.types import Moment
from bot.store.keys import BY_KEY, key_of
from bot.store.paging import MOST_NAMED, PAGE, Names

ROWS_AT_ONCE = 200
"""Versions may be asked for of so many rows at once."""

_PLACE = (rows.c.board_id, models.c.name, rows.c.id)


class RowPlace(NamedTuple):
    """A row, in the order in which rows are read: by board and model; ``id`` is its public id."""

    board: int
    model: str
    number: int
    id: str


class RowFilter(Struct, frozen=True, kw_only=True):
    """Which rows are asked for; ``every_board`` says that ``boards`` are all there are."""

    boards: Mapping[int, BoardKey]
    models: Names
    every_board: bool = False


class HistoryPoint(Struct, frozen=True, kw_only=True):
    """A row's result from ``at`` until ``until``, null while it stands.

    ``removed`` marks the time after a row was told as removed; its result is the last one.
    """

    at: datetime
    until: datetime | None
    board: BoardKey
    row_id: str
    result: Result
    removed: bool


class History:
    """The versions of rows, each from the poll that saw it first to the one that saw another."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def boards(self, after: int = 0) -> dict[int, BoardKey]:
        """Return the next boards by number, at most ``PAGE`` of them."""
        query = select(boards.c.id, *BY_KEY).where(boards.c.id > after)
        page = self._connection.execute(query.order_by(boards.c.id).limit(PAGE)).mappings()
        return {row["id"]: key_of(row) for row in page}

    def benchmarks(self, after: str | None = None, glob: str | None = None) -> tuple[str, ...]:
        """Return the next benchmarks of which there are rows, a page of them; see ``distinct``."""
        seen = select(rows.c.id).where(rows.c.board_id == boards.c.id).exists()
        return paging.distinct(self._connection, boards.c.benchmark, after, glob, seen)

    def models(self, after: str | None = None, glob: str | None = None) -> tuple[str, ...]:
        """Return the next models of rows that were ever seen, a page of them; see ``distinct``."""
        seen = select(rows.c.id).where(rows.c.model_id == models.c.id).exists()
        return paging.distinct(self._connection, models.c.name, after, glob, seen)

    def rows(
        self, which: RowFilter, after: RowPlace | None = None
    ) -> tuple[tuple[RowPlace, ...], RowPlace | None]:
        """Return the wanted ones of the next page of rows, and the last row of that page.

        The last is None where no rows are left.
        """
        few = not which.every_board and len(which.boards) <= MOST_NAMED
        asked = [which.models.where(models.c.name)]
        asked += [rows.c.board_id.in_(sorted(which.boards))] if few else []
        if after is not None:
            asked.append(rows.c.board_id >= after.board)
            asked.append(tuple_(*_PLACE) > tuple_(*after[:3]))
        found = select(*_PLACE, rows.c.public_id).join(models, models.c.id == rows.c.model_id)
        # Within a board models are sorted: so no more boards are looked at than fill a page.
        some = found.where(*asked).with_only_columns(rows.c.board_id).order_by(rows.c.board_id)
        last = self._connection.execute(some.offset(PAGE - 1).limit(1)).scalar()
        if last is not None:
            asked.append(rows.c.board_id <= last)
        query = found.where(*asked).order_by(*_PLACE).limit(PAGE)
        page = [RowPlace(*row) for row in self._connection.execute(query)]
        wanted = [row for row in page if row.board in which.boards and which.models.hold(row.model)]
        return tuple(wanted), page[-1] if len(page) == PAGE else None

    def versions(
        self,
        places: Mapping[str, RowPlace],
        keys: Mapping[int, BoardKey],
        since: datetime | None = None,
        after: HistoryPoint | None = None,
    ) -> tuple[HistoryPoint, ...]:
        """Return the next versions of some rows, at most ``PAGE`` of them, row by row.

        ``places`` names the rows by their ids, ``keys`` the boards by their numbers. With
        ``since``, the version that stood then is the first, unless that tells of a removal.
        """
        by_number = {place.number: place for place in places.values()}
        last = None if after is None else (places[after.row_id].number, after.at)
        parts = (_of(part, by_number, since, last) for part in _PARTS)
        query = union_all(*parts).order_by("number", "at").limit(PAGE)
        found = self._connection.execute(query)
        return tuple(_point(by_number[one.number], keys, one) for one in found)

    def baseline(self) -> datetime | None:
        """Return the time of the oldest result; None where there is none, or one has changed."""
        past = select(rows.c.board_id, row_versions.c.valid_from).join(
            rows, rows.c.id == row_versions.c.row_id
        )
        standing = select(rows.c.board_id, rows.c.since.label("at")).where(
            rows.c.since.is_not(None)
        )
        every = union_all(standing, past).subquery()
        first, last = func.min(every.c.at).label("first"), func.max(every.c.at).label("last")
        each = select(first, last).group_by(every.c.board_id).subquery()
        query = select(func.min(each.c.first)).having(
            func.count().filter(each.c.first < each.c.last) == 0
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found


class _Part(NamedTuple):
    """A table that holds versions, and how its columns are called here."""

    table: Table
    number: Column[Any]
    at: Column[Any]
    until: ColumnElement[Any]


_PARTS = (
    _Part(row_versions, row_versions.c.row_id, row_versions.c.valid_from, row_versions.c.valid_to),
    _Part(rows, rows.c.id, rows.c.since, literal(None, Moment)),
)
"""What was before, and what stands."""


def _of(
    part: _Part,
    numbers: Collection[int],
    since: datetime | None,
    after: tuple[int, datetime] | None,
) -> Select[Any]:
    these: list[ColumnElement[bool]] = [part.number.in_(sorted(numbers)), part.at.is_not(None)]
    if after is not None:
        these.append(tuple_(part.number, part.at) > tuple_(*after))
    if since is not None:
        these.append(~(part.table.c.removed & (part.at < since)))
        these.append(or_(part.until.is_(None), part.until > since))
    named = (part.number.label("number"), part.at.label("at"), part.until.label("until"))
    return select(*named, *(part.table.c[name] for name in STATE)).where(*these)


def _point(place: RowPlace, keys: Mapping[int, BoardKey], row: Any) -> HistoryPoint:
    return HistoryPoint(
        at=row.at,
        until=row.until,
        board=keys[place.board],
        row_id=place.id,
        result=result_of(row, place.model),
        removed=row.removed,
    )
