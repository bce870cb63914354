"""``race``: a board's history as a page that plays."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import boards
from bot.cli.terminal.new_files import check_new, write_new
from bot.cli.terminal.options import Since, start_of
from bot.cli.terminal.output import say
from bot.cli.terminal.usage import Context, Section
from bot.core.render.numbers import plural

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.drawing.leads import Link

SECTION, PLACE = Section.LOOK, 9

TOP, MOST = 10, 40


def race(
    context: Context,
    board: Annotated[
        str,
        typer.Argument(
            metavar="BOARD",
            autocompletion=boards,
            help="NAMESPACE/NAME, with #TASK for another than its first task, or its address.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="The new file.")],
    since: Since = None,
    top: Annotated[
        int, typer.Option(min=1, max=MOST, metavar="N", help="How many rows are seen at once.")
    ] = TOP,
    derived: Annotated[bool, typer.Option("--derived", help="The board with fine-tunes.")] = False,
) -> None:
    """Write a board's history as a page that plays.

    One file that needs nothing else: bars that overtake, and ranks over time. A file that is
    there already is never overwritten.
    """
    from bot.app import now
    from bot.drawing.document import document
    from bot.views.seen.race import named_race
    from bot.views.stored import opened

    check_new(out, "--out")
    settings, moment = context.obj.settings(), now()
    start = start_of(since, moment)
    with opened(settings) as store:
        found = named_race(store, settings, board, derived=derived, since=start, top=top)
    info = found.board
    title = f"{info.name or info.benchmark}{f' ({info.shown.task})' if info.shown.task else ''}"
    page = document(found.course, title, info.shown.name, info.url, moment, _link(settings))
    write_new(out, page, "--out")
    changes = len(found.course.moments) - 1
    say(f"{plural(len(found.course.lines), 'row')}, {plural(changes, 'change')}, written to {out}")


def _link(settings: Settings) -> Link:
    """Return what leads to the pages of events, where the configuration says where they are."""
    from bot.core.names.links import event_page
    from bot.drawing.leads import no_link

    return partial(event_page, settings.public_url) if settings.public_url else no_link
