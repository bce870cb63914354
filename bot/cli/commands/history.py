"""``history``: rank and score over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.session import Session
from bot.cli.stored import is_of
from bot.cli.terminal.options import Json, Since, start_of
from bot.cli.terminal.output import count, say, show_table, write, write_bytes, write_json_list
from bot.cli.terminal.usage import Section
from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.cli.timelines import Line
    from bot.core.names.naming import Named
    from bot.store import Store

SECTION, PLACE = Section.LOOK, 3

FIELDS = ("at", "benchmark", "model", "variant", "rank", "score", "task", "include_derived")


def history(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A model, or a board (NAMESPACE/NAME, with #TASK for another than its first "
            "task); or a glob, or an address on the Hub.",
        ),
    ],
    since: Since = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead.")] = False,
) -> None:
    """Show rank and score over time.

    Of a model, on each board; or of a board, each row.
    """
    from bot.app import now
    from bot.cli.commands.export import batched, csv_rows
    from bot.cli.timelines import points

    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv", param_hint="--json / --csv")
    session: Session = context.obj
    moment = now()
    start = start_of(since, moment)
    found = _found(session, name, start)
    if as_json:
        write_json_list(batched(points(found)))
    elif as_csv:
        for some in csv_rows(FIELDS, batched(points(found))):
            if not write_bytes(some):
                return
    else:
        _show(found, moment)


def _found(session: Session, name: str, start: datetime | None) -> list[Line]:
    """Return a line a row of the benchmark, else of the model, that is meant."""
    from bot.cli.stored import opened
    from bot.cli.timelines import lines
    from bot.core.names.links import is_address, model_of
    from bot.core.names.naming import board_named

    settings = session.settings()
    endpoint = settings.hub.endpoint
    model = model_of(name, endpoint) if is_address(name) else name
    with opened(settings) as store:
        if not is_address(name) or model is None:
            board = _board(store, board_named(name, endpoint))
            groups = store.history_groups(benchmark=board.benchmark, since=start, task=board.task)
            by_board = lines(groups, start)
            if by_board or any(is_of(view.key, board) for view in store.boards()):
                return by_board
        by_model = lines(store.history_groups(model=model, since=start), start)
        if not by_model:
            _check(store, model or name)
        return by_model


def _board(store: Store, named: Named) -> Named:
    """Return the board that a bare name means: that of the benchmark's first task."""
    from bot.cli.stored import known
    from bot.core.names.naming import Named, task_meant

    keys = [view.key for view in store.boards() if is_of(view.key, named)]
    if named.task is not None or not keys:
        return named
    task = task_meant(named, keys, known(store).tasks.get(keys[0].benchmark))
    return Named(named.benchmark, task)


def _check(store: Store, name: str) -> None:
    """Refuse what was never seen."""
    from bot.cli.names import unknown
    from bot.core.alerts.scope import matches

    models = store.models()
    if not any(matches(name, model) for model in models):
        known = {view.key.benchmark for view in store.boards()} | models
        raise unknown(name, "neither a model nor a benchmark that was seen", known)


def _show(drawn: Sequence[Line], now: datetime) -> None:
    from bot.cli.terminal.charts import MARKS, charts

    if not drawn:
        say("nothing is stored of that time")
        return
    boards = {line.board for line in drawn}
    marks = charts(drawn[: len(MARKS)], now, scores=len(boards) == 1)
    several = len({line.model for line in drawn}) > 1
    rows = [
        _row(line, mark, boards=len(boards), models=several)
        for line, mark in zip(drawn, marks + [""] * len(drawn), strict=False)
    ]
    columns = ("", "Board" if not several else "Row", "Rank", "Score", "Last change")
    first = 0 if any(marks) else 1  # no column of letters without a drawing
    show_table(columns[first:], [row[first:] for row in rows], whole=("Rank", "Score"))
    write(f"{count(len(drawn), 'row')} on {count(len(boards), 'board')}.\n")


def _row(line: Line, mark: str, *, boards: int, models: bool) -> tuple[str, ...]:
    from bot.cli.terminal.output import when

    board = line.board.name
    variant = f" ({line.variant})" if line.variant else ""
    name = f"{line.name}, {board}" if models and boards > 1 else line.name
    first, last = line.points[0], line.points[-1]
    return (
        mark,
        inert(name if models else f"{board}{variant}"),
        _change(first.rank, last.rank),
        _change(first.score, last.score),
        when(last.at) if len(line.points) > 1 else "",
    )


def _change(before: object, after: object) -> str:
    from decimal import Decimal

    from bot.core.render.figures import number

    def shown(value: object) -> str:
        if value is None:
            return "removed"
        return number(value) if isinstance(value, Decimal) else str(value)

    return shown(after) if before == after else f"{shown(before)} → {shown(after)}"
