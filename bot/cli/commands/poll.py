"""``poll``: every board once, now."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.session import Session
from bot.cli.terminal.failures import FAILED, name_origin
from bot.cli.terminal.options import Json
from bot.cli.terminal.output import write_json
from bot.cli.terminal.rounds import document, polled_round, report
from bot.cli.terminal.usage import Section

if TYPE_CHECKING:
    from bot.config import Settings

SECTION, PLACE = Section.WATCH, 2

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="BOARD",
        help="Only these: NAMESPACE/NAME, with #TASK for another than the first task, or its "
        "address on the Hub; default: all that are watched.",
    ),
]


def poll(
    context: typer.Context,
    benchmarks: Names = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent; send and change nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll once, now, and send what is due.

    Polls every watched board (or the named), due or not; then attempts each due delivery once.
    Never waits for a retry: for cron. Exit status 1 when a board or an attempt to deliver failed.
    """
    session: Session = context.obj
    settings = session.settings()
    name_origin(settings)
    with session.listed_later("bot.jobs.poll.outcomes"):
        if dry_run:
            from bot.cli.dry_run import rehearse

            ok = rehearse(settings, benchmarks or (), as_json=as_json)
        else:
            ok = _poll(settings, benchmarks or (), as_json=as_json)
    if not ok:
        raise typer.Exit(FAILED)


def _poll(settings: Settings, names: Sequence[str], *, as_json: bool) -> bool:
    from bot.app import open_jobs

    # With --json, standard output holds one document and nothing else.
    with open_jobs(settings, console=sys.stderr if as_json else sys.stdout) as jobs:
        summary, polled = polled_round(jobs, names)
        jobs.prune()
    if as_json:
        write_json(document(summary))
    else:
        report(summary, polled)
    return summary.ok
