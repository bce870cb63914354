"""Rank and score over time: of a model on each board, or of each row of a board."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, groupby

from msgspec import Struct, structs

from bot.core.alerts.benchmarks import matches
from bot.core.alerts.watch import Known
from bot.core.board import BoardKey, Row, Source
from bot.core.diff.variants import variants
from bot.core.names.links import is_address, model_of
from bot.core.names.naming import Named, board_named, check_task, task_meant
from bot.store import Store
from bot.store.boards.history import HistoryPoint
from bot.views.reads.named import every_model, unseen
from bot.views.reads.paging import history_groups
from bot.views.watches import is_of, known, meant

FIELDS = (
    "at", "until", "benchmark", "task", "include_derived", "row_id", "model", "variant", "rank",
    "score", "notes", "filename", "removed", "verified", "source_name", "source_url",
    "pull_request",
)  # fmt: skip
"""What a record of all history has."""


class Point(Struct, frozen=True, kw_only=True):
    """Where a row stood from ``at`` on; null rank and score: it was removed."""

    at: datetime
    benchmark: str
    model: str
    variant: str | None
    rank: int | None
    score: Decimal | None
    task: str | None = None
    include_derived: bool = False

    @property
    def board(self) -> BoardKey:
        """The board that the row is on."""
        return BoardKey(self.benchmark, self.task, self.include_derived)


class Timeline(Struct, frozen=True, kw_only=True):
    """One row's points on one board, the oldest first; ``variant`` is the latest."""

    board: BoardKey
    model: str
    variant: str | None
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        """The model, with its variant where it has one."""
        return f"{self.model} ({self.variant})" if self.variant else self.model


def history(store: Store, name: str, endpoint: str, since: datetime | None) -> list[Timeline]:
    """Return a line a row of the board, else of the model, that a name means.

    Raises:
        ConfigError: nothing of that name was seen.
    """
    model = model_of(name, endpoint) if is_address(name) else name
    with store.read() as db:
        boards, listed = [view.key for view in db.boards.list_all()], known(db)
    if not is_address(name) or model is None:
        board = _board(meant(board_named(name, endpoint), listed), boards, listed)
        groups = history_groups(store, benchmark=board.benchmark, since=since, task=board.task)
        by_board = lines(groups, since)
        if by_board or any(is_of(key, board) for key in boards):
            return by_board
    by_model = lines(history_groups(store, model=model, since=since), since)
    if not by_model:
        _check(model or name, boards, every_model(store))
    return by_model


def records(store: Store, since: datetime | None) -> Iterator[list[dict[str, object]]]:
    """Return all history as records, some at a time: how a row stood, from when until when."""
    for group in history_groups(store, since=since):
        yield [_record(point, variant) for point, variant in zip(group, named(group), strict=True)]


def named(history: Sequence[HistoryPoint]) -> list[str | None]:
    """Return each point's variant, as it was at that time; null where the model had one row."""
    rows: defaultdict[tuple[BoardKey, str], list[HistoryPoint]] = defaultdict(list)
    for point in history:
        rows[point.board, point.result.model].append(point)
    alone = {key for key, found in rows.items() if len({point.row_id for point in found}) == 1}
    last: dict[str, str | None] = {}
    found: list[str | None] = []
    for point in history:
        key = (point.board, point.result.model)
        if key not in alone and not point.removed:
            last[point.row_id] = variants(_standing(rows[key], point.at))[point.row_id]
        found.append(last.get(point.row_id))
    return found


def points(found: Sequence[Timeline]) -> list[Point]:
    """Return where rows stood, by time."""
    every = chain(*(line.points for line in found))
    return sorted(every, key=lambda point: (point.at, point.board.place, point.rank or 0))


def lines(groups: Iterable[Sequence[HistoryPoint]], since: datetime | None) -> list[Timeline]:
    """Return a line a row, by board and latest rank, removed rows last.

    ``groups`` hold all rows of a model of a board each, by time. A row's first point after
    ``since`` is what stood then; versions that differ in neither rank nor score are one.
    """
    return sorted(chain(*(_lines(group, since) for group in groups)), key=place_of)


def _lines(group: Sequence[HistoryPoint], since: datetime | None) -> Iterator[Timeline]:
    told = zip(group, named(group), strict=True)
    by_row = sorted(told, key=lambda one: (one[0].row_id, one[0].at))
    for _, versions in groupby(by_row, key=lambda one: one[0].row_id):
        row = [_point(version, variant, since) for version, variant in versions]
        last = row[-1]
        yield Timeline(
            board=last.board,
            model=last.model,
            variant=last.variant,
            points=tuple(_distinct(row)),
        )


def place_of(line: Timeline) -> tuple[object, ...]:
    """Return a key to sort lines by: board, latest rank, removed rows last."""
    rank = line.points[-1].rank
    return (line.board.place, rank is None, rank or 0, line.name)


def _distinct(row: Iterable[Point]) -> Iterator[Point]:
    before: tuple[int | None, Decimal | None] | None = None
    for point in row:
        if (point.rank, point.score) != before:
            before = (point.rank, point.score)
            yield point


def _standing(siblings: Iterable[HistoryPoint], at: datetime) -> list[Row]:
    return [
        Row(id=point.row_id, result=point.result)
        for point in siblings
        if not point.removed and point.at <= at and (point.until is None or point.until > at)
    ]


def _point(version: HistoryPoint, variant: str | None, since: datetime | None) -> Point:
    return Point(
        at=max(version.at, since) if since else version.at,
        **structs.asdict(version.board),
        model=version.result.model,
        variant=variant,
        rank=None if version.removed else version.result.rank,
        score=None if version.removed else version.result.score,
    )


def _record(point: HistoryPoint, variant: str | None) -> dict[str, object]:
    source = point.result.source or Source()
    values = {
        **structs.asdict(point.board),
        **structs.asdict(point.result),
        **structs.asdict(point),
        "variant": variant,
        "source_name": source.name,
        "source_url": source.url,
    }
    return {name: values[name] for name in FIELDS}


def _board(named: Named, boards: Iterable[BoardKey], known: Known) -> Named:
    """Return the board that a bare name means: that of the benchmark's first task."""
    keys = [key for key in boards if is_of(key, named)]
    if not keys:
        return named
    if named.task is not None:
        check_task(named, keys, [known.tasks.get(keys[0].benchmark)])
        return named
    task = task_meant(named, keys, known.tasks.get(keys[0].benchmark))
    return Named(named.benchmark, task)


def _check(name: str, boards: Iterable[BoardKey], models: frozenset[str]) -> None:
    """Refuse what was never seen."""
    if not any(matches(name, model) for model in models):
        seen = {key.benchmark for key in boards} | models
        raise unseen(name, "neither a model nor a benchmark that was seen", seen)
