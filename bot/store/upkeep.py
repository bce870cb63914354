"""Deletes what is old, and looks for what contradicts itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from bot.core.delivery import State
from bot.core.incidents import DELIVERY
from bot.store.database.noise import mutes
from bot.store.database.tables import (
    boards,
    deliveries,
    delivery_events,
    events,
    incidents,
    model_facts,
    models,
    row_versions,
    rows,
)

BATCH = 500
"""Rows that are deleted in one transaction: a poll waits for no more."""


Key = tuple[Any, ...]
"""A row's primary key."""


class Chore(Struct, frozen=True):
    """What is to be deleted of a table; ``what`` names it, ``by`` is its order, an index's."""

    what: str
    table: Table
    where: ColumnElement[bool]
    by: Column[Any]


class Upkeep:
    """Deletes what is old, a little at a time, and looks for what contradicts itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, chore: Chore, limit: int = BATCH) -> list[Key]:
        """Return the keys of some rows that are to go, the oldest first."""
        keys = chore.table.primary_key
        query = select(*keys).where(chore.where).order_by(chore.by).limit(limit)
        return [tuple(row) for row in self._connection.execute(query)]

    def delete(self, chore: Chore, keys: Sequence[Key]) -> int:
        """Delete those of these rows that are still to go, and return how many."""
        these = tuple_(*chore.table.primary_key).in_(keys)
        return self._connection.execute(delete(chore.table).where(these, chore.where)).rowcount

    def count(self, chore: Chore) -> int:
        """Return how many rows are to go."""
        query = select(func.count()).select_from(chore.table).where(chore.where)
        return self._connection.execute(query).scalar_one()

    def is_overdue(self, before: datetime) -> bool:
        """Tell whether there is an event or a past result that is to go."""
        _, *dated = past(before)
        return any(self.find(chore, 1) for chore in dated)

    def look(self, contradiction: ColumnElement[bool]) -> int:
        """Return of how many rows this is true, which must never be."""
        return self._connection.execute(select(func.count()).where(contradiction)).scalar_one()


def past(before: datetime, channels: Collection[str] | None = None) -> tuple[Chore, ...]:
    """Return what goes of the past: what ended before a time, in the order in which it must.

    What stands, what was removed (so that its return can be told) and what still waits for an
    attempt is never among it; but with ``channels`` what waits for any other one is, if it is as
    old. What is kept reads as before: a board keeps one result that says since when it is known.
    """
    ended = and_(~_waits(), deliveries.c.ended_at < before)
    dropped, ends = or_(ended, _stranded(before, channels)), row_versions.c.valid_to
    past = and_(ends < before, ~_begins(before))
    return (
        Chore("deliveries", deliveries, dropped, deliveries.c.seq),
        Chore("events", events, and_(events.c.at < before, ~_is_awaited(dropped)), events.c.at),
        Chore("versions", row_versions, past, ends),
    )


def remains(before: datetime) -> tuple[Chore, ...]:
    """Return what nothing refers to once the past is gone."""
    past = row_versions.c.row_id == rows.c.id
    named = deliveries.c.id == incidents.c.name
    gone = and_(rows.c.since.is_(None), ~_any(past))
    unknown = and_(
        ~boards.c.current,
        boards.c.next_poll_at.is_(None),
        ~_any(rows.c.board_id == boards.c.id),
        ~_any(events.c.board_id == boards.c.id),
    )
    about_none = and_(incidents.c.subject == DELIVERY, ~_any(named))
    unnamed = and_(
        models.c.renamed.is_(None),
        ~_any(rows.c.model_id == models.c.id),
        ~_any(events.c.model_id == models.c.id),
        ~_any(model_facts.c.model_id == models.c.id),
    )
    return (
        Chore("rows", rows, gone, rows.c.id),
        Chore("boards", boards, unknown, boards.c.id),
        Chore("mutes", mutes, mutes.c.expires_at < before, mutes.c.expires_at),
        Chore("incidents", incidents, about_none, incidents.c.name),
        Chore("facts", model_facts, model_facts.c.asked_at < before, model_facts.c.model_id),
        Chore("models", models, unnamed, models.c.id),
    )


def _any(where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Select what something refers to; ``where`` begins with a column of what does."""
    referring = where.left.table
    return select(literal(1)).select_from(referring).where(where).exists()


def _is_awaited(dropped: ColumnElement[bool]) -> ColumnElement[bool]:
    """Select events that a delivery names which still waits, and goes on waiting."""
    waiting = (
        select(delivery_events.c.event_id)
        .join(deliveries, deliveries.c.seq == delivery_events.c.delivery_seq)
        .where(delivery_events.c.event_id == events.c.id, _waits(), ~dropped)
    )
    return waiting.exists()


def _begins(before: datetime) -> ColumnElement[bool]:
    """Select the version that alone tells when a board was seen first; one that is left is enough.

    What is shown as unchanged since then would else be shown as changed, and the other way round.
    """
    own, beside, other = rows.alias(), rows.alias(), row_versions.alias()
    begun, outer = row_versions.c.valid_from, (own, row_versions)
    stands = select(beside.c.id).where(beside.c.board_id == own.c.board_id, beside.c.since <= begun)
    stays = or_(other.c.valid_to >= before, other.c.row_id < row_versions.c.row_id)
    older = (
        select(other.c.row_id)
        .join(beside, beside.c.id == other.c.row_id)
        .where(beside.c.board_id == own.c.board_id)
        .where(or_(other.c.valid_from < begun, and_(other.c.valid_from == begun, stays)))
    )
    another = (
        select(own.c.id)
        .join(boards, boards.c.id == own.c.board_id)
        .where(own.c.id == row_versions.c.row_id)
        .where(
            or_(
                ~boards.c.current,
                stands.correlate(*outer).exists(),
                older.correlate(*outer).exists(),
            )
        )
    )
    return ~another.exists()


def contradictions() -> dict[str, ColumnElement[bool]]:
    """Return what must never be true, by what is said where it is."""
    return {
        "Boards that name a leader that is not among their rows": _leader_is_gone(),
        "Boards that have rows but no leader": boards.c.leader.is_(None)
        & (boards.c.rows_count > 0),
        "Boards that count other rows than they have": boards.c.rows_count
        != _rows_of_board(~rows.c.removed),
        "Boards that have rows although they are no longer looked at": ~boards.c.current
        & (_rows_of_board() > 0),
        "Versions that end before they begin": row_versions.c.valid_to < row_versions.c.valid_from,
        "Deliveries that wait without a time for it": _is(State.PENDING)
        & deliveries.c.next_attempt_at.is_(None),
        "Deliveries that ended at no time": ~_is(State.PENDING) & deliveries.c.ended_at.is_(None),
    }


def _is(state: State) -> ColumnElement[bool]:
    return deliveries.c.state == state.value


def _waits() -> ColumnElement[bool]:
    """Select what is to be sent, or told with others, yet."""
    return or_(_is(State.PENDING), _is(State.HELD))


def _stranded(before: datetime, channels: Collection[str] | None) -> ColumnElement[bool]:
    """Select what waits for a channel that is none of these; nothing where none were named."""
    if channels is None:
        return false()
    return and_(
        _waits(),
        deliveries.c.created_at < before,
        deliveries.c.channel.not_in(sorted(channels)),
    )


def _rows_of_board(*where: ColumnElement[bool]) -> Any:
    """Count the rows that a board has now, those that were told as removed included."""
    stand = (rows.c.board_id == boards.c.id, rows.c.since.is_not(None), *where)
    count = select(func.count()).select_from(rows).where(*stand)
    return count.correlate(boards).scalar_subquery()


def _leader_is_gone() -> ColumnElement[bool]:
    leads = _rows_of_board(~rows.c.removed, rows.c.public_id == boards.c.leader)
    return and_(boards.c.leader.is_not(None), leads == 0)
