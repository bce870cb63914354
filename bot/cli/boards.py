"""A board as ``show`` gives it: from the database, or from the Hub as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from bot.cli.changes import last_changes
from bot.cli.names import unknown
from bot.cli.output import clean, say
from bot.cli.stored import opened, watched
from bot.core import links
from bot.core.errors import BotError, ConfigError, UnknownBenchmarkError
from bot.core.message import BoardInfo
from bot.core.model import BoardKey, Result, Row, Source
from bot.core.order import sort_key
from bot.core.variants import variants
from bot.ports import Fetched

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.hub.client import HubClient
    from bot.store import Store
    from bot.store.views import BoardView


class ShownRow(Struct, frozen=True, kw_only=True):
    """A row as ``show --json`` gives it; ``missing`` counts the polls in a row that lacked it."""

    rank: int
    model: str
    variant: str | None
    value: Decimal
    verified: bool
    pull_request: int | None
    notes: str | None
    source: Source | None
    last_change: datetime | None
    missing: int = 0


class Shown(Struct, frozen=True, kw_only=True):
    """A board as ``show --json`` gives it; results of ``baseline_at`` have not changed since."""

    board: BoardInfo
    snapshot_at: datetime | None
    rows: tuple[ShownRow, ...]
    baseline_at: datetime | None = None


def stored_board(settings: Settings, benchmark: str, task: str | None, *, derived: bool) -> Shown:
    """Take a watched benchmark's board from the database.

    Raises:
        BotError: it was not polled yet.
        ConfigError: no watch looks at it, or it has no such board.
    """
    with opened(settings) as store:
        view = _view(settings, store, benchmark, task, derived=derived)
        found = store.board_rows(view.key)
    if found is None or found.polled_at is None:
        why = f" (the last poll failed: {clean(view.error)})" if view.error else ""
        raise BotError(
            f"{view.key.label} was not polled yet{why}; "
            f"run: leaderboard-bot poll {view.key.benchmark}"
        )
    named = variants(found.snapshot.rows)
    rows = [_row(row.result, named[row.id], row.last_change, row.missing) for row in found.rows]
    shown = _board(settings, view.key, found.polled_at, rows)
    return replace(shown, baseline_at=found.baseline_at)


def _view(
    settings: Settings, store: Store, benchmark: str, task: str | None, *, derived: bool
) -> BoardView:
    """Choose the board that is meant of a watched benchmark's."""
    names = {name for name, _ in watched(settings, store)}
    if benchmark.casefold() not in map(str.casefold, names):
        what = "no watch looks at this benchmark; --live shows it as it is now"
        raise unknown(benchmark, what, names)
    found = [
        view
        for view in store.boards()
        if view.watched and view.key.benchmark.casefold() == benchmark.casefold()
    ]
    if not found:
        raise BotError(f"{benchmark} was not polled yet; run: leaderboard-bot poll {benchmark}")
    keys = {view.key: view for view in found}
    return keys[_choose(list(keys), task, derived=derived)]


def live_board(
    settings: Settings, benchmark: str, task: str | None, now: datetime, *, derived: bool
) -> Shown:
    """Ask the Hub for a board of any benchmark; nothing is stored.

    Raises:
        ConfigError: the Hub knows no such benchmark, or the benchmark no such task.
        FetchError: the Hub gave no usable answer.
    """
    from bot.app import open_hub

    with open_hub(settings) as hub:
        name, found = _ask(hub, benchmark, derived=derived)
    keys = [BoardKey(name, one, derived) for one in found.answers]
    key = _choose(keys, task, derived=derived)
    results = sorted(found.answers[key.task].results, key=sort_key)
    rows = [Row(id=str(number), result=result) for number, result in enumerate(results)]
    named = variants(rows)
    changes, baseline_at = last_changes(settings, key, results)
    shown = [_row(row.result, named[row.id], at) for row, at in zip(rows, changes, strict=True)]
    return replace(_board(settings, key, now, shown), baseline_at=baseline_at)


def _ask(hub: HubClient, benchmark: str, *, derived: bool) -> tuple[str, Fetched]:
    try:
        return benchmark, _get(hub, benchmark, derived=derived)
    except UnknownBenchmarkError:
        official = {one.id for one in hub.benchmarks()}
    same = [name for name in official if name.casefold() == benchmark.casefold()]
    if not same or same == [benchmark]:
        raise unknown(benchmark, "the Hub has no such leaderboard", official - {benchmark})
    return same[0], _get(hub, same[0], derived=derived)


def _get(hub: HubClient, benchmark: str, *, derived: bool) -> Fetched:
    found = hub.leaderboard(benchmark, include_derived=derived, etag=None, digest=None)
    assert isinstance(found, Fetched), "nothing was shown that could be unchanged"
    return found


def _choose(keys: Sequence[BoardKey], task: str | None, *, derived: bool) -> BoardKey:
    """Return the board that is meant of a benchmark's; says on standard error what others are.

    Raises:
        ConfigError: there is no board of such a task, or with derived models.
    """
    benchmark = keys[0].benchmark
    fitting = [key for key in keys if key.include_derived or not derived]
    if not fitting:
        raise ConfigError([f"{benchmark}: no watch has include_derived; add --live"])
    if task is not None:
        tasks = {key.task for key in fitting if key.task}
        fitting = [key for key in fitting if key.task == task]
        if not fitting:
            raise unknown(task, f"no task of {benchmark}", tasks)
    chosen = min(fitting, key=lambda key: (key.include_derived, key.task or ""))
    if task is None:
        _say_others(chosen, keys)
    return chosen


def _say_others(chosen: BoardKey, keys: Sequence[BoardKey]) -> None:
    others = [f"--task {key.task}" for key in keys if key.task not in (None, chosen.task)]
    others += ["--derived" for key in keys if key.include_derived and not chosen.include_derived]
    if others:
        say(f"this is {chosen.label}; others: {', '.join(dict.fromkeys(others))}")


def _row(
    result: Result, variant: str | None, last_change: datetime | None, missing: int = 0
) -> ShownRow:
    """Return a row to be shown."""
    return ShownRow(
        rank=result.rank,
        model=result.model,
        variant=variant,
        value=result.score,
        verified=result.verified,
        pull_request=result.pull_request,
        notes=result.notes,
        source=result.source,
        last_change=last_change,
        missing=missing,
    )


def _board(
    settings: Settings, key: BoardKey, at: datetime | None, rows: Sequence[ShownRow]
) -> Shown:
    """Return a board to be shown."""
    board = BoardInfo(
        benchmark=key.benchmark,
        task=key.task,
        include_derived=key.include_derived,
        rows=len(rows),
        url=links.board_url(settings.hub.endpoint, key),
    )
    return Shown(board=board, snapshot_at=at, rows=tuple(rows))
