"""A board as the Hub has it now; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.config import Settings
from bot.core.aggregate import DATASET, Contents, is_aggregate, name_of
from bot.core.alerts.benchmarks import matching
from bot.core.alerts.message import board_info
from bot.core.alerts.watch import Known
from bot.core.board import Answer, BoardKey, Result, Row
from bot.core.diff.matching import match
from bot.core.diff.order import direction, sort_key
from bot.core.diff.variants import variants
from bot.core.errors import ConfigError, NoColumnError, UnknownBenchmarkError
from bot.core.names.naming import Named, board_named, task_meant
from bot.core.names.suggest import unknown
from bot.core.tasks import UNKNOWN, About, Tasks
from bot.jobs.ask import Hub
from bot.views.asking import answered
from bot.views.benchmarks import read_tasks
from bot.views.boards import FoundBoard, Shown, shown_row, stored_rows
from bot.views.stored import looked_up
from bot.views.watches import meant, stored_tasks, tasks_of


def live_board(
    settings: Settings, hub: Hub, written: str, now: datetime, *, derived: bool
) -> FoundBoard:
    """Ask the Hub for any board, as people name it.

    Each row has the time of its last change where it is stored as it is.

    Raises:
        ConfigError: the Hub knows no such benchmark, or the benchmark no such task.
        FetchError: the Hub gave no usable answer.
    """
    known = Known(tasks=stored_tasks(settings))
    named = meant(board_named(written, settings.hub.endpoint), known)
    listed = None if is_aggregate(named.benchmark) else _tasks(hub, known, named.benchmark, now)
    tasks = listed.ids if listed else None
    key, answer = _ask(hub, _key(named, tasks, derived=derived), listed)
    results = sorted(answer.results, key=sort_key)
    rows = [Row(id=str(number), result=result) for number, result in enumerate(results)]
    variant = variants(rows)
    changes, baseline_at = _last_changes(settings, key, results)
    about = About(name=listed.name, task_count=listed.count) if listed else UNKNOWN
    info = board_info(
        key,
        settings.hub.endpoint,
        about,
        higher_is_better=direction(answer),
        rows=len(rows),
    )
    shown = tuple(
        shown_row(row.result, variant[row.id], at) for row, at in zip(rows, changes, strict=True)
    )
    board = Shown(board=info, snapshot_at=now, rows=shown, baseline_at=baseline_at)
    boards = tuple(BoardKey(key.benchmark, task, derived) for task in tasks or ())
    return FoundBoard(key=key, board=board, boards=boards)


def _tasks(hub: Hub, known: Known, benchmark: str, now: datetime) -> Tasks | None:
    """Return the tasks there are, the first as stored first; None where nobody tells."""
    stored = tasks_of(known.tasks, benchmark)
    got = read_tasks(hub, benchmark)
    if got is None:
        ids, name = (stored.ids, stored.name) if stored else (None, None)
    else:
        first = stored.first if stored else None
        ids, name = got.tasks, got.name
        ids = tuple(dict.fromkeys([first, *ids])) if first in ids and first else ids
    return Tasks(asked_at=now, ids=ids, first=ids[0], listed=ids, name=name) if ids else None


def _key(named: Named, tasks: tuple[str, ...] | None, *, derived: bool) -> BoardKey:
    """Return the board to ask for; a task that nobody lists is asked for all the same."""
    if named.task is None:
        return BoardKey(named.benchmark, tasks[0] if tasks else None, derived)
    meant = matching(named.task, tasks or ())
    if len(meant) != 1:
        keys = [BoardKey(named.benchmark, task) for task in tasks or ()]
        return BoardKey(named.benchmark, task_meant(named, keys, None), derived)
    return BoardKey(named.benchmark, meant[0], derived)


def _ask(hub: Hub, key: BoardKey, tasks: Tasks | None) -> tuple[BoardKey, Answer]:
    try:
        return key, answered(hub, key, tasks)
    except NoColumnError:
        raise _no_column(hub, key) from None
    except UnknownBenchmarkError:
        if is_aggregate(key.benchmark):
            raise
        official = {one.id for one in hub.benchmarks()}
    same = [name for name in official if name.casefold() == key.benchmark.casefold()]
    if key.task is not None and (tasks or same == [key.benchmark]):
        name = same[0] if same else key.benchmark
        keys = [BoardKey(name, task) for task in (tasks.listed if tasks else ())]
        task_meant(Named(name, key.task), keys, None)
    if not same or same == [key.benchmark]:
        raise unknown(key.benchmark, "the Hub has no such leaderboard", official - {key.benchmark})
    right = BoardKey(same[0], key.task, key.include_derived)
    return right, answered(hub, right, tasks)


def _no_column(hub: Hub, key: BoardKey) -> ConfigError:
    found = hub.aggregate()
    columns = map(name_of, found.columns) if isinstance(found, Contents) else ()
    return unknown(key.benchmark, f"{DATASET} has no such column", set(columns))


def _last_changes(
    settings: Settings, key: BoardKey, results: Sequence[Result]
) -> tuple[list[datetime | None], datetime | None]:
    """Return when each result was first seen as it is, null for what is not stored so.

    Then the board's ``baseline_at``.
    """
    found = looked_up(settings, lambda store: stored_rows(store, key), None)
    if found is None:
        return [None] * len(results), None
    moments = {row.id: row.last_change for row in found.rows}
    pairs = match(found.snapshot.rows, results).pairs
    same = {
        id(after): moments.get(row.id) for row, after in pairs if _seen(row.result) == _seen(after)
    }
    return [same.get(id(result)) for result in results], found.baseline_at


def _seen(result: Result) -> tuple[object, ...]:
    return (result.rank, result.score, result.verified, result.notes, result.source,
            result.pull_request)  # fmt: skip
