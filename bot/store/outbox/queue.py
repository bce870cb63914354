"""Which delivery of a channel is next: the selects, each answered by an index.

Within a channel deliveries go in their order: one that waits for another attempt holds back those
after it, until it was tried so often that others may pass it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from bot.core.delivery import IN_ORDER_ATTEMPTS, State
from bot.store.database.tables import channels, deliveries
from bot.store.database.types import Moment

# Words and no parameter: a partial index serves only queries that say its condition as it does.
IN_ORDER = literal_column(str(IN_ORDER_ATTEMPTS), Integer)
"""A pending delivery that was tried less often holds back later ones."""

LONGEST_CLAIM = timedelta(minutes=10)
"""No claim and no pace lasts as long: one that seems to was noted before the clock was set back."""

Name = ColumnElement[str] | str
"""A channel's name, or the column that has it."""

Instant = ColumnElement[datetime] | datetime
"""A time, or the parameter that has it."""


@cache
def due_channels() -> Select[Any]:
    """Select the names of the channels that a delivery may be claimed for, pace aside.

    A daemon asks every second, so it is built once: ``now`` is a parameter, and so is ``horizon``,
    which is ``LONGEST_CLAIM`` later.
    """
    now, horizon = bindparam("now", type_=Moment), bindparam("horizon", type_=Moment)
    waiting = _waiting()
    name = waiting.c.name
    first = holding(name).limit(1)
    next_at = first.with_only_columns(deliveries.c.next_attempt_at).scalar_subquery()
    created_at = first.with_only_columns(deliveries.c.created_at).scalar_subquery()
    others = [one.order_by(None).exists() for one in passed(name, now, horizon)]
    in_order = or_(next_at <= now, created_at > horizon, *others)
    probe = select(deliveries.c.seq).where(pending(name), deliveries.c.id == channels.c.probe)
    rests = probe.where(deliveries.c.next_attempt_at > now).correlate(waiting, channels).exists()
    due = case((channels.c.paused_at.is_(None), in_order), else_=~rests)
    return (
        select(name)
        .outerjoin(channels, channels.c.name == name)
        .where(name.is_not(None), due, ~live(name, now, horizon).exists())
    )


def _waiting() -> CTE:
    """List the channels that something waits for, with one look into the index for each.

    A distinct list would read all that waits. A null is the end of it.
    """
    least = select(func.min(deliveries.c.channel)).where(deliveries.c.state == State.PENDING.value)
    found = least.label("name")
    names = select(found).cte("waiting", recursive=True)
    following = least.where(deliveries.c.channel > names.c.name).correlate(names).scalar_subquery()
    return names.union_all(select(following).where(names.c.name.is_not(None)))


def holding(name: Name) -> Select[Any]:
    """Select what holds back later deliveries of a channel, the first before all."""
    query = _columns().where(_waits(name), deliveries.c.attempts < IN_ORDER)
    return query.order_by(deliveries.c.seq)


def passed(name: Name, due_by: Instant, horizon: Instant) -> tuple[Select[Any], ...]:
    """Select what is due of a channel although others have passed it, the most overdue first.

    Then what was put off before the clock was set back.
    """
    tried = _columns().where(_waits(name), deliveries.c.attempts >= IN_ORDER)
    next_at, created_at = deliveries.c.next_attempt_at, deliveries.c.created_at
    return (
        tried.where(next_at <= due_by).order_by(next_at),
        tried.where(created_at > horizon).order_by(created_at),
    )


def live(name: Name, now: Instant, horizon: Instant) -> Select[Any]:
    """Select the claim that a channel has, if any."""
    until = deliveries.c.lease_until
    lasts = (deliveries.c.lease_owner.is_not(None), until > now, until <= horizon)
    return select(deliveries.c.seq).where(pending(name), *lasts)


def pending(name: Name) -> ColumnElement[bool]:
    """Select what waits for an attempt on a channel."""
    return (deliveries.c.state == State.PENDING.value) & (deliveries.c.channel == name)


def pending_in_order(name: str) -> Select[Any]:
    """Select what waits for an attempt on a channel, in its order.

    By a range of names that has one: PostgreSQL would take the order of equals for that of the
    key, and walk up past all that was ever sent.
    """
    columns = deliveries.c
    mine = (columns.state == State.PENDING.value, columns.channel.between(name, name))
    return select(columns.seq).where(*mine).order_by(columns.channel, columns.seq)


def is_due_by(row: RowMapping, due_by: datetime) -> bool:
    """Tell whether a delivery is due, or was put off before the clock was set back."""
    return bool(row["next_attempt_at"] <= due_by or row["created_at"] > due_by + LONGEST_CLAIM)


def is_paced(channel: RowMapping, now: datetime) -> bool:
    """Tell whether the channel's pace holds it back; a wait of no pace is of another clock."""
    until = channel["not_before"]
    return until is not None and now < until <= now + LONGEST_CLAIM


def _waits(name: Name) -> ColumnElement[bool]:
    """Select what is pending on a channel, in the words of the indexes of some of it.

    Not by its state: SQLite would take the index of states, and read all that waits.
    """
    return (deliveries.c.channel == name) & deliveries.c.ended_at.is_(None)


def _columns() -> Select[Any]:
    columns = deliveries.c
    return select(columns.seq, columns.id, columns.created_at, columns.next_attempt_at)
