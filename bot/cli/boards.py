"""``benchmarks`` and ``show``: which boards there are, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from bot.cli.options import Json
from bot.cli.output import clean, count, relative, say, show_table, when, write, write_json
from bot.cli.session import Session
from bot.core.errors import BotError
from bot.core.message import BoardInfo
from bot.core.model import BoardKey, Result, Source

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Store
    from bot.store.views import BoardView

PANEL = "Look at what is known"


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


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(rich_help_panel=PANEL)(benchmarks)
    app.command(rich_help_panel=PANEL)(show)


def benchmarks(context: typer.Context, as_json: Json = False) -> None:
    """List the Hub's official benchmarks."""
    from bot.app import open_hub
    from bot.core.rules import covers

    session: Session = context.obj
    settings = session.settings()
    with open_hub(settings) as hub:
        found = hub.benchmarks()
    if as_json:
        write_json([{"id": one.id, "gated": one.gated} for one in found])
        return
    official = {one.id for one in found}
    rows = [
        (
            clean(one.id),
            "gated" if one.gated else "",
            ", ".join(w.name for w in settings.watches if covers(w, one.id, official)),
        )
        for one in found
    ]
    show_table(("Benchmark", "Access", "Watched by"), rows, whole=("Access",))


def show(
    context: typer.Context,
    benchmark: Annotated[str, typer.Argument(metavar="BENCHMARK")],
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N rows.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the Hub now; of any benchmark. Stores nothing.")
    ] = False,
    task: Annotated[
        str | None, typer.Option(metavar="TASK", help="Where there are several, this one's board.")
    ] = None,
    derived: Annotated[bool, typer.Option("--derived", help="The board with fine-tunes.")] = False,
    as_json: Json = False,
) -> None:
    """Show a leaderboard, as stored or live.

    Each row has the time of its last change; those of a live board are not known.
    """
    from bot.app import now

    session: Session = context.obj
    settings = session.settings()
    if live:
        from bot.cli.live import fetched

        shown = fetched(settings, benchmark, task, now(), derived=derived)
    else:
        shown = _stored(settings, benchmark, task, derived=derived)
    rows = shown.rows[:top]
    if as_json:
        write_json(replace(shown, rows=rows))
    else:
        _show(shown, rows, now())


def _stored(settings: Settings, benchmark: str, task: str | None, *, derived: bool) -> Shown:
    from bot.cli.stored import opened
    from bot.core.variants import variants

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
    rows = [
        shown_row(row.result, named[row.id], row.last_change, row.missing) for row in found.rows
    ]
    shown = shown_board(settings, view.key, found.polled_at, rows)
    return replace(shown, baseline_at=found.baseline_at)


def _view(
    settings: Settings, store: Store, benchmark: str, task: str | None, *, derived: bool
) -> BoardView:
    """Choose the board that is meant of a watched benchmark's."""
    from bot.cli.stored import unknown, watched

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
    return keys[choose(list(keys), task, derived=derived)]


def choose(keys: Sequence[BoardKey], task: str | None, *, derived: bool) -> BoardKey:
    """Return the board that is meant of a benchmark's; says on standard error what others are.

    Raises:
        ConfigError: there is no board of such a task, or with derived models.
    """
    from bot.cli.stored import unknown
    from bot.core.errors import ConfigError

    tasks = {key.task for key in keys if key.task}
    if task is not None and task not in tasks:
        raise unknown(task, f"no task of {keys[0].benchmark}", tasks)
    if derived and not any(key.include_derived for key in keys):
        raise ConfigError([f"{keys[0].benchmark}: no watch has include_derived; add --live"])
    fitting = [key for key in keys if task in (None, key.task)]
    fitting = [key for key in fitting if key.include_derived or not derived] or fitting
    chosen = min(fitting, key=lambda key: (key.include_derived, key.task or ""))
    if derived:
        chosen = min(
            (key for key in fitting if key.include_derived), key=lambda key: key.task or ""
        )
    others = [f"--task {key.task}" for key in keys if key.task not in (None, chosen.task)]
    others += ["--derived" for key in keys if key.include_derived and not chosen.include_derived]
    if others and task is None:
        say(f"this is {chosen.label}; others: {', '.join(dict.fromkeys(others))}")
    return chosen


def shown_row(
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


def shown_board(
    settings: Settings, key: BoardKey, at: datetime | None, rows: Sequence[ShownRow]
) -> Shown:
    """Return a board to be shown."""
    from bot.core import links

    board = BoardInfo(
        benchmark=key.benchmark,
        task=key.task,
        include_derived=key.include_derived,
        rows=len(rows),
        url=links.board_url(settings.hub.endpoint, key),
    )
    return Shown(board=board, snapshot_at=at, rows=tuple(rows))


def _show(shown: Shown, rows: Sequence[ShownRow], now: datetime) -> None:
    key = BoardKey(shown.board.benchmark, shown.board.task, shown.board.include_derived)
    at = shown.snapshot_at
    polled = f", {when(at)} ({relative(at, now)})" if at else ""
    write(f"{clean(key.label)}: {count(len(shown.rows), 'row')}{polled}\n{shown.board.url}\n")
    lines = [
        (str(row.rank), _name(row), _number(row.value), _changed(shown, row, now), _details(row))
        for row in rows
    ]
    columns = ("#", "Model", "Score", "Changed", "Details")
    show_table(columns, lines, right=("#", "Score"), whole=("Changed",))


def _name(row: ShownRow) -> str:
    return f"{clean(row.model)} ({clean(row.variant)})" if row.variant else clean(row.model)


def _number(value: Decimal) -> str:
    from bot.core.render.figures import number

    return number(value)


def _changed(shown: Shown, row: ShownRow, now: datetime) -> str:
    if row.last_change in (None, shown.baseline_at):
        return ""
    return relative(row.last_change, now)


def _details(row: ShownRow) -> str:
    told = (
        f"absent for {count(row.missing, 'poll')}" if row.missing else "",
        "verified" if row.verified else "",
        f"PR #{row.pull_request}" if row.pull_request is not None else "",
        clean(row.source.name) if row.source else "",
        clean(row.notes) if row.notes and row.notes != row.variant else "",
    )
    return ", ".join(text for text in told if text)
