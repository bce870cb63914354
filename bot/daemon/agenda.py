"""What is due: looked up each second, at the cost of a glance while nobody has written anything."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from bot.core.board import BoardKey
from bot.core.render.words.notice import deferral
from bot.jobs.round import Jobs
from bot.store import Unit

log = logging.getLogger(__name__)

LONGEST_REST = timedelta(seconds=5)
"""For so long at most nothing is looked up, whatever the file says of itself."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Due(Struct, frozen=True):
    """What is due: how many polls wait, and the channels that something can be sent on."""

    polls: int = 0
    channels: tuple[str, ...] = ()


class Agenda:
    """What is due for the jobs of one configuration. For one thread at a time.

    It rests once nothing waits and nobody writes: until the next board is due, or until anybody
    has written, in this process or another. PostgreSQL does not say that, so there is no rest.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._said_wait = False
        self._asked_at = self._rests_until = _NEVER

    def look(self) -> Due:
        """Put the boards that are due into the backlog, and return what there is to do.

        No poll is while the Hub's rate limit is used up: their boards stay due.

        Raises:
            StoreError: the database cannot be used.
        """
        now = self._jobs.process.clock()
        # First of all: what is written from here on shows the next time.
        written = self._jobs.store.was_written()
        if not written and self._asked_at <= now < self._rests_until:
            return Due()
        with self._jobs.store.read() as db:
            boards, channels = db.targets.due(now), self._jobs.deliverer.due(db)
            rests_until = None if written or boards else self._next(db, now)
        self._jobs.backlog.offer(() if self._waits(boards) else boards)
        self._asked_at, self._rests_until = now, rests_until or now
        return Due(len(self._jobs.backlog), tuple(channels))

    def _next(self, db: Unit, now: datetime) -> datetime | None:
        """Return when to look again though nobody writes; None where something waits already."""
        if len(self._jobs.backlog) or db.channels.any_waits():
            return None
        latest = now + LONGEST_REST
        return min(db.targets.next_due(now) or latest, latest)

    def _waits(self, due: Sequence[BoardKey]) -> bool:
        """Whether the Hub lets nothing be asked; says so once a window, where boards are due."""
        quota = self._jobs.hub.quota()
        wait = quota.wait if quota else timedelta()
        if wait and due and not self._said_wait:
            log.warning("%s", deferral([board.name for board in due], wait))
        self._said_wait = bool(wait) and (self._said_wait or bool(due))
        return bool(wait)
