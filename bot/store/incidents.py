"""Failures in a row, by subject, and what people were told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    select,
    update,
)

from bot.core.delivery import State
from bot.core.incidents import CHANNEL, DELIVERY, Incident
from bot.store.database.tables import channels, deliveries, incidents
from bot.store.database.upsert import upsert


class Incidents:
    """What fails, and what works again without people having been told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[Incident, ...]:
        """List them by subject and name."""
        waits = (
            select(deliveries.c.seq)
            .join(channels, channels.c.name == deliveries.c.channel)
            .where(
                channels.c.name == incidents.c.name,
                channels.c.paused_at.is_not(None),
                deliveries.c.state == State.PENDING.value,
            )
            .exists()
        )
        paused = ((incidents.c.subject == CHANNEL) & waits).label("paused")
        query = select(incidents, paused).order_by(incidents.c.subject, incidents.c.name)
        found = self._connection.execute(query).mappings()
        return tuple(Incident(**row) for row in found)

    def is_known(self, subject: str, name: str) -> bool:
        """Tell whether a subject fails, or works again without people having been told."""
        query = select(incidents.c.name).where(_is(subject, name))
        return self._connection.execute(query).first() is not None

    def count(
        self, subject: str, name: str, at: datetime, error: str, channel: str | None = None
    ) -> None:
        """Add one to the failures in a row of a subject; ``channel`` is whose delivery it is."""
        row = {"subject": subject, "name": name, "channel": channel, "told": False}
        first = {"failures": 1, "since": at, "at": at, "error": error}
        again = {
            "failures": incidents.c.failures + 1,
            "since": case((incidents.c.failures == 0, at), else_=incidents.c.since),
            "at": at,
            "error": error,
        }
        upsert(self._connection, incidents, {**row, **first}, again)

    def give_up(self, lost: Incident) -> None:
        """Keep that a delivery has failed for good, with its attempts and its beginning."""
        row = structs.asdict(lost)
        del row["paused"]
        upsert(self._connection, incidents, row)

    def end(self, subject: str, name: str, at: datetime) -> None:
        """Note that a subject works again: to be told if its failing was told, else forgotten."""
        this = _is(subject, name)
        self._connection.execute(delete(incidents).where(this, ~incidents.c.told))
        well = update(incidents).where(this, incidents.c.failures > 0)
        self._connection.execute(well.values(failures=0, at=at))

    def forget(self, subject: str, names: Collection[str]) -> None:
        """Drop what was counted: these are no longer there to fail."""
        these = (incidents.c.subject == subject, incidents.c.name.in_(names))
        self._connection.execute(delete(incidents).where(*these))

    def rename(self, subject: str, was: str, now: str) -> None:
        """Give what fails another name, with all that was counted and told of it."""
        self.forget(subject, [now])
        self._connection.execute(update(incidents).where(_is(subject, was)).values(name=now))

    def tell(self, told: Sequence[Incident], recovered: Sequence[Incident]) -> bool:
        """Keep that people are told: of these that they fail, of those that they work again.

        False, and nothing is written, where another process told first or things have changed.
        """
        wanted = [(one, (True, False)) for one in told] + [
            (one, (False, True)) for one in recovered
        ]
        names = {one.name for one, _ in wanted}
        # Always in the same order, so that two processes never wait for each other.
        query = select(incidents).where(incidents.c.name.in_(sorted(names)))
        query = query.order_by(incidents.c.subject, incidents.c.name).with_for_update()
        found = self._connection.execute(query).mappings()
        stands = {
            (row["subject"], row["name"]): (row["failures"] > 0, row["told"]) for row in found
        }
        if any(stands.get((one.subject, one.name)) != state for one, state in wanted):
            return False
        # A given-up delivery never recovers: telling is the end of it.
        over = [one for one in told if one.subject == DELIVERY]
        self._each(update(incidents).values(told=True), [one for one in told if one not in over])
        self._each(delete(incidents), [*over, *recovered])
        return True

    def _each(self, change: Any, some: Sequence[Incident]) -> None:
        this = _is(bindparam("of_subject"), bindparam("of_name"))
        if some:
            values = [{"of_subject": one.subject, "of_name": one.name} for one in some]
            self._connection.execute(change.where(this), values)


def _is(subject: Any, name: Any) -> ColumnElement[bool]:
    return and_(incidents.c.subject == subject, incidents.c.name == name)
