"""The processes at work on the database, and what the Hub's rate limit leaves each of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Table, delete, or_, select, update

from bot.core.timing.schedule import Quota
from bot.store.database.tables import processes
from bot.store.database.upsert import upsert

AT_WORK = timedelta(seconds=90)
"""How long a process counts as at work after it was seen; a daemon is seen every 30 seconds."""


class Work(StrEnum):
    """What a process is at."""

    DAEMON = "daemon"
    ROUND = "round"
    ENDED = "ended"


class ProcessView(Struct, frozen=True, kw_only=True):
    """A process, as it was when it was seen last; so was the ``quota``, null where not known."""

    owner: str
    work: Work
    seen_at: datetime
    quota: Quota | None

    def at_work(self, now: datetime) -> bool:
        """Tell whether it is at work, as far as the database knows."""
        return self.work is not Work.ENDED and abs(now - self.seen_at) < AT_WORK


# Made at import: see ``bot.core.alerts.message``.
_quota = msgspec.json.Decoder(Quota)


def owners_of(
    claimed: Table, connection: Connection, lasting: datetime | None = None
) -> frozenset[str]:
    """Return who holds claims, or held ones that nobody has taken over since.

    With ``lasting``, only those whose claims last beyond that moment.
    """
    owner = claimed.c.lease_owner
    query = select(owner).where(owner.is_not(None)).distinct()
    if lasting is not None:
        query = query.where(claimed.c.lease_until > lasting)
    return frozenset(connection.execute(query).scalars())


class Processes:
    """Who is, or was lately, at work on the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def see(self, owner: str, work: Work, now: datetime, quota: Quota | None) -> None:
        """Keep what a process is at, and what is left of the Hub's rate limit, where known.

        Others that have ended, or were not seen for so long that they must have, are forgotten.
        """
        seen = {"owner": owner, "work": work.value, "seen_at": now}
        left = {"quota": msgspec.json.encode(quota).decode()} if quota else {}
        upsert(self._connection, processes, seen | left)
        gone = or_(
            processes.c.work == Work.ENDED.value,
            processes.c.seen_at < now - AT_WORK,
            processes.c.seen_at > now + AT_WORK,  # before the clock was set back
        )
        self._connection.execute(delete(processes).where(processes.c.owner != owner, gone))

    def end(self, owner: str) -> None:
        """Keep that a process has ended; what it knew of the rate limit stays."""
        this = update(processes).where(processes.c.owner == owner)
        self._connection.execute(this.values(work=Work.ENDED.value))

    def all(self) -> tuple[ProcessView, ...]:
        """List them, the one that was seen last first."""
        query = select(processes).order_by(processes.c.seen_at.desc(), processes.c.owner)
        return tuple(
            ProcessView(
                owner=row["owner"],
                work=Work(row["work"]),
                seen_at=row["seen_at"],
                quota=_quota.decode(row["quota"]) if row["quota"] else None,
            )
            for row in self._connection.execute(query).mappings()
        )

    def owners(self) -> frozenset[str]:
        """Return who is at work, or was when its end came."""
        working = processes.c.work != Work.ENDED.value
        return frozenset(
            self._connection.execute(select(processes.c.owner).where(working)).scalars()
        )
