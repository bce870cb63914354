"""Which events are asked for: since when, of which benchmarks, models, kinds and tasks."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, true

from bot.store import paging
from bot.store.database.tables import boards, events, models
from bot.store.paging import EVERY, Names


class EventFilter(Struct, frozen=True, kw_only=True):
    """Which events are asked for: all of them, unless it is said otherwise."""

    since: datetime | None = None
    benchmarks: Names = EVERY
    models: Names = EVERY
    kinds: tuple[str, ...] = ()
    tasks: frozenset[str] | None = None

    def where(self) -> ColumnElement[bool]:
        """Select them; ``hold`` has to be asked, too."""
        # Wrapped, so that no database looks the time up and leaves the order of the numbers.
        recent = (events.c.at >= self.since).is_(true()) if self.since else true()
        return (
            recent
            & (events.c.kind.in_(self.kinds) if self.kinds else true())
            & self.benchmarks.where(boards.c.benchmark)
            & self.models.where(models.c.name)
        )

    def _named(self) -> ColumnElement[bool]:
        """Select those of the models that are named, else of the benchmarks, by an index alone."""
        if self.models.are_few:
            these = select(models.c.id).where(self.models.where(models.c.name))
            return events.c.model_id.in_(these)
        those = select(boards.c.id).where(self.benchmarks.where(boards.c.benchmark))
        return events.c.board_id.in_(those)

    def are_few(self, connection: Connection) -> bool:
        """Tell whether an index leads to them: some benchmarks or models are named.

        And no more are of these than a look back over some pages would meet.
        """
        if not (self.benchmarks.are_few or self.models.are_few):
            return False
        looked = paging.PAGES_BACK * paging.PAGE
        some = select(events.c.seq).where(self._named()).limit(looked + 1).subquery()
        return connection.execute(select(func.count()).select_from(some)).scalar_one() <= looked

    @property
    def is_empty(self) -> bool:
        """Whether there can be none: a name or a task stands for nothing."""
        return frozenset() in (self.benchmarks.found, self.models.found, self.tasks)

    def hold(self, row: RowMapping) -> bool:
        """Tell whether an event that was selected is one of them."""
        of_task = self.tasks is None or row["task"] in self.tasks
        return of_task and self.benchmarks.hold(row["benchmark"]) and self.models.hold(row["name"])
