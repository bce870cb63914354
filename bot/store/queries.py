"""Every operation as one call, until all callers open their units themselves."""

# ruff: noqa: D102 - each goes with its last caller

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from bot.core.alerts.deliveries import NewDelivery
from bot.core.board import BoardKey, ModelFacts, Snapshot
from bot.core.errors import ConflictError
from bot.core.events import Event, Found
from bot.core.incidents import HUB, TOKEN, Incident
from bot.core.schedule import Schedule
from bot.core.tasks import Tasks
from bot.ports import (
    Claimed,
    Discovery,
    PollClaim,
    PollResult,
    Settlement,
    TaskNews,
)
from bot.store import upkeep
from bot.store.unit import Unit
from bot.store.views import DeliveryView, Pruned

A_DAY = timedelta(days=1)
LIST = "list of benchmarks"

_BEGINNING = datetime(1, 1, 3, tzinfo=UTC)

Read = Callable[[], AbstractContextManager[Unit]]


def _ago(span: timedelta, now: datetime) -> datetime:
    """Return the time so long ago; the beginning of all times for what is longer."""
    return now - min(span, now - _BEGINNING)


class Queries(ABC):
    """Every operation as one call."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Unit]:
        """See ``Store``."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Unit]:
        """See ``Store``."""

    # --- polls -------------------------------------------------------------------------------

    def watch(
        self, schedules: Sequence[Schedule], now: datetime, undecided: Collection[str] = ()
    ) -> None:
        with self.write() as db:
            db.targets.watch(schedules, now, undecided)

    def due_boards(self, now: datetime) -> tuple[BoardKey, ...]:
        with self.read() as db:
            return db.targets.due(now)

    def late(self, now: datetime) -> int:
        with self.read() as db:
            return db.targets.late(now)

    def claim_polls(
        self, boards: Sequence[BoardKey], owner: str, now: datetime, until: datetime
    ) -> tuple[PollClaim, ...]:
        with self.write() as db:
            return db.targets.claim(boards, owner, now, until)

    def claim_poll(
        self, board: BoardKey, owner: str, now: datetime, until: datetime
    ) -> PollClaim | None:
        return next(iter(self.claim_polls([board], owner, now, until)), None)

    def renew_polls(self, boards: Sequence[BoardKey], owner: str, until: datetime) -> None:
        with self.write() as db:
            db.targets.renew(boards, owner, until)

    def end_polls(self, ended: Sequence[tuple[PollClaim, PollResult]]) -> None:
        with self.write() as db:
            db.targets.end(ended)

    def snapshot(self, board: BoardKey) -> Snapshot | None:
        with self.read() as db:
            return db.boards.load(board)

    def commit_poll(self, claim: PollClaim, result: PollResult) -> None:
        with self.write() as db:
            if not db.targets.end([(claim, result)]):
                raise ConflictError(f"{claim.board.name} was changed by another process meanwhile.")
            if result.found is not None:
                db.boards.save(claim.board, result.found, result.at)
                db.events.add(claim.board, result.found.found, result.at)
            db.outbox.add(result.deliveries, result.at)

    def commit_failure(
        self, claim: PollClaim, now: datetime, error: str, next_at: datetime
    ) -> None:
        with self.write() as db:
            db.targets.fail(claim, now, error, next_at)

    def discovery(self) -> Discovery | None:
        with self.read() as db:
            return db.lists.benchmarks()

    def commit_discovery(
        self,
        previous: Discovery | None,
        now: Discovery,
        found: Sequence[tuple[BoardKey, Event]],
        deliveries: Sequence[NewDelivery],
    ) -> None:
        with self.write() as db:
            if not db.lists.save_benchmarks(previous, now):
                raise ConflictError("The list of benchmarks was changed by another process.")
            for key, event in found:
                db.events.add(key, [Found(row_id=None, event=event)], now.at)
            db.outbox.add(deliveries, now.at)
            db.incidents.end(HUB, LIST, now.at)

    def tasks(self) -> dict[str, Tasks]:
        with self.read() as db:
            return db.lists.tasks()

    def commit_tasks(
        self, benchmark: str, previous: Tasks | None, now: Tasks, news: TaskNews
    ) -> None:
        with self.write() as db:
            if not db.lists.save_tasks(benchmark, previous, now):
                raise ConflictError(f"The tasks of {benchmark} were read by another process.")
            if news.named is not None:
                db.boards.name_task(benchmark, news.named, now.asked_at)
            for key, event in news.found:
                db.events.add(key, [Found(row_id=None, event=event)], now.asked_at)
            db.outbox.add(news.deliveries, now.asked_at)

    def count_hub_failure(self, now: datetime, error: str) -> None:
        with self.write() as db:
            db.incidents.count(HUB, LIST, now, error)

    def note_token(self, now: datetime, refusal: str | None) -> None:
        if refusal is None:
            with self.read() as db:
                if not db.incidents.is_known(HUB, TOKEN):
                    return
        with self.write() as db:
            if refusal is None:
                db.incidents.end(HUB, TOKEN, now)
            else:
                db.incidents.count(HUB, TOKEN, now, refusal)

    # --- the outbox --------------------------------------------------------------------------

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        with self.read() as db:
            return db.outbox.due_channels(now)

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
        with self.write() as db:
            return db.outbox.claim(
                channel, pace, owner, due_by=due_by, now=now, until=until, excluding=excluding
            )

    def paced_until(
        self, channel: str, *, due_by: datetime, now: datetime, excluding: Collection[str] = ()
    ) -> datetime | None:
        with self.read() as db:
            return db.outbox.paced_until(channel, due_by=due_by, now=now, excluding=excluding)

    def settle(self, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
        with self.write() as db:
            return db.outbox.settle(claimed, owner, settlement)

    def wake(self, channels: Collection[str], now: datetime, *, gone: bool) -> None:
        with self.write() as db:
            db.channels.wake(channels, now, gone=gone)

    def release(self, owner: str) -> None:
        with self.write() as db:
            db.outbox.release(owner)
            db.targets.release(owner)

    def owners(self) -> frozenset[str]:
        with self.read() as db:
            return db.outbox.owners() | db.targets.owners()

    def enqueue(self, deliveries: Sequence[NewDelivery], now: datetime) -> None:
        with self.write() as db:
            db.outbox.add(deliveries, now)

    def facts(self, models: Collection[str]) -> dict[str, ModelFacts]:
        with self.read() as db:
            return db.models.facts(models)

    def remember_facts(self, facts: Mapping[str, ModelFacts], now: datetime) -> None:
        with self.write() as db:
            db.models.remember(facts, now)

    # --- health ------------------------------------------------------------------------------

    def ailments(self) -> tuple[Incident, ...]:
        with self.read() as db:
            return db.incidents.all()

    def tell(
        self,
        told: Sequence[Incident],
        recovered: Sequence[Incident],
        deliveries: Sequence[NewDelivery],
        now: datetime,
    ) -> bool:
        with self.write() as db:
            if not db.incidents.tell(told, recovered):
                return False
            db.outbox.add(deliveries, now)
        return True

    # --- upkeep ------------------------------------------------------------------------------

    def prune(
        self, keep: timedelta, now: datetime, channels: Collection[str] | None = None
    ) -> Pruned:
        before = _ago(keep, now)
        done = {chore.what: self._delete(chore) for chore in upkeep.past(before, channels)}
        for chore in upkeep.remains(before):
            self._delete(chore)
        return Pruned(**done)

    def prunable(
        self, keep: timedelta, now: datetime, channels: Collection[str] | None = None
    ) -> Pruned:
        with self.read() as db:
            chores = upkeep.past(_ago(keep, now), channels)
            return Pruned(**{chore.what: db.upkeep.count(chore) for chore in chores})

    def prune_daily(self, keep: timedelta, now: datetime) -> Pruned | None:
        with self.read() as db:
            if not db.upkeep.is_overdue(_ago(keep, now - A_DAY)):
                return None
        return self.prune(keep, now)

    def _delete(self, chore: upkeep.Chore) -> int:
        done = 0
        while True:
            with self.read() as db:
                keys = db.upkeep.find(chore)
            if not keys:
                return done
            with self.write() as db:
                deleted = db.upkeep.delete(chore, keys)
            if not deleted:  # all of them are wanted again
                return done
            done += deleted

    # --- what people ask ---------------------------------------------------------------------

    def delivery(self, name: str) -> DeliveryView | None:
        with self.read() as db:
            return db.deliveries.one(name)

    def attempted(self, channel: str) -> tuple[str, ...]:
        with self.read() as db:
            return db.deliveries.attempted(channel)

    def pending(self) -> Mapping[str, int]:
        with self.read() as db:
            return db.deliveries.pending()

    def retry(self, ids: Collection[str], now: datetime) -> tuple[str, ...]:
        with self.write() as db:
            return db.deliveries.retry(ids, now)

    def retry_failed(self, now: datetime) -> int:
        with self.write() as db:
            return db.deliveries.retry_failed(now)

    def problems(self) -> list[str]:
        found = []
        for contradiction in upkeep.contradictions():
            with self.read() as db:
                found.append(db.upkeep.look(contradiction))
        return [said for said in found if said]
