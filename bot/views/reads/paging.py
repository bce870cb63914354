"""Reads of what grows: by pages, each in a short transaction that ends before it is given on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, groupby
from typing import TypeVar

from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.events import StoredEvent
from bot.store import Store
from bot.store.boards.history import ROWS_AT_ONCE, HistoryPoint, RowFilter, RowPlace
from bot.store.boards.wanted import EventFilter
from bot.store.outbox.views import DeliveryView
from bot.store.paging import EVERY, Names, Page
from bot.store.unit import Unit
from bot.views.reads.named import benchmarks_meant, every, models_meant, tasks_meant

T = TypeVar("T")


def event_pages(
    store: Store,
    *,
    since: datetime | None = None,
    benchmark: str | None = None,
    task: str | None = None,
    model: str | None = None,
    kinds: Collection[str] = (),
    limit: int | None = None,
) -> Iterator[tuple[StoredEvent, ...]]:
    """Read the events that are there now, the oldest first; of more than ``limit``, the newest.

    ``benchmark``, ``task`` and ``model`` are names or globs; without ``kinds``, of all.
    """
    which = event_filter(
        store, since=since, benchmark=benchmark, task=task, model=model, kinds=kinds
    )
    if which.is_empty:
        return iter(())
    with store.read() as db:
        until = db.events.last()
        first = None if since is None else db.events.first_since(since)
    if limit is not None:
        after = newest(store, lambda db, high: db.events.numbers(which, high), until, limit)
    elif since is not None and first is None:
        return iter(())
    else:
        after = 0 if first is None else first - 1
    return ascending(store, lambda db, low: db.events.page(which, low, until), after)


def event_filter(
    store: Store,
    *,
    since: datetime | None = None,
    benchmark: str | None = None,
    task: str | None = None,
    model: str | None = None,
    kinds: Collection[str] = (),
    visible: Names = EVERY,
) -> EventFilter:
    """Return what selects the events that names, globs and kinds stand for.

    All are of ``visible`` benchmarks; a model that never had a row there is none.
    """
    benchmarks = benchmarks_meant(
        store, lambda db, after: db.events.benchmarks(after, benchmark), benchmark
    )
    return EventFilter(
        since=since,
        benchmarks=benchmarks.among(visible),
        models=models_meant(
            store, lambda db, after: db.events.models(after, model, visible), model, visible
        ),
        kinds=tuple(kinds),
        tasks=tasks_meant(store, task),
    )


def delivery_pages(
    store: Store, states: Collection[State] = (), limit: int | None = None
) -> Iterator[tuple[DeliveryView, ...]]:
    """Read the deliveries there are now, the oldest first; of more than ``limit``, the newest."""
    with store.read() as db:
        until = db.deliveries.last()
    after = 0
    if limit is not None:
        after = newest(store, lambda db, high: db.deliveries.numbers(states, high), until, limit)
    return ascending(store, lambda db, low: db.deliveries.page(states, low, until), after)


def history_groups(
    store: Store,
    *,
    model: str | None = None,
    benchmark: str | None = None,
    task: str | None = None,
    since: datetime | None = None,
) -> Iterator[list[HistoryPoint]]:
    """Return the versions of the rows of each model of each board, the oldest first.

    ``model``, ``benchmark`` and ``task`` are names or globs. With ``since``, a row begins with
    what stood then.
    """
    tasks = tasks_meant(store, task)
    models = models_meant(store, lambda db, after: db.history.models(after, model), model)
    benchmarks = benchmarks_meant(
        store, lambda db, after: db.history.benchmarks(after, benchmark), benchmark
    )
    found = {
        number: key
        for number, key in every(store, _boards)
        if benchmarks.hold(key.benchmark) and (tasks is None or key.task in tasks)
    }
    which = RowFilter(boards=found, models=models, every_board=benchmark is None and tasks is None)
    yield from _grouped(store, which, since)


def history_of(
    store: Store, key: BoardKey, models: frozenset[str], since: datetime | None
) -> Iterator[list[HistoryPoint]]:
    """Return the versions of the rows of some models of a board, as ``history_groups`` does."""
    found = {number: board for number, board in every(store, _boards) if board == key}
    return _grouped(store, RowFilter(boards=found, models=Names(models)), since)


def _grouped(
    store: Store, which: RowFilter, since: datetime | None
) -> Iterator[list[HistoryPoint]]:
    if which.boards and which.models.found != frozenset():
        for some in _some_models(_every_row(store, which)):
            yield from _groups(store, which, some, since)


def _boards(db: Unit, after: tuple[int, BoardKey] | None) -> Sequence[tuple[int, BoardKey]]:
    return list(db.history.boards(after[0] if after else 0).items())


def _every_row(store: Store, which: RowFilter) -> Iterator[RowPlace]:
    last: RowPlace | None = None
    while True:
        with store.read() as db:
            found, last = db.history.rows(which, last)
        yield from found
        if last is None:
            return


def _some_models(found: Iterable[RowPlace]) -> Iterator[list[list[RowPlace]]]:
    """Return models with all their rows, so many at once as there is room for."""
    held: list[list[RowPlace]] = []
    for _, same in groupby(found, key=lambda row: row[:2]):
        held.append(list(same))
        if sum(map(len, held)) >= ROWS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _groups(
    store: Store, which: RowFilter, some: Sequence[list[RowPlace]], since: datetime | None
) -> Iterator[list[HistoryPoint]]:
    rows = list(chain(*some))
    versions: dict[str, list[HistoryPoint]] = {}
    for start in range(0, len(rows), ROWS_AT_ONCE):
        places = {one.id: one for one in rows[start : start + ROWS_AT_ONCE]}
        for point in _versions(store, which, places, since):
            versions.setdefault(point.row_id, []).append(point)
    for same in some:
        points = [point for one in same for point in versions.get(one.id, ())]
        if points:
            yield sorted(points, key=lambda point: (point.at, point.result.rank, point.row_id))


def _versions(
    store: Store, which: RowFilter, some: Mapping[str, RowPlace], since: datetime | None
) -> Iterator[HistoryPoint]:
    return every(store, lambda db, after: db.history.versions(some, which.boards, since, after))


def ascending(
    store: Store, page: Callable[[Unit, int], Page[T]], after: int
) -> Iterator[tuple[T, ...]]:
    """Read pages after a number, each when it is asked for."""
    while True:
        with store.read() as db:
            some = page(db, after)
        if some.last is None:
            return
        yield some.found
        after = some.last


def newest(store: Store, page: Callable[[Unit, int], Page[int]], until: int, limit: int) -> int:
    """Return the number after which there are no more than ``limit`` that are wanted."""
    left = limit
    while True:
        with store.read() as db:
            some = page(db, until)
        if some.last is None:
            return 0
        if len(some.found) >= left:
            return some.found[left - 1] - 1
        until, left = some.last - 1, left - len(some.found)
