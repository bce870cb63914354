"""When the next sign of life is due, and what is counted for it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs
from sqlalchemy import Connection, Text, func, literal_column, select, update

from bot.core.alerts.message import CHANGED, DIGEST
from bot.core.kinds import Kind
from bot.store.database.noise import reports
from bot.store.database.tables import boards, deliveries, events
from bot.store.database.upsert import upsert

_ONLY = {"id": 1}
_SENT = literal_column(
    "'sent'", Text
)  # a parameter would keep SQLite from the index of what is sent


class Planned(Struct, frozen=True, kw_only=True):
    """The next report: of the time since the last, or since reports are wanted.

    ``line`` is what gave it its time. ``polls`` and ``late_polls`` are what boards had counted at
    the time of the last.
    """

    line: str
    since: datetime
    next_at: datetime
    polls: int
    late_polls: int


class Reports:
    """The plan of reports; there is none before reports are wanted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def planned(self) -> Planned | None:
        """Return the plan."""
        found = self._connection.execute(select(reports)).mappings().first()
        return (
            Planned(**{name: found[name] for name in Planned.__struct_fields__}) if found else None
        )

    def plan(self, new: Planned, was: Planned | None) -> bool:
        """Store a plan; False, and nothing is stored, where ``was`` is not the plan any more."""
        values = structs.asdict(new)
        if was is None:
            upsert(self._connection, reports, _ONLY | values, {})
            return True
        same = (reports.c.since == was.since, reports.c.next_at == was.next_at)
        changed = update(reports).where(*same, reports.c.line == was.line).values(values)
        return self._connection.execute(changed).rowcount > 0

    def polls(self) -> tuple[int, int]:
        """Count the good polls that there were ever, and those of them that came late."""
        sums = (func.coalesce(func.sum(one), 0) for one in (boards.c.polls, boards.c.late_polls))
        polls, late = self._connection.execute(select(*sums)).one()
        return int(polls), int(late)

    def events(self, since: datetime, until: datetime) -> int:
        """Count what was found after a time until another, without rows that only moved."""
        within = (events.c.at > since, events.c.at <= until)
        told = select(func.count()).where(*within, events.c.kind != Kind.RANK_SHIFT.value)
        return self._connection.execute(told).scalar_one()

    def alerts(self, since: datetime, until: datetime) -> int:
        """Count the messages with news that were delivered after a time until another."""
        within = (deliveries.c.ended_at > since, deliveries.c.ended_at <= until)
        sent = select(func.count()).where(deliveries.c.state == _SENT, *within)
        news = deliveries.c.type.in_((CHANGED, DIGEST))
        return self._connection.execute(sent.where(news)).scalar_one()
