"""``history``: rank and score over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import boards_and_models
from bot.cli.terminal.new_files import check_new, write_new
from bot.cli.terminal.options import Json, Since, start_of
from bot.cli.terminal.output import say, write, write_json_list, write_pages
from bot.cli.terminal.tables import show_table, when
from bot.cli.terminal.usage import Context, Section
from bot.core.errors import BotError
from bot.core.render.cells import batched, csv_rows
from bot.core.render.clean import inert
from bot.core.render.numbers import number, plural

if TYPE_CHECKING:
    from bot.core.alerts.message import BoardInfo
    from bot.views.history import Timeline
    from bot.views.seen.info import Infos

SECTION, PLACE = Section.LOOK, 3

FIELDS = ("at", "benchmark", "model", "variant", "rank", "score", "task", "include_derived")


def history(
    context: Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=boards_and_models,
            help="A model, or a board (NAMESPACE/NAME, with #TASK for another than its first "
            "task); or a glob, or an address on the Hub.",
        ),
    ],
    since: Since = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead.")] = False,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="PATH", help="Draw it into a new file instead, as SVG."),
    ] = None,
) -> None:
    """Show rank and score over time.

    Of a model, on each board; or of a board, each row. A file that is there already is never
    overwritten.
    """
    from bot.app import now
    from bot.views.history import history as look_up
    from bot.views.history import points
    from bot.views.seen.info import board_infos
    from bot.views.stored import opened

    if as_json + as_csv + (svg is not None) > 1:
        problem = "choose one of --json, --csv and --svg"
        raise typer.BadParameter(problem, param_hint="--json / --csv / --svg")
    if svg is not None:
        check_new(svg, "--svg")
    settings, moment = context.obj.settings(), now()
    with opened(settings) as store:
        found = look_up(store, name, settings.hub.endpoint, start_of(since, moment))
        with store.read() as db:
            infos = board_infos(db, settings.hub.endpoint, {line.board for line in found})
    if svg is not None:
        _draw(svg, found, name, infos, moment)
    elif as_json:
        write_json_list(batched(points(found)))
    elif as_csv:
        write_pages(csv_rows(FIELDS, batched(points(found))))
    else:
        _show(found, infos, moment)


def _draw(path: Path, found: Sequence[Timeline], name: str, infos: Infos, now: datetime) -> None:
    from bot.drawing.svg import alone
    from bot.views.seen.picture import picture

    if not found:
        raise BotError("nothing is stored of that time: there is nothing to draw")
    write_new(path, alone(picture(found, name, infos, now)), "--svg")
    say(f"{plural(len(found), 'row')} drawn to {path}")


def _show(drawn: Sequence[Timeline], infos: Infos, now: datetime) -> None:
    from bot.cli.terminal.charts import MARKS, charts

    if not drawn:
        say("nothing is stored of that time")
        return
    boards = {line.board for line in drawn}
    marks = charts(drawn[: len(MARKS)], now, scores=len(boards) == 1)
    several = len({line.model for line in drawn}) > 1
    rows = [
        _row(line, infos[line.board], mark, boards=len(boards), models=several)
        for line, mark in zip(drawn, marks + [""] * len(drawn), strict=False)
    ]
    columns = ("", "Board" if not several else "Row", "Rank", "Score", "Last change")
    first = 0 if any(marks) else 1  # no column of letters without a drawing
    show_table(columns[first:], [row[first:] for row in rows], whole=("Rank", "Score"))
    write(f"{plural(len(drawn), 'row')} on {plural(len(boards), 'board')}.\n")


def _row(
    line: Timeline, info: BoardInfo, mark: str, *, boards: int, models: bool
) -> tuple[str, ...]:
    board = info.shown.name
    variant = f" ({line.variant})" if line.variant else ""
    name = f"{line.name}, {board}" if models and boards > 1 else line.name
    first, last = line.points[0], line.points[-1]
    return (
        mark,
        inert(name if models else f"{board}{variant}"),
        _change(first.rank, last.rank),
        _change(first.score, last.score, info.decimals or 0),
        when(last.at) if len(line.points) > 1 else "",
    )


def _change(before: object, after: object, decimals: int = 0) -> str:
    def shown(value: object) -> str:
        if value is None:
            return "removed"
        return number(value, decimals) if isinstance(value, Decimal) else str(value)

    return shown(after) if before == after else f"{shown(before)} → {shown(after)}"
