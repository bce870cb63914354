"""One operation in a unit of its own, as most tests want it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.core.alerts.deliveries import NewDelivery, Told
from bot.core.board import BoardKey, ModelFacts, Snapshot
from bot.core.incidents import HUB, LIST, Incident
from bot.core.tasks import Tasks
from bot.jobs.poll.batch import save
from bot.jobs.tell import save as save_told
from bot.store import Claimed, Discovery, PollClaim, PollResult, Settlement, Store
from bot.store.outbox.views import DeliveryView

# --- polls -------------------------------------------------------------------------------------


def schedule(
    store: Store,
    schedules: Mapping[BoardKey, timedelta],
    now: datetime,
    undecided: Collection[str] = (),
) -> None:
    """Make exactly these the watched boards."""
    with store.write() as db:
        db.targets.watch(schedules, now, undecided)


def due_boards(store: Store, now: datetime) -> tuple[BoardKey, ...]:
    """List what is to be polled."""
    with store.read() as db:
        return db.targets.due(now)


def claim_polls(
    store: Store, boards: Sequence[BoardKey], owner: str, now: datetime, until: datetime
) -> tuple[PollClaim, ...]:
    """Claim some boards."""
    with store.write() as db:
        return db.targets.claim(boards, owner, now, until)


def claim_poll(
    store: Store, board: BoardKey, owner: str, now: datetime, until: datetime
) -> PollClaim | None:
    """Claim one board; None where another owner's claim lasts."""
    return next(iter(claim_polls(store, [board], owner, now, until)), None)


def renew_polls(store: Store, boards: Sequence[BoardKey], owner: str, until: datetime) -> None:
    """Let claims last longer."""
    with store.write() as db:
        db.targets.renew(boards, owner, until)


def end_poll(store: Store, claim: PollClaim, result: PollResult) -> bool:
    """Store a good poll as a poll does; False where its claim is outdated."""
    with store.write() as db:
        return bool(save([(claim, result)], db))


def fail_poll(store: Store, claim: PollClaim, now: datetime, error: str, next_at: datetime) -> bool:
    """Count a failed poll; False where its claim is outdated."""
    with store.write() as db:
        return db.targets.fail(claim, now, error, next_at)


def load_board(store: Store, board: BoardKey) -> Snapshot | None:
    """Load a board."""
    with store.read() as db:
        return db.boards.load(board)


def last_list(store: Store) -> Discovery | None:
    """Return the last list of benchmarks."""
    with store.read() as db:
        return db.lists.benchmarks()


def save_list(
    store: Store,
    previous: Discovery | None,
    now: Discovery,
    told: Told | None = None,
) -> bool:
    """Store a list as discovery does; False where ``previous`` is not the last one."""
    with store.write() as db:
        if not db.lists.save_benchmarks(previous, now):
            return False
        save_told(told or Told(), now.at, db)
        db.incidents.end(HUB, LIST, now.at)
        return True


def known_tasks(store: Store) -> dict[str, Tasks]:
    """Return what is known of tasks."""
    with store.read() as db:
        return db.lists.tasks()


def save_tasks(
    store: Store,
    benchmark: str,
    previous: Tasks | None,
    now: Tasks,
    named: str | None = None,
) -> bool:
    """Store a reading of tasks, and what task the board without one is of."""
    with store.write() as db:
        if not db.lists.save_tasks(benchmark, previous, now):
            return False
        if named is not None:
            db.renames.name_task(benchmark, named, now.asked_at)
        return True


# --- the outbox --------------------------------------------------------------------------------


def enqueue(store: Store, deliveries: Sequence[NewDelivery], now: datetime) -> None:
    """Store deliveries."""
    with store.write() as db:
        db.outbox.add(deliveries, now)


def due_channels(store: Store, now: datetime) -> tuple[str, ...]:
    """List the channels that something may be sent on."""
    with store.read() as db:
        return db.outbox.due_channels(now)


def claim_due(
    store: Store, channel: str, pace: timedelta, owner: str, **options: Any
) -> Claimed | None:
    """Claim a channel's next delivery."""
    with store.write() as db:
        return db.outbox.claim(channel, pace, owner, **options)


def paced_until(store: Store, channel: str, **options: Any) -> datetime | None:
    """Return until when a channel's pace holds something back."""
    with store.read() as db:
        return db.outbox.paced_until(channel, **options)


def settle(store: Store, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
    """Record the end of an attempt."""
    with store.write() as db:
        return db.outbox.settle(claimed, owner, settlement)


def wake(store: Store, channels: Collection[str], now: datetime, *, gone: bool) -> None:
    """Try paused channels now."""
    with store.write() as db:
        db.channels.wake(channels, now, gone=gone)


def release(store: Store, owner: str) -> None:
    """Give up all claims of an owner."""
    with store.write() as db:
        db.release(owner)


def owners(store: Store) -> frozenset[str]:
    """Return who holds claims."""
    with store.read() as db:
        return db.owners()


def one_delivery(store: Store, name: str) -> DeliveryView | None:
    """Return a delivery as people see it."""
    with store.read() as db:
        return db.deliveries.one(name)


def attempted(store: Store, channel: str) -> tuple[str, ...]:
    """Return what waits on a channel although it was tried."""
    with store.read() as db:
        return db.deliveries.attempted(channel)


def retry(store: Store, ids: Collection[str], now: datetime) -> tuple[str, ...]:
    """Make deliveries due now; return the ids that are unknown."""
    with store.write() as db:
        return db.deliveries.retry(ids, now)


def retry_failed(store: Store, now: datetime) -> int:
    """Make every failed delivery due now."""
    with store.write() as db:
        return db.deliveries.retry_failed(now)


# --- what else is remembered -------------------------------------------------------------------


def incidents(store: Store) -> tuple[Incident, ...]:
    """List what fails, and what works again without people having been told."""
    with store.read() as db:
        return db.incidents.all()


def tell(
    store: Store,
    told: Sequence[Incident],
    recovered: Sequence[Incident],
    deliveries: Sequence[NewDelivery],
    now: datetime,
) -> bool:
    """Keep that people are told, with the notices; False where another was first."""
    with store.write() as db:
        if not db.incidents.tell(told, recovered):
            return False
        db.outbox.add(deliveries, now)
        return True


def known_facts(store: Store, models: Collection[str]) -> dict[str, ModelFacts]:
    """Return what is remembered of models."""
    with store.read() as db:
        return db.models.facts(models)


def remember(store: Store, facts: Mapping[str, ModelFacts], now: datetime) -> None:
    """Remember what the Hub said of models."""
    with store.write() as db:
        db.models.remember(facts, now)
