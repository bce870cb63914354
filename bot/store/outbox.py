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
    CTE,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.core.alerts.deliveries import NewDelivery
from bot.core.alerts.message import TEST
from bot.core.delivery import State
from bot.ports import Claimed
from bot.store import pauses
from bot.store.tables import (
    IN_ORDER,
    attempts,
    channels,
    deliveries,
    delivery_events,
    targets,
)
from bot.store.upsert import upsert

LONGEST_CLAIM = timedelta(minutes=10)
"""No claim and no pace lasts as long: one that seems to was noted before the clock was set back."""

_MOST_PASSED = 100
"""How many deliveries that others have passed are looked at for one claim."""


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
    seq = _next(connection, channel, due_by, now, excluding)
    if seq is None:
        return None
    paced = update(channels).where(channels.c.name == name).values(not_before=now + pace)
    connection.execute(paced)
    return _claim(connection, seq, owner, until)


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


def due_channels(connection: Connection, now: datetime) -> tuple[str, ...]:
    """See ``Outbox.due_channels``."""
    waiting = _waiting()
    name = waiting.c.name
    holding = _holding(name).limit(1)
    next_at = holding.with_only_columns(deliveries.c.next_attempt_at).scalar_subquery()
    created_at = holding.with_only_columns(deliveries.c.created_at).scalar_subquery()
    passed = [one.order_by(None).exists() for one in _passed(name, now)]
    in_order = or_(next_at <= now, created_at > now + LONGEST_CLAIM, *passed)
    probe = select(deliveries.c.seq).where(
        pauses.pending(name), deliveries.c.id == channels.c.probe
    )
    rests = probe.where(deliveries.c.next_attempt_at > now).correlate(waiting, channels).exists()
    due = case((channels.c.paused_at.is_(None), in_order), else_=~rests)
    query = (
        select(name)
        .outerjoin(channels, channels.c.name == name)
        .where(name.is_not(None), due, ~_live(name, now).exists())
    )
    return tuple(sorted(connection.execute(query).scalars()))


def _waiting() -> CTE:
    """List the channels that something waits for, with one look into the index for each.

    A distinct list would read all that waits. A null is the end of it.
    """
    least = select(func.min(deliveries.c.channel)).where(deliveries.c.state == State.PENDING.value)
    found = least.label("name")
    names = select(found).cte("waiting", recursive=True)
    following = least.where(deliveries.c.channel > names.c.name).correlate(names).scalar_subquery()
    return names.union_all(select(following).where(names.c.name.is_not(None)))


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
) -> int | None:
    """Return the number of the delivery that the channel may send now, its pace aside."""
    if connection.execute(_live(channel["name"], now).limit(1)).first() is not None:
        return None
    if channel["paused_at"] is not None:
        found = _probes(connection, channel, due_by)
    else:
        found = _in_order(connection, channel["name"], due_by)
    return next((row["seq"] for row in found if row["id"] not in excluding), None)


def _probes(connection: Connection, channel: RowMapping, due_by: datetime) -> list[RowMapping]:
    """Return the delivery that probes a paused channel, where it may now."""
    probe = pauses.probe(connection, channel)
    early = probe is None or probe["next_attempt_at"] > due_by
    resting = early or pauses.rests(connection, channel, due_by)
    return [] if resting or probe is None else [probe]


def _in_order(connection: Connection, name: str, due_by: datetime) -> list[RowMapping]:
    """Return the first deliveries that are due and held back by none before, in their order.

    What was passed is looked for by its time: of very many, those that have waited longest.
    """
    holding = connection.execute(_holding(name).limit(1)).mappings().first()
    found = [] if holding is None or not _is_due_by(holding, due_by) else [holding]
    for passed in _passed(name, due_by):
        found += connection.execute(passed.limit(_MOST_PASSED)).mappings()
    free = [row for row in found if holding is None or row["seq"] <= holding["seq"]]
    return sorted(free, key=lambda row: row["seq"])


def _holding(name: ColumnElement[str] | str) -> Select[Any]:
    """Select what holds back later deliveries of a channel, the first before all."""
    query = _columns().where(_waits(name), deliveries.c.attempts < IN_ORDER)
    return query.order_by(deliveries.c.seq)


def _passed(name: ColumnElement[str] | str, due_by: datetime) -> tuple[Select[Any], ...]:
    """Select what is due of a channel although others have passed it, the most overdue first.

    Then what was put off before the clock was set back.
    """
    passed = _columns().where(_waits(name), deliveries.c.attempts >= IN_ORDER)
    next_at, created_at = deliveries.c.next_attempt_at, deliveries.c.created_at
    return (
        passed.where(next_at <= due_by).order_by(next_at),
        passed.where(created_at > due_by + LONGEST_CLAIM).order_by(created_at),
    )


def _live(name: ColumnElement[str] | str, now: datetime) -> Select[Any]:
    """Select the claim that a channel has, if any."""
    until = deliveries.c.lease_until
    live = (deliveries.c.lease_owner.is_not(None), until > now, until <= now + LONGEST_CLAIM)
    return select(deliveries.c.seq).where(pauses.pending(name), *live)


def _waits(name: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Select what is pending on a channel, in the words of the indexes of some of it.

    Not by its state: SQLite would take the index of states, and read all that waits.
    """
    return (deliveries.c.channel == name) & deliveries.c.ended_at.is_(None)


def _columns() -> Select[Any]:
    columns = deliveries.c
    return select(columns.seq, columns.id, columns.created_at, columns.next_attempt_at)


def _is_due_by(row: RowMapping, due_by: datetime) -> bool:
    """Tell whether a delivery is due, or was put off before the clock was set back."""
    return bool(row["next_attempt_at"] <= due_by or row["created_at"] > due_by + LONGEST_CLAIM)


def _paced(channel: RowMapping, now: datetime) -> bool:
    """Tell whether the channel's pace holds it back; a wait of no pace is of another clock."""
    until = channel["not_before"]
    return until is not None and now < until <= now + LONGEST_CLAIM


def _claim(connection: Connection, seq: int, owner: str, until: datetime) -> Claimed:
    this = deliveries.c.seq == seq
    row = connection.execute(select(deliveries).where(this)).mappings().one()
    # A lease that is still noted ran out: whoever had it may have sent the delivery.
    in_doubt = row["in_doubt"] or row["lease_owner"] is not None
    lease = {"lease_owner": owner, "lease_until": until, "in_doubt": in_doubt}
    connection.execute(update(deliveries).where(this).values(lease))
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
