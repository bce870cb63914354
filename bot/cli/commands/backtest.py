"""``backtest``: which alerts a configuration would have sent for what was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.options import Json, Since, start_of
from bot.cli.terminal.output import say, write_json
from bot.cli.terminal.tables import show_line, show_table
from bot.cli.terminal.usage import Context, Section
from bot.core.render.numbers import plural

if TYPE_CHECKING:
    from bot.views.why.backtest import Backtest, Held, OfChannel

SECTION, PLACE = Section.LOOK, 7


def backtest(
    context: Context,
    since: Since = "30d",
    other: Annotated[
        Path | None,
        typer.Option("--with", metavar="CONFIG", help="Another configuration, to put beside it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Count the alerts that the configuration would have sent.

    For the events that are stored, by channel and watch; sends nothing, and changes nothing.
    """
    from bot.app import now
    from bot.views.stored import opened
    from bot.views.why.backtest import backtest as count

    settings, moment = context.obj.settings(), now()
    start = start_of(since, moment)
    beside = context.obj.other(other) if other is not None else None
    with opened(settings) as store:
        here = count(store, settings, start, moment)
        there = count(store, beside, start, moment) if beside is not None else None
    if as_json:
        write_json(here if there is None else {"now": here, "with": there})
        return
    _show(here, "" if there is None else "now: ")
    if there is not None and other is not None:
        _show(there, f"with {other.name}: ")


def _show(found: Backtest, head: str) -> None:
    for one in found.channels:
        what = f"{plural(one.messages, 'message')}, {plural(one.events, 'event')}"
        show_line(f"{head}{one.channel}: {what}{_a_day(one, found)}")
        rows = [
            (f"  {watch.watch}", plural(watch.events, "event"), _kinds(watch.kinds))
            for watch in one.watches
        ]
        rows += [("  not told", plural(held.events, "event"), _why(held)) for held in one.held]
        show_table(("", "", ""), rows, head=False)
    if not any(one.events for one in found.channels):
        say("nothing would have been told")


def _a_day(one: OfChannel, found: Backtest) -> str:
    """Return how many messages that is a day."""
    if found.since is None:
        return ""
    days = max((found.until - found.since).total_seconds() / 86400, 1)
    return f"; {one.messages / days:.2f} messages a day"


def _kinds(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def _why(held: Held) -> str:
    from bot.core.render.words.reasons import reason

    return reason(held.reason)
