"""Deliveries as people see them, and what they do with them by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, or_, select, true, update

from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.incidents import DELIVERY
from bot.store import paging
from bot.store.database.tables import attempts, channels, deliveries, delivery_events
from bot.store.incidents import Incidents
from bot.store.outbox.channels import Channels, shown_state
from bot.store.outbox.queue import pending
from bot.store.outbox.views import AttemptView, DeliveryView, board_of, delivery_view
from bot.store.paging import Page

_FEW = frozenset({State.PENDING, State.HELD, State.FAILED})
"""What most deliveries are not, for long."""

# Databases limit the values in one statement.
_AT_ONCE = 1000
_BODIES_AT_ONCE = 100


class Counted(Struct, frozen=True):
    """How many deliveries are in a state, and when the first of them was made."""

    count: int
    oldest: datetime


class Deliveries:
    """Deliveries as people see them, and what they do with them by hand."""

    def __init__(self, connection: Connection, channels: Channels, incidents: Incidents) -> None:
        self._connection = connection
        self._channels = channels
        self._incidents = incidents

    def last(self) -> int:
        """Return the number of the newest delivery, 0 where there is none."""
        return paging.highest(self._connection, deliveries.c.seq)

    def page(self, states: Collection[State], after: int, until: int) -> Page[DeliveryView]:
        """Read the next page after a number, the oldest first, no further than ``until``.

        Of it, those that are in one of these states, all of them without any.
        """
        last = paging.upward(self._connection, deliveries.c.seq, after, until)
        if last is None:
            return Page((), None)
        these = (deliveries.c.seq > after) & (deliveries.c.seq <= last) & _shown(states)
        return Page(self._views(these), last)

    def numbers(self, states: Collection[State], until: int) -> Page[int]:
        """Read the numbers of the page that ends with ``until``, the newest first."""
        low = paging.downward(self._connection, deliveries.c.seq, until)
        if low is None:
            return Page((), None)
        these = (deliveries.c.seq >= low, deliveries.c.seq <= until, _shown(states))
        query = select(deliveries.c.seq).outerjoin(channels, _ITS_CHANNEL).where(*these)
        found = self._connection.execute(query.order_by(deliveries.c.seq.desc()))
        return Page(tuple(found.scalars()), low)

    def newest(
        self, states: Collection[State], channel: str | None, until: int, most: int
    ) -> Page[DeliveryView]:
        """Read the last deliveries up to a number, the newest first; the rest is below ``last``.

        Of states that few are in an index leads to them; else a few pages are looked at, so that
        there may be less than ``most`` though more follow.
        """
        few = bool(states) and _FEW.issuperset(states)
        low = 1 if few else paging.far_down(self._connection, deliveries.c.seq, until)
        stored = deliveries.c.state.in_(_FEW) if few else true()
        sent_to = true() if channel is None else deliveries.c.channel == channel
        these = (deliveries.c.seq.between(low, until), stored, sent_to, _shown(states))
        query = select(deliveries.c.seq).outerjoin(channels, _ITS_CHANNEL).where(*these)
        latest = query.order_by(deliveries.c.seq.desc()).limit(most)
        numbers = self._connection.execute(latest).scalars().all()
        last = numbers[-1] if len(numbers) == most else low
        return Page(self._views(deliveries.c.seq.in_(numbers))[::-1], None if last == 1 else last)

    def one(self, name: str) -> DeliveryView | None:
        """Return the delivery with an id; None where there is none."""
        return next(iter(self._views(deliveries.c.id == name)), None)

    def ids(self, beginning: str = "", limit: int = paging.PAGE) -> tuple[str, ...]:
        """Return ids of deliveries that begin so, in no order, no more than ``limit``."""
        begins = func.substr(deliveries.c.id, 1, len(beginning)) == beginning
        query = select(deliveries.c.id).where(begins).limit(limit)
        return tuple(self._connection.execute(query).scalars())

    def attempted(self, channel: str) -> tuple[str, ...]:
        """Return what still waits on a channel although it was tried, the oldest first."""
        tried = select(attempts.c.seq).where(attempts.c.delivery_seq == deliveries.c.seq).exists()
        query = select(deliveries.c.id).where(pending(channel), tried)
        return tuple(self._connection.execute(query.order_by(deliveries.c.seq)).scalars())

    def pending(self) -> dict[str, int]:
        """Count the deliveries that wait for an attempt, those of paused channels too."""
        return self._count([State.PENDING])

    def waiting(self) -> dict[str, int]:
        """Count what is to be sent yet, now or with a digest, by channel."""
        return self._count([State.PENDING, State.HELD])

    def counted(self) -> dict[State, Counted]:
        """Count the deliveries that wait, are held, or were given up: what was sent is not read."""
        shown = shown_state().label("shown")
        unsent = deliveries.c.state.in_((State.PENDING.value, State.HELD.value, State.FAILED.value))
        query = (
            select(shown, func.count(), func.min(deliveries.c.created_at))
            .outerjoin(channels, _ITS_CHANNEL)
            .where(unsent)
            .group_by(shown)
        )
        found = self._connection.execute(query)
        return {State(state): Counted(count, oldest) for state, count, oldest in found}

    def ended(self) -> dict[State, int]:
        """Count the deliveries that were sent, or told by another, as an index has them."""
        state = deliveries.c.state
        over = state.in_((State.SENT.value, State.MERGED.value))
        found = self._connection.execute(select(state, func.count()).where(over).group_by(state))
        return {State(of): count for of, count in found}

    def retry(self, ids: Collection[str], now: datetime) -> tuple[str, ...]:
        """Make deliveries due now, whatever became of them; return the ids that are unknown.

        Their attempts count anew, their channels are resumed; what is being sent right now goes on.
        One that another delivery told instead is as unknown.
        """
        known: set[str] = set()
        for some in _batches(sorted(set(ids))):
            known.update(self._again(deliveries.c.id.in_(some), now))
        return tuple(dict.fromkeys(one for one in ids if one not in known))

    def retry_failed(self, now: datetime) -> int:
        """Make every failed delivery due now, as ``retry`` does; return how many."""
        return len(self._again(deliveries.c.state == State.FAILED.value, now))

    def of_event(self, event: str) -> dict[str, tuple[str, str]]:
        """Return the delivery that tells of an event, by channel: its id and its state."""
        query = (
            select(deliveries.c.channel, deliveries.c.id, shown_state().label("shown"))
            .join(delivery_events, delivery_events.c.delivery_seq == deliveries.c.seq)
            .outerjoin(channels, _ITS_CHANNEL)
            .where(delivery_events.c.event_id == event)
            .order_by(deliveries.c.seq)
        )
        found = self._connection.execute(query)
        return {channel: (name, state) for channel, name, state in found}

    def _count(self, states: Collection[State]) -> dict[str, int]:
        query = (
            select(deliveries.c.channel, func.count())
            .where(deliveries.c.state.in_([state.value for state in states]))
            .group_by(deliveries.c.channel)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _again(self, where: ColumnElement[bool], now: datetime) -> list[str]:
        """Make deliveries due, their attempts counted anew; return their ids."""
        told = deliveries.c.state != State.MERGED.value
        query = select(deliveries.c.id, deliveries.c.channel).where(where, told)
        found = self._connection.execute(query).all()
        for channel in sorted({channel for _, channel in found}):
            self._channels.resume(channel, now)
        free = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now)
        queued = {"next_attempt_at": now, "ended_at": None, "held_for": None, "attempts": 0}
        for some in _batches([name for name, _ in found]):
            these = update(deliveries).where(deliveries.c.id.in_(some), free)
            self._connection.execute(these.values(state=State.PENDING.value, **queued))
            self._incidents.forget(DELIVERY, some)
        return [name for name, _ in found]

    def _views(self, where: ColumnElement[bool]) -> tuple[DeliveryView, ...]:
        """Read some deliveries, the oldest first."""
        columns = [c for c in deliveries.columns if c is not deliveries.c.body]
        query = select(*columns, channels.c.probe, shown_state().label("shown"))
        query = query.outerjoin(channels, _ITS_CHANNEL).where(where).order_by(deliveries.c.seq)
        found = self._connection.execute(query).mappings().all()
        numbers = [row["seq"] for row in found]
        about, named, tried = self._boards(numbers), self._events(numbers), self._attempts(numbers)
        return tuple(
            delivery_view(row, about[row["seq"]], named[row["seq"]], tried[row["seq"]])
            for row in found
        )

    def _events(self, numbers: Sequence[int]) -> Mapping[int, list[str]]:
        found: defaultdict[int, list[str]] = defaultdict(list)
        for some in _batches(numbers):
            query = select(delivery_events).where(delivery_events.c.delivery_seq.in_(some))
            query = query.order_by(delivery_events.c.position)
            for row in self._connection.execute(query).mappings():
                found[row["delivery_seq"]].append(row["event_id"])
        return found

    def _attempts(self, numbers: Sequence[int]) -> Mapping[int, list[AttemptView]]:
        found: defaultdict[int, list[AttemptView]] = defaultdict(list)
        for some in _batches(numbers):
            query = select(attempts).where(attempts.c.delivery_seq.in_(some))
            for row in self._connection.execute(query.order_by(attempts.c.seq)).mappings():
                view = AttemptView(at=row["at"], outcome=row["outcome"], error=row["error"])
                found[row["delivery_seq"]].append(view)
        return found

    def _boards(self, numbers: Sequence[int]) -> Mapping[int, BoardKey | None]:
        """Read the boards from the bodies, of which few are held at once: one may be large."""
        found: dict[int, BoardKey | None] = {}
        for some in _batches(numbers, _BODIES_AT_ONCE):
            query = select(deliveries.c.seq, deliveries.c.body).where(deliveries.c.seq.in_(some))
            for seq, body in self._connection.execute(query):
                found[seq] = board_of(body)
        return found


_ITS_CHANNEL = channels.c.name == deliveries.c.channel


def _shown(states: Collection[State]) -> ColumnElement[bool]:
    return shown_state().in_([state.value for state in states]) if states else true()


def _batches(values: Iterable[Any], size: int = _AT_ONCE) -> Iterable[list[Any]]:
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
