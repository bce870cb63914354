"""History: the versions of rows, by board and model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    func,
    select,
    true,
    tuple_,
)

from bot.core.board import BoardKey
from bot.store import pages
from bot.store.boards import result_of
from bot.store.database.tables import FOREVER, boards, row_versions, rows
from bot.store.pages import MOST_NAMED, PAGE, Names
from bot.store.views import HistoryPoint

ROWS_AT_ONCE = 200
"""Versions may be asked for of so many rows at once."""


class RowPlace(NamedTuple):
    """A row, in the order in which rows are read: by board and model, as an index has them."""

    board: int
    model: str
    id: str


class RowFilter(Struct, frozen=True, kw_only=True):
    """Which rows are asked for; ``every_board`` says that ``boards`` are all there are."""

    boards: Mapping[int, BoardKey]
    models: Names
    every_board: bool = False


class History:
    """The versions of rows, each from the poll that saw it first to the one that saw another."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def boards(self, after: int = 0) -> dict[int, BoardKey]:
        """Return the next boards by number, at most ``PAGE`` of them."""
        query = select(boards).where(boards.c.id > after).order_by(boards.c.id).limit(PAGE)
        return {
            row["id"]: BoardKey(row["benchmark"], row["task"] or None, row["include_derived"])
            for row in self._connection.execute(query).mappings()
        }

    def benchmarks(self, after: str | None = None) -> tuple[str, ...]:
        """Return the next benchmarks that have boards, a page of them."""
        return pages.distinct(self._connection, boards.c.benchmark, after)

    def models(self, after: str | None = None) -> tuple[str, ...]:
        """Return the next models of rows that were ever seen, a page of them."""
        return pages.distinct(self._connection, rows.c.model, after)

    def rows(
        self, which: RowFilter, after: RowPlace | None = None
    ) -> tuple[tuple[RowPlace, ...], RowPlace | None]:
        """Return the wanted ones of the next page of rows, and the last row of that page.

        The last is None where no rows are left.
        """
        key = (rows.c.board_id, rows.c.model, rows.c.id)
        few = not which.every_board and len(which.boards) <= MOST_NAMED
        these = rows.c.board_id.in_(sorted(which.boards)) if few else true()
        following = true() if after is None else tuple_(*key) > tuple_(*after)
        query = select(*key).where(these, which.models.where(rows.c.model), following)
        found = self._connection.execute(query.order_by(*key).limit(PAGE)).all()
        page = [RowPlace(*row) for row in found]
        wanted = [row for row in page if row.board in which.boards and which.models.hold(row.model)]
        return tuple(wanted), page[-1] if len(page) == PAGE else None

    def versions(
        self,
        key: Mapping[str, tuple[BoardKey, str]],
        since: datetime | None = None,
        after: HistoryPoint | None = None,
    ) -> tuple[HistoryPoint, ...]:
        """Return the next versions of some rows, at most ``PAGE`` of them, row by row.

        ``key`` names the board and the model of each row. With ``since``, the one that stood then
        is the first, unless that tells of a removal.
        """
        by = (row_versions.c.row_id, row_versions.c.valid_from)
        following = true() if after is None else tuple_(*by) > tuple_(after.row_id, after.at)
        query = select(row_versions).where(row_versions.c.row_id.in_(list(key)), following)
        found = self._connection.execute(
            query.where(_valid_since(since)).order_by(*by).limit(PAGE)
        ).mappings()
        return tuple(_point(*key[row["row_id"]], row) for row in found)

    def baseline(self) -> datetime | None:
        """Return the time of the oldest result; None where there is none, or one has changed."""
        first = func.min(row_versions.c.valid_from)
        each = select(first.label("first"), func.max(row_versions.c.valid_from).label("last"))
        each = each.join(rows, rows.c.id == row_versions.c.row_id).group_by(rows.c.board_id)
        of_boards = each.subquery()
        query = select(func.min(of_boards.c.first)).having(
            func.count().filter(of_boards.c.first < of_boards.c.last) == 0
        )
        found: datetime | None = self._connection.execute(query).scalar()
        return found


def _valid_since(since: datetime | None) -> ColumnElement[bool]:
    if since is None:
        return true()
    removed_before = row_versions.c.removed & (row_versions.c.valid_from < since)
    return (row_versions.c.valid_to > since) & ~removed_before


def _point(board: BoardKey, model: str, row: RowMapping) -> HistoryPoint:
    result = result_of({**row, "model": model, "parameters": None})
    return HistoryPoint(
        at=row["valid_from"],
        until=None if row["valid_to"] == FOREVER else row["valid_to"],
        benchmark=board.benchmark,
        task=board.task,
        include_derived=board.include_derived,
        row_id=row["row_id"],
        model=model,
        rank=result.rank,
        score=result.score,
        notes=result.notes,
        filename=result.filename,
        removed=row["removed"],
        verified=result.verified,
        source=result.source,
        pull_request=result.pull_request,
    )
