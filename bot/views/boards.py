"""A board as it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from bot.config import Settings
from bot.core.aggregate import is_aggregate
from bot.core.alerts.message import BoardInfo, board_info
from bot.core.alerts.watch import FormerIds
from bot.core.board import BoardKey, Result, Source
from bot.core.diff.variants import variants
from bot.core.errors import BotError, NotPolledError, UnwatchedError
from bot.core.names.naming import Named, board_named, task_meant
from bot.core.names.suggest import NOTHING, advice
from bot.core.render.clean import inert
from bot.core.render.numbers import board_decimals
from bot.jobs.watchlist import NOT_WATCHED
from bot.store import Store
from bot.store.boards.boards import BoardRows
from bot.store.boards.standing import Stood
from bot.store.paging import EVERY, Names
from bot.store.unit import Unit
from bot.views.watches import is_of, known, meant, names, watched


class ShownRow(Struct, frozen=True, kw_only=True):
    """A row as ``show --json`` gives it; ``missing`` counts the polls in a row that lacked it.

    ``former`` are the ids that its model had before.
    """

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
    former: tuple[str, ...] = ()


class Shown(Struct, frozen=True, kw_only=True):
    """A board as ``show --json`` gives it; results of ``baseline_at`` have not changed since.

    ``source_changed_at`` is when the file last changed that the board is read from, where it is
    read from one.
    """

    board: BoardInfo
    snapshot_at: datetime | None
    rows: tuple[ShownRow, ...]
    baseline_at: datetime | None = None
    source_changed_at: datetime | UnsetType | None = UNSET


class FoundBoard(Struct, frozen=True, kw_only=True):
    """The board that a name meant; ``boards`` are all that its benchmark has.

    ``row_ids`` are those of the shown rows, where these are stored ones.
    """

    key: BoardKey
    board: Shown
    boards: tuple[BoardKey, ...]
    row_ids: tuple[str, ...] = ()


def stored_board(
    store: Store,
    settings: Settings,
    written: str,
    *,
    derived: bool,
    at: datetime | None = None,
    visible: Names = EVERY,
) -> FoundBoard:
    """Return a watched board, as people name it; with ``at``, as it stood at that time.

    Of benchmarks that are not ``visible`` there is none.

    Raises:
        NotPolledError: nothing is stored of it yet.
        BotError: it never had a row, or none that is known of that time.
        UnwatchedError: no watch looks at it.
        ConfigError: there is no such board.
    """
    named = board_named(written, settings.hub.endpoint)
    with store.read() as db:
        key, boards = watched_key(settings, db, named, derived=derived, visible=visible)
        found = db.boards.rows(key)
        stood = db.standings.at(key, at) if at else ()
        view = next((one for one in db.boards.list_all() if one.key == key), None)
        about, former = known(db).about(key), db.models.former()
        source = db.lists.source() if is_aggregate(key.benchmark) and not at else None
    if found is None or found.polled_at is None:
        why = inert(view.error) if view and view.error else None
        raise NotPolledError(inert(BoardKey(key.benchmark, key.task).name), why)
    if found.snapshot.unseen:
        raise BotError(f"{inert(key.name)} has no rows on the Hub and never had one.")
    rows, snapshot_at = _now(found, former), found.polled_at
    if at is not None and at < found.polled_at:
        if not stood:
            raise BotError(_too_early(key, found.baseline_at))
        rows, snapshot_at = _then(found, stood, former), max(one.at for one in stood)
    info = board_info(
        key,
        settings.hub.endpoint,
        about,
        higher_is_better=found.snapshot.higher_is_better,
        rows=len(rows),
        decimals=board_decimals((row.rank, row.value) for row in rows.values()),
    )
    board = Shown(
        board=info,
        snapshot_at=snapshot_at,
        rows=tuple(rows.values()),
        baseline_at=found.baseline_at,
        source_changed_at=source.changed_at if source else UNSET,
    )
    return FoundBoard(key=key, board=board, boards=tuple(boards), row_ids=tuple(rows))


def _now(found: BoardRows, former: FormerIds) -> dict[str, ShownRow]:
    """Return the rows as they stand, by their ids."""
    variant = variants(found.snapshot.rows)
    return {
        row.id: shown_row(
            row.result,
            variant[row.id],
            row.last_change,
            row.missing,
            former.get(row.result.model, ()),
        )
        for row in sorted(found.rows, key=lambda row: row.result.rank)
    }


def _then(found: BoardRows, stood: Sequence[Stood], former: FormerIds) -> dict[str, ShownRow]:
    """Return the rows as they stood, by their ids; the past has no sizes but those of today."""
    sizes = {row.id: row.result.parameters for row in found.rows}
    present = [one for one in stood if not one.removed]
    variant = variants(one.row for one in present)
    return {
        one.row.id: shown_row(
            replace(one.row.result, parameters=sizes.get(one.row.id)),
            variant[one.row.id],
            one.at,
            former=former.get(one.row.result.model, ()),
        )
        for one in present
    }


def _too_early(key: BoardKey, first: datetime | None) -> str:
    since = f"; the first snapshot is of {first:%Y-%m-%d %H:%M} UTC" if first else ""
    return f"{inert(key.name)}: nothing is stored of that time{since}"


def stored_rows(store: Store, key: BoardKey) -> BoardRows | None:
    """Return a board as stored, watched or not; None for one that was never seen."""
    with store.read() as db:
        return db.boards.rows(key)


def watched_key(
    settings: Settings, db: Unit, named: Named, *, derived: bool, visible: Names = EVERY
) -> tuple[BoardKey, list[BoardKey]]:
    """Choose the board that is meant of those watched; return it, and the benchmark's others.

    What is not ``visible`` is looked up as what is not there, so that not even the time tells it.
    """
    listed = known(db)
    named = meant(named, listed)
    all_names = [name for name in names(settings, db) if visible.hold(name)]
    same = [name for name in all_names if name.casefold() == named.benchmark.casefold()]
    if not same and not listed.listed and _may_be_watched(settings, named):
        raise NotPolledError(inert(named.benchmark))
    if not same:
        near = advice(named.benchmark, all_names)
        if db.models.is_known(named.benchmark):
            near = "; it is a model: `leaderboard-bot history` shows its boards"
        raise UnwatchedError([f"{inert(named.benchmark) or NOTHING}: {NOT_WATCHED}{near}"])
    keys = [key for key in watched(settings, db) if is_of(key, named)]
    if not keys:
        raise NotPolledError(inert(named.benchmark))
    task = task_meant(named, keys, listed.tasks.get(same[0]))
    fitting = [key for key in keys if key.task == task and (key.include_derived or not derived)]
    if not fitting:
        raise UnwatchedError([f"{inert(named.benchmark)}: no watch has include_derived = true"])
    return min(fitting, key=lambda key: key.include_derived), keys


def _may_be_watched(settings: Settings, named: Named) -> bool:
    """Tell whether a watch looks at a benchmark if the Hub lists it."""
    globs = (glob for watch in settings.watches for glob in watch.scope.globs)
    return any(glob.covers(named.benchmark) for glob in globs)


def shown_row(
    result: Result,
    variant: str | None,
    last_change: datetime | None,
    missing: int = 0,
    former: Sequence[str] = (),
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
        former=tuple(former),
    )
