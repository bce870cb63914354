"""``digest``: what a time came to, as a report."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from bot.cli.terminal.options import Since, start_of
from bot.cli.terminal.output import say, write
from bot.cli.terminal.usage import Context, Section

SECTION, PLACE = Section.LOOK, 8


def digest(
    context: Context,
    since: Since = "7d",
    channel: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What its watches want; default: all boards."),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Print what happened in a time, as one report; sends nothing.

    What went up and down again is left out, and each row is told once.
    """
    from bot.app import now
    from bot.core.alerts.message import digest_message
    from bot.core.names.suggest import unknown
    from bot.core.render.forms import AS_IT_IS, MARKDOWN
    from bot.core.render.page import page
    from bot.core.render.text import render
    from bot.views.stored import opened
    from bot.views.why.digest import digest_of

    settings, moment = context.obj.settings(), now()
    if channel is not None and channel not in settings.channels:
        raise unknown(channel, "no such channel", set(settings.channels))
    start = start_of(since, moment)
    assert start is not None, "it has a default"
    with opened(settings) as store:
        found = digest_of(store, settings, channel, start, moment)
    if found is None:
        say("nothing has happened in this time")
        return
    zone = settings.channels[channel].zone if channel else UTC
    told = page(digest_message(found), {}, settings.hub.endpoint, zone)
    shown = render(told, form=MARKDOWN if markdown else AS_IT_IS, max_chars=1_000_000)
    write(f"{shown.title}\n{shown.body}\n")
