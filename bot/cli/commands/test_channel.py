"""``test-channel``: a sample alert, the way of real ones."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import channels
from bot.cli.terminal.failures import FAILED, complain
from bot.cli.terminal.output import say, write
from bot.cli.terminal.usage import Context, Section
from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.jobs.round import Jobs
    from bot.store import Store, Unit

SECTION, PLACE = Section.DELIVERIES, 1

TRIES, BREAK = 100, timedelta(milliseconds=200)
"""How often, and after which time, a test is tried while another process sends to its channel."""


def test_channel(
    context: Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", autocompletion=channels, help="A channel of the configuration."
        ),
    ],
) -> None:
    """Send a sample alert to a channel.

    It goes the way of real alerts, through the outbox, but is tried once; what came of it is
    printed.
    """
    from bot.app import open_jobs
    from bot.core.names.suggest import unknown

    settings = context.obj.settings("error")  # the outcome is printed here
    if name not in settings.channels:
        raise unknown(name, "no such channel", set(settings.channels))
    with open_jobs(settings, console=sys.stdout) as jobs:
        test = _test(jobs, settings, name)
        arrived = _told(name, test, jobs.store)
    if not arrived:
        raise typer.Exit(FAILED)


def _test(jobs: Jobs, settings: Settings, channel: str) -> str:
    """Put a sample into the outbox, attempt what is due on its channel, return its id."""
    from bot.core.alerts.deliveries import new_delivery
    from bot.core.alerts.sample import sample
    from bot.jobs.commit import commit

    now = jobs.process.clock()
    test = new_delivery(channel, sample(now, settings.hub.endpoint), jobs.process.new_id)

    def put(db: Unit) -> None:
        # A test is how people find out whether a channel is mended: what waits ahead goes first.
        ahead = db.deliveries.attempted(channel)
        db.outbox.add([test], now)
        db.deliveries.retry([*ahead, test.id], now)

    commit(jobs.store, put)
    for _ in range(TRIES):
        jobs.deliverer.drain(channel, patient=True)
        if not _is_held(jobs.store, channel, test.id):
            break
        jobs.process.wait(BREAK)
    return test.id


def _is_held(store: Store, channel: str, test: str) -> bool:
    """Tell whether only another process that is sending, such as the daemon, holds the test up."""
    with store.read() as db:
        found, tried = db.deliveries.one(test), db.deliveries.attempted(channel)
    waits = found is not None and found.state in ("pending", "held")
    return waits and not tried


def _told(channel: str, test: str, store: Store) -> bool:
    """Print the outcome of a test; whether it arrived."""
    with store.read() as db:
        sent = db.deliveries.one(test)
        ahead = next(iter(db.deliveries.attempted(channel)), None)
        first = db.deliveries.one(ahead) if ahead else None
    assert sent is not None
    if sent.state == "sent":
        write(f"{channel}: sent ({sent.id}).\n")
        return True
    if sent.attempts:
        last = sent.attempts[-1]
        complain(f"{channel}: not delivered: {inert(last.error or last.outcome)}")
    elif first:
        complain(f"{channel}: not delivered: {inert(first.attempts[-1].error)}")
        say("that was an earlier delivery; the test waits for its turn")
    else:
        complain(f"{channel}: not delivered: another process is sending to it ({sent.id})")
    return False
