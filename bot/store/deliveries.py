"""Deliveries as people see them, and what they do with them by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select, true, update

from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.incidents import DELIVERY
from bot.store import incidents as health
from bot.store import pages, pauses
from bot.store.pages import Read
from bot.store.tables import attempts, channels, deliveries, delivery_events
from bot.store.views import AttemptView, DeliveryView

# Databases limit the values in one statement.
_AT_ONCE = 1000
_BODIES_AT_ONCE = 100


def read_pages(
    read: Read, states: Collection[str], limit: int | None
) -> Iterator[tuple[DeliveryView, ...]]:
    """See ``Queries.delivery_pages``."""
    wanted = [State(state).value for state in states]
    shown = pauses.shown_state().in_(wanted) if wanted else true()

    def within(low: int, high: int) -> ColumnElement[bool]:
        return (deliveries.c.seq > low) & (deliveries.c.seq <= high) & shown

    def numbers(connection: Connection, low: int, high: int) -> list[int]:
        query = (
            select(deliveries.c.seq).outerjoin(channels, _its_channel()).where(within(low, high))
        )
        return list(connection.execute(query.order_by(deliveries.c.seq.desc())).scalars())

    low = 0 if limit is None else pages.newest(read, deliveries.c.seq, limit, numbers)
    return pages.ascending(read, deliveries.c.seq, low, lambda c, *ends: _views(c, within(*ends)))


def one_delivery(connection: Connection, name: str) -> DeliveryView | None:
    """See ``Queries.delivery``."""
    return next(iter(_views(connection, deliveries.c.id == name)), None)


def attempted(connection: Connection, channel: str) -> tuple[str, ...]:
    """See ``Queries.attempted``."""
    tried = select(attempts.c.seq).where(attempts.c.delivery_seq == deliveries.c.seq).exists()
    query = select(deliveries.c.id).where(pauses.pending(channel), tried)
    return tuple(connection.execute(query.order_by(deliveries.c.seq)).scalars())


def beginning_with(connection: Connection, text: str, limit: int) -> tuple[str, ...]:
    """See ``Queries.delivery_ids``."""
    begins = func.substr(deliveries.c.id, 1, len(text)) == text
    return tuple(connection.execute(select(deliveries.c.id).where(begins).limit(limit)).scalars())


def _views(connection: Connection, where: ColumnElement[bool]) -> tuple[DeliveryView, ...]:
    """Read some deliveries, the oldest first."""
    columns = [c for c in deliveries.columns if c is not deliveries.c.body]
    query = select(*columns, channels.c.probe, pauses.shown_state().label("shown"))
    query = query.outerjoin(channels, _its_channel()).where(where).order_by(deliveries.c.seq)
    found = connection.execute(query).mappings().all()
    numbers = [row["seq"] for row in found]
    named, tried = _events(connection, numbers), _attempts(connection, numbers)
    about = _boards(connection, numbers)
    return tuple(_view(row, about, named[row["seq"]], tried[row["seq"]]) for row in found)


def _its_channel() -> ColumnElement[bool]:
    return channels.c.name == deliveries.c.channel


def count_pending(connection: Connection) -> dict[str, int]:
    """See ``Queries.pending``."""
    query = (
        select(deliveries.c.channel, func.count())
        .where(deliveries.c.state == State.PENDING.value)
        .group_by(deliveries.c.channel)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def retry(connection: Connection, ids: Collection[str], now: datetime) -> tuple[str, ...]:
    """See ``Queries.retry``."""
    known: set[str] = set()
    for some in _batches(sorted(set(ids))):
        known.update(_again(connection, deliveries.c.id.in_(some), now))
    return tuple(dict.fromkeys(one for one in ids if one not in known))


def retry_failed(connection: Connection, now: datetime) -> int:
    """See ``Queries.retry_failed``."""
    return len(_again(connection, deliveries.c.state == State.FAILED.value, now))


def _again(connection: Connection, where: ColumnElement[bool], now: datetime) -> list[str]:
    """Make deliveries due, their attempts counted anew; return their ids."""
    query = select(deliveries.c.id, deliveries.c.channel).where(where)
    found = connection.execute(query).all()
    for channel in sorted({channel for _, channel in found}):
        pauses.resume(connection, channel, now)
    free = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= now)
    pending = {"state": State.PENDING.value, "next_attempt_at": now, "ended_at": None}
    for some in _batches([name for name, _ in found]):
        these = update(deliveries).where(deliveries.c.id.in_(some), free)
        connection.execute(these.values(**pending, attempts=0))
        health.forget(connection, DELIVERY, some)
    return [name for name, _ in found]


def _events(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for some in _batches(numbers):
        query = select(delivery_events).where(delivery_events.c.delivery_seq.in_(some))
        for row in connection.execute(query.order_by(delivery_events.c.position)).mappings():
            found[row["delivery_seq"]].append(row["event_id"])
    return found


def _attempts(connection: Connection, numbers: Sequence[int]) -> dict[int, list[AttemptView]]:
    found: defaultdict[int, list[AttemptView]] = defaultdict(list)
    for some in _batches(numbers):
        query = select(attempts).where(attempts.c.delivery_seq.in_(some))
        for row in connection.execute(query.order_by(attempts.c.seq)).mappings():
            view = AttemptView(at=row["at"], outcome=row["outcome"], error=row["error"])
            found[row["delivery_seq"]].append(view)
    return found


class _Data(msgspec.Struct):
    board: BoardKey | None = None


class _Body(msgspec.Struct):
    data: _Data = msgspec.field(default_factory=_Data)


_body = msgspec.json.Decoder(_Body)


def _boards(connection: Connection, numbers: Sequence[int]) -> dict[int, BoardKey | None]:
    """Read the boards from the bodies, of which few are held at once: one may be large."""
    found: dict[int, BoardKey | None] = {}
    for some in _batches(numbers, _BODIES_AT_ONCE):
        query = select(deliveries.c.seq, deliveries.c.body).where(deliveries.c.seq.in_(some))
        for seq, body in connection.execute(query):
            found[seq] = _body.decode(body).data.board
    return found


def _batches(values: Iterable[Any], size: int = _AT_ONCE) -> Iterable[list[Any]]:
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


def _view(
    row: RowMapping,
    about: Mapping[int, BoardKey | None],
    named: list[str],
    tried: list[AttemptView],
) -> DeliveryView:
    planned = row["shown"] == State.PENDING.value or row["probe"] == row["id"]
    return DeliveryView(
        id=row["id"],
        channel=row["channel"],
        type=row["type"],
        board=about[row["seq"]],
        state=row["shown"],
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"] if planned else None,
        events=tuple(named),
        attempts=tuple(tried),
    )
