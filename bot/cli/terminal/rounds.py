"""One round of polls and deliveries as people see it: its progress, its failures, its sum."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from typing import TYPE_CHECKING

from bot.cli.terminal.failures import complain, name_hub
from bot.cli.terminal.output import write
from bot.cli.terminal.tables import console
from bot.core.render.clean import inert
from bot.core.render.numbers import minute, plural
from bot.core.render.words.notice import deferral

if TYPE_CHECKING:
    from bot.jobs.poll.polled import Polled
    from bot.jobs.round import Jobs, Summary


def polled_round(jobs: Jobs, names: Sequence[str]) -> tuple[Summary, list[Polled]]:
    """Run a round, its polls shown as they end where a terminal looks on."""
    polled: list[Polled] = []
    with _progress() as advance:

        def one(done: Polled, of: int) -> None:
            polled.append(done)
            advance(done, of)

        return jobs.round(names, progress=one), polled


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
        bar.update(task, advance=1, total=of, description=done.board.name)
        if bar.finished:
            bar.stop()

    with bar:
        yield advance


def complain_of(summary: Summary, endpoint: str) -> None:
    """Say which boards failed, unless the log has said so, and which Hub was asked."""
    if not logging.getLogger("bot.jobs.poll.outcomes").isEnabledFor(logging.WARNING):
        _complain_of_each(summary.errors, boards=summary.polled)
        for board, note in summary.notes:
            complain(f"{inert(board)}: {note}")
    if summary.deferred:
        complain(deferral(summary.deferred, summary.wait))
    if summary.errors or not summary.listed:
        name_hub(endpoint)


def _complain_of_each(errors: Sequence[tuple[str, str]], *, boards: int) -> None:
    """Say what is wrong with which of so many boards: once, where it is the same with all."""
    texts = {text for _, text in errors}
    if len(errors) == boards > 1 and len(texts) == 1:
        complain(f"all {boards} boards: {texts.pop()}")
        return
    for board, text in errors:
        complain(f"{inert(board)}: {text}")


def document(summary: Summary) -> dict[str, object]:
    """Return the summary in the shape of ``poll --json``."""
    return {
        "boards": {
            "polled": summary.polled,
            "unchanged": summary.unchanged,
            "changed": summary.changed,
            "failed": summary.failed,
            "deferred": len(summary.deferred),
        },
        "events": summary.events,
        "deliveries": {
            "sent": summary.sent,
            "pending": summary.pending,
            "failed": summary.given_up,
        },
    }


def report(summary: Summary, polled: Sequence[Polled], zones: Mapping[str, tzinfo]) -> None:
    """Write what a round came to, for people; ``zones`` are those of the channels."""
    for done in sorted(polled, key=lambda done: done.board.place):
        if done.changed:
            write(f"{inert(done.board.name)}: {done.story}\n")
    write(f"{boards_line(summary)} {plural(summary.events, 'event')}.\n")
    write(
        f"Deliveries: {summary.sent} sent, {summary.pending} pending, "
        f"{summary.given_up} given up.\n"
    )
    for line in held_lines(summary, zones):
        write(f"{line}\n")


def held_lines(summary: Summary, zones: Mapping[str, tzinfo]) -> Iterator[str]:
    """Yield what each channel collects, with the time in its zone at which it is told."""
    for one in summary.held:
        if one.deliveries:
            until = minute(one.until, zones[one.channel])
            yield f"Held for {inert(one.channel)} until {until}: {one.deliveries}."


def boards_line(summary: Summary) -> str:
    """Return how many boards were polled, with what result."""
    deferred = f" {len(summary.deferred)} deferred." if summary.deferred else ""
    return (
        f"{plural(summary.polled, 'board')} polled: {summary.unchanged} unchanged, "
        f"{summary.changed} changed, {summary.failed} failed.{deferred}"
    )
