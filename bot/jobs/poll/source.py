"""Keeps what is known of the file over all benchmarks: its columns, and whether it still moves."""

from __future__ import annotations

import logging
from datetime import datetime

from msgspec.structs import replace

from bot.config import Settings
from bot.core.aggregate import DATASET, FRESH_FOR, Source, is_aggregate, seen
from bot.core.errors import FetchError
from bot.core.incidents import SOURCE
from bot.core.process import Process
from bot.core.tasks import RETRIED_AFTER
from bot.hub.answers import NotModified
from bot.jobs.ask import Hub
from bot.jobs.commit import commit
from bot.store import Store, Unit

log = logging.getLogger(__name__)


class SourceReader:
    """Looks at the file hourly where a watch names columns of it."""

    def __init__(self, store: Store, hub: Hub, settings: Settings, process: Process) -> None:
        self._store = store
        self._hub = hub
        self._settings = settings
        self._process = process
        self._noted: str | None = None
        self._failed: tuple[datetime, str] | None = None

    @property
    def needed(self) -> bool:
        """Whether any watch names a column."""
        return any(
            is_aggregate(one) for watch in self._settings.watches for one in watch.benchmarks
        )

    def refresh(self, *, force: bool = False) -> None:
        """Look at the file where that is due, and keep what it has, and whether it rests.

        What cannot be read changes nothing: the polls of its boards fail by themselves.
        """
        if not self.needed:
            return
        self.note()
        known, now = self._known(), self._process.clock()
        fresh = known and known.at <= now < known.at + FRESH_FOR
        if not force and (fresh or self._failed_lately(now)):
            return
        try:
            found = self._look(known, now)
        except FetchError as error:
            self._fail(str(error), now)
            return
        self._failed = None
        commit(self._store, lambda db: _save(known, found, db))

    def _failed_lately(self, now: datetime) -> bool:
        at = self._failed[0] if self._failed else None
        return at is not None and at <= now < at + RETRIED_AFTER

    def _fail(self, error: str, now: datetime) -> None:
        """Say once why the file cannot be read, as long as it is the same."""
        said = self._failed is not None and self._failed[1] == error
        level = logging.INFO if said else logging.WARNING
        log.log(level, "the columns of %s cannot be read: %s", DATASET, error)
        self._failed = now, error

    def note(self) -> None:
        """Keep what polls have read of the file meanwhile; nothing is asked for it."""
        read = self._hub.aggregate_read()
        if read is None or read.digest == self._noted:
            return
        known = self._known()
        if known is None or known.digest != read.digest:
            found = seen(known, read, self._process.clock())
            commit(self._store, lambda db: _save(known, found, db))
        self._noted = read.digest

    def _known(self) -> Source | None:
        with self._store.read() as db:
            return db.lists.source()

    def _look(self, known: Source | None, now: datetime) -> Source:
        got = self._hub.aggregate(known.etag if known else None)
        if isinstance(got, NotModified):
            assert known is not None, "nothing was shown that could be unchanged"
            return replace(known, at=now)
        return seen(known, got, now)


def _save(known: Source | None, found: Source, db: Unit) -> None:
    """Store a look, and whether the file rests; nothing where another process was first."""
    if not db.lists.save_source(known, found):
        return
    if not found.stalled(found.at):
        db.incidents.end(SOURCE, DATASET, found.at)
    elif not db.incidents.is_known(SOURCE, DATASET):
        error = f"it has not changed since {found.changed_at:%Y-%m-%d}"
        db.incidents.count(SOURCE, DATASET, found.changed_at, error)
