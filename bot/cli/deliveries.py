"""``deliveries``, ``deliveries retry`` and ``test-channel``: what was sent where."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import FAILED, complain
from bot.cli.options import Json, listed
from bot.cli.output import clean, count, relative, say, show_table, write, write_json
from bot.cli.session import Session
from bot.core.errors import ConfigError

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Settings
    from bot.store import Store
    from bot.store.views import DeliveryView

PANEL = "Look after deliveries"
SHORT_ID = len("msg_917c18d7")
"""How much of an id people are shown: enough to tell it, short enough for the other columns."""

MOST_SHOWN = 50
"""How many deliveries people are shown without ``--limit``; programs get all."""

group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(group, name="deliveries", rich_help_panel=PANEL)
    app.command("test-channel", rich_help_panel=PANEL)(test_channel)


@group.callback()
def deliveries(
    context: typer.Context,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE,...", help="Only these: pending, sent, failed, held."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only the newest; default 50, all with --json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was sent where, and what came of it.

    The newest is last. Held ones wait for a channel that is paused since it refused everything.
    """
    if context.invoked_subcommand is not None:
        return
    from bot.app import now
    from bot.cli.stored import opened
    from bot.core.delivery import State

    states = listed(state, [one.value for one in State], "--state")
    session: Session = context.obj
    with opened(session.settings()) as store:
        if as_json:
            write_json(store.deliveries(states, limit))
            return
        found = store.deliveries(states, (limit or MOST_SHOWN) + 1)
    _show(found[-(limit or MOST_SHOWN) :], now())
    if len(found) > (limit or MOST_SHOWN):
        say("there are older ones; --limit shows more")


@group.command()
def retry(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="What to send again, as listed.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that were given up.")] = False,
) -> None:
    """Make deliveries due again, whatever became of them.

    The daemon sends them at once; without it, the next poll does.
    """
    from bot.app import now
    from bot.cli.stored import opened

    if bool(ids) == failed:
        raise typer.BadParameter("name deliveries, or --failed", param_hint="ID")
    session: Session = context.obj
    with opened(session.settings()) as store:
        due = store.retry_failed(now()) if failed else _retry(store, ids or [], now())
    write(f"{count(due, 'delivery', 'deliveries')} due again.\n")


def _retry(store: Store, ids: Sequence[str], now: datetime) -> int:
    """Make the named ones due; refuse them all where one is unknown or stands for several."""
    from bot.cli.names import unknown

    known = store.delivery_ids()
    meant = {one: [name for name in known if _means(one, name)] for one in ids}
    problems = [
        f"{clean(one)}: {len(names)} deliveries begin so; write more of the id"
        if names
        else str(unknown(one, "no such delivery", set(known)))
        for one, names in meant.items()
        if len(names) != 1
    ]
    if problems:
        raise ConfigError(problems)
    chosen = {name for (name,) in meant.values()}
    store.retry(chosen, now)
    return len(chosen)


def _means(text: str, delivery: str) -> bool:
    """Tell whether a text is an id, or begins it as tables show it."""
    return text == delivery or (len(text) >= SHORT_ID and delivery.startswith(text))


def _show(found: Sequence[DeliveryView], now: datetime) -> None:
    if not found:
        say("there are no such deliveries")
        return
    rows = [
        (
            f"{one.id[:SHORT_ID]}\n{relative(one.created_at, now)}",
            one.channel,
            clean(one.board.label) if one.board else "",
            one.state,
            _outcome(one, now),
        )
        for one in found
    ]
    # An id is what people copy, so it is never broken.
    columns = ("Id, made", "Channel", "Board", "State", "Outcome")
    show_table(columns, rows, whole=("Id, made", "State"))


def _outcome(delivery: DeliveryView, now: datetime) -> str:
    """Return what came of a delivery, in a few words."""
    what = delivery.type.removeprefix("leaderboard.")
    events = f", {count(len(delivery.events), 'event')}" if delivery.events else ""
    told = [f"{what}{events}"]
    if delivery.attempts:
        last = delivery.attempts[-1]
        tries = f" ({count(len(delivery.attempts), 'attempt')})"
        told.append(f"{clean(last.error) if last.error else last.outcome}{tries}")
    if delivery.state in ("pending", "held") and delivery.next_attempt_at:
        late = delivery.next_attempt_at <= now
        due = "due" if late else f"next attempt {relative(delivery.next_attempt_at, now)}"
        told.append(due)
    return "; ".join(told)


def test_channel(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A channel of the configuration.")],
) -> None:
    """Send a sample alert to a channel.

    It goes the way of real alerts, through the outbox; what came of it is printed.
    """
    from bot.app import open_app
    from bot.cli.names import unknown

    session: Session = context.obj
    settings = session.settings("error")  # the outcome is printed here
    if name not in settings.channels:
        raise unknown(name, "no such channel", set(settings.channels))
    with open_app(settings, console=sys.stdout) as app:
        test = _test(app, settings, name)
        arrived = _told(name, test, app.store, app.means.clock())
    if not arrived:
        raise typer.Exit(FAILED)


def _test(app: App, settings: Settings, channel: str) -> str:
    """Put a sample into the outbox, attempt what is due on its channel, return its id."""
    from bot.core.message import TEST, encode
    from bot.core.outbox import NewDelivery
    from bot.core.render.sample import sample

    now = app.means.clock()
    body = encode(sample(now, settings.hub.endpoint))
    test = NewDelivery(id=f"msg_{app.means.new_id()}", channel=channel, type=TEST, body=body)
    app.store.enqueue([test], now)
    # A test is how people find out whether a channel is mended: what waits ahead goes first, now.
    app.store.retry([one.id for one in _ahead(app.store, channel)], now)
    app.deliverer.drain(channel, _wait)
    return test.id


def _wait(span: timedelta) -> None:
    threading.Event().wait(max(span.total_seconds(), 0))


def _ahead(store: Store, channel: str) -> list[DeliveryView]:
    """Return what was tried and waits on a channel, and so holds back what comes later."""
    waiting = store.deliveries(("pending", "held"))
    return [one for one in waiting if one.channel == channel and one.attempts]


def _told(channel: str, test: str, store: Store, now: datetime) -> bool:
    """Print the outcome of a test; whether it arrived."""
    waiting = [one for one in store.deliveries() if one.channel == channel]
    sent = next(one for one in waiting if one.id == test)
    if sent.state == "sent":
        write(f"{channel}: sent ({sent.id}).\n")
        return True
    if not sent.attempts:
        ahead = _ahead(store, channel)
        error = ahead[0].attempts[-1].error if ahead else "another process is sending to it"
        complain(f"{channel}: not delivered: {clean(error)}")
        say("that was an earlier delivery; the test waits for its turn")
        return False
    last = sent.attempts[-1]
    complain(f"{channel}: not delivered: {clean(last.error or last.outcome)}")
    if sent.next_attempt_at:
        say(f"the next attempt is due {relative(sent.next_attempt_at, now)} ({sent.id})")
    return False
