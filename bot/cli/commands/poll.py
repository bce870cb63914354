"""``poll``: every board once, now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Raw
from msgspec.structs import replace

from bot.cli.terminal.completion import boards
from bot.cli.terminal.failures import FAILED, name_origin
from bot.cli.terminal.options import Json
from bot.cli.terminal.output import write, write_json
from bot.cli.terminal.rounds import (
    boards_line,
    complain_of,
    document,
    held_lines,
    polled_round,
    report,
)
from bot.cli.terminal.usage import Context, Section
from bot.core.render.numbers import plural

if TYPE_CHECKING:
    from bot.channels.rehearsal import Noted
    from bot.config import Settings
    from bot.jobs.round import Summary

    Round = tuple[Summary, Callable[[], None]]
    """What a round came to, and what tells people of it."""

SECTION, PLACE = Section.WATCH, 2

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="BOARD",
        autocompletion=boards,
        help="Only these: NAMESPACE/NAME, with #TASK for another than the first task, or its "
        "address on the Hub; default: all that are watched.",
    ),
]


def poll(
    context: Context,
    benchmarks: Names = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent; send and change nothing.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing unless something was found or failed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll once, now, and send what is due.

    Polls every watched board (or the named), due or not; then attempts each due delivery once.
    Never waits for a retry: for cron. Exit status 1 when a board or an attempt to deliver failed.
    """
    settings = context.obj.settings()
    if not quiet:
        name_origin(settings)
    run = _rehearsed if dry_run else _polled
    with context.obj.listed_later("bot.jobs.poll.outcomes"):
        summary, report = run(settings, benchmarks or (), as_json=as_json)
        if quiet and not summary.calm:
            name_origin(settings)
        if not (quiet and summary.calm):
            complain_of(summary, settings.hub.endpoint)
            report()
    if not summary.ok:
        raise typer.Exit(FAILED)


def _polled(settings: Settings, names: Sequence[str], *, as_json: bool) -> Round:
    from bot.app import open_jobs

    # With --json, standard output holds one document and nothing else.
    with open_jobs(settings, console=sys.stderr if as_json else sys.stdout) as jobs:
        summary, polled = polled_round(jobs, names)
        jobs.prune()
        if summary.ok:
            jobs.pinger.ping()
    if as_json:
        return summary, lambda: write_json(document(summary))
    return summary, lambda: report(summary, polled, _zones(settings))


def _rehearsed(settings: Settings, names: Sequence[str], *, as_json: bool) -> Round:
    """Do what a poll would do now; the database stays as it is.

    Deliveries that waited before and are due count.
    """
    from bot.app import open_rehearsal

    with open_rehearsal(settings) as (jobs, noted):
        summary, _ = polled_round(jobs, names)
    if as_json:
        return summary, lambda: write_json(_document(summary, noted))
    return summary, lambda: _show(summary, noted, settings)


def _zones(settings: Settings) -> dict[str, tzinfo]:
    return {name: table.zone for name, table in settings.channels.items()}


def _document(summary: Summary, noted: Noted) -> dict[str, object]:
    # What was noted still waits.
    waiting = replace(summary, sent=0, pending=summary.pending + summary.sent)
    bodies = [
        {"channel": channel, "type": out.message.type, "body": Raw(out.body)}
        for channel, out in noted
    ]
    return {**document(waiting), "would_send": bodies}


def _show(summary: Summary, noted: Noted, settings: Settings) -> None:
    from bot.core.render import text
    from bot.core.render.page import page

    for number, (channel, out) in enumerate(noted, start=1):
        zone = settings.channels[channel].zone
        told = text.render(page(out.message, out.facts, settings.hub.endpoint, zone))
        write(f"[{number}] to {channel}: {told.title}\n{told.body}\n\n")
    write(f"{boards_line(summary)} {plural(summary.events, 'event')}.\n")
    for line in held_lines(summary, _zones(settings)):
        write(f"{line}\n")
    what = plural(len(noted), "delivery", "deliveries")
    write(f"Dry run: {what} would be sent; nothing was sent or stored.\n")
