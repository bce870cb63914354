"""The outbox: deliveries are stored, and claimed in order and at a pace, a channel at a time.

``channels`` has a row for each channel that was ever claimed for. Who has locked that row decides
for the channel: so no two processes claim for it at once. A claim is a lease on its delivery; one
that ran out may have been sent, and the next one says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.core.delivery import IN_ORDER_ATTEMPTS, State
from bot.core.message import TEST
from bot.ports import Claimed, NewDelivery
from bot.store import pauses
from bot.store.tables import attempts, channels, deliveries, delivery_events, targets
from bot.store.upsert import upsert

LONGEST_CLAIM = timedelta(minutes=10)
"""No claim and no pace lasts as long: one that seems to was noted before the clock was set back."""


def add(connection: Connection, new: Sequence[NewDelivery], now: datetime) -> None:
    """Store deliveries, due at once, in their order."""
    for delivery in new:
        values = {
            "id": delivery.id,
            "channel": delivery.channel,
            "type": delivery.type,
            "state": State.PENDING.value,
            "created_at": now,
            "next_attempt_at": now,
            "attempts": 0,
            "in_doubt": False,
            "body": delivery.body,
        }
        added = connection.execute(insert(deliveries).values(**values)).inserted_primary_key
        assert added is not None
        named = [
            {"delivery_seq": added[0], "position": position, "event_id": event}
            for position, event in enumerate(delivery.event_ids)
        ]
        if named:
            connection.execute(insert(delivery_events), named)


def claim_due(
    connection: Connection,
    name: str,
    pace: timedelta,
    owner: str,
    *,
    due_by: datetime,
    now: datetime,
    until: datetime,
    excluding: Collection[str],
) -> Claimed | None:
    """See ``Outbox.claim_due``."""
    channel = _lock(connection, name)
    if channel is None or _paced(channel, now):
        return None
    row = _next(connection, channel, due_by, now, excluding)
    if row is None:
        return None
    paced = update(channels).where(channels.c.name == name).values(not_before=now + pace)
    connection.execute(paced)
    return _claim(connection, row, owner, until)


def paced_until(
    connection: Connection,
    name: str,
    *,
    due_by: datetime,
    now: datetime,
    excluding: Collection[str],
) -> datetime | None:
    """See ``Outbox.paced_until``."""
    channel = connection.execute(_channel(name)).mappings().first()
    if channel is None or not _paced(channel, now):
        return None
    waits = _next(connection, channel, due_by, now, excluding) is not None
    return channel["not_before"] if waits else None


def release(connection: Connection, owner: str) -> None:
    """See ``Store.release``."""
    free = {"lease_owner": None, "lease_until": None}
    # What is given up may be on its way: the next attempt is told so.
    mine = update(deliveries).where(deliveries.c.lease_owner == owner)
    connection.execute(mine.values(**free, in_doubt=True))
    connection.execute(update(targets).where(targets.c.lease_owner == owner).values(**free))


def owners(connection: Connection) -> frozenset[str]:
    """See ``Store.owners``."""
    found: set[str] = set()
    for table in (deliveries, targets):
        query = select(table.c.lease_owner).where(table.c.lease_owner.is_not(None)).distinct()
        found |= set(connection.execute(query).scalars())
    return frozenset(found)


def _lock(connection: Connection, name: str) -> RowMapping | None:
    """Lock a channel; None where nothing waits, or another process claims for it right now."""
    waiting = select(deliveries.c.seq).where(pauses.pending(name)).limit(1)
    if connection.execute(waiting).first() is None:
        return None
    free = _channel(name).with_for_update(skip_locked=True)
    found = connection.execute(free).mappings().first()
    if found is None:
        upsert(connection, channels, {"name": name}, {})
        found = connection.execute(free).mappings().first()
    return found


def _next(
    connection: Connection,
    channel: RowMapping,
    due_by: datetime,
    now: datetime,
    excluding: Collection[str],
) -> RowMapping | None:
    """Return the delivery that the channel may send now, its pace aside."""
    pending = select(deliveries).where(pauses.pending(channel["name"]))
    until = deliveries.c.lease_until
    live = pending.where(until > now, until <= now + LONGEST_CLAIM).limit(1)
    if connection.execute(live).first() is not None:
        return None
    if channel["paused_at"] is not None:
        probe = pauses.probe(connection, channel)
        early = probe is None or probe["next_attempt_at"] > due_by
        resting = early or pauses.rests(connection, channel, due_by)
        found: Sequence[RowMapping] = [] if resting or probe is None else [probe]
    else:
        due = pending.where(_is_due(due_by))
        in_order = due.where(_not_held_back(channel["name"])).order_by(deliveries.c.seq)
        found = connection.execute(in_order.limit(len(excluding) + 1)).mappings().all()
    return next((row for row in found if row["id"] not in excluding), None)


def _is_due(due_by: datetime) -> ColumnElement[bool]:
    """Select what is due, or was put off before the clock was set back."""
    return or_(
        deliveries.c.next_attempt_at <= due_by, deliveries.c.created_at > due_by + LONGEST_CLAIM
    )


def _paced(channel: RowMapping, now: datetime) -> bool:
    """Tell whether the channel's pace holds it back; a wait of no pace is of another clock."""
    until = channel["not_before"]
    return until is not None and now < until <= now + LONGEST_CLAIM


def _not_held_back(name: str) -> ColumnElement[bool]:
    """Select what no earlier delivery holds back that is within its first attempts."""
    holding = (
        select(func.min(deliveries.c.seq))
        .where(pauses.pending(name), deliveries.c.attempts < IN_ORDER_ATTEMPTS)
        .scalar_subquery()
    )
    return or_(holding.is_(None), deliveries.c.seq <= holding)


def _claim(connection: Connection, row: RowMapping, owner: str, until: datetime) -> Claimed:
    # A lease that is still noted ran out: whoever had it may have sent the delivery.
    in_doubt = row["in_doubt"] or row["lease_owner"] is not None
    connection.execute(
        update(deliveries)
        .where(deliveries.c.seq == row["seq"])
        .values(lease_owner=owner, lease_until=until, in_doubt=in_doubt)
    )
    return Claimed(
        id=row["id"],
        channel=row["channel"],
        body=bytes(row["body"]),
        created_at=row["created_at"],
        attempt=row["attempts"] + 1,
        in_doubt=in_doubt,
        once=row["type"] == TEST,
        doubts=_doubts(connection, row) if in_doubt else (),
    )


def _doubts(connection: Connection, row: RowMapping) -> tuple[datetime, ...]:
    """Return when attempts ended in doubt, or may have been under way without an end.

    One that was given up at a stop began about when it was due, which it still is.
    """
    unknown = attempts.c.outcome == "in_doubt"
    query = select(attempts.c.at).where(attempts.c.delivery_seq == row["seq"], unknown)
    ended = connection.execute(query).scalars()
    lost = row["lease_until"] if row["lease_owner"] is not None else row["next_attempt_at"]
    return tuple(sorted({*ended, lost}))


def _channel(name: str) -> Select[Any]:
    return select(channels).where(channels.c.name == name)
