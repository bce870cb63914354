"""Reads the versions of rows, a model of a board at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, RowMapping, select, true, tuple_

from bot.core.board import BoardKey
from bot.store import pages
from bot.store.boards import result_of
from bot.store.pages import MOST_NAMED, PAGE, Names, Read
from bot.store.tables import FOREVER, boards, row_versions, rows
from bot.store.views import HistoryPoint

ROWS_AT_ONCE = 200
"""The versions of so many rows are held at once; of a model that has more, those of all."""


class _RowOf(NamedTuple):
    """A row, in the order in which rows are read."""

    board: int
    model: str
    id: str


class _Wanted(Struct, frozen=True, kw_only=True):
    """Which rows are asked for, and since when."""

    boards: dict[int, BoardKey]
    everywhere: bool
    models: Names
    since: datetime | None


def read_groups(
    read: Read,
    model: str | None,
    benchmark: str | None,
    since: datetime | None,
    tasks: frozenset[str] | None = None,
) -> Iterator[list[HistoryPoint]]:
    """Return the versions of each model of each board, the oldest first; see ``Queries``."""
    models = pages.names(read, rows.c.model, model)
    found = _boards(read, pages.names(read, boards.c.benchmark, benchmark))
    if tasks is not None:
        found = {number: key for number, key in found.items() if key.task in tasks}
    everywhere = benchmark is None and tasks is None
    wanted = _Wanted(boards=found, everywhere=everywhere, models=models, since=since)
    if not found or models.found == frozenset():
        return
    for some in _some_models(_rows(read, wanted)):
        yield from _groups(read, wanted, some)


def _boards(read: Read, wanted: Names) -> dict[int, BoardKey]:
    found: dict[int, BoardKey] = {}
    last = 0
    while True:
        query = select(boards).where(boards.c.id > last).order_by(boards.c.id).limit(PAGE)
        with read() as connection:
            page = connection.execute(query).mappings().all()
        for row in page:
            if wanted.hold(row["benchmark"]):
                key = BoardKey(row["benchmark"], row["task"] or None, row["include_derived"])
                found[row["id"]] = key
        if len(page) < PAGE:
            return found
        last = page[-1]["id"]


def _rows(read: Read, wanted: _Wanted) -> Iterator[_RowOf]:
    """Return rows by board and model, as an index has them."""
    key = (rows.c.board_id, rows.c.model, rows.c.id)
    few = not wanted.everywhere and len(wanted.boards) <= MOST_NAMED
    these = rows.c.board_id.in_(sorted(wanted.boards)) if few else true()
    following: ColumnElement[bool] = true()
    while True:
        query = select(*key).where(these, wanted.models.where(rows.c.model), following)
        with read() as connection:
            page = connection.execute(query.order_by(*key).limit(PAGE)).all()
        for board, model, number in page:
            if board in wanted.boards and wanted.models.hold(model):
                yield _RowOf(board, model, number)
        if len(page) < PAGE:
            return
        following = tuple_(*key) > tuple_(*page[-1])


def _some_models(found: Iterable[_RowOf]) -> Iterator[list[list[_RowOf]]]:
    """Return models with all their rows, so many at once as there is room for."""
    held: list[list[_RowOf]] = []
    for _, same in groupby(found, key=lambda row: row[:2]):
        held.append(list(same))
        if sum(map(len, held)) >= ROWS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _groups(
    read: Read, wanted: _Wanted, some: Sequence[list[_RowOf]]
) -> Iterator[list[HistoryPoint]]:
    versions: dict[str, list[RowMapping]] = {}
    for row in _versions(read, [one.id for one in chain(*some)], wanted.since):
        versions.setdefault(row["row_id"], []).append(row)
    for same in some:
        key = wanted.boards[same[0].board]
        points = [_point(key, one.model, v) for one in same for v in versions.get(one.id, ())]
        if points:
            yield sorted(points, key=lambda point: (point.at, point.rank, point.row_id))


def _versions(read: Read, ids: Sequence[str], since: datetime | None) -> Iterator[RowMapping]:
    """Return the versions of some rows, in pages."""
    for start in range(0, len(ids), ROWS_AT_ONCE):
        some = row_versions.c.row_id.in_(ids[start : start + ROWS_AT_ONCE])
        key = (row_versions.c.row_id, row_versions.c.valid_from)
        following: ColumnElement[bool] = true()
        while True:
            query = select(row_versions).where(some, _valid_since(since), following)
            with read() as connection:
                page = connection.execute(query.order_by(*key).limit(PAGE)).mappings().all()
            yield from page
            if len(page) < PAGE:
                break
            last: tuple[Any, ...] = (page[-1]["row_id"], page[-1]["valid_from"])
            following = tuple_(*key) > tuple_(*last)


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
