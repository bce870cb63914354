"""Channels whose destination or credential is broken, or whose receiver wants nothing any more.

They rest, and one delivery an hour probes them.

Nothing else of a paused channel is claimed. ``held`` is how such deliveries are shown; they stay
pending, so that nothing has to be rewritten when the channel is paused or resumed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, select, update

from bot.core.delivery import PROBE_INTERVAL, Rejected, Scope, State
from bot.store.database.tables import channels, deliveries
from bot.store.outbox import queue
from bot.store.outbox.attempts import Settlement
from bot.store.outbox.queue import holding, passed, pending

_EVER = datetime.max.replace(tzinfo=UTC)


class Paused(Struct, frozen=True, kw_only=True):
    """A channel that rests since it refused everything, and what it said."""

    channel: str
    since: datetime
    error: str


class Channels:
    """Which channels rest, and the delivery that probes each; every one ever claimed for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def paused(self) -> tuple[Paused, ...]:
        """List the channels that rest, by name."""
        query = select(channels).where(channels.c.paused_at.is_not(None)).order_by(channels.c.name)
        return tuple(
            Paused(channel=row["name"], since=row["paused_at"], error=row["paused_error"] or "")
            for row in self._connection.execute(query).mappings()
        )

    def any_waits(self) -> bool:
        """Tell whether anything waits for an attempt on any of them, due or not."""
        pending = select(deliveries.c.seq).where(deliveries.c.state == State.PENDING.value)
        # In the order of an index, else PostgreSQL may look through all that was ever sent.
        first = pending.order_by(deliveries.c.channel, deliveries.c.seq).limit(1)
        return self._connection.execute(first).first() is not None

    def tried_again(self, name: str) -> datetime | None:
        """Return when a channel is tried again that took nothing the last time.

        None where nothing waits for it, or the first that waits was not tried yet.
        """
        first = holding(name).add_columns(deliveries.c.attempts).limit(1)
        found = self._connection.execute(first).first()
        if found is None:
            last, _ = passed(name, _EVER, _EVER)
            found = self._connection.execute(
                last.add_columns(deliveries.c.attempts).limit(1)
            ).first()
        return found.next_attempt_at if found is not None and found.attempts else None

    def probe(self, channel: RowMapping) -> RowMapping | None:
        """Return the delivery that tries a paused channel: the one chosen, else the first."""
        columns = [column for column in deliveries.c if column is not deliveries.c.body]
        waiting = queue.pending_in_order(channel["name"]).with_only_columns(*columns)
        chosen = waiting.where(deliveries.c.id == channel["probe"])
        row = self._connection.execute(chosen).mappings().first()
        return row or self._connection.execute(waiting.limit(1)).mappings().first()

    def due_probe(self, channel: RowMapping, due_by: datetime) -> RowMapping | None:
        """Return the delivery that probes a paused channel, where it may by then.

        A channel whose last probe came to its end rests for an hour.
        """
        probe = self.probe(channel)
        if probe is None or probe["next_attempt_at"] > due_by:
            return None
        last = select(deliveries.c.ended_at).where(deliveries.c.id == channel["probe"])
        ended = self._connection.execute(last).scalar_one_or_none()
        return None if ended is not None and ended + PROBE_INTERVAL > due_by else probe

    def after_failure(self, row: RowMapping, settlement: Settlement) -> None:
        """Pause a channel that refused everything; find another probe for one that ended.

        ``row`` is the delivery as it was before the attempt, whose new state is written already.
        """
        outcome, name, at = settlement.outcome, row["channel"], settlement.at
        if isinstance(outcome, Rejected) and outcome.scope is not Scope.MESSAGE:
            # The first refusal is the one that people need to see the time of.
            since = func.coalesce(channels.c.paused_at, at)
            changes = {"paused_at": since, "paused_error": outcome.error, "probe": row["id"]}
            self._connection.execute(update(channels).where(_is(name)).values(changes))
        channel = self._connection.execute(select(channels).where(_is(name))).mappings().one()
        if channel["paused_at"] is not None:
            self._hand_over(channel, row, settlement)

    def _hand_over(self, channel: RowMapping, row: RowMapping, settlement: Settlement) -> None:
        """Choose the delivery that probes a paused channel next, and when."""
        outcome, chosen = settlement.outcome, self.probe(channel)
        alone = isinstance(outcome, Rejected) and outcome.scope is Scope.MESSAGE
        if chosen is not None and chosen["id"] != row["id"]:
            # Refusing one message says nothing of the channel: the next one need not wait.
            wait = timedelta(0) if alone else PROBE_INTERVAL
            self._put_off(chosen, settlement.at + wait)
        if chosen is not None or alone:
            self._choose(channel, chosen)

    def wake(self, names: Collection[str], now: datetime, *, gone: bool) -> None:
        """Let the probes of these channels, where they are paused, go now instead of hourly.

        What was broken may have been mended meanwhile. Without ``gone``, a channel whose receiver
        ended the delivery that it refused keeps its hour: asking costs it another one.
        """
        paused = (
            select(channels)
            .where(channels.c.name.in_(sorted(names)), channels.c.paused_at.is_not(None))
            .order_by(channels.c.name)
            .with_for_update()  # before any delivery, as a settlement does
        )
        for channel in self._connection.execute(paused).mappings().all():
            row = self.probe(channel)
            if row is not None and (row["attempts"] or gone):
                self._put_off(row, now)
                self._choose(channel, row)

    def resume(self, name: str, now: datetime) -> None:
        """End a pause, if there is one: everything that it held is due now."""
        paused = update(channels).where(_is(name), channels.c.paused_at.is_not(None))
        ended = paused.values(paused_at=None, paused_error=None, probe=None)
        if self._connection.execute(ended).rowcount:
            held = update(deliveries).where(pending(name))
            self._connection.execute(held.values(next_attempt_at=now))

    def _put_off(self, delivery: RowMapping, until: datetime) -> None:
        this = update(deliveries).where(deliveries.c.seq == delivery["seq"])
        self._connection.execute(this.values(next_attempt_at=until))

    def _choose(self, channel: RowMapping, probe: RowMapping | None) -> None:
        this = update(channels).where(_is(channel["name"]))
        self._connection.execute(this.values(probe=None if probe is None else probe["id"]))


def shown_state() -> ColumnElement[str]:
    """Return a delivery's state as people see it; needs ``channels`` joined from outside."""
    held = (deliveries.c.state == State.PENDING.value) & channels.c.paused_at.is_not(None)
    return case((held, State.HELD.value), else_=deliveries.c.state)


def _is(name: str) -> ColumnElement[bool]:
    return channels.c.name == name
