"""``show``: one board, as stored or live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from bot.cli.terminal.completion import boards
from bot.cli.terminal.options import At, Json, end_of
from bot.cli.terminal.output import say, write, write_json
from bot.cli.terminal.tables import show_line, show_table, when
from bot.cli.terminal.usage import Context, Section
from bot.core.board import BoardKey
from bot.core.errors import ConfigError, UnwatchedError
from bot.core.render.clean import inert
from bot.core.render.numbers import number, parameters, plural, relative, some

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.core.alerts.message import BoardInfo
    from bot.views.boards import FoundBoard, Shown, ShownRow

SECTION, PLACE = Section.LOOK, 2


def show(
    context: Context,
    board: Annotated[
        str,
        typer.Argument(
            metavar="BOARD",
            autocompletion=boards,
            help="NAMESPACE/NAME, with #TASK for another than its first task, its address, or "
            "aggregate:COLUMN.",
        ),
    ],
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N rows.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the Hub now; of any benchmark. Stores nothing.")
    ] = False,
    at: At = None,
    task: Annotated[str | None, typer.Option(hidden=True)] = None,
    derived: Annotated[bool, typer.Option("--derived", help="The board with fine-tunes.")] = False,
    as_json: Json = False,
) -> None:
    """Show a leaderboard, as stored, as it was, or live.

    Each row has the time of its last change; of a live board, those of rows that are stored so.
    """
    from bot.app import now

    if task is not None:
        problem = f"a task is named behind the board now: {board}#{task}"
        raise typer.BadParameter(problem, param_hint="--task")
    if at and live:
        raise typer.BadParameter("what is live is now: give one of the two", param_hint="--at")
    settings = context.obj.settings()
    if live:
        found = _live(settings, board, derived=derived)
    else:
        found = _stored(settings, board, derived=derived, at=end_of(at, now()))
    _say_others(found.key, found.boards)
    rows = found.board.rows[:top]
    if as_json:
        write_json(replace(found.board, rows=rows))
    else:
        _show(found.board, rows, now())


def _live(settings: Settings, board: str, *, derived: bool) -> FoundBoard:
    from bot.app import now, open_hub
    from bot.views.live import live_board

    with open_hub(settings) as hub:
        return live_board(settings, hub, board, now(), derived=derived)


def _stored(settings: Settings, board: str, *, derived: bool, at: datetime | None) -> FoundBoard:
    from bot.views.boards import stored_board
    from bot.views.stored import opened

    try:
        with opened(settings) as store:
            return stored_board(store, settings, board, derived=derived, at=at)
    except UnwatchedError as error:
        raise ConfigError([f"{error} (--live shows any board of the Hub)"]) from None


def _say_others(chosen: BoardKey, keys: Sequence[BoardKey]) -> None:
    """Say on standard error which other boards of the benchmark there are, if any."""
    tasks = [key.task for key in keys if key.task not in (None, chosen.task)]
    others = [quote(inert(BoardKey(chosen.benchmark, task).name)) for task in tasks]
    others += [
        "--derived"
        for key in keys
        if key.task == chosen.task and key.include_derived and not chosen.include_derived
    ]
    if others:
        say(f"this is {inert(chosen.name)}; others: {some([*dict.fromkeys(others)])}")


def _show(shown: Shown, rows: Sequence[ShownRow], now: datetime) -> None:
    at = shown.snapshot_at
    polled = f", {when(at)} ({relative(at, now)})" if at else ""
    lower = ", lower is better" if shown.board.lower_is_better else ""
    changed = shown.source_changed_at
    file = f"; the file last changed {when(changed)} ({relative(changed, now)})" if changed else ""
    show_line(f"{_title(shown.board)}: {plural(len(shown.rows), 'row')}{lower}{polled}{file}")
    write(f"{shown.board.url}\n")
    lines = [
        (str(row.rank), _name(row), number(row.value), _changed(shown, row, now), _details(row))
        for row in rows
    ]
    columns = ("#", "Model", "Score", "Changed", "Details")
    show_table(columns, lines, right=("#", "Score"), whole=("Changed",))


def _title(board: BoardInfo) -> str:
    name = inert(board.shown.name)
    return f"{inert(board.name)} ({name})" if board.name else name


def _name(row: ShownRow) -> str:
    return f"{inert(row.model)} ({inert(row.variant)})" if row.variant else inert(row.model)


def _changed(shown: Shown, row: ShownRow, now: datetime) -> str:
    if row.last_change in (None, shown.baseline_at):
        return ""
    return relative(row.last_change, now)


def _details(row: ShownRow) -> str:
    told = (
        f"absent for {plural(row.missing, 'poll')}" if row.missing else "",
        f"formerly {inert(some(row.former))}" if row.former else "",
        "verified" if row.verified else "",
        parameters(row.parameters) if row.parameters else "",
        f"PR #{row.pull_request}" if row.pull_request is not None else "",
        inert(row.source.name) if row.source else "",
        inert(row.notes) if row.notes and row.notes != row.variant else "",
    )
    return ", ".join(text for text in told if text)
