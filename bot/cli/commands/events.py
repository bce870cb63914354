"""``events``: what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import boards, models
from bot.cli.terminal.completion import listed as offered
from bot.cli.terminal.options import Json, Since, listed, start_of
from bot.cli.terminal.output import say, write_json_list
from bot.cli.terminal.tables import show_line, show_table, when
from bot.cli.terminal.usage import Context, Section

if TYPE_CHECKING:
    from bot.store import Store
    from bot.views.events import EventLine, Filter

SECTION, PLACE = Section.LOOK, 4

MOST_SHOWN = 100
"""How many events people are shown without ``--limit``; programs get all."""


def _kinds() -> list[str]:
    from bot.core.kinds import Kind

    return [one.value for one in Kind]


def events(
    context: Context,
    since: Since = None,
    benchmark: Annotated[
        str | None,
        typer.Option(
            metavar="GLOB",
            autocompletion=boards,
            help="Only of these benchmarks; with #TASK, of this task.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="GLOB", autocompletion=models, help="Only of these models."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND,...",
            autocompletion=offered(_kinds),
            help="Only these kinds, such as new_leader.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only the newest; default 100, all with --json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was found, the newest last.

    Ranks that only others moved are counted; --model or --kind rank_shift lists each.
    """
    from bot.app import now
    from bot.views.events import documents, filter_of
    from bot.views.stored import opened

    kinds = listed(kind, _kinds(), "--kind")
    settings = context.obj.settings()
    with opened(settings) as store:
        start = start_of(since, now())
        wanted = filter_of(
            store, settings, since=start, benchmark=benchmark, model=model, kinds=kinds
        )
        if as_json:
            write_json_list(documents(store, wanted, settings, limit))
        else:
            _list(store, wanted, settings.hub.endpoint, limit or MOST_SHOWN)


def _list(store: Store, wanted: Filter, endpoint: str, most: int) -> None:
    from bot.views.events import Filter, baseline, listing

    lines = listing(store, wanted, endpoint, most)
    _show(lines[-most:], baseline(store) if wanted == Filter() else None)
    if len(lines) > most:
        say(f"these are the newest {most}; --limit shows more")


def _show(shown: Sequence[EventLine], baseline: datetime | None) -> None:
    if not shown:
        since = f"nothing has changed since the baseline of {when(baseline)}"
        say(since if baseline else "nothing was found that meets this")
        return
    for (at, board), found in groupby(shown, key=lambda line: (line.at, line.board)):
        show_line(f"{when(at)}  {board}")
        show_table(("", ""), [(f"  {line.kind:<17}", line.text) for line in found], head=False)
