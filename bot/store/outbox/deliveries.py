"""Deliveries as people see them, and what they do with them by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select, true, update

from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.incidents import DELIVERY
from bot.core.timing.window import Hold
from bot.store import paging
from bot.store.database.tables import attempts, channels, deliveries, delivery_events
from bot.store.incidents import Incidents
from bot.store.outbox.channels import Channels, shown_state
from bot.store.outbox.queue import pending
from bot.store.paging import Page

# Databases limit the values in one statement.
_AT_ONCE = 1000
_BODIES_AT_ONCE = 100


class _Data(Struct):
    board: BoardKey | None = None


class _Body(Struct):
    data: _Data = msgspec.field(default_factory=_Data)


_body = msgspec.json.Decoder(_Body)


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt; ``outcome`` is ``delivered``, ``retry``, ``in_doubt`` or ``rejected``."""

    at: datetime
    outcome: str
    error: str | None


class DeliveryView(Struct, frozen=True, kw_only=True):
    """A delivery with its events' ids and its attempts, the oldest first.

    ``board`` is null for what is of no one board, as notices of health are.

    ``next_attempt_at`` is null where none is planned: sent, failed, held for a digest or the end of
    quiet hours (``held_for``), or for a paused channel that another delivery probes. What is merged
    names the delivery that told it instead; null where there was nothing left to tell.
    """

    id: str
    channel: str
    type: str
    board: BoardKey | None
    state: str
    created_at: datetime
    next_attempt_at: datetime | None
    events: tuple[str, ...]
    attempts: tuple[AttemptView, ...]
    merged_into: str | UnsetType | None = UNSET
    held_for: Hold | UnsetType = UNSET


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
            _view(row, about[row["seq"]], named[row["seq"]], tried[row["seq"]]) for row in found
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
                found[seq] = _body.decode(body).data.board
        return found


_ITS_CHANNEL = channels.c.name == deliveries.c.channel


def _shown(states: Collection[State]) -> ColumnElement[bool]:
    return shown_state().in_([state.value for state in states]) if states else true()


def _batches(values: Iterable[Any], size: int = _AT_ONCE) -> Iterable[list[Any]]:
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


def _view(
    row: RowMapping, board: BoardKey | None, named: list[str], tried: list[AttemptView]
) -> DeliveryView:
    planned = row["shown"] == State.PENDING.value or row["probe"] == row["id"]
    return DeliveryView(
        id=row["id"],
        channel=row["channel"],
        type=row["type"],
        board=board,
        state=row["shown"],
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"] if planned else None,
        events=tuple(named),
        attempts=tuple(tried),
        merged_into=row["merged_into"] if row["state"] == State.MERGED.value else UNSET,
        held_for=Hold(row["held_for"]) if row["state"] == State.HELD.value else UNSET,
    )
