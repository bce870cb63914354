"""What is collected for a digest, or for the end of quiet hours, and until when.

A delivery that is held is not in the queue. Who has locked a window's row decides on what it holds:
a poll that adds to it, or whoever closes it. A window that is closed is gone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, select, update

from bot.core.alerts.message import CHANGED, DIGEST
from bot.core.delivery import State
from bot.core.timing.window import Hold, Window
from bot.store.database.noise import windows
from bot.store.database.tables import attempts, deliveries
from bot.store.database.upsert import upsert
from bot.store.outbox.queue import pending

_NEWS = (CHANGED, DIGEST)
"""What is ever held: neither notices of health nor tests are."""


class Collected(Struct, frozen=True, kw_only=True):
    """A delivery of a window's time, by its number: one that is held, or that was told at once."""

    seq: int
    body: bytes
    created_at: datetime
    held: bool


class Windows:
    """What is held, for which window."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[Window, ...]:
        """Return what is open, by channel."""
        return self._find(select(windows))

    def open(self, window: Window) -> None:
        """Open a window, unless there is one already; until the unit ends nobody closes it."""
        kept = {"closes_at": windows.c.closes_at}  # a change, for only that locks the row
        upsert(self._connection, windows, _values(window), kept)

    def due(self, channel: str, now: datetime) -> tuple[Window, ...]:
        """Return what has ended of a channel, and let nobody else add to it or close it."""
        ended = (windows.c.channel == channel, windows.c.closes_at <= now)
        return self._find(select(windows).where(*ended).with_for_update())

    def locked(self, window: Window) -> bool:
        """Let nobody else add to a window or close it; False where it is not there any more."""
        return bool(self._find(select(windows).where(_is(window)).with_for_update()))

    def set(self, window: Window) -> None:
        """Let a window that is there have other times."""
        times = {"opened_at": window.opened_at, "closes_at": window.closes_at}
        self._connection.execute(update(windows).where(_is(window)).values(times))

    def close(self, window: Window) -> None:
        """End a window."""
        self._connection.execute(delete(windows).where(_is(window)))

    def groups(self) -> tuple[tuple[str, Hold], ...]:
        """Return what there is anything held for: the channel, and why."""
        query = select(deliveries.c.channel, deliveries.c.held_for).where(_HELD).distinct()
        found = {(channel, Hold(why)) for channel, why in self._connection.execute(query)}
        return tuple(sorted(found))

    def collected(self, channel: str, whys: Collection[Hold]) -> tuple[Collected, ...]:
        """Return what is held of a channel, and what it was told meanwhile, in their order.

        What was told at once of the first thing that is held was stored just before it.
        """
        held = _columns().where(_held(channel, whys)).order_by(deliveries.c.seq)
        found = [_collected(row, held=True) for row in self._connection.execute(held).mappings()]
        if not found:
            return ()
        queued = deliveries.c.state.in_((State.PENDING.value, State.SENT.value, State.FAILED.value))
        told = _columns().where(
            queued,
            deliveries.c.channel == channel,
            deliveries.c.seq >= found[0].seq - 1,
            deliveries.c.created_at >= found[0].created_at,
            deliveries.c.type == CHANGED,
        )
        found += [_collected(row, held=False) for row in self._connection.execute(told).mappings()]
        return tuple(sorted(found, key=lambda one: one.seq))

    def count(self, channel: str, why: Hold) -> int:
        """Count what is held of a channel for a reason."""
        query = select(func.count()).select_from(deliveries).where(_held(channel, [why]))
        return self._connection.execute(query).scalar_one()

    def held(self) -> int:
        """Count what is held of all channels, for whatever reason."""
        query = select(func.count()).select_from(deliveries).where(_HELD)
        return self._connection.execute(query).scalar_one()

    def merge(self, channel: str, whys: Collection[Hold], into: str | None, now: datetime) -> None:
        """End what is held: it is told by another delivery, or there is nothing left to tell."""
        merged = {"state": State.MERGED.value, "merged_into": into, "ended_at": now}
        these = update(deliveries).where(_held(channel, whys))
        self._connection.execute(these.values(merged))

    def release(self, channel: str, why: Hold, now: datetime) -> int:
        """Let what is held for a reason be sent as it is; return how many deliveries."""
        queued = {
            "state": State.PENDING.value,
            "held_for": None,
            "next_attempt_at": now,
            "ended_at": None,
        }
        these = update(deliveries).where(_held(channel, [why]))
        return self._connection.execute(these.values(queued)).rowcount

    def waits(self, channel: str) -> bool:
        """Whether there is news for a channel of which no attempt was ever made."""
        query = select(deliveries.c.seq).where(_untried(channel)).limit(1)
        return self._connection.execute(query).first() is not None

    def hold(self, window: Window, now: datetime) -> int:
        """Hold what waits for its first attempt in a window, opened where it is not; count it."""
        self.open(window)
        held = {
            "state": State.HELD.value,
            "held_for": window.why.value,
            "next_attempt_at": None,
            "ended_at": now,
        }
        these = update(deliveries).where(_untried(window.channel))
        return self._connection.execute(these.values(held)).rowcount

    def _find(self, query: Select[tuple[object, ...]]) -> tuple[Window, ...]:
        found = self._connection.execute(query.order_by(windows.c.channel, windows.c.held_for))
        return tuple(
            Window(
                channel=row["channel"],
                why=Hold(row["held_for"]),
                opened_at=row["opened_at"],
                closes_at=row["closes_at"],
            )
            for row in found.mappings()
        )


_HELD = deliveries.c.state == State.HELD.value


def _is(window: Window) -> ColumnElement[bool]:
    return (windows.c.channel == window.channel) & (windows.c.held_for == window.why.value)


def _values(window: Window) -> dict[str, object]:
    return {
        "channel": window.channel,
        "held_for": window.why.value,
        "opened_at": window.opened_at,
        "closes_at": window.closes_at,
    }


def _held(channel: str, whys: Collection[Hold]) -> ColumnElement[bool]:
    why = deliveries.c.held_for.in_(sorted(why.value for why in whys))
    return _HELD & (deliveries.c.channel == channel) & why


def _untried(channel: str) -> ColumnElement[bool]:
    """Select news that was never attempted; a claim that ran out may have been an attempt."""
    tried = select(attempts.c.seq).where(attempts.c.delivery_seq == deliveries.c.seq).exists()
    never = deliveries.c.lease_owner.is_(None) & ~deliveries.c.in_doubt & ~tried
    return pending(channel) & deliveries.c.type.in_(_NEWS) & never


def _columns() -> Select[tuple[int, bytes, datetime]]:
    return select(deliveries.c.seq, deliveries.c.body, deliveries.c.created_at)


def _collected(row: RowMapping, *, held: bool) -> Collected:
    body, created_at = bytes(row["body"]), row["created_at"]
    return Collected(seq=row["seq"], body=body, created_at=created_at, held=held)
