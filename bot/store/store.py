"""The database in the program's own words; each method is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.core.alerts.deliveries import NewDelivery
from bot.core.board import BoardKey, ModelFacts, Snapshot
from bot.core.events import Event
from bot.core.incidents import HUB, TOKEN, Incident
from bot.core.schedule import Schedule
from bot.core.tasks import Tasks
from bot.ports import Claimed, Discovery, PollClaim, PollResult, Settlement, TaskNews
from bot.store import claims, lists, outbox, pauses, settlements, sqlite_file, upkeep
from bot.store import incidents as health
from bot.store import models as modelfacts
from bot.store import targets as polls
from bot.store.engine import Database
from bot.store.queries import Queries
from bot.store.views import Pruned

A_DAY = timedelta(days=1)

_BEGINNING = datetime(1, 1, 3, tzinfo=UTC)


def _ago(span: timedelta, now: datetime) -> datetime:
    """Return the time so long ago; the beginning of all times for what is longer."""
    return now - min(span, now - _BEGINNING)


class Store(Queries):
    """Implements the ports ``PollStore``, ``Outbox`` and ``HealthStore``.

    Safe to call from several threads and processes. Every method raises ``StoreError`` where the
    database cannot be used; nothing of its transaction is stored then.
    """

    def __init__(self, database: Database, file: Path | None = None) -> None:
        """Keep an open database; ``file`` is where an SQLite one is."""
        super().__init__(database)
        self._file = file
        self._held = ExitStack()

    def close(self) -> None:
        """Close every connection and let go of the daemon's lock."""
        self._held.close()
        self._database.close()

    def acquire_daemon_lock(self, owner: str) -> None:
        """Take the one right to run a daemon on an SQLite file, until ``close`` or the end.

        On PostgreSQL several replicas may run, so there is nothing to take.

        Raises:
            StoreError: another process has it.
        """
        if self._file is not None:
            self._held.enter_context(sqlite_file.daemon_lock(self._file, owner))

    # --- polls -------------------------------------------------------------------------------

    def watch(
        self, schedules: Sequence[Schedule], now: datetime, undecided: Collection[str] = ()
    ) -> None:
        """Make exactly these the watched boards; a newly watched one is due now, and fresh.

        What is watched of ``undecided`` benchmarks stays so: which boards they have is not known
        yet.
        """
        with self._write() as connection:
            polls.watch(connection, schedules, now, undecided)

    def due_boards(self, now: datetime) -> tuple[BoardKey, ...]:
        """List watched boards that are due and not claimed, the longest overdue first."""
        with self._read() as connection:
            return polls.due(connection, now)

    def late(self, now: datetime) -> int:
        """Count the watched boards that have been due for a whole interval."""
        with self._read() as connection:
            return polls.late(connection, now)

    def claim_polls(
        self, boards: Sequence[BoardKey], owner: str, now: datetime, until: datetime
    ) -> tuple[PollClaim, ...]:
        """Claim those of some watched boards, due or not, on which no other owner's claim lasts."""
        with self._write() as connection:
            return claims.claim(connection, boards, owner, now, until)

    def claim_poll(
        self, board: BoardKey, owner: str, now: datetime, until: datetime
    ) -> PollClaim | None:
        """Claim one board; None while another owner's claim lasts."""
        return next(iter(self.claim_polls([board], owner, now, until)), None)

    def renew_polls(self, boards: Sequence[BoardKey], owner: str, until: datetime) -> None:
        """Let an owner's claims of some boards last longer."""
        with self._write() as connection:
            claims.renew(connection, boards, owner, until)

    def end_polls(self, ended: Sequence[tuple[PollClaim, PollResult]]) -> None:
        """End polls that found nothing new; one whose claim is outdated is left out."""
        with self._write() as connection:
            claims.end(connection, ended)

    def snapshot(self, board: BoardKey) -> Snapshot | None:
        """Load a board, rows by rank and id; None where it was never seen."""
        with self._read() as connection:
            return polls.snapshot(connection, board)

    def commit_poll(self, claim: PollClaim, result: PollResult) -> None:
        """Store a good poll and end the claim; raises ``ConflictError`` if it is outdated."""
        with self._write() as connection:
            polls.commit(connection, claim, result)

    def commit_failure(
        self, claim: PollClaim, now: datetime, error: str, next_at: datetime
    ) -> None:
        """Count a failed poll and end the claim; an outdated claim counts nothing."""
        with self._write() as connection:
            polls.commit_failure(connection, claim, now, error, next_at)

    def discovery(self) -> Discovery | None:
        """Return the last list of official benchmarks, None before the first."""
        with self._read() as connection:
            return lists.discovery(connection)

    def commit_discovery(
        self,
        previous: Discovery | None,
        now: Discovery,
        found: Sequence[tuple[BoardKey, Event]],
        deliveries: Sequence[NewDelivery],
    ) -> None:
        """Store a list with its events and deliveries; ``ConflictError`` if not the next one."""
        with self._write() as connection:
            lists.commit_discovery(connection, previous, now, found, deliveries)

    def tasks(self) -> dict[str, Tasks]:
        """Return what is known of the tasks of every benchmark that was asked for them."""
        with self._read() as connection:
            return lists.tasks(connection)

    def commit_tasks(
        self, benchmark: str, previous: Tasks | None, now: Tasks, news: TaskNews
    ) -> None:
        """Store a reading of tasks with what follows; ``ConflictError`` if not the next one."""
        with self._write() as connection:
            lists.commit_tasks(connection, benchmark, previous, now, news)

    def count_hub_failure(self, now: datetime, error: str) -> None:
        """Count that the Hub gave no list of benchmarks; the next list that is stored ends it."""
        with self._write() as connection:
            health.count_failure(connection, HUB, lists.LIST, now, error)

    def note_token(self, now: datetime, refusal: str | None) -> None:
        """Keep that the Hub refuses the token, in a sentence, or that it does not (any more)."""
        if refusal is None:
            with self._read() as connection:
                if not health.is_known(connection, HUB, TOKEN):
                    return
        with self._write() as connection:
            if refusal is None:
                health.end_failures(connection, HUB, TOKEN, now)
            else:
                health.count_failure(connection, HUB, TOKEN, now, refusal)

    # --- the outbox --------------------------------------------------------------------------

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        """List the channels that a delivery may be claimed for now, their pace aside."""
        with self._read() as connection:
            return outbox.due_channels(connection, now)

    def claim_due(
        self,
        channel: str,
        pace: timedelta,
        owner: str,
        *,
        due_by: datetime,
        now: datetime,
        until: datetime,
        excluding: Collection[str] = (),
    ) -> Claimed | None:
        """Claim the channel's next due delivery; see ``Outbox.claim_due``.

        Of a paused channel only its probe is ever due.
        """
        with self._write() as connection:
            return outbox.claim_due(
                connection,
                channel,
                pace,
                owner,
                due_by=due_by,
                now=now,
                until=until,
                excluding=excluding,
            )

    def paced_until(
        self,
        channel: str,
        *,
        due_by: datetime,
        now: datetime,
        excluding: Collection[str] = (),
    ) -> datetime | None:
        """Return when a delivery that only its channel's pace holds back may be sent."""
        with self._read() as connection:
            return outbox.paced_until(
                connection, channel, due_by=due_by, now=now, excluding=excluding
            )

    def settle(self, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
        """Record an attempt's outcome; False when the claim was lost to another owner.

        ``Rejected`` with ``Scope.CHANNEL`` pauses the channel: this delivery probes it at
        ``settlement.next_at``, all others are held until an attempt succeeds. With
        ``Scope.ENDPOINT`` this delivery is given up as well. A probe that is given up leaves its
        part to the next delivery, an hour later.
        """
        with self._write() as connection:
            return settlements.settle(connection, claimed, owner, settlement)

    def wake(self, channels: Collection[str], now: datetime, *, gone: bool) -> None:
        """Let the probes of these channels, where they are paused, go now instead of hourly.

        ``gone`` includes channels whose receiver ended the delivery that it refused.
        """
        with self._write() as connection:
            pauses.wake(connection, channels, now, gone=gone)

    def release(self, owner: str) -> None:
        """Give up the owner's claims, polls included, without an attempt counted.

        A delivery that is given up may be on its way, so its next attempt is in doubt.
        """
        with self._write() as connection:
            outbox.release(connection, owner)

    def owners(self) -> frozenset[str]:
        """Return who holds claims, or held ones that nobody has taken over since."""
        with self._read() as connection:
            return outbox.owners(connection)

    def enqueue(self, deliveries: Sequence[NewDelivery], now: datetime) -> None:
        """Store deliveries that no poll caused, such as health notices and tests."""
        with self._write() as connection:
            outbox.add(connection, deliveries, now)

    def facts(self, models: Collection[str]) -> dict[str, ModelFacts]:
        """Return what is remembered of these models."""
        with self._read() as connection:
            return modelfacts.known(connection, models)

    def remember_facts(self, facts: Mapping[str, ModelFacts], now: datetime) -> None:
        """Remember what the Hub said of models."""
        with self._write() as connection:
            modelfacts.remember(connection, facts, now)

    # --- health ------------------------------------------------------------------------------

    def ailments(self) -> tuple[Incident, ...]:
        """List what fails, and what works again without people having been told."""
        with self._read() as connection:
            return health.list_all(connection)

    def tell(
        self,
        told: Sequence[Incident],
        recovered: Sequence[Incident],
        deliveries: Sequence[NewDelivery],
        now: datetime,
    ) -> bool:
        """Mark as told or forget, with the notices, in one; False if another was first."""
        try:
            with self._write() as connection:
                health.tell(connection, told, recovered)
                outbox.add(connection, deliveries, now)
        except health.OutrunError:
            return False
        return True

    # --- upkeep ------------------------------------------------------------------------------

    def prune(
        self, keep: timedelta, now: datetime, channels: Collection[str] | None = None
    ) -> Pruned:
        """Delete what ended longer than ``keep`` ago: events, deliveries, versions of rows.

        What stands, what was removed (so that its return can be told) and what still waits for
        an attempt is never deleted; but with ``channels`` what waits for any other one is, if it
        is as old. What is kept reads as before: a board keeps one result that says since when it
        is known. One small transaction follows another, so that nobody waits long.
        """
        before = _ago(keep, now)
        done = {chore.what: self._delete(chore) for chore in upkeep.history(before, channels)}
        for chore in upkeep.remains(before):
            self._delete(chore)
        return Pruned(**done)

    def prunable(
        self, keep: timedelta, now: datetime, channels: Collection[str] | None = None
    ) -> Pruned:
        """Count what ``prune`` would delete."""
        with self._read() as connection:
            chores = upkeep.history(_ago(keep, now), channels)
            return Pruned(**{chore.what: chore.count(connection) for chore in chores})

    def prune_daily(self, keep: timedelta, now: datetime) -> Pruned | None:
        """Prune once something has been too old for a day; None where nothing has been."""
        with self._read() as connection:
            if not upkeep.is_overdue(connection, _ago(keep, now - A_DAY)):
                return None
        return self.prune(keep, now)

    def _delete(self, chore: upkeep.Chore) -> int:
        done = 0
        while True:
            with self._read() as connection:
                keys = chore.keys(connection)
            if not keys:
                return done
            with self._write() as connection:
                deleted = chore.delete(connection, keys)
            if not deleted:  # all of them are wanted again
                return done
            done += deleted

    def _write(self) -> AbstractContextManager[Connection]:
        return self._database.write()
