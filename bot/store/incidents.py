"""Failures in a row, by subject, and what people were told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, case, delete, select, update

from bot.core.delivery import State
from bot.core.incidents import CHANNEL, DELIVERY, Incident
from bot.store.tables import ailments, channels, deliveries
from bot.store.upsert import upsert


def count_failure(
    connection: Connection,
    subject: str,
    name: str,
    at: datetime,
    error: str,
    channel: str | None = None,
) -> None:
    """Add one to the failures in a row of a subject."""
    row = {"subject": subject, "name": name, "channel": channel, "told": False}
    first = {"failures": 1, "since": at, "at": at, "error": error}
    again = {
        "failures": ailments.c.failures + 1,
        "since": case((ailments.c.failures == 0, at), else_=ailments.c.since),
        "at": at,
        "error": error,
    }
    upsert(connection, ailments, {**row, **first}, again)


def give_up(connection: Connection, delivery: RowMapping, at: datetime, error: str) -> None:
    """Note that a delivery has failed for good, with its attempts and its beginning."""
    row = {"subject": DELIVERY, "name": delivery["id"], "channel": delivery["channel"]}
    story = {
        "told": False,
        "failures": delivery["attempts"] + 1,
        "since": delivery["created_at"],
        "at": at,
        "error": error,
    }
    upsert(connection, ailments, {**row, **story}, story)


def end_failures(connection: Connection, subject: str, name: str, at: datetime) -> None:
    """Note that a subject works again: to be told if its failing was told, else forgotten."""
    this = (ailments.c.subject == subject, ailments.c.name == name)
    connection.execute(delete(ailments).where(*this, ~ailments.c.told))
    connection.execute(
        update(ailments).where(*this, ailments.c.failures > 0).values(failures=0, at=at)
    )


def is_known(connection: Connection, subject: str, name: str) -> bool:
    """Tell whether a subject fails, or works again without people having been told."""
    this = (ailments.c.subject == subject, ailments.c.name == name)
    return connection.execute(select(ailments.c.name).where(*this)).first() is not None


def forget(connection: Connection, subject: str, names: Collection[str]) -> None:
    """Drop what was counted: these are no longer there to fail."""
    these = (ailments.c.subject == subject, ailments.c.name.in_(names))
    connection.execute(delete(ailments).where(*these))


def rename(connection: Connection, subject: str, was: str, now: str) -> None:
    """Give what fails another name, with all that was counted and told of it."""
    forget(connection, subject, [now])
    this = (ailments.c.subject == subject, ailments.c.name == was)
    connection.execute(update(ailments).where(*this).values(name=now))


def list_all(connection: Connection) -> tuple[Incident, ...]:
    """List what fails, and what works again without people having been told."""
    waits = (
        select(deliveries.c.seq)
        .join(channels, channels.c.name == deliveries.c.channel)
        .where(
            channels.c.name == ailments.c.name,
            channels.c.paused_at.is_not(None),
            deliveries.c.state == State.PENDING.value,
        )
        .exists()
    )
    paused = ((ailments.c.subject == CHANNEL) & waits).label("paused")
    query = select(ailments, paused).order_by(ailments.c.subject, ailments.c.name)
    found = connection.execute(query)
    return tuple(Incident(**row._mapping) for row in found)  # noqa: SLF001 - public, says its documentation


class OutrunError(Exception):
    """Another process told first, or things have changed: nothing of this may be stored."""


def tell(connection: Connection, told: Sequence[Incident], recovered: Sequence[Incident]) -> None:
    """Mark as told, and forget what was told to be well; raises ``OutrunError``."""
    # Always in the same order, so that two processes never wait for each other.
    jobs = sorted([*((a, False) for a in told), *((a, True) for a in recovered)], key=_name)
    for ailment, well in jobs:
        if not _tell_one(connection, ailment, well=well):
            raise OutrunError


def _tell_one(connection: Connection, ailment: Incident, *, well: bool) -> bool:
    this = (ailments.c.subject == ailment.subject, ailments.c.name == ailment.name)
    if well:
        done = delete(ailments).where(*this, ailments.c.told, ailments.c.failures == 0)
        return connection.execute(done).rowcount == 1
    untold = (*this, ~ailments.c.told, ailments.c.failures > 0)
    if ailment.subject == DELIVERY:
        # A given-up delivery never recovers: telling is the end of it.
        return connection.execute(delete(ailments).where(*untold)).rowcount == 1
    return connection.execute(update(ailments).where(*untold).values(told=True)).rowcount == 1


def _name(job: tuple[Incident, bool]) -> tuple[str, str]:
    return job[0].subject, job[0].name
