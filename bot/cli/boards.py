"""A board as ``show`` gives it: from the database, or from the Hub as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from shlex import quote
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.cli.changes import last_changes
from bot.cli.names import unknown
from bot.cli.stored import is_of, known, names, opened, watched
from bot.cli.terminal.output import say
from bot.core.alerts.message import BoardInfo, board_info
from bot.core.alerts.scope import matching
from bot.core.board import Answer, BoardKey, Result, Row, Source
from bot.core.diff.order import direction, sort_key
from bot.core.diff.variants import variants
from bot.core.errors import BotError, ConfigError, FetchError, StoreError, UnknownBenchmarkError
from bot.core.names.naming import Named, board_named, task_meant
from bot.core.render.clean import inert
from bot.core.render.figures import some
from bot.core.tasks import Tasks
from bot.hub.answers import Fetched, TaskList

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.hub.client import HubClient
    from bot.store import Store


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
    parameters: int | None
    last_change: datetime | None
    missing: int = 0


class Shown(Struct, frozen=True, kw_only=True):
    """A board as ``show --json`` gives it; results of ``baseline_at`` have not changed since."""

    board: BoardInfo
    snapshot_at: datetime | None
    rows: tuple[ShownRow, ...]
    baseline_at: datetime | None = None


def stored_board(settings: Settings, written: str, *, derived: bool) -> Shown:
    """Take a watched board from the database, as people name it.

    Raises:
        BotError: it was not polled yet, or never had a row.
        ConfigError: no watch looks at it, or there is no such board.
    """
    named = board_named(written, settings.hub.endpoint)
    with opened(settings) as store:
        key, others = _watched_key(settings, store, named, derived=derived)
        found = store.board_rows(key)
        view = next((one for one in store.boards() if one.key == key), None)
        count = known(store).count(key)
    if found is None or found.polled_at is None:
        why = f" (the last poll failed: {inert(view.error)})" if view and view.error else ""
        raise BotError(
            f"{inert(key.name)} was not polled yet{why}; run: leaderboard-bot poll {_word(key)}"
        )
    if found.snapshot.unseen:
        raise BotError(f"{inert(key.name)} has no rows on the Hub and never had one.")
    _say_others(key, others)
    variant = variants(found.snapshot.rows)
    rows = [_row(row.result, variant[row.id], row.last_change, row.missing) for row in found.rows]
    info = _info(settings, key, count, found.snapshot.higher_is_better, len(rows))
    return Shown(
        board=info, snapshot_at=found.polled_at, rows=tuple(rows), baseline_at=found.baseline_at
    )


def _watched_key(
    settings: Settings, store: Store, named: Named, *, derived: bool
) -> tuple[BoardKey, list[BoardKey]]:
    """Choose the board that is meant of those watched; return it, and the benchmark's others."""
    all_names = names(settings, store)
    same = [name for name in all_names if name.casefold() == named.benchmark.casefold()]
    if not same:
        what = "no watch looks at this benchmark; --live shows it as it is now"
        raise unknown(named.benchmark, what, all_names)
    keys = [key for key in watched(settings, store) if is_of(key, named)]
    if not keys:
        word = inert(named.benchmark)
        raise BotError(f"{word} was not polled yet; run: leaderboard-bot poll {word}")
    task = task_meant(named, keys, known(store).tasks.get(same[0]))
    fitting = [key for key in keys if key.task == task and (key.include_derived or not derived)]
    if not fitting:
        raise ConfigError([f"{named.benchmark}: no watch has include_derived; add --live"])
    return min(fitting, key=lambda key: key.include_derived), keys


def live_board(settings: Settings, written: str, now: datetime, *, derived: bool) -> Shown:
    """Ask the Hub for any board, as people name it; nothing is stored.

    Raises:
        ConfigError: the Hub knows no such benchmark, or the benchmark no such task.
        FetchError: the Hub gave no usable answer.
    """
    from bot.app import open_hub

    named = board_named(written, settings.hub.endpoint)
    with open_hub(settings) as hub:
        tasks = _live_tasks(settings, hub, named.benchmark)
        key, answer = _ask(hub, _live_key(named, tasks, derived=derived), tasks or ())
    results = sorted(answer.results, key=sort_key)
    rows = [Row(id=str(number), result=result) for number, result in enumerate(results)]
    variant = variants(rows)
    changes, baseline_at = last_changes(settings, key, results)
    shown = [_row(row.result, variant[row.id], at) for row, at in zip(rows, changes, strict=True)]
    count = len(tasks) if tasks else None
    others = [BoardKey(key.benchmark, task, derived) for task in tasks or ()]
    _say_others(key, others)
    info = _info(settings, key, count, direction(answer), len(shown))
    return Shown(board=info, snapshot_at=now, rows=tuple(shown), baseline_at=baseline_at)


def _live_tasks(settings: Settings, hub: HubClient, benchmark: str) -> tuple[str, ...] | None:
    """Return the tasks there are, the first as stored first; None where nobody tells."""
    stored = _stored_tasks(settings, benchmark)
    try:
        got = hub.tasks(benchmark)
    except FetchError:
        return stored.ids if stored else None
    assert isinstance(got, TaskList), "nothing was shown that could be unchanged"
    first = stored.first if stored else None
    return tuple(dict.fromkeys([first, *got.tasks])) if first in got.tasks and first else got.tasks


def _stored_tasks(settings: Settings, benchmark: str) -> Tasks | None:
    try:
        with opened(settings) as store:
            found = known(store).tasks
    except StoreError:
        return None
    return next((t for name, t in found.items() if name.casefold() == benchmark.casefold()), None)


def _live_key(named: Named, tasks: tuple[str, ...] | None, *, derived: bool) -> BoardKey:
    """Return the board to ask for; a task that nobody lists is asked for all the same."""
    if named.task is None:
        return BoardKey(named.benchmark, tasks[0] if tasks else None, derived)
    meant = matching(named.task, tasks or ())
    if len(meant) != 1:
        keys = [BoardKey(named.benchmark, task) for task in tasks or ()]
        return BoardKey(named.benchmark, task_meant(named, keys, None), derived)
    return BoardKey(named.benchmark, meant[0], derived)


def _ask(hub: HubClient, key: BoardKey, tasks: Sequence[str]) -> tuple[BoardKey, Answer]:
    try:
        return key, _get(hub, key)
    except UnknownBenchmarkError:
        official = {one.id for one in hub.benchmarks()}
    same = [name for name in official if name.casefold() == key.benchmark.casefold()]
    if key.task is not None and (tasks or same == [key.benchmark]):
        name = same[0] if same else key.benchmark
        task_meant(Named(name, key.task), [BoardKey(name, task) for task in tasks], None)
    if not same or same == [key.benchmark]:
        raise unknown(key.benchmark, "the Hub has no such leaderboard", official - {key.benchmark})
    right = BoardKey(same[0], key.task, key.include_derived)
    return right, _get(hub, right)


def _get(hub: HubClient, key: BoardKey) -> Answer:
    found = hub.leaderboard(key)
    assert isinstance(found, Fetched), "nothing was shown that could be unchanged"
    return found.answer


def _say_others(chosen: BoardKey, keys: Sequence[BoardKey]) -> None:
    """Say on standard error which other boards of the benchmark there are, if any."""
    tasks = [key.task for key in keys if key.task not in (None, chosen.task)]
    others = [_word(BoardKey(chosen.benchmark, task)) for task in tasks]
    others += [
        "--derived"
        for key in keys
        if key.task == chosen.task and key.include_derived and not chosen.include_derived
    ]
    if others:
        say(f"this is {inert(chosen.name)}; others: {some([*dict.fromkeys(others)])}")


def _word(key: BoardKey) -> str:
    """Return a board's name as one word of a shell's command line."""
    return quote(inert(BoardKey(key.benchmark, key.task).name))


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
        parameters=result.parameters,
        last_change=last_change,
        missing=missing,
    )


def _info(
    settings: Settings, key: BoardKey, count: int | None, higher: bool | None, rows: int
) -> BoardInfo:
    lower = None if higher is None else not higher
    return board_info(key, settings.hub.endpoint, count, lower_is_better=lower, rows=rows)
