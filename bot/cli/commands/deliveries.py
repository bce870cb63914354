"""``deliveries`` and ``deliveries retry``: what was sent where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import listed as offered
from bot.cli.terminal.options import Json, listed
from bot.cli.terminal.output import say, write, write_json_list
from bot.cli.terminal.tables import show_table
from bot.cli.terminal.usage import Command, Context, Group, Section
from bot.core.render.clean import inert
from bot.core.render.numbers import plural, relative

if TYPE_CHECKING:
    from bot.store.outbox.views import DeliveryView

SECTION, PLACE = Section.DELIVERIES, 2

MOST_SHOWN = 50
"""How many deliveries people are shown without ``--limit``; programs get all."""

group = typer.Typer(cls=Group, invoke_without_command=True, rich_markup_mode=None)


def _states() -> list[str]:
    from bot.core.delivery import State

    return [one.value for one in State]


@group.callback()
def deliveries(
    context: Context,
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE,...",
            autocompletion=offered(_states),
            help="Only these: pending, sent, failed, held, merged.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only the newest; default 50, all with --json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was sent where, and what came of it.

    The newest is last. Held ones wait for a digest, for the end of quiet hours, or for a channel
    that is paused since it refused everything. Merged ones were told by a digest.
    """
    if context.invoked_subcommand is not None:
        return
    from bot.app import now
    from bot.core.delivery import State
    from bot.views.reads.paging import delivery_pages
    from bot.views.stored import opened

    states = [State(one) for one in listed(state, _states(), "--state")]
    with opened(context.obj.settings()) as store:
        if as_json:
            write_json_list(delivery_pages(store, states, limit))
            return
        most = limit or MOST_SHOWN
        found = list(chain(*delivery_pages(store, states, most + 1)))
    _show(found[-most:], now())
    if len(found) > most:
        say("there are older ones; --limit shows more")


@group.command(cls=Command)
def retry(
    context: Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="What to send again, as listed.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that were given up.")] = False,
) -> None:
    """Make deliveries due again, whatever became of them.

    The daemon sends them at once; without it, the next poll does.
    """
    from bot.app import now
    from bot.jobs.commit import commit
    from bot.views.deliveries import meant
    from bot.views.stored import opened

    if ids == ["all"] or bool(ids) == failed:
        raise typer.BadParameter(
            "name deliveries, or give --failed: one of the two", param_hint="ID"
        )
    with opened(context.obj.settings()) as store:
        chosen = meant(store, ids or [])
        if failed:
            due = commit(store, lambda db: db.deliveries.retry_failed(now()))
        else:
            commit(store, lambda db: db.deliveries.retry(chosen, now()))
            due = len(chosen)
    write(f"{plural(due, 'delivery', 'deliveries')} due again.\n")


_WAITS = {"digest": "digest", "catch_up": "end of quiet hours"}


def _show(found: Sequence[DeliveryView], now: datetime) -> None:
    from bot.views.deliveries import SHORT_ID

    if not found:
        say("there are no such deliveries")
        return
    rows = [
        (
            f"{one.id[:SHORT_ID]}\n{relative(one.created_at, now)}",
            one.channel,
            inert(one.board.name) if one.board else "",
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
    from bot.views.deliveries import SHORT_ID

    what = delivery.type.removeprefix("leaderboard.")
    events = f", {plural(len(delivery.events), 'event')}" if delivery.events else ""
    told = [f"{what}{events}"]
    if delivery.attempts:
        last = delivery.attempts[-1]
        tries = f" ({plural(len(delivery.attempts), 'attempt')})"
        told.append(f"{inert(last.error) if last.error else last.outcome}{tries}")
    if delivery.state in ("pending", "held") and delivery.next_attempt_at:
        late = delivery.next_attempt_at <= now
        due = "due" if late else f"next attempt {relative(delivery.next_attempt_at, now)}"
        told.append(due)
    if delivery.held_for:
        told.append("waits for the " + _WAITS[delivery.held_for])
    if delivery.merged_into:
        told.append(f"told by {delivery.merged_into[:SHORT_ID]}")
    elif delivery.merged_into is None:
        told.append("nothing was left of it to tell")
    return "; ".join(told)
