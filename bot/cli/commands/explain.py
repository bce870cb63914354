"""``explain``: why an event was, or was not, told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import boards, models
from bot.cli.terminal.options import Json
from bot.cli.terminal.output import say, write_json
from bot.cli.terminal.tables import show_line, show_table, when
from bot.cli.terminal.usage import Context, Section

if TYPE_CHECKING:
    from bot.views.why.explain import Explained, Why

SECTION, PLACE = Section.LOOK, 5

TODAY = "Why is worked out with the configuration of today; what was done is what is stored."


def explain(
    context: Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="EVENT|MODEL",
            autocompletion=models,
            help="An event's id, as `events --json` has it; or a model, with the board after it.",
        ),
    ],
    board: Annotated[
        str | None,
        typer.Argument(
            metavar="BOARD",
            autocompletion=boards,
            help="The model's last event on this board is explained.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say why an event was, or was not, told.

    Of each watch and channel: whether it wants the event, why or first why not, and what was sent.
    """
    from bot.views.stored import opened
    from bot.views.why.explain import explain as look_up

    settings = context.obj.settings()
    with opened(settings) as store:
        found = look_up(store, settings, name, board)
    if as_json:
        event = found.event if found else None
        write_json({"event": event, "watches": found.watches if found else ()})
    elif found is None:
        say("nothing has happened to it since the baseline")
    else:
        _show(found, settings.hub.endpoint)


def _show(found: Explained, endpoint: str) -> None:
    from bot.views.events import story

    stored = found.stored
    show_line(f"{when(stored.at)}  {found.board.shown.name}")
    show_line(f"  {stored.event.kind}: {story(stored, found.board, endpoint)}")
    show_table(
        ("Watch", "Channel", "Told", "Why"),
        [(why.watch, why.channel or "none", _told(why), _words(why)) for why in found.watches],
    )
    say(TODAY)


def _told(why: Why) -> str:
    if why.delivery is None:
        return "no"
    return f"{why.delivery.state} {why.delivery.id[:12]}"


def _words(why: Why) -> str:
    from bot.core.render.words.reasons import reason

    return "; ".join(map(reason, why.reasons)) or "the watch tells no channel"
