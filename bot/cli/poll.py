"""``run``, ``poll`` and ``demo``: the commands that look at leaderboards and tell what happened."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import FAILED, complain_of_each, name_hub
from bot.cli.options import Json
from bot.cli.output import console, count, write, write_json
from bot.cli.session import Session

if TYPE_CHECKING:
    from bot.app import App, Summary
    from bot.config import Settings
    from bot.poll import Polled

PANEL = "Watch leaderboards"

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="BENCHMARK", help="Only these; all that are watched without."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    from bot.cli.demo import demo

    app.command(rich_help_panel=PANEL)(run)
    app.command(rich_help_panel=PANEL)(poll)
    app.command(rich_help_panel=PANEL)(demo)


def run(context: typer.Context) -> None:
    """Poll and deliver until told to end.

    Each board is polled as often as poll.every, or its watch's own every, says in the
    configuration. SIGTERM or SIGINT ends it within 10 seconds; SIGHUP loads the configuration
    again.
    """
    from bot.app import run_daemon

    session: Session = context.obj
    run_daemon(lambda: session.settings("info"))


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
    with session.listed_later("bot.poll"):
        if dry_run:
            from bot.cli.dry_run import rehearse

            ok = rehearse(settings, benchmarks or (), as_json=as_json)
        else:
            ok = _poll(settings, benchmarks or (), as_json=as_json)
    if not ok:
        raise typer.Exit(FAILED)


def _poll(settings: Settings, names: Sequence[str], *, as_json: bool) -> bool:
    from bot.app import open_app

    # With --json, standard output holds one document and nothing else.
    with open_app(settings, console=sys.stderr if as_json else sys.stdout) as app:
        summary, polled = watched_round(app, names)
    if as_json:
        write_json(document(summary))
    else:
        report(summary, polled)
    return summary.ok


def watched_round(app: App, names: Sequence[str]) -> tuple[Summary, list[Polled]]:
    """Run a round, its polls shown as they end where a terminal looks on."""
    polled: list[Polled] = []
    with _progress() as advance:

        def one(done: Polled, of: int) -> None:
            polled.append(done)
            advance(done, of)

        summary = app.round(names, progress=one)
    complain_of_boards(summary, len(polled), app.settings.hub.endpoint)
    return summary, polled


@contextmanager
def _progress() -> Iterator[Callable[[Polled, int], None]]:
    """Draw progress on standard error; it is gone before the first alert is printed."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("Polling"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    bar = Progress(*columns, console=console(sys.stderr), transient=True, redirect_stdout=False)
    task = bar.add_task("", total=None)

    def advance(done: Polled, of: int) -> None:
        bar.update(task, advance=1, total=of, description=done.target.benchmark)
        if bar.finished:
            bar.stop()

    with bar:
        yield advance


def complain_of_boards(summary: Summary, polled: int, endpoint: str) -> None:
    """Say which boards failed, unless the log has said so, and which Hub was asked."""
    if not logging.getLogger("bot.poll").isEnabledFor(logging.WARNING):
        complain_of_each(summary.errors, boards=polled)
    if summary.errors:
        name_hub(endpoint)


def document(summary: Summary) -> dict[str, object]:
    """Return the summary in the shape of ``poll --json``."""
    return {
        "boards": {
            "polled": summary.polled,
            "unchanged": summary.unchanged,
            "changed": summary.changed,
            "failed": summary.failed,
        },
        "events": summary.events,
        "deliveries": {
            "sent": summary.sent,
            "pending": summary.pending,
            "failed": summary.given_up,
        },
    }


def report(summary: Summary, polled: Sequence[Polled]) -> None:
    """Write what a round came to, for people."""
    for done in sorted(polled, key=lambda done: done.target):
        if done.changed:
            derived = " +derived" if done.target.include_derived else ""
            what = (
                count(done.events, "event") if done.events else "baseline stored, nothing to tell"
            )
            write(f"{done.target.benchmark}{derived}: {what}\n")
    write(f"{boards_line(summary)} {count(summary.events, 'event')}.\n")
    write(
        f"Deliveries: {summary.sent} sent, {summary.pending} pending, "
        f"{summary.given_up} given up.\n"
    )


def boards_line(summary: Summary) -> str:
    """Return how many boards were polled, with what result."""
    return (
        f"{count(summary.polled, 'board')} polled: {summary.unchanged} unchanged, "
        f"{summary.changed} changed, {summary.failed} failed."
    )
