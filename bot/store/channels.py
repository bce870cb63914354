"""Channels whose destination or credential is broken, or whose receiver wants nothing any more.

They rest, and one delivery an hour probes them.

Nothing else of a paused channel is claimed. ``held`` is how such deliveries are shown; they stay
pending, so that nothing has to be rewritten when the channel is paused or resumed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, select, update

from bot.core.delivery import PROBE_INTERVAL, Rejected, Scope, State
from bot.ports import Settlement
from bot.store.tables import channels, deliveries


def probe(connection: Connection, channel: RowMapping) -> RowMapping | None:
    """Return the delivery that tries a paused channel: the one chosen, else the first."""
    columns = [column for column in deliveries.c if column is not deliveries.c.body]
    waiting = select(*columns).where(pending(channel["name"])).order_by(deliveries.c.seq)
    chosen = waiting.where(deliveries.c.id == channel["probe"])
    row = connection.execute(chosen).mappings().first()
    return row or connection.execute(waiting.limit(1)).mappings().first()


def rests(connection: Connection, channel: RowMapping, due_by: datetime) -> bool:
    """Tell whether a paused channel's last probe came to its end less than an hour ago."""
    last = select(deliveries.c.ended_at).where(deliveries.c.id == channel["probe"])
    ended = connection.execute(last).scalar_one_or_none()
    return ended is not None and ended + PROBE_INTERVAL > due_by


def after_failure(connection: Connection, row: RowMapping, settlement: Settlement) -> None:
    """Pause a channel that refused everything; find another probe for one that came to its end.

    ``row`` is the delivery as it was before the attempt, whose new state is written already.
    """
    outcome, name, at = settlement.outcome, row["channel"], settlement.at
    if isinstance(outcome, Rejected) and outcome.scope is not Scope.MESSAGE:
        # The first refusal is the one that people need to see the time of.
        since = func.coalesce(channels.c.paused_at, at)
        changes = {"paused_at": since, "paused_error": outcome.error, "probe": row["id"]}
        connection.execute(update(channels).where(channels.c.name == name).values(changes))
    channel = connection.execute(select(channels).where(channels.c.name == name)).mappings().one()
    if channel["paused_at"] is not None:
        _hand_over(connection, channel, row, settlement)


def _hand_over(
    connection: Connection, channel: RowMapping, row: RowMapping, settlement: Settlement
) -> None:
    """Choose the delivery that probes a paused channel next, and when."""
    outcome, chosen = settlement.outcome, probe(connection, channel)
    alone = isinstance(outcome, Rejected) and outcome.scope is Scope.MESSAGE
    if chosen is not None and chosen["id"] != row["id"]:
        # Refusing one message says nothing of the channel: the next one need not wait.
        wait = timedelta(0) if alone else PROBE_INTERVAL
        this = update(deliveries).where(deliveries.c.seq == chosen["seq"])
        connection.execute(this.values(next_attempt_at=settlement.at + wait))
    if chosen is not None or alone:
        here = update(channels).where(channels.c.name == channel["name"])
        connection.execute(here.values(probe=None if chosen is None else chosen["id"]))


def wake(connection: Connection, names: Collection[str], at: datetime, *, gone: bool) -> None:
    """Make the probes of paused channels due: what was broken may have been mended meanwhile.

    Without ``gone``, a channel whose receiver ended its delivery keeps its hour: asking costs it
    another one.
    """
    paused = (
        select(channels)
        .where(channels.c.name.in_(sorted(names)), channels.c.paused_at.is_not(None))
        .order_by(channels.c.name)
        .with_for_update()  # before any delivery, as a settlement does
    )
    for channel in connection.execute(paused).mappings().all():
        row = probe(connection, channel)
        if row is None or not (row["attempts"] or gone):
            continue
        due = update(deliveries).where(deliveries.c.seq == row["seq"])
        connection.execute(due.values(next_attempt_at=at))
        here = update(channels).where(channels.c.name == channel["name"])
        connection.execute(here.values(probe=row["id"]))


def resume(connection: Connection, name: str, at: datetime) -> None:
    """End a pause, if there is one: everything that it held is due now."""
    ended = (
        update(channels)
        .where(channels.c.name == name, channels.c.paused_at.is_not(None))
        .values(paused_at=None, paused_error=None, probe=None)
    )
    if connection.execute(ended).rowcount:
        connection.execute(update(deliveries).where(pending(name)).values(next_attempt_at=at))


def shown_state() -> ColumnElement[str]:
    """Return a delivery's state as people see it; needs ``channels`` joined from outside."""
    held = (deliveries.c.state == State.PENDING.value) & channels.c.paused_at.is_not(None)
    return case((held, State.HELD.value), else_=deliveries.c.state)


def pending(name: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Select what waits for an attempt on a channel."""
    return (deliveries.c.state == State.PENDING.value) & (deliveries.c.channel == name)
