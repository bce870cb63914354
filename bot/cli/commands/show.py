"""``show``: one board, as stored or live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from bot.cli.session import Session
from bot.cli.terminal.options import Json
from bot.cli.terminal.output import count, relative, show_table, when, write, write_json
from bot.cli.terminal.usage import Section
from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.cli.boards import Shown, ShownRow

SECTION, PLACE = Section.LOOK, 2


def show(
    context: typer.Context,
    board: Annotated[
        str,
        typer.Argument(
            metavar="BOARD",
            help="NAMESPACE/NAME, with #TASK for another than its first task, or its address.",
        ),
    ],
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N rows.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the Hub now; of any benchmark. Stores nothing.")
    ] = False,
    task: Annotated[str | None, typer.Option(hidden=True)] = None,
    derived: Annotated[bool, typer.Option("--derived", help="The board with fine-tunes.")] = False,
    as_json: Json = False,
) -> None:
    """Show a leaderboard, as stored or live.

    Each row has the time of its last change; of a live board, those of rows that are stored so.
    """
    from bot.app import now
    from bot.cli.boards import live_board, stored_board

    if task is not None:
        problem = f"a task is named behind the board now: {board}#{task}"
        raise typer.BadParameter(problem, param_hint="--task")
    session: Session = context.obj
    settings = session.settings()
    if live:
        shown = live_board(settings, board, now(), derived=derived)
    else:
        shown = stored_board(settings, board, derived=derived)
    rows = shown.rows[:top]
    if as_json:
        write_json(replace(shown, rows=rows))
    else:
        _show(shown, rows, now())


def _show(shown: Shown, rows: Sequence[ShownRow], now: datetime) -> None:
    at = shown.snapshot_at
    polled = f", {when(at)} ({relative(at, now)})" if at else ""
    lower = ", lower is better" if shown.board.lower_is_better else ""
    name = inert(shown.board.shown.name)
    write(f"{name}: {count(len(shown.rows), 'row')}{lower}{polled}\n{shown.board.url}\n")
    lines = [
        (str(row.rank), _name(row), _number(row.value), _changed(shown, row, now), _details(row))
        for row in rows
    ]
    columns = ("#", "Model", "Score", "Changed", "Details")
    show_table(columns, lines, right=("#", "Score"), whole=("Changed",))


def _name(row: ShownRow) -> str:
    return f"{inert(row.model)} ({inert(row.variant)})" if row.variant else inert(row.model)


def _number(value: Decimal) -> str:
    from bot.core.render.figures import number

    return number(value)


def _size(parameters: int | None) -> str:
    from bot.core.render import figures

    return figures.parameters(parameters) if parameters else ""


def _changed(shown: Shown, row: ShownRow, now: datetime) -> str:
    if row.last_change in (None, shown.baseline_at):
        return ""
    return relative(row.last_change, now)


def _details(row: ShownRow) -> str:
    told = (
        f"absent for {count(row.missing, 'poll')}" if row.missing else "",
        "verified" if row.verified else "",
        _size(row.parameters),
        f"PR #{row.pull_request}" if row.pull_request is not None else "",
        inert(row.source.name) if row.source else "",
        inert(row.notes) if row.notes and row.notes != row.variant else "",
    )
    return ", ".join(text for text in told if text)
